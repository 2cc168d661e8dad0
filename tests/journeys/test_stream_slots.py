"""Stream limits: per address, per person and in all, and the release of a closed client's slot.

Security, resource exhaustion: one client must not use up the server's waiting answers.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import product

import pytest

from tests.contract.newsrooms import new_key, new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.open_responses import KINDS, TIMEOUT, OpenResponses, close_sending, reset_connection

PER_ADDRESS = 3  # streams per address
PER_PERSON = 2
HELD = 2
READERS = {name: kind for name, kind in KINDS.items() if kind.transport != "desk"}


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Timeline]:
    """A coverage of a server with low stream limits, which trusts no proxy of this machine."""
    limits = {
        "streams_per_address": str(PER_ADDRESS),
        "streams_per_person": str(PER_PERSON),
        "stream_capacity": "8",
        "desk_capacity": "8",
    }
    others = {"trusted_proxies": "192.0.2.1", "loop_share": "1", "connects_per_second": "1000"}
    with running_newsroom(tmp_path_factory.mktemp("places"), **limits, **others) as newsroom:
        new_timeline(newsroom, "plan", status="planned")
        yield new_timeline(newsroom, "live")


@pytest.fixture
def client(timeline: Timeline) -> OpenResponses:
    """A client of that server, once no answer is open there."""
    newsroom = timeline.newsroom
    client = OpenResponses(
        newsroom.server, timeline.slug, "plan", new_key(newsroom.chief, "editor"), timeline.head
    )
    client.until(lambda slots: not slots)
    return client


@pytest.mark.parametrize(("name", "leave"), list(product(KINDS, (reset_connection, close_sending))))
def test_a_place_is_free_when_its_client_is_gone(client: OpenResponses, name: str, leave: Callable):
    """A slot is released, and can be taken again, when its client closes or resets."""
    kind = KINDS[name]
    with ExitStack() as stack:
        for _ in range(2):
            connections = [stack.enter_context(client.open(kind)) for _ in range(HELD)]
            client.until(lambda slots: slots == {kind.transport: HELD})
            for connection in connections:
                leave(connection)
            client.until(lambda slots: not slots)


def test_others_are_served_while_one_address_holds_all_it_may(
    client: OpenResponses, timeline: Timeline
):
    """The limit per address counts readers together and the desk apart; others are served."""
    keys = [new_key(timeline.newsroom.chief, "contributor") for _ in range(4)]
    desk = KINDS["desk"]
    with ExitStack() as stack:
        for kind in READERS.values():
            for _ in range(PER_ADDRESS):
                stack.enter_context(client.open(kind, "127.0.0.31"))
        for key in keys:
            stack.enter_context(client.open(desk, "127.0.0.31", key))
        client.until(
            lambda slots: (
                slots.get("desk") == PER_ADDRESS and sum(slots.values()) == 2 * PER_ADDRESS
            )
        )
        client.until(lambda _: client.refused() >= PER_ADDRESS * (len(READERS) - 1) + 1)
        reader = stack.enter_context(client.open(KINDS["stream"], "127.0.0.32"))
        poll = stack.enter_context(client.open(KINDS["poll"], "127.0.0.32"))
        hints = stack.enter_context(client.open(desk, "127.0.0.32"))
        client.until(lambda slots: sum(slots.values()) == 2 * PER_ADDRESS + 3)
        timeline.publish("Meanwhile")
        for connection in reader, poll:
            read_until(connection, b"Meanwhile")
        read_until(hints, b"event: drafts")


def read_until(connection, wanted: bytes) -> bytes:
    """Read from a connection until the bytes received contain `wanted`; return all of them."""
    received = b""
    while wanted not in received:
        chunk = connection.recv(65536)
        assert chunk, received
        received += chunk
    return received


@pytest.mark.parametrize("name", [n for n, k in KINDS.items() if "KEY" in str(k.fields)])
def test_a_person_has_their_places_wherever_they_come_from(client: OpenResponses, name: str):
    """The limit per person holds across addresses: further streams of one key are refused."""
    kind, before = KINDS[name], client.refused()
    with ExitStack() as stack:
        for number in range(5):
            stack.enter_context(client.open(kind, f"127.0.0.{41 + number}"))
        client.until(lambda _: client.refused() == before + 5 - PER_PERSON)
        assert client.slots() == {kind.transport: PER_PERSON}


@pytest.mark.parametrize("name", ["poll", "stream", "stream of several", "desk"])
def test_who_finds_no_place_is_told_when_to_come_back(client: OpenResponses, name: str):
    """A client over the limit gets a 503 problem `over-capacity` with `Retry-After`."""
    kind = KINDS[name]
    keys = [client.key] * PER_PERSON
    with ExitStack() as stack:
        for key in keys if kind.transport == "desk" else keys * PER_ADDRESS:
            stack.enter_context(client.open(kind, "127.0.0.51", key))
        client.until(lambda slots: sum(slots.values()) >= min(len(keys), PER_ADDRESS))
        late = stack.enter_context(client.open(kind, "127.0.0.51"))
        late.settimeout(TIMEOUT)
        answer = read_until(late, b"}")
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert head.startswith(b"http/1.1 503")
        assert b"\r\nretry-after: " in head
        assert b"/problems/over-capacity" in answer


def test_a_request_behind_a_waiting_one_ends_its_wait(client: OpenResponses):
    """A pipelined request ends the wait of the poll before it, and both are answered.

    Otherwise the server would stop reading, and would not notice that its client has gone.
    """
    kind = KINDS["poll"]
    with client.open(kind) as connection:
        client.until(lambda slots: slots == {"long-poll": 1})
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        received = read_until(connection, b'{"status":"ok"}')
        assert received.count(b"HTTP/1.1 200") == 2
        assert received.index(b'"events":[]') < received.index(b'"status"')
        client.until(lambda slots: not slots)


def test_a_poll_on_a_kept_connection_takes_its_place_each_time(
    client: OpenResponses, timeline: Timeline
):
    """On a persistent connection each poll takes a slot while it waits, the next as the first."""
    with client.open(KINDS["poll"]) as connection:
        for number in range(3):
            client.until(lambda slots: slots == {"long-poll": 1})
            timeline.publish(f"Number {number}")
            read_until(connection, f"Number {number}".encode())
            client.until(lambda slots: not slots)
            target = KINDS["poll"].target.replace("SLUG", client.slug)
            target = target.replace("CURSOR", timeline.head)
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        reset_connection(connection)
        client.until(lambda slots: not slots)
