"""Tests of the register of corrections: as JSON, as Atom, and as a page."""

from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline

Json = dict[str, Any]
ATOM = "{http://www.w3.org/2005/Atom}"


def _told(document: Json) -> list[tuple[str, str, str | None]]:
    """Return the kind, the entry's id and the note of each correction."""
    return [(c["kind"], c["entry_id"], c["note"]) for c in document["corrections"]]


def _page(timeline: Timeline, end: str = "") -> httpx.Response:
    address = f"/coverages/{timeline.slug}/corrections{end}"
    return timeline.newsroom.reader.get(address).raise_for_status()


def test_every_correction_is_listed_newest_first(timeline: Timeline) -> None:
    """Corrections, retractions and assessments are listed with note, time, title and address."""
    claims = [{"source": "Ministry"}]
    entry = timeline.publish("Two were hurt", claims=claims)
    other = timeline.publish("It is over")
    timeline.amend(other["id"], headline="It is over now")
    timeline.correct(entry["id"], "It was three.", headline="Three were hurt")
    timeline.correct(entry["id"], "It was four.", headline="Four were hurt")
    verdict = {"claim": entry["claims"][0]["id"], "status": "disputed", "note": "Others deny it."}
    timeline.act(entry["id"], "assessment", verdict)
    timeline.retract(other["id"], "It was not.")
    document = timeline.read("/corrections")
    assert _told(document) == [
        ("retracted", other["id"], "It was not."),
        ("assessed", entry["id"], "Others deny it."),
        ("corrected", entry["id"], "It was four."),
        ("corrected", entry["id"], "It was three."),
    ]
    assert document["next"] is None
    retracted, assessed, corrected, _ = document["corrections"]
    event = timeline.journal()[-3]
    assert {name: corrected[name] for name in ("at", "seq", "cursor")} == {
        name: event[name] for name in ("at", "seq", "cursor")
    }
    assert (corrected["title"], corrected["url"]) == ("Four were hurt", entry["url"])
    assert (corrected["coverage"], retracted["title"]) == (timeline.slug, None)
    (reassessment,) = assessed["assessed"]
    assert (reassessment["source"]["name"], reassessment["status"]) == ("Ministry", "disputed")
    page = _page(timeline).text
    for note in ("It was not.", "Others deny it.", "It was four.", "It was three."):
        assert note in page
    feed = ET.fromstring(_page(timeline, ".atom").content)
    titles = [item.findtext(f"{ATOM}title") for item in feed.iter(f"{ATOM}entry")]
    assert [str(title).partition(":")[0] for title in titles] == [
        "Retracted",
        "Assessed anew",
        "Corrected",
        "Corrected",
    ]


def test_the_register_is_read_in_pages(timeline: Timeline) -> None:
    """Each page leads to the next older one, of one coverage and of all."""
    entry = timeline.publish()
    notes = [f"Note {number} on {timeline.slug}" for number in range(5)]
    for note in notes:
        timeline.correct(entry["id"], note)
    for address in ("/v1/corrections", f"{timeline.path}/corrections"):
        page = timeline.newsroom.reader.get(address, params={"limit": 2}).json()
        pages, read = timeline.turn(page), list[str]()
        while len(read) < len(notes):
            own = (c for c in next(pages)["corrections"] if c["coverage"] == timeline.slug)
            read += [correction["note"] for correction in own]
        assert read == notes[::-1]


def test_all_corrections_are_in_the_order_of_their_times(newsroom: Newsroom) -> None:
    """The register of all coverages lists those of each, the newest first; no planned ones."""
    first, second = (new_timeline(newsroom, new_slug()) for _ in range(2))
    entries = [timeline.publish() for timeline in (first, second)]
    for timeline, entry in zip((first, second), entries, strict=True):
        timeline.correct(entry["id"], f"In {timeline.slug}")
    first.correct(entries[0]["id"], f"Again in {first.slug}")
    document = newsroom.reader.get("/v1/corrections", params={"limit": 100}).json()
    notes = [c["note"] for c in document["corrections"]]
    wanted = [f"Again in {first.slug}", f"In {second.slug}", f"In {first.slug}"]
    assert [note for note in notes if note in wanted] == wanted
    times = [c["at"] for c in document["corrections"]]
    assert times == sorted(times, reverse=True)
    page = newsroom.reader.get("/corrections").raise_for_status().text
    assert all(note in page for note in wanted)
    feed = newsroom.reader.get("/corrections.atom").raise_for_status()
    assert all(note in feed.text for note in wanted)


def test_of_a_retracted_entry_only_the_retraction_is_left(timeline: Timeline) -> None:
    """The notes on earlier corrections go too; feed readers get the retraction instead."""
    entry = timeline.publish("Unsayable")
    timeline.correct(entry["id"], "An unsayable note.", headline="Unsayable too")
    stale = ET.fromstring(_page(timeline, ".atom").content)
    timeline.retract(entry["id"])
    assert _told(timeline.read("/corrections")) == [("retracted", entry["id"], "It was not so.")]
    for end in ("", "?lite=true", ".atom"):
        assert "nsayable" not in _page(timeline, end).text
    feed = ET.fromstring(_page(timeline, ".atom").content)
    replaced = {item.findtext(f"{ATOM}id"): item for item in feed.iter(f"{ATOM}entry")}
    for item in stale.iter(f"{ATOM}entry"):
        now = replaced[item.findtext(f"{ATOM}id")]
        assert now.findtext(f"{ATOM}title") == "Retracted"
        assert str(now.findtext(f"{ATOM}updated")) >= str(item.findtext(f"{ATOM}updated"))


@pytest.mark.parametrize("cursor", ["nonsense", "other-1", "e-999", ""])
def test_an_unknown_cursor_is_gone(timeline: Timeline, cursor: str) -> None:
    """A cursor that is of no journal here is a 410."""
    check_problem(timeline.get("/corrections", before=cursor), 410, "unknown-cursor")
    answer = timeline.newsroom.reader.get("/v1/corrections", params={"before": cursor})
    check_problem(answer, 410, "unknown-cursor")


def test_nothing_corrected_is_an_empty_register(timeline: Timeline) -> None:
    """Without corrections the register is empty, and its page and feed are complete."""
    timeline.publish()
    assert timeline.read("/corrections") == {"corrections": [], "next": None}
    assert "Nothing has been corrected." in _page(timeline).text
    feed = ET.fromstring(_page(timeline, ".atom").content)
    assert feed.findtext(f"{ATOM}updated")


def test_the_register_is_found_from_every_page(timeline: Timeline) -> None:
    """The coverage's page, in words too, and the index lead to the register."""
    reader = timeline.newsroom.reader
    for end in ("", "?lite=true"):
        assert (
            f"/coverages/{timeline.slug}/corrections"
            in reader.get(f"/coverages/{timeline.slug}{end}").text
        )
    assert 'href="/corrections"' in reader.get("/").text
