"""Tests of search in a coverage, and of the way to a day and hour."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline


def _found(timeline: Timeline, typed: str) -> list[str | None]:
    """Return the headlines of what is found."""
    results = timeline.read("/search", q=typed)["results"]
    return [result["entry"]["headline"] for result in results]


def test_entries_are_found_by_their_words(timeline: Timeline) -> None:
    """Matches in the headline come first, then the newest; other endings and accents match too."""
    timeline.publish("The port", body="A café burns near the harbour.")
    timeline.publish("Cafés are closed")
    timeline.publish("Weather", body="Rain.", tags=["cafe"])
    assert _found(timeline, "CAFE") == ["Cafés are closed", "Weather", "The port"]
    assert _found(timeline, '"café burns" -rain') == ["The port"]
    assert _found(timeline, "cafe -closed -rain") == ["The port"]
    assert _found(timeline, "nowhere") == []


@pytest.mark.parametrize("typed", ["", '"', "-", "a OR (b", "NEAR(a b)", "' & ! | :*", "\\", "%_*"])
def test_nothing_that_is_typed_is_an_error(timeline: Timeline, typed: str) -> None:
    """What is no word is left out, on the page too."""
    assert _found(timeline, typed) == []
    page = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}/search", params={"q": typed})
    assert page.status_code == 200


def test_results_go_on_where_the_page_before_ended(timeline: Timeline) -> None:
    """The pages have every match once, though another one comes in meanwhile."""
    for number in range(5):
        timeline.publish(f"Fire {number}" if number % 2 else f"Other {number}", body="A fire.")
    first = timeline.read("/search", q="fire", limit=2)
    timeline.publish("A new fire")
    pages = list(timeline.turn(first))
    found = [result["entry"]["headline"] for page in pages for result in page["results"]]
    assert found == ["Fire 3", "Fire 1", "Other 4", "Other 2", "Other 0"]


def test_only_what_is_public_is_found(timeline: Timeline) -> None:
    """Drafts, scheduled and retracted entries are not found, nor the words before a correction."""
    timeline.draft("Fire, not yet")
    timeline.publish("Fire, later", embargo_until="2999-01-01T00:00:00Z")
    gone = timeline.publish("Fire, wrongly")
    corrected = timeline.publish("Fire in the port")
    assert _found(timeline, "fire") == ["Fire in the port", "Fire, wrongly"]
    timeline.retract(gone["id"])
    timeline.correct(corrected["id"], "No flames.", headline="Smoke in the port")
    assert _found(timeline, "fire") == []
    assert _found(timeline, "smoke") == ["Smoke in the port"]


def test_a_match_is_marked(timeline: Timeline) -> None:
    """What was sought is marked as it is written, and all else is escaped."""
    timeline.publish("Fires <b>", body={"text": "Two fires & a café."})
    (result,) = timeline.read("/search", q="fire cafe")["results"]
    assert result["headline"] == "<mark>Fires</mark> &lt;b&gt;"
    assert result["text"] == "Two <mark>fires</mark> &amp; a <mark>café</mark>."
    page = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}/search?q=fire+cafe").text
    assert "<mark>Fires</mark> &lt;b&gt;" in page
    assert "<script" not in page


def test_a_wrong_query_is_refused(timeline: Timeline) -> None:
    """Without `q`, with too long a one or a wrong `after`, the answer is a 422."""
    queries = ({}, {"q": "x" * 201}, {"q": "x", "after": "x"}, {"q": "x", "limit": 101})
    for query in queries:
        check_problem(timeline.get("/search", **query), 422)


def test_the_form_leads_to_a_day_and_an_hour(timeline: Timeline) -> None:
    """The first update at or before the time is the first one shown; or the page as it was."""
    entries = [timeline.publish(f"Update {number}") for number in range(3)]
    day, clock = entries[2]["published_at"][:10], entries[2]["published_at"][11:16]
    reader, path = timeline.newsroom.reader, f"/coverages/{timeline.slug}"
    now = reader.get(f"{path}/moment", params={"date": day, "time": clock, "lite": "true"})
    assert (now.status_code, now.headers["Location"]) == (302, f"{path}?lite=true")
    long_ago = reader.get(f"{path}/moment", params={"date": "1969-07-20", "time": ""})
    before = parse_qs(urlsplit(long_ago.headers["Location"]).query)["before"]
    assert before == [entries[0]["id"]]
    query = {"date": day, "time": "13:05", "show": "page"}
    as_it_was = reader.get(f"{path}/moment", params=query).headers["Location"]
    assert parse_qs(urlsplit(as_it_was).query)["at"] == [f"{day}T13:05:59.999Z"]


@pytest.mark.parametrize(
    "query", [{}, {"date": "x"}, {"date": "9999-12-31"}, {"date": "2026-01-01", "time": "25:00"}]
)
def test_no_moment_is_refused(timeline: Timeline, query: dict[str, str]) -> None:
    """What is no day or time of the calendar gets a 422."""
    answer = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}/moment", params=query)
    assert answer.status_code == 422


def test_a_slug_with_hyphens_is_one_coverage(timeline: Timeline) -> None:
    """Entries of a coverage whose slug begins with another's slug are not found in that one."""
    slug = new_slug()
    longer = new_timeline(timeline.newsroom, f"{slug}-2")
    shorter = new_timeline(timeline.newsroom, slug)
    longer.publish("Fire")
    assert _found(longer, "fire") == ["Fire"]
    assert _found(shorter, "fire") == []


def test_the_next_pages_are_longer(timeline: Timeline) -> None:
    """The first page has 20 entries, the next ones 50, and each entry is on one of them."""
    for number in range(75):
        timeline.publish(f"Update {number}")
    path, sizes = f"/coverages/{timeline.slug}?lite=true", []
    while path:
        page = timeline.newsroom.reader.get(path).raise_for_status().text
        sizes.append(page.count("<article"))
        following = re.search(r'<a href="([^"]+)" rel="next"', page)
        path = unescape(following[1]) if following else ""
    assert sizes == [20, 50, 5]


def test_the_index_is_by_language(timeline: Timeline) -> None:
    """Coverages in the reader's languages come first; a filter shows those of one language."""
    newsroom = timeline.newsroom
    titles = {f"{language} {new_slug()}": language for language in ("ka", "hy-AM", "en")}
    for title, language in titles.items():
        new_timeline(newsroom, new_slug(), title=title, language=language)
    georgian, armenian, english = titles

    def shown(query: str = "", accepted: str = "en") -> list[str]:
        answer = newsroom.reader.get(f"/{query}", headers={"Accept-Language": accepted})
        assert "Accept-Language" in answer.headers["Vary"]
        places = {title: answer.text.find(f">{title}<") for title in titles}
        return sorted((each for each in places if places[each] >= 0), key=places.__getitem__)

    assert shown(accepted="ka, hy;q=0.5") == [georgian, armenian, english]
    assert shown(accepted="hy, ka;q=0.5") == [armenian, georgian, english]
    assert shown("?language=hy") == [armenian]
    assert shown("?language=HY-am") == [armenian]
    assert '<a href="/?language=ka"' in newsroom.reader.get("/?language=none").text
    assert newsroom.reader.get("/?language=%00").status_code == 422  # PostgreSQL refuses a NUL
