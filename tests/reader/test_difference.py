"""The difference page: what has changed on a coverage between two positions, without scripts."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.timeline.word_diff import word_diff
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.formats.parsed import Element, parse

_WORDS = st.text(st.sampled_from("ab \n.é恵"), max_size=30)


def _killed(value: int) -> dict[str, Any]:
    return {"metric": "killed", "low": value, "high": value, "source": "Ministry"}


def _show(timeline: Timeline, **query: str) -> Element:
    answer = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}", params=query)
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


def _texts(page: Element, tag: str) -> list[str]:
    return [element.text for element in page.all(tag)]


def test_a_page_shows_what_came_and_what_went(newsroom: Newsroom) -> None:
    """It shows changed words, new entries, notes of retractions, and figures before and after.

    The figures come after what a reader has to know, and before what is new.
    """
    timeline = new_timeline(newsroom, new_slug())
    corrected = timeline.publish(
        "Two were hurt", body="Two people were hurt.", figures=[_killed(2)]
    )
    retracted = timeline.publish("Unsayable")
    left = timeline.head
    form = {
        "headline": "Three were hurt",
        "body": "Three people were hurt.",
        "figures": [_killed(3)],
    }
    timeline.correct(corrected["id"], "It was three.", **form)
    timeline.retract(retracted["id"], "It was not so.")
    timeline.publish("The turn", key_event=True)
    timeline.publish("And on")
    for lite in ("false", "true"):
        page = _show(timeline, **{"from": left, "lite": lite})
        assert not _texts(page, "script")
        assert _texts(page, "h2") == [
            *("Retracted", "Corrected", "Figures", "New key events", "New updates")
        ]
        assert _texts(page, "del") == ["Two", "Two"]
        assert _texts(page, "ins") == ["Three", "Three"]
        words = page.one("main").text
        assert "It was not so." in words
        assert "It was three." in words
        assert "nsayable" not in words
        assert _texts(page, "td") == ["2", "3"]
        assert "Ministry" in _texts(page, "th")[-1]
        robots = [m for m in page.all("meta") if m.attributes.get("name") == "robots"]
        assert [meta.attributes["content"] for meta in robots] == ["noindex"]
        (canonical,) = (m for m in page.all("link") if m.attributes.get("rel") == "canonical")
        assert str(canonical.attributes["href"]).endswith(f"/coverages/{timeline.slug}")


def test_a_long_difference_is_read_in_pages(newsroom: Newsroom) -> None:
    """More changes than fit on a page follow on the next one, in the same range."""
    timeline = new_timeline(newsroom, new_slug())
    for number in range(53):
        timeline.publish(f"Number {number}")
    page = _show(timeline, **{"from": "0"})
    (older,) = (a for a in page.all("a") if a.attributes.get("rel") == "next")
    timeline.publish("Later")
    answer = newsroom.reader.get(str(older.attributes["href"]))
    titles = [h.text for h in parse(answer.text).all("h3")]
    assert titles == ["Number 2", "Number 1", "Number 0"]


def test_a_wrong_position_is_refused_and_a_missing_one_ignored(newsroom: Newsroom) -> None:
    """An unknown cursor is a 410, a reversed range a 422; without `from` it is the usual page."""
    timeline = new_timeline(newsroom, new_slug())
    head = timeline.publish("One")["cursor"]
    address = f"/coverages/{timeline.slug}"
    for query, status in (
        ({"from": "other-1"}, 410),
        ({"from": head, "to": "0"}, 422),
        ({"from": ""}, 200),
        ({"to": "other-1"}, 200),
        ({"offset": "3"}, 200),
    ):
        answer = newsroom.reader.get(address, params=query, headers={"Accept": "text/html"})
        assert answer.status_code == status, query
        assert (status != 200) or "data-newest" in answer.text
    assert "Nothing has changed." in _show(timeline, **{"from": head}).text


@given(_WORDS, _WORDS)
def test_a_difference_has_both_texts(before: str, after: str) -> None:
    """Without its deleted pieces it is the later text, without the inserted ones the earlier."""
    pieces = list(word_diff(before, after))
    assert "".join(p.text for p in pieces if p.kind != "inserted") == before
    assert "".join(p.text for p in pieces if p.kind != "deleted") == after
    if before == after:
        assert all(piece.kind == "same" for piece in pieces)


def test_a_difference_of_long_texts_costs_little() -> None:
    """Texts of which too many words differ are shown whole, one after the other."""
    before = " ".join(f"a{number}" for number in range(20_000))
    after = " ".join(f"b{number}" for number in range(20_000))
    pieces = list(word_diff(f"Same {before} end", f"Same {after} end"))
    assert [piece.kind for piece in pieces] == ["same", "deleted", "inserted", "same"]
