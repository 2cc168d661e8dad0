"""Requests on connections of their own, each from another address of the loopback network."""

import selectors
import socket
from collections.abc import Collection, Iterable, Iterator, Mapping
from ipaddress import IPv4Address
from itertools import count

_PATIENCE = 60  # seconds in which one of the answers has to come
_addresses = (str(IPv4Address("127.1.0.0") + number) for number in count())


class UnexpectedAnswer(Exception):
    """A request was answered with a status that the load does not expect."""


def request(
    path: str, headers: Mapping[str, str] | None = None, *, method: str = "GET", body: bytes = b""
) -> bytes:
    """Return a request whose answer ends with the connection, unless it is a stream."""
    fields = {"Host": "127.0.0.1", "Connection": "close", **(headers or {})}
    if body:
        fields["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def exchange(
    port: int,
    requests: Iterable[bytes],
    expected: Collection[int],
    *,
    at_once: int = 100,
    is_stream: bool = False,
) -> Iterator[bytes]:
    """Send requests, each on a new connection from an address that sent none before.

    Args:
        port: of the server, on 127.0.0.1.
        requests: whole requests.
        expected: the statuses of the answers.
        at_once: the most requests that are open at a time.
        is_stream: whether a connection is closed as soon as a body begins, and not by the server.

    Yields:
        The answers, in the order in which they are complete.

    Raises:
        UnexpectedAnswer: an answer has another status.
        TimeoutError: no answer came for a minute.
    """
    left, answers = iter(requests), dict[socket.socket, bytes]()
    is_exhausted = False
    with selectors.DefaultSelector() as selector:
        while not is_exhausted or answers:
            while not is_exhausted and len(answers) < at_once:
                if (each := next(left, None)) is None:
                    is_exhausted = True
                    break
                answers[connection := _send(port, each)] = b""
                selector.register(connection, selectors.EVENT_READ)
            ready = selector.select(_PATIENCE) if answers else []
            if answers and not ready:
                raise TimeoutError(f"{len(answers)} requests have got no answer")
            for key, _ in ready:
                reader = key.fileobj
                assert isinstance(reader, socket.socket)
                answers[reader] += (part := reader.recv(1 << 18))
                if not part or (is_stream and answers[reader].partition(b"\r\n\r\n")[2]):
                    selector.unregister(reader)
                    reader.close()
                    yield _check(answers.pop(reader), expected)


def _send(port: int, data: bytes) -> socket.socket:
    connection = socket.socket()
    connection.bind((next(_addresses), 0))
    connection.connect(("127.0.0.1", port))
    connection.sendall(data)
    return connection


def _check(answer: bytes, expected: Collection[int]) -> bytes:
    status = answer[9:12]
    if not status.isdigit() or int(status) not in expected:
        raise UnexpectedAnswer(answer[:2000].decode(errors="replace") or "an empty answer")
    return answer
