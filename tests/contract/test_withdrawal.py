"""Tests of what a chief does with a whole coverage: withdraw, bring back, archive, list again."""

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.streams import open_socket, open_stream
from tests.contract.timeline import Timeline

NOTE = "A court has ordered us to take this down."


@pytest.fixture
def withdrawn(newsroom: Newsroom) -> Timeline:
    """A coverage with an entry, which is withdrawn."""
    timeline = new_timeline(newsroom, new_slug())
    timeline.publish("Seen")
    _withdraw(timeline)
    return timeline


def _withdraw(timeline: Timeline) -> None:
    answer = timeline.newsroom.chief.put(f"{timeline.path}/withdrawal", json={"note": NOTE})
    assert answer.json()["withdrawn"]["note"] == NOTE, answer.text


def test_only_a_chief_withdraws_and_gives_a_note(newsroom: Newsroom) -> None:
    """An editor may not; without a note, or before the coverage is public, nothing happens."""
    timeline = new_timeline(newsroom, new_slug())
    plan = new_timeline(newsroom, new_slug(), status="planned")
    form = {"note": NOTE}
    address = f"{timeline.path}/withdrawal"
    check_problem(newsroom.editor.put(address, json=form), 403, "not-allowed")
    check_problem(newsroom.editor.delete(address), 403, "not-allowed")
    check_problem(newsroom.chief.put(address, json={}), 422, "invalid-payload")
    answer = newsroom.chief.put(f"{plan.path}/withdrawal", json=form)
    check_problem(answer, 409, "coverage-planned")
    assert newsroom.reader.get(timeline.path).status_code == 200


def test_open_streams_end_and_do_not_come_back(newsroom: Newsroom) -> None:
    """A stream that is open ends with the withdrawal; the next is a 410, a socket a 4410."""
    timeline = new_timeline(newsroom, new_slug())
    with open_stream(newsroom.server, timeline.slug) as stream:
        _withdraw(timeline)
        stream.rest()
    headers = {"Accept": "text/event-stream"}
    for caller in newsroom.reader, newsroom.chief:
        answer = caller.get(f"{timeline.path}/events", headers=headers)
        assert check_problem(answer, 410, "withdrawn-coverage")["note"] == NOTE
    with open_socket(newsroom.server, timeline.slug) as socket:
        assert socket.close_code() == 4410


def test_the_newsroom_goes_on_in_a_withdrawn_coverage(withdrawn: Timeline) -> None:
    """Who has a role reads and writes it; when it is back, readers see what was written."""
    newsroom = withdrawn.newsroom
    assert newsroom.contributor.get(withdrawn.path).json()["entry_count"] == 1
    entry = withdrawn.publish("Written meanwhile")
    check_problem(newsroom.reader.get(withdrawn.path), 410, "withdrawn-coverage")
    newsroom.chief.delete(f"{withdrawn.path}/withdrawal").raise_for_status()
    assert withdrawn.shown()[0] == entry["id"]
    answer = newsroom.contributor.get(f"{withdrawn.path}/availability")
    assert answer.json() == {"withdrawn": None, "archived": False}


def test_a_withdrawn_edition_keeps_its_list_of_editions(newsroom: Newsroom) -> None:
    """A change that changes nothing is no event, and the list is as it was when it is back."""
    original = new_timeline(newsroom, new_slug())
    edition = new_timeline(newsroom, new_slug(), language="ka", edition_of=original.slug)
    before = edition.read()
    _withdraw(edition)
    same = newsroom.chief.patch(edition.path, json={"title": before["title"]}).json()
    assert (same["cursor"], same["editions"]) == (before["cursor"], before["editions"])
    newsroom.chief.delete(f"{edition.path}/withdrawal").raise_for_status()
    assert edition.read() == before


def test_what_changes_in_a_withdrawn_original_is_told_once_it_is_back(newsroom: Newsroom) -> None:
    """No translation is marked for readers while the original is withdrawn, and all of them later.

    One that was translated anew meanwhile, from the corrected revision, is not.
    """
    original = new_timeline(newsroom, new_slug())
    edition = new_timeline(newsroom, new_slug(), language="ka", edition_of=original.slug)
    entries = [original.publish(f"{number} hurt") for number in range(3)]
    sources = [{"coverage": original.slug, "entry_id": entry["id"]} for entry in entries]
    first, renewed = (edition.publish("...", translation_of=source) for source in sources[:2])
    _withdraw(original)
    before = edition.head
    for entry in entries:
        original.correct(entry["id"], "Nobody was.", headline="None hurt")
    assert edition.head == before
    late = edition.publish("...", translation_of={**sources[2], "revision": 1})
    edition.amend(renewed["id"], translation_of={**sources[1], "revision": 2})
    ids = [each["id"] for each in (first, renewed, late)]
    marks = [edition.entry(each)["translation_of"]["outdated"] for each in ids]
    assert marks == [None, None, None]
    for _ in range(2):
        newsroom.chief.delete(f"{original.path}/withdrawal").raise_for_status()
        marks = [edition.entry(each)["translation_of"]["outdated"] for each in ids]
        assert [mark and mark["note"] for mark in marks] == ["Nobody was.", None, "Nobody was."]
    outdated = [each for each in edition.journal() if each["type"] == "entry.outdated"]
    assert len(outdated) == 2


def test_the_days_before_and_after_do_not_name_a_withdrawn_day(newsroom: Newsroom) -> None:
    """Their links to it go with the withdrawal, and are back with it, under its title of then."""
    days = [new_timeline(newsroom, new_slug(), title="First")]
    for title in ("Second", "Third"):
        form = {"slug": new_slug(), "title": title}
        newsroom.chief.post(f"{days[-1].path}/successor", json=form).raise_for_status()
        days.append(Timeline(newsroom, form["slug"]))
    first, second, third = days
    url = second.read()["url"]
    for note in (NOTE, NOTE):
        _withdraw(second)
        for day in (first, third):
            assert url not in {link["url"] for link in day.read()["related"]}, note
            assert "Second" not in newsroom.reader.get(f"/coverages/{day.slug}").text
    newsroom.chief.patch(second.path, json={"title": "Renamed"}).raise_for_status()
    newsroom.chief.delete(f"{second.path}/withdrawal").raise_for_status()
    for day in (first, third):
        assert day.read()["related"][0] == {"title": "Renamed", "url": url}
        assert day.journal()[-1]["details"]["related"] == day.read()["related"]


def test_a_retraction_after_repeatable_requests_about_the_coverage(newsroom: Newsroom) -> None:
    """Stored answers about withdrawal and archiving hinder no retraction, and stay as they are."""
    timeline = new_timeline(newsroom, new_slug())
    entry = timeline.publish("Seen")
    requests = [
        (method, f"{timeline.path}/{name}", form, {"Idempotency-Key": f"{method}-{name}"})
        for name, form in (("withdrawal", {"note": NOTE}), ("archiving", None))
        for method in ("PUT", "DELETE")
    ]

    def send_all() -> list[object]:
        chief = newsroom.chief
        return [chief.request(m, at, json=form, headers=h).json() for m, at, form, h in requests]

    answers = send_all()
    timeline.retract(entry["id"])
    assert send_all() == answers


def test_an_archived_coverage_keeps_its_addresses(newsroom: Newsroom) -> None:
    """The index does not list a closed coverage that is archived; its page is as before."""
    timeline = new_timeline(newsroom, new_slug())
    newsroom.chief.patch(timeline.path, json={"status": "closed"}).raise_for_status()
    page = f"/coverages/{timeline.slug}"
    before = newsroom.reader.get(page)
    assert page in newsroom.reader.get("/").text
    assert newsroom.chief.put(f"{timeline.path}/archiving").json()["archived"]
    assert page not in newsroom.reader.get("/").text
    assert newsroom.reader.get(page).headers["etag"] == before.headers["etag"]
    assert page in newsroom.reader.get("/sitemaps/1.xml").text
    newsroom.chief.delete(f"{timeline.path}/archiving").raise_for_status()
    assert page in newsroom.reader.get("/").text
