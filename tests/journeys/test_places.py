"""Promises of the places that everything takes which waits: by whom, how many, and given back.

Security, resource exhaustion: one client must not close the program to everybody by waiting.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import product

import pytest

from tests.contract.newsrooms import new_key, new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.open_answers import KINDS, PATIENCE, Asking, leave_hard, leave_softly

MOST = 3  # streams of one address
OF_A_PERSON = 2
FEW = 2
READERS = {name: kind for name, kind in KINDS.items() if kind.transport != "desk"}


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Timeline]:
    """A server with few places that trusts no proxy here."""
    limits = {
        "streams_per_address": str(MOST),
        "streams_per_person": str(OF_A_PERSON),
        "stream_capacity": "8",
        "desk_capacity": "8",
    }
    others = {"trusted_proxies": "192.0.2.1", "loop_share": "1", "connects_per_second": "1000"}
    with running_newsroom(tmp_path_factory.mktemp("places"), **limits, **others) as newsroom:
        new_timeline(newsroom, "plan", status="planned")
        yield new_timeline(newsroom, "live")


@pytest.fixture
def asking(timeline: Timeline) -> Asking:
    """The server, with nobody there."""
    newsroom = timeline.newsroom
    asking = Asking(
        newsroom.server, timeline.slug, "plan", new_key(newsroom.chief, "editor"), timeline.head
    )
    asking.until(lambda places: not places)
    return asking


@pytest.mark.parametrize(("name", "leave"), list(product(KINDS, (leave_hard, leave_softly))))
def test_a_place_is_free_when_its_client_is_gone(asking: Asking, name: str, leave: Callable):
    """However it left, and long before the wait would have ended; the next one gets in."""
    kind = KINDS[name]
    with ExitStack() as lines:
        for _ in range(2):
            opened = [lines.enter_context(asking.open(kind)) for _ in range(FEW)]
            asking.until(lambda places: places == {kind.transport: FEW})
            for line in opened:
                leave(line)
            asking.until(lambda places: not places)


def test_others_are_served_while_one_address_holds_all_it_may(asking: Asking, timeline: Timeline):
    """Readers' places are counted together, the desk's apart; the others hear what is published."""
    keys = [new_key(timeline.newsroom.chief, "contributor") for _ in range(4)]
    desk = KINDS["desk"]
    with ExitStack() as lines:
        for kind in READERS.values():
            for _ in range(MOST):
                lines.enter_context(asking.open(kind, "127.0.0.31"))
        for key in keys:
            lines.enter_context(asking.open(desk, "127.0.0.31", key))
        asking.until(lambda places: places.get("desk") == MOST and sum(places.values()) == 2 * MOST)
        asking.until(lambda _: asking.refused() >= MOST * (len(READERS) - 1) + 1)
        reader = lines.enter_context(asking.open(KINDS["stream"], "127.0.0.32"))
        poll = lines.enter_context(asking.open(KINDS["poll"], "127.0.0.32"))
        hints = lines.enter_context(asking.open(desk, "127.0.0.32"))
        asking.until(lambda places: sum(places.values()) == 2 * MOST + 3)
        timeline.publish("Meanwhile")
        for line in reader, poll:
            read_until(line, b"Meanwhile")
        read_until(hints, b"event: drafts")


def read_until(line, wanted: bytes) -> bytes:
    """What has come on a line once that was in it."""
    heard = b""
    while wanted not in heard:
        piece = line.recv(65536)
        assert piece, heard
        heard += piece
    return heard


@pytest.mark.parametrize("name", [n for n, k in KINDS.items() if "KEY" in str(k.fields)])
def test_a_person_has_their_places_wherever_they_come_from(asking: Asking, name: str):
    """Who goes beyond is refused from every address; somebody else is not."""
    kind, before = KINDS[name], asking.refused()
    with ExitStack() as lines:
        for number in range(5):
            lines.enter_context(asking.open(kind, f"127.0.0.{41 + number}"))
        asking.until(lambda _: asking.refused() == before + 5 - OF_A_PERSON)
        assert asking.places() == {kind.transport: OF_A_PERSON}


@pytest.mark.parametrize("name", ["poll", "stream", "stream of several", "desk"])
def test_who_finds_no_place_is_told_when_to_come_back(asking: Asking, name: str):
    """By a problem with the status and a time, as the contract has it."""
    kind = KINDS[name]
    keys = [asking.key] * OF_A_PERSON
    with ExitStack() as lines:
        for key in keys if kind.transport == "desk" else keys * MOST:
            lines.enter_context(asking.open(kind, "127.0.0.51", key))
        asking.until(lambda places: sum(places.values()) >= min(len(keys), MOST))
        late = lines.enter_context(asking.open(kind, "127.0.0.51"))
        late.settimeout(PATIENCE)
        answer = read_until(late, b"}")
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert head.startswith(b"http/1.1 503")
        assert b"\r\nretry-after: " in head
        assert b"/problems/over-capacity" in answer


def test_a_request_behind_a_waiting_one_ends_its_wait(asking: Asking):
    """Else the server would read no further, and not see its client go; both are answered."""
    asked = KINDS["poll"]
    with asking.open(asked) as line:
        asking.until(lambda places: places == {"long-poll": 1})
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        heard = read_until(line, b'{"status":"ok"}')
        assert heard.count(b"HTTP/1.1 200") == 2
        assert heard.index(b'"events":[]') < heard.index(b'"status"')
        asking.until(lambda places: not places)


def test_a_poll_on_a_kept_connection_takes_its_place_each_time(asking: Asking, timeline: Timeline):
    """A place is held while it waits, and by the next poll on the connection as by the first."""
    with asking.open(KINDS["poll"]) as line:
        for number in range(3):
            asking.until(lambda places: places == {"long-poll": 1})
            timeline.publish(f"Number {number}")
            read_until(line, f"Number {number}".encode())
            asking.until(lambda places: not places)
            target = KINDS["poll"].target.replace("SLUG", asking.slug)
            target = target.replace("CURSOR", timeline.head)
            line.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        leave_hard(line)
        asking.until(lambda places: not places)
