"""`dateline tail`: every event once and in order, even if the connection is lost."""

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
from tests.cli.conftest import Remote
from tests.cli.faulty_proxy import PROXY_RESPONSES, FaultyProxy, faulty_proxy, page
from tests.cli.tool import Tool, end


def test_events_are_printed_as_they_happen_until_ctrl_c(tool: Tool, remote: Remote) -> None:
    """Each event is printed as one line without colours, and Ctrl-C exits with 0 and no output."""
    remote.write("POST", "/entries", body="Before")
    process = tool.start("tail", remote.slug, "--after", "0", *remote.access)
    lines = [process.stdout.readline(), process.stdout.readline()]
    claims = [{"source": "A witness"}, {"source": "The army"}]
    entry = remote.write("POST", "/entries", headline="While it looks", body="x", claims=claims)
    lines.append(process.stdout.readline())
    remote.write("POST", f"/entries/{entry['id']}/correction", note="One engine", headline="Now")
    lines.append(process.stdout.readline())
    claim = {"claim": entry["claims"][1]["id"], "status": "disputed", "note": "Denied"}
    remote.write("POST", f"/entries/{entry['id']}/assessment", **claim)
    lines.append(process.stdout.readline())
    result = end(process, signal.SIGINT)
    assert [line.split(maxsplit=2)[2] for line in lines] == [
        "coverage.opened   A test (live)\n",
        "entry.published   Before\n",
        "entry.published   While it looks\n",
        "entry.corrected   Now - One engine\n",
        "entry.assessed    Now - disputed: Denied\n",
    ]
    assert lines[2].startswith(entry["published_at"][:19].replace("T", " "))
    assert (result.code, result.out, result.err) == (0, b"", "")


def test_json_prints_the_events_themselves(tool: Tool, remote: Remote) -> None:
    """With `--json` each line is the Event of the HTTP API."""
    remote.write("POST", "/entries", headline="Größe", body="a\u2028b")
    remote.write("PATCH", "", status="closed")
    result = tool("tail", remote.slug, "--after", "0", "--json", "--until-closed", *remote.access)
    events = [json.loads(line) for line in result.out.split(b"\n")[:-1]]
    assert events == remote.read("/events")["events"]


@pytest.mark.parametrize("after", [[], ["--after", "0"], ["--after", "HEAD"]])
def test_until_closed_ends_with_what_is_closed_already(
    tool: Tool, remote: Remote, after: list[str]
) -> None:
    """`--until-closed` ends at once if the coverage is closed already."""
    remote.write("PATCH", "", status="closed")
    after = [option.replace("HEAD", str(remote.read()["cursor"])) for option in after]
    result = tool("tail", remote.slug, "--until-closed", *after, *remote.access)
    assert result.code == 0
    assert len(result.text.splitlines()) == (2 if "0" in after else 0)


def test_until_closed_goes_on_when_it_was_reopened(tool: Tool, remote: Remote) -> None:
    """A closing that a reopening followed does not end `--until-closed`."""
    for status in ("closed", "live", "closed"):
        remote.write("PATCH", "", status=status)
    result = tool("tail", remote.slug, "--until-closed", "--after", "0", *remote.access)
    assert [line.split()[2] for line in result.text.splitlines()] == [
        *("coverage.opened", "coverage.closed", "coverage.changed", "coverage.closed"),
    ]


async def _follow(
    remote: Remote, proxy: FaultyProxy, meanwhile: Callable[[int], None], messages: list[str]
) -> list[int]:
    """Follow from the start until the closing; `meanwhile` is called with each event's seq."""
    seqs = []
    async with remote_client(proxy.url, remote.key) as client:
        follower = Follower(client, remote.slug, "0", messages.append, until_closed=True)
        async for event in follower.events():
            seqs.append(event["seq"])
            await asyncio.to_thread(meanwhile, event["seq"])
    return seqs


def test_a_line_that_is_cut_loses_and_repeats_nothing(remote: Remote) -> None:
    """The tail reports the lost connection, resumes with its cursor and has each event once."""
    messages: list[str] = []
    with faulty_proxy(remote.url) as proxy:

        def meanwhile(seq: int) -> None:
            if seq in {2, 4}:
                proxy.cut()
            if seq < 6:
                remote.write("POST", "/entries", body=f"Entry {seq}")
            elif seq == 6:
                remote.write("PATCH", "", status="closed")

        assert asyncio.run(_follow(remote, proxy, meanwhile, messages)) == [1, 2, 3, 4, 5, 6, 7]
    assert len(messages) == 2
    assert all(message.startswith("the line is lost") for message in messages)


def test_a_server_that_is_full_is_asked_again(remote: Remote) -> None:
    """A 503 is reported and retried, for the first request too."""
    messages: list[str] = []
    remote.write("PATCH", "", status="closed")
    with faulty_proxy(remote.url, busy=2) as proxy:
        assert asyncio.run(_follow(remote, proxy, lambda _: None, messages)) == [1, 2]
    assert len(messages) == 2
    assert "503" in messages[0]


def test_a_cursor_of_another_life_is_told_as_a_reset(tool: Tool, remote: Remote) -> None:
    """An unknown cursor is reported as a reset, and the tail continues from the head."""
    process = tool.start("tail", remote.slug, "--after", "nobody-3", *remote.access)
    assert process.stderr.readline() == (
        "dateline: reset, unknown-cursor: what came before is left out\n"
    )
    remote.write("POST", "/entries", headline="Afterwards")
    assert "Afterwards" in process.stdout.readline()
    assert end(process, signal.SIGINT).code == 0


def test_a_reader_who_has_had_enough_is_no_failure(tool: Tool, remote: Remote) -> None:
    """`dateline tail | head -1` exits with 0 and prints no error."""
    process = tool.start("tail", remote.slug, "--after", "0", *remote.access)
    assert "coverage.opened" in process.stdout.readline()
    process.stdout.close()
    remote.write("POST", "/entries", body="Into the void")
    assert process.wait(30) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_what_cannot_be_followed_is_one_line(tool: Tool, remote: Remote) -> None:
    """An unknown coverage and an unreachable server end the command with one line."""
    assert tool("tail", "no-such", *remote.access).complaint.startswith("Unknown coverage: ")
    assert "dateline serve" in tool("tail", "fire", "--url", "http://127.0.0.1:9").complaint


@pytest.mark.parametrize("answer", PROXY_RESPONSES.values(), ids=PROXY_RESPONSES)
def test_what_somebody_else_answers_ends_nothing(remote: Remote, answer: bytes) -> None:
    """Responses of a proxy are reported and retried, and the tail has every event."""
    messages: list[str] = []
    with faulty_proxy(remote.url) as proxy:

        def meanwhile(seq: int) -> None:
            if seq == 2:
                proxy.answer_next(2, answer)
                proxy.cut()
            if seq < 4:
                remote.write("POST", "/entries", body=f"Entry {seq}")
            elif seq == 4:
                remote.write("PATCH", "", status="closed")

        assert asyncio.run(_follow(remote, proxy, meanwhile, messages)) == [1, 2, 3, 4, 5]
    assert [message.count("\n") for message in messages] == [0] * 3
    assert all("no answer of Dateline's" in message for message in messages[1:])


def test_the_servers_own_refusal_ends_it(remote: Remote) -> None:
    """A problem document of Dateline, such as an unknown coverage, ends the tail."""
    with faulty_proxy(remote.url) as proxy, pytest.raises(Refused, match="Unknown coverage"):
        asyncio.run(_follow(replace(remote, slug="no-such"), proxy, lambda _: None, []))


async def _follow_page(url: str) -> None:
    async with remote_client(url, None) as client:
        async for _ in Follower(client, "fire", None, lambda _: None, patience=0.3).events():
            raise AssertionError


@pytest.mark.parametrize("answer", PROXY_RESPONSES.values(), ids=PROXY_RESPONSES)
def test_a_server_of_another_kind_is_told_from_dateline(remote: Remote, answer: bytes) -> None:
    """If no response ever comes from Dateline, the tail ends instead of retrying for ever."""
    with (
        faulty_proxy(remote.url, busy=100, answer=answer) as proxy,
        pytest.raises(Refused, match="no answer of Dateline's"),
    ):
        asyncio.run(_follow_page(proxy.url))


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        ({"title": "Head"}, "Head"),
        ({"title": None}, ""),
        ({"title": "Fire \u202eat"}, "\u2068Fire \u202eat\u2069"),
        ({"title": "\x9b31mred\u2028\x1b[0m"}, " 31mred  [0m"),
    ],
)
def test_a_line_holds_words_and_nothing_that_steers_a_terminal(entry: object, title: str) -> None:
    """The title is one line, with control characters replaced and text directions isolated."""
    event = {"at": "1969-07-20T20:17:40.000Z", "type": "entry.published", "entry": entry}
    assert event_line(event).plain == f"1969-07-20 20:17:40  entry.published   {title}"


_LATER = [
    {"type": "entry.assessed", "entry": {"title": "Assessed"}, "claims": []},
    {"type": "figures.changed", "html": "<p>", "details": {"killed": 107}},
    {"type": "figures.\x1b[31m", "entry": {"title": "Not shown"}},
    {"type": "coverage.moved", "details": {"title": "Moved", "status": "live"}},
]


def test_events_of_a_later_version_are_printed_by_what_they_carry(
    tool: Tool, remote: Remote
) -> None:
    """An unknown type is printed with its entry or coverage, if it changes one.

    A block of the stream whose type is unknown is ignored, and the tail goes on from its cursor.
    """
    cursor = remote.read()["cursor"]
    common = {"at": "1969-07-20T20:17:40.000Z", "coverage": remote.slug, "cursor": cursor}
    blocks = ["event: figures\ndata: no JSON\n", f"id: {cursor}\n"]
    blocks += [f"data: {json.dumps(common | event)}\n" for event in _LATER]
    stream = page(200, media_type="text/event-stream", body="\n".join(blocks) + "\n")
    with faulty_proxy(remote.url, busy=1, answer=stream) as proxy:
        process = tool.start("tail", remote.slug, "--url", proxy.url)
        lines = [process.stdout.readline() for _ in _LATER]
        remote.write("POST", "/entries", headline="And on")
        lines.append(process.stdout.readline())
        result = end(process, signal.SIGINT)
    assert [line.split(maxsplit=2)[2] for line in lines] == [
        "entry.assessed    Assessed\n",
        "figures.changed   \n",
        "figures. [31m     \n",
        "coverage.moved    Moved (live)\n",
        "entry.published   And on\n",
    ]
    assert (result.code, result.err) == (0, "")


def test_a_retraction_is_told_by_its_note() -> None:
    """A retraction is printed with its note, since a tombstone has no title."""
    tombstone = {"title": None, "retraction": {"note": "Wrong."}}
    event = {"at": "1969-07-20T20:17:40.000Z", "type": "entry.retracted", "entry": tombstone}
    assert event_line(event).plain.endswith("entry.retracted   Wrong.")
