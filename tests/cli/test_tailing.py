"""`dateline tail`: every event once and in order, through whatever happens to the line."""

import asyncio
import json
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.cli.api import remote_client
from app.cli.follower import Follower
from app.cli.refusal import Refused
from app.cli.tailing import event_line
from tests.cli.bad_line import FOREIGN_ANSWERS, BadLine, bad_line
from tests.cli.conftest import Remote
from tests.cli.tool import Tool, end


def test_events_are_printed_as_they_happen_until_ctrl_c(tool: Tool, remote: Remote) -> None:
    """One line each, without colours where no terminal is; Ctrl-C ends it without a word."""
    remote.write("POST", "/entries", body="Before")
    process = tool.start("tail", remote.slug, "--after", "0", *remote.access)
    lines = [process.stdout.readline(), process.stdout.readline()]
    entry = remote.write("POST", "/entries", headline="While it looks", body="x")
    lines.append(process.stdout.readline())
    remote.write("POST", f"/entries/{entry['id']}/correction", note="One engine", headline="Now")
    lines.append(process.stdout.readline())
    said = end(process, signal.SIGINT)
    assert [line.split(maxsplit=2)[2] for line in lines] == [
        "coverage.opened   A test (live)\n",
        "entry.published   Before\n",
        "entry.published   While it looks\n",
        "entry.corrected   Now - One engine\n",
    ]
    assert lines[2].startswith(entry["published_at"][:19].replace("T", " "))
    assert (said.code, said.out, said.err) == (0, b"", "")


def test_json_prints_the_events_themselves(tool: Tool, remote: Remote) -> None:
    """Each line is the contract's Event, whatever stands in it."""
    remote.write("POST", "/entries", headline="Größe", body="a\u2028b")
    remote.write("PATCH", "", status="closed")
    said = tool("tail", remote.slug, "--after", "0", "--json", "--until-closed", *remote.access)
    events = [json.loads(line) for line in said.out.split(b"\n")[:-1]]
    assert events == remote.read("/events")["events"]


@pytest.mark.parametrize("after", [[], ["--after", "0"], ["--after", "HEAD"]])
def test_until_closed_ends_with_what_is_closed_already(
    tool: Tool, remote: Remote, after: list[str]
) -> None:
    """A tail in a script never waits for what has been."""
    remote.write("PATCH", "", status="closed")
    after = [option.replace("HEAD", str(remote.read()["cursor"])) for option in after]
    said = tool("tail", remote.slug, "--until-closed", *after, *remote.access)
    assert said.code == 0
    assert len(said.text.splitlines()) == (2 if "0" in after else 0)


def test_until_closed_goes_on_when_it_was_reopened(tool: Tool, remote: Remote) -> None:
    """A closing in the middle of the journal is not the end."""
    for status in ("closed", "live", "closed"):
        remote.write("PATCH", "", status=status)
    said = tool("tail", remote.slug, "--until-closed", "--after", "0", *remote.access)
    assert [line.split()[2] for line in said.text.splitlines()] == [
        *("coverage.opened", "coverage.closed", "coverage.changed", "coverage.closed"),
    ]


async def _follow(
    remote: Remote, line: BadLine, meanwhile: Callable[[int], None], told: list[str]
) -> list[int]:
    """Follow from the beginning to the closing; `meanwhile` hears each seq."""
    seqs = []
    async with remote_client(line.url, remote.key) as client:
        follower = Follower(client, remote.slug, "0", told.append, until_closed=True)
        async for event in follower.events():
            seqs.append(event["seq"])
            await asyncio.to_thread(meanwhile, event["seq"])
    return seqs


def test_a_line_that_is_cut_loses_and_repeats_nothing(remote: Remote) -> None:
    """It says that the line is lost, comes back with its cursor, and each event is there once."""
    told: list[str] = []
    with bad_line(remote.url) as line:

        def meanwhile(seq: int) -> None:
            if seq in {2, 4}:
                line.cut()
            if seq < 6:
                remote.write("POST", "/entries", body=f"Entry {seq}")
            elif seq == 6:
                remote.write("PATCH", "", status="closed")

        assert asyncio.run(_follow(remote, line, meanwhile, told)) == [1, 2, 3, 4, 5, 6, 7]
    assert len(told) == 2
    assert all(sentence.startswith("the line is lost") for sentence in told)


def test_a_server_that_is_full_is_asked_again(remote: Remote) -> None:
    """A 503 is a pause, even to begin with."""
    told: list[str] = []
    remote.write("PATCH", "", status="closed")
    with bad_line(remote.url, busy=2) as line:
        assert asyncio.run(_follow(remote, line, lambda _: None, told)) == [1, 2]
    assert len(told) == 2
    assert "503" in told[0]


def test_a_cursor_of_another_life_is_told_as_a_reset(tool: Tool, remote: Remote) -> None:
    """It says that something is left out, and goes on from the head."""
    process = tool.start("tail", remote.slug, "--after", "nobody-3", *remote.access)
    assert process.stderr.readline() == (
        "dateline: reset, unknown-cursor: what came before is left out\n"
    )
    remote.write("POST", "/entries", headline="Afterwards")
    assert "Afterwards" in process.stdout.readline()
    assert end(process, signal.SIGINT).code == 0


def test_a_reader_who_has_had_enough_is_no_failure(tool: Tool, remote: Remote) -> None:
    """`dateline tail | head -1` ends without a traceback once the pipe is closed."""
    process = tool.start("tail", remote.slug, "--after", "0", *remote.access)
    assert "coverage.opened" in process.stdout.readline()
    process.stdout.close()
    remote.write("POST", "/entries", body="Into the void")
    assert process.wait(30) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_what_cannot_be_followed_is_one_line(tool: Tool, remote: Remote) -> None:
    """An unknown coverage and a server that is not there end it at once."""
    assert tool("tail", "no-such", *remote.access).complaint.startswith("Unknown coverage: ")
    assert "dateline serve" in tool("tail", "fire", "--url", "http://127.0.0.1:9").complaint


@pytest.mark.parametrize("answer", FOREIGN_ANSWERS.values(), ids=FOREIGN_ANSWERS)
def test_what_somebody_else_answers_ends_nothing(remote: Remote, answer: bytes) -> None:
    """Whatever a proxy says in the server's place, the tail says so and gets every event."""
    told: list[str] = []
    with bad_line(remote.url) as line:

        def meanwhile(seq: int) -> None:
            if seq == 2:
                line.answer_next(2, answer)
                line.cut()
            if seq < 4:
                remote.write("POST", "/entries", body=f"Entry {seq}")
            elif seq == 4:
                remote.write("PATCH", "", status="closed")

        assert asyncio.run(_follow(remote, line, meanwhile, told)) == [1, 2, 3, 4, 5]
    assert [sentence.count("\n") for sentence in told] == [0] * 3
    assert all("no answer of Dateline's" in sentence for sentence in told[1:])


def test_the_servers_own_refusal_ends_it(remote: Remote) -> None:
    """A problem of Dateline's own, such as an unknown coverage after a restore, is final."""
    with bad_line(remote.url) as line, pytest.raises(Refused, match="Unknown coverage"):
        asyncio.run(_follow(replace(remote, slug="no-such"), line, lambda _: None, []))


async def _follow_page(url: str) -> None:
    async with remote_client(url, None) as client:
        async for _ in Follower(client, "fire", None, lambda _: None, patience=0.3).events():
            raise AssertionError


@pytest.mark.parametrize("answer", FOREIGN_ANSWERS.values(), ids=FOREIGN_ANSWERS)
def test_a_server_of_another_kind_is_told_from_dateline(remote: Remote, answer: bytes) -> None:
    """Where Dateline never was, somebody else's answer is not waited on for ever."""
    with (
        bad_line(remote.url, busy=100, answer=answer) as line,
        pytest.raises(Refused, match="no answer of Dateline's"),
    ):
        asyncio.run(_follow_page(line.url))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"title": "Head"}, "Head"),
        ({"title": None}, ""),
        ({"title": "Fire \u202eat"}, "\u2068Fire \u202eat\u2069"),
        ({"title": "\x9b31mred\u2028\x1b[0m"}, " 31mred  [0m"),
    ],
)
def test_a_line_holds_words_and_nothing_that_steers_a_terminal(entry: object, words: str) -> None:
    """The title that the server gives, on one line, whoever wrote it."""
    event = {"at": "1969-07-20T20:17:40.000Z", "type": "entry.published", "entry": entry}
    assert event_line(event).plain == f"1969-07-20 20:17:40  entry.published   {words}"


def test_a_retraction_is_told_by_its_note() -> None:
    """Of a tombstone there is no title."""
    stone = {"title": None, "retraction": {"note": "Wrong."}}
    event = {"at": "1969-07-20T20:17:40.000Z", "type": "entry.retracted", "entry": stone}
    assert event_line(event).plain.endswith("entry.retracted   Wrong.")
