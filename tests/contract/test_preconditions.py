"""If-Match: nobody overwrites what they have not seen."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the whole file: each test looks at its own entries."""
    return new_timeline(newsroom, new_slug())


def patch(timeline: Timeline, entry_id: str, seen: str | None, headline: str) -> httpx.Response:
    """Amend as one who has seen that revision; None sends no If-Match."""
    headers = {} if seen is None else {"If-Match": seen}
    address = f"{timeline.path}/entries/{entry_id}"
    return timeline.newsroom.editor.patch(address, json={"headline": headline}, headers=headers)


def test_an_amendment_needs_the_revision(timeline: Timeline) -> None:
    """Without If-Match it is a 428, and nothing changes."""
    entry = timeline.publish("As it was")
    check_problem(patch(timeline, entry["id"], None, "Blind"), 428)
    assert timeline.entry(entry["id"])["headline"] == "As it was"


def test_the_right_revision_is_amended(timeline: Timeline) -> None:
    """The answer's ETag is the next one to send."""
    entry = timeline.publish()
    first = patch(timeline, entry["id"], '"1"', "Two")
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = patch(timeline, entry["id"], first.headers["etag"], "Three")
    assert (second.status_code, second.headers["etag"]) == (200, '"3"')


@pytest.mark.parametrize(
    "seen", ['"1"', '"3"', '"0"', '"x"', '""', 'W/"2"', '"02"', '"2", "x', '"1", "3"', '"-2"']
)
def test_another_revision_is_stale(timeline: Timeline, seen: str) -> None:
    """Whatever is not the entry's own, weak tags too, is a 412; what is no tag may be a 4xx."""
    entry = timeline.publish()
    timeline.amend(entry["id"], headline="Two")
    answer = patch(timeline, entry["id"], seen, "Stale")
    assert answer.status_code in ({412} if seen != '"2", "x' else {400, 412, 422})
    check_problem(answer, answer.status_code)
    assert timeline.entry(entry["id"])["headline"] == "Two"


@pytest.mark.parametrize("seen", ['"2"', '"1", "2"', '"2","9"', "*", ' "2" '])
def test_one_tag_that_matches_is_enough(timeline: Timeline, seen: str) -> None:
    """A list may have the right one, and `*` is any."""
    entry = timeline.publish()
    timeline.amend(entry["id"], headline="Two")
    assert patch(timeline, entry["id"], seen.strip(), "Three").status_code == 200


@pytest.mark.parametrize("seen", ["1", "x", "'1'", '"1', "**", "", "\xe9"])
def test_what_is_no_tag_is_refused(timeline: Timeline, seen: str) -> None:
    """A header that cannot be read amends nothing."""
    entry = timeline.publish("As it was")
    answer = timeline.newsroom.editor.patch(
        f"{timeline.path}/entries/{entry['id']}",
        json={"headline": "x"},
        headers={b"If-Match": seen.encode("latin-1")},
    )
    assert answer.status_code in {400, 412, 422, 428}
    check_problem(answer, answer.status_code)
    assert timeline.entry(entry["id"])["headline"] == "As it was"


def test_two_who_saw_the_same_cannot_both_write(timeline: Timeline) -> None:
    """Of many at once with the same revision, one is taken."""
    entry = timeline.publish()
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda n: patch(timeline, entry["id"], '"1"', f"Writer {n}"), range(6))
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, *[412] * 5]
    assert timeline.entry(entry["id"])["revision"] == 2


@pytest.mark.parametrize(
    ("action", "payload"),
    [("correction", {"note": "n", "headline": "x"}), ("retraction", {"note": "n"})],
)
def test_other_actions_heed_it_where_it_is_sent(
    timeline: Timeline, action: str, payload: dict[str, str]
) -> None:
    """They do not need If-Match; a stale one stops them."""
    entry = timeline.publish()
    timeline.amend(entry["id"], headline="Two")
    address, editor = f"{timeline.path}/entries/{entry['id']}/{action}", timeline.newsroom.editor
    check_problem(editor.post(address, json=payload, headers={"If-Match": '"1"'}), 412)
    assert timeline.entry(entry["id"])["revision"] == 2
    assert editor.post(address, json=payload, headers={"If-Match": '"2"'}).status_code == 200


def test_a_tombstone_cannot_be_changed(timeline: Timeline) -> None:
    """Whatever is tried on it is a 409, and the journal stays."""
    entry = timeline.publish()
    timeline.retract(entry["id"])
    head = timeline.head
    editor, address = timeline.newsroom.editor, f"{timeline.path}/entries/{entry['id']}"
    for answer in (
        patch(timeline, entry["id"], "*", "Risen"),
        patch(timeline, entry["id"], '"1"', "Risen"),
        editor.post(f"{address}/correction", json={"note": "n", "headline": "Risen"}),
        editor.post(f"{address}/retraction", json={"note": "n"}),
        editor.post(f"{address}/publication"),
        editor.put(f"{address}/pin"),
        editor.delete(f"{address}/pin"),
    ):
        check_problem(answer, 409)
    assert timeline.head == head
