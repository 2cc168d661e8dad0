"""Tests of `If-Match`: nobody overwrites a revision that they have not seen."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the module; each test uses its own entries."""
    return new_timeline(newsroom, new_slug())


def patch(timeline: Timeline, entry_id: str, if_match: str | None, headline: str) -> httpx.Response:
    """Amend an entry with this `If-Match`; None sends none."""
    headers = {} if if_match is None else {"If-Match": if_match}
    address = f"{timeline.path}/entries/{entry_id}"
    return timeline.newsroom.editor.patch(address, json={"headline": headline}, headers=headers)


def test_an_amendment_needs_the_revision(timeline: Timeline) -> None:
    """An amendment without `If-Match` is a 428 and changes nothing."""
    entry = timeline.publish("As it was")
    check_problem(patch(timeline, entry["id"], None, "Blind"), 428)
    assert timeline.entry(entry["id"])["headline"] == "As it was"


def test_the_right_revision_is_amended(timeline: Timeline) -> None:
    """The ETag of an amendment's response is valid for the next amendment."""
    entry = timeline.publish()
    first = patch(timeline, entry["id"], '"1"', "Two")
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = patch(timeline, entry["id"], first.headers["etag"], "Three")
    assert (second.status_code, second.headers["etag"]) == (200, '"3"')


@pytest.mark.full("further tags", but=['"1"', '"x"', 'W/"1"', '"1-gzip"', '"2gzip"'])
@pytest.mark.parametrize(
    "if_match",
    [
        *('"1"', '"3"', '"0"', '"x"', '""', '"02"', '"2", "x', '"1", "3"', '"-2"', '"2-x"'),
        *('W/"1"', '"1-gzip"', 'W/"3;gzip"', '"-gzip"', '"2gzip"', '"2-gzip-x"'),
    ],
)
def test_another_revision_is_stale(timeline: Timeline, if_match: str) -> None:
    """An `If-Match` of another revision is a 412 or another 4xx, and changes nothing."""
    entry = timeline.publish()
    timeline.amend(entry["id"], headline="Two")
    answer = patch(timeline, entry["id"], if_match, "Stale")
    assert answer.status_code in ({412} if if_match != '"2", "x' else {400, 412, 422})
    check_problem(answer, answer.status_code)
    assert timeline.entry(entry["id"])["headline"] == "Two"


@pytest.mark.parametrize(
    "suffix",
    ["", "-gzip", ";gzip", "--gzip", "-br", "-zstd", "-deflate", "-gzip-br", "-gzip--gzip"],
)
@pytest.mark.parametrize("weak", ["", "W/"])
def test_what_proxies_make_of_a_tag_is_the_revision_still(
    timeline: Timeline, weak: str, suffix: str
) -> None:
    """An ETag that a compressing proxy weakened or suffixed is accepted as its revision."""
    entry = timeline.publish()
    tag = f'{weak}"1{suffix}"'
    answer = patch(timeline, entry["id"], f'{weak}"7{suffix}", {tag}', "Two")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    stale = patch(timeline, entry["id"], tag, "Three")
    check_problem(stale, 412)
    assert "revision 1," in stale.json()["detail"]
    assert "revision 2 now" in stale.json()["detail"]


@pytest.mark.parametrize(
    "below", ["", "/entries", "/entries/ID", "/entries/ID/revisions", "/events"]
)
@pytest.mark.full("further tags", but=["-gzip-", "-gzip-/entries", ";gzip-/events"])
@pytest.mark.parametrize("suffix", ["", "-gzip", ";gzip", "--gzip", "-br", "-zstd"])
def test_what_proxies_make_of_a_tag_still_spares_the_body(
    timeline: Timeline, below: str, suffix: str
) -> None:
    """Such an ETag as `If-None-Match` is a 304; another ETag is a 200."""
    entry = timeline.publish()
    address = f"{timeline.path}{below}".replace("ID", entry["id"])
    reader = timeline.newsroom.reader
    etag = reader.get(address, headers={"Accept-Encoding": "identity"}).headers["etag"]
    suffixed = f'W/{etag[:-1]}{suffix}"'
    assert (
        reader.get(address, headers={"If-None-Match": f'"x{suffix}", {suffixed}'}).status_code
        == 304
    )
    assert reader.get(address, headers={"If-None-Match": f'"x{suffix}"'}).status_code == 200


def test_what_was_pinned_meanwhile_is_the_same_revision(timeline: Timeline) -> None:
    """The ETag of a pinned entry is accepted as its revision."""
    entry = timeline.publish()
    pinned = timeline.newsroom.editor.put(f"{timeline.path}/entries/{entry['id']}/pin")
    assert pinned.headers["etag"] == '"1-pinned"'
    assert patch(timeline, entry["id"], 'W/"1-pinned-gzip"', "Two").status_code == 200


@pytest.mark.parametrize("if_match", ['"2"', '"1", "2"', '"2","9"', "*", ' "2" '])
def test_one_tag_that_matches_is_enough(timeline: Timeline, if_match: str) -> None:
    """`If-Match` may be a list with the right ETag, or `*`."""
    entry = timeline.publish()
    timeline.amend(entry["id"], headline="Two")
    assert patch(timeline, entry["id"], if_match.strip(), "Three").status_code == 200


@pytest.mark.parametrize("if_match", ["1", "x", "'1'", '"1', "**", "", "\xe9"])
def test_what_is_no_tag_is_refused(timeline: Timeline, if_match: str) -> None:
    """A malformed `If-Match` is refused and changes nothing."""
    entry = timeline.publish("As it was")
    answer = timeline.newsroom.editor.patch(
        f"{timeline.path}/entries/{entry['id']}",
        json={"headline": "x"},
        headers={b"If-Match": if_match.encode("latin-1")},
    )
    assert answer.status_code in {400, 412, 422, 428}
    check_problem(answer, answer.status_code)
    assert timeline.entry(entry["id"])["headline"] == "As it was"


def test_two_who_saw_the_same_cannot_both_write(timeline: Timeline) -> None:
    """Of concurrent amendments of one revision one succeeds."""
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
    """A correction or retraction needs no `If-Match`, but a stale one is a 412."""
    entry = timeline.publish()
    timeline.amend(entry["id"], headline="Two")
    address, editor = f"{timeline.path}/entries/{entry['id']}/{action}", timeline.newsroom.editor
    check_problem(editor.post(address, json=payload, headers={"If-Match": '"1"'}), 412)
    assert timeline.entry(entry["id"])["revision"] == 2
    assert editor.post(address, json=payload, headers={"If-Match": '"2"'}).status_code == 200


def test_a_tombstone_cannot_be_changed(timeline: Timeline) -> None:
    """Each change of a tombstone is a 409 and no event."""
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
