"""Tests of ETag, 304 and Cache-Control."""

from collections.abc import Callable

import httpx
import pytest

from tests.contract.timeline import Timeline

BELOW = ["", "/entries", "/entries?limit=1", "/entries?order=oldest", "/entries/ID", "/events"]


def ask(timeline: Timeline, address: str, etag: str | None = None) -> httpx.Response:
    """Read a path below the coverage, with `If-None-Match` if an ETag is given."""
    headers = {} if etag is None else {"If-None-Match": etag}
    return timeline.newsroom.reader.get(f"{timeline.path}{address}", headers=headers)


@pytest.mark.parametrize("below", BELOW)
def test_what_a_client_has_is_not_sent_again(timeline: Timeline, below: str) -> None:
    """A matching `If-None-Match` is a 304 without a body, with ETag and Cache-Control of the 200.

    One that does not match, or is malformed, is a 200.
    """
    address = below.replace("ID", timeline.publish()["id"])
    answer = ask(timeline, address)
    etag = answer.headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        revalidated = ask(timeline, address, known)
        assert (revalidated.status_code, revalidated.content) == (304, b""), known
        assert revalidated.headers["etag"] == etag
        assert revalidated.headers["cache-control"] == answer.headers["cache-control"]
    for unknown in ('"other"', 'W/"other"', "garbage", '""', etag.replace('"', "")):
        assert ask(timeline, address, unknown).status_code == 200, unknown


CHANGES: dict[str, Callable[[Timeline, str], object]] = {
    "amend": lambda timeline, entry_id: timeline.amend(entry_id, headline="Two"),
    "correct": lambda timeline, entry_id: timeline.correct(entry_id, headline="Two"),
    "pin": lambda timeline, entry_id: timeline.pin(entry_id),
    "retract": lambda timeline, entry_id: timeline.retract(entry_id),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("below", BELOW)
def test_what_has_changed_is_sent(timeline: Timeline, below: str, change: str) -> None:
    """After each change of an entry every address that shows it has a new ETag."""
    entry_id = timeline.publish()["id"]
    address = below.replace("ID", entry_id)
    etag = ask(timeline, address).headers["etag"]
    CHANGES[change](timeline, entry_id)
    answer = ask(timeline, address, etag)
    assert answer.status_code == 200
    assert answer.headers["etag"] != etag


def test_a_pin_and_its_leave_do_not_give_an_old_etag_to_new_words(timeline: Timeline) -> None:
    """One ETag never stands for two different responses."""
    entry_id = timeline.publish()["id"]
    content_by_etag: dict[str, bytes] = {}
    steps = (
        lambda: None,
        lambda: timeline.pin(entry_id),
        lambda: timeline.amend(entry_id, headline="Two"),
        lambda: timeline.unpin(entry_id),
        lambda: timeline.correct(entry_id, headline="Three"),
        lambda: timeline.pin(entry_id),
        lambda: timeline.retract(entry_id),
    )
    for step in steps:
        step()
        answer = ask(timeline, f"/entries/{entry_id}")
        assert content_by_etag.setdefault(answer.headers["etag"], answer.content) == answer.content


@pytest.mark.parametrize("below", ["", "/entries"])
def test_a_changed_coverage_is_sent(timeline: Timeline, below: str) -> None:
    """A new entry and a change of the coverage give a new ETag."""
    etag = ask(timeline, below).headers["etag"]
    timeline.publish()
    second = ask(timeline, below, etag)
    assert second.status_code == 200
    timeline.change(kicker="Moon")
    assert ask(timeline, below, second.headers["etag"]).status_code == 200


@pytest.mark.parametrize("below", BELOW)
def test_shared_caches_forget_within_a_minute(timeline: Timeline, below: str) -> None:
    """A response is fresh, or served stale, for at most 60 seconds, so that retractions show."""
    control = ask(timeline, below.replace("ID", timeline.publish()["id"])).headers["cache-control"]
    directives = dict(part.strip().partition("=")[::2] for part in control.split(","))
    fresh = int(directives.get("s-maxage", directives.get("max-age", "0")))
    assert fresh + int(directives.get("stale-while-revalidate", "0")) <= 60
    assert "immutable" not in directives


@pytest.mark.parametrize("status", ["", "?status=live"])
def test_the_list_tells_caches_what_to_do(timeline: Timeline, status: str) -> None:
    """The list of coverages is `public` for readers only."""
    answer = timeline.newsroom.reader.get(f"/v1/coverages{status}")
    assert "public" in answer.headers["cache-control"]
    with_key = timeline.newsroom.editor.get(f"/v1/coverages{status}")
    assert "public" not in with_key.headers["cache-control"]


def test_what_the_newsroom_is_answered_is_kept_by_nobody(timeline: Timeline) -> None:
    """The response to a write is `no-store`."""
    answer = timeline.newsroom.editor.post(f"{timeline.path}/entries", json={"headline": "x"})
    assert "no-store" in answer.headers["cache-control"]


def test_a_refusal_is_not_kept(timeline: Timeline) -> None:
    """A 404 is not cached as fresh, since the coverage may exist soon."""
    answer = timeline.newsroom.reader.get("/v1/coverages/nobody-took-this")
    control = answer.headers["cache-control"]
    assert "no-store" in control or "no-cache" in control or "max-age=0" in control
