"""Tests of the summary: the entry that stands above the timeline."""

import pytest

from app.intake.archive import archive_line, write_archive
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline


@pytest.fixture
def summary(timeline: Timeline) -> str:
    """The id of an entry that was made the summary."""
    entry = timeline.publish("What we know", body="Two engines are **there**.")
    _choose(timeline, entry["id"])
    return str(entry["id"])


def _choose(timeline: Timeline, entry_id: str, method: str = "PUT") -> dict[str, object]:
    address = f"{timeline.path}/entries/{entry_id}/summary"
    coverage: dict[str, object] = timeline.newsroom.editor.request(method, address).json()
    return coverage


def test_the_coverage_names_its_summary(timeline: Timeline, summary: str) -> None:
    """The choice is one event of the coverage; repeated, it is none."""
    event = timeline.journal()[-1]
    assert (event["type"], event["details"]["summary"]) == ("coverage.changed", summary)
    assert _choose(timeline, summary) == timeline.read()
    assert timeline.read()["summary"] == summary
    assert timeline.journal()[-1] == event


def test_another_one_takes_its_place(timeline: Timeline, summary: str) -> None:
    """A coverage has one summary; taking away what is not the summary changes nothing."""
    other = timeline.publish("What we know now")["id"]
    _choose(timeline, other)
    head = timeline.head
    assert _choose(timeline, summary, "DELETE")["summary"] == other
    assert timeline.head == head
    assert _choose(timeline, other, "DELETE")["summary"] is None
    assert timeline.read()["summary"] is None


def test_a_retraction_takes_it_from_the_top(timeline: Timeline, summary: str) -> None:
    """After its retraction there is no summary, and its words are nowhere."""
    timeline.retract(summary)
    assert timeline.read()["summary"] is None
    assert "Two engines" not in timeline.newsroom.reader.get(f"/coverages/{timeline.slug}").text
    assert "Two engines" not in str(timeline.journal())
    check_problem(
        timeline.newsroom.editor.put(f"{timeline.path}/entries/{summary}/summary"),
        409,
        "entry-retracted",
    )


def test_a_draft_is_no_summary(timeline: Timeline) -> None:
    """What is not published is refused."""
    form = {"headline": "Not yet", "draft": True}
    draft = timeline.newsroom.editor.post(f"{timeline.path}/entries", json=form).json()["id"]
    answer = timeline.newsroom.editor.put(f"{timeline.path}/entries/{draft}/summary")
    check_problem(answer, 409, "entry-not-published")


def test_readers_see_it_above_the_timeline(timeline: Timeline, summary: str) -> None:
    """The newest page and the page in words begin with it; amended, it leads to what it was."""
    page = f"/coverages/{timeline.slug}"
    reader = timeline.newsroom.reader
    assert "Earlier versions" not in reader.get(f"{page}?lite=true").text
    timeline.amend(summary, body="Three engines are there.")
    for query in "", "?lite=true":
        top, _, timeline_part = reader.get(page + query).text.partition(f'id="entry-{summary}"')
        assert "Three engines are there." in top
        assert "Three engines are there." in timeline_part
    link = f"{page}/entries/{summary}?at="
    assert link in reader.get(page).text
    published = timeline.entry(summary)["published_at"]
    earlier = reader.get(f"{page}/entries/{summary}", params={"at": published})
    assert "Two engines are" in earlier.text


def test_the_next_day_has_a_copy(newsroom: Newsroom, timeline: Timeline, summary: str) -> None:
    """The successor's summary has the words of today's, and a history of its own."""
    slug = new_slug()
    form = {"slug": slug, "title": "The next day"}
    answer = newsroom.chief.post(f"{timeline.path}/successor", json=form).json()
    following = Timeline(newsroom, slug)
    assert answer == following.read()
    copy = following.entry(answer["summary"])
    assert copy["id"] != summary
    assert copy["body"]["markdown"] == "Two engines are **there**."
    timeline.retract(summary)
    assert following.entry(copy["id"])["status"] == "published"


@pytest.mark.parametrize(("named", "status"), [(True, 201), (False, 422)])
def test_an_imported_copy_has_the_summary(
    timeline: Timeline, summary: str, named: bool, status: int
) -> None:
    """A copy names the same entry; an archive whose summary is no entry of it is refused."""
    events = timeline.journal()
    if not named:
        events[-1]["details"]["summary"] = "nothing"
    slug = new_slug()
    answer = timeline.newsroom.chief.post(
        f"/v1/imports?slug={slug}",
        content=b"".join(write_archive(map(archive_line, events))),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == status, answer.text
    if named:
        assert Timeline(timeline.newsroom, slug).read()["summary"] == summary
