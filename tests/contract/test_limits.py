"""Tests of limits: how much is accepted, and the refusal beyond."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import client_of, new_key, new_timeline
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Timeline

MIB = 1024 * 1024


def refused_pointers(timeline: Timeline, form: dict[str, object]) -> set[str]:
    """Post a form, which must be a 422 and store nothing; returns the problem's pointers."""
    head = timeline.head
    answer = timeline.newsroom.editor.post(f"{timeline.path}/entries", json=form)
    found_pointers = pointers(check_problem(answer, 422))
    assert timeline.head == head
    return found_pointers


def test_a_headline_has_300_characters(timeline: Timeline) -> None:
    """A headline has at most 300 characters, not bytes."""
    for letter in ("a", "ä", "🚀"):
        assert timeline.publish(letter * 300)["headline"] == letter * 300
        assert refused_pointers(timeline, {"headline": letter * 301}) == {"/headline"}


def test_a_body_has_64_kib(timeline: Timeline) -> None:
    """A body has at most 64 KiB, as Markdown or as HTML."""
    full = "a" * 64 * 1024
    assert timeline.publish(body=full)["body"]["markdown"] == full
    assert timeline.publish(body={"html": full})["body"]["html"] == full
    assert refused_pointers(timeline, {"body": full + "a"}) == {"/body"}
    assert "/body/html" in refused_pointers(timeline, {"body": {"html": full + "a"}})


def test_an_entry_has_20_tags(timeline: Timeline) -> None:
    """An entry has at most 20 tags."""
    tags = [f"tag {number}" for number in range(21)]
    assert timeline.publish(tags=tags[:20])["tags"] == tags[:20]
    assert refused_pointers(timeline, {"headline": "x", "tags": tags}) == {"/tags"}


def test_limits_hold_for_changes_too(timeline: Timeline) -> None:
    """The limits apply to amendments and corrections too."""
    entry = timeline.publish("As it was")
    address, editor = f"{timeline.path}/entries/{entry['id']}", timeline.newsroom.editor
    for form in ({"headline": "a" * 301}, {"tags": ["a", "b"] * 11}, {"body": "a" * 65537}):
        check_problem(editor.patch(address, json=form, headers={"If-Match": "*"}), 422)
        check_problem(editor.post(f"{address}/correction", json={"note": "n", **form}), 422)
    assert timeline.entry(entry["id"])["revision"] == 1


def test_a_request_has_1_mib(timeline: Timeline) -> None:
    """A request body of 1 MiB is read; a larger one is a 413, with or without its length."""
    address, headers = f"{timeline.path}/entries", {"Content-Type": "application/json"}
    body = b'{"headline": "x"}'
    full = body + b" " * (MIB - len(body))
    editor = timeline.newsroom.editor

    def pieces() -> Iterator[bytes]:
        yield full
        yield b" "

    assert editor.post(address, content=full, headers=headers).status_code == 201
    check_problem(editor.post(address, content=full + b" ", headers=headers), 413)
    check_problem(editor.post(address, content=pieces(), headers=headers), 413)
    assert len(timeline.shown()) == 1


def test_each_limit_is_a_setting(limited_newsroom: Newsroom) -> None:
    """The limits of a headline, body, tags and request are settings."""
    timeline = new_timeline(limited_newsroom, "each-limit")
    timeline.publish("a" * 10, body="b" * 100, tags=["a", "b"])
    assert refused_pointers(timeline, {"headline": "a" * 11}) == {"/headline"}
    assert refused_pointers(timeline, {"body": "b" * 101}) == {"/body"}
    assert refused_pointers(timeline, {"headline": "x", "tags": ["a", "b", "c"]}) == {"/tags"}
    answer = limited_newsroom.editor.post(f"{timeline.path}/entries", json={"body": "b" * 2048})
    check_problem(answer, 413)


def test_who_asks_too_fast_is_told_when_to_come_back(limited_newsroom: Newsroom) -> None:
    """A caller over the rate limit gets a 429 with `Retry-After`; others are not affected."""
    timeline = new_timeline(limited_newsroom, "too-fast")
    address, form = f"{timeline.path}/entries", {"headline": "x"}
    with client_of(
        limited_newsroom.server, new_key(limited_newsroom.chief, "editor")
    ) as fast_client:
        answers = [fast_client.post(address, json=form) for _ in range(64)]
    limited = [answer for answer in answers if answer.status_code != 201]
    assert limited
    for answer in limited:
        check_problem(answer, 429)
        assert 0 < int(answer.headers["retry-after"]) <= 60
    assert timeline.read()["entry_count"] == len(answers) - len(limited)
    assert limited_newsroom.chief.get("/v1/keys").status_code == 200


def test_a_newsrooms_tool_never_meets_the_default_pace(timeline: Timeline) -> None:
    """The default rate limit allows a hundred requests in a row."""
    editor, address = timeline.newsroom.editor, f"{timeline.path}/drafts"
    assert {editor.get(address).status_code for _ in range(100)} == {200}


@pytest.mark.parametrize("size", [16, 60])
def test_a_head_beyond_all_bounds_breaks_nothing(timeline: Timeline, size: int) -> None:
    """A very large header or query is refused or ignored, and the server goes on."""
    for headers, query in (({"X-Long": "x" * size * 1024}, ""), ({}, f"?tag={'x' * size * 1024}")):
        try:
            answer = timeline.newsroom.reader.get(
                f"{timeline.path}/entries{query}", headers=headers
            )
            assert answer.status_code < 500
        except httpx.TransportError:
            pass  # the server closed the connection, which is a refusal too
    assert timeline.read()
