"""Upload slots are limited per caller, so that nobody takes those of others."""

import select
import socket
import time
from contextlib import ExitStack

import pytest

from app.media.errors import WorkersBusy
from app.media.upload_slots import UploadSlots
from tests.conftest import Newsroom
from tests.contract.problem import check_problem
from tests.media.pictures import encoded, picture
from tests.media.sending import send

_HEAD = (
    "POST /v1/media HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n"
    "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbegun'
)


def test_a_callers_uploads_leave_those_of_others_alone(newsroom: Newsroom):
    """Unfinished uploads are limited per key: one more gets a 503, other keys are accepted.

    The slots are free again once the connections are closed. Kind: resource exhaustion.
    """
    key = newsroom.contributor.headers["authorization"]
    content = encoded(picture(64, 48))
    with ExitStack() as stack:
        address = ("127.0.0.1", newsroom.server.port)
        connections = [stack.enter_context(socket.create_connection(address)) for _ in range(13)]
        for connection in connections:
            connection.sendall(_HEAD.format(key=key).encode())
        (answered,), _, _ = select.select(connections, [], [], 60)
        assert answered.recv(12) == b"HTTP/1.1 503"
        refused = send(newsroom.contributor, content)
        check_problem(refused, 503)
        assert int(refused.headers["retry-after"]) >= 1
        assert send(newsroom.editor, content).status_code == 201
    deadline = time.monotonic() + 60
    while send(newsroom.contributor, content).status_code != 201:
        assert time.monotonic() < deadline


def test_places_are_bounded_in_all_and_given_back():
    """Slots are limited per caller and in total, and are released, also after an exception."""
    slots = UploadSlots(per_caller=2, most=3)
    with ExitStack() as stack:
        for caller in "aab":
            stack.enter_context(slots.slot(caller))
        for caller in "a", "b", "c":
            with pytest.raises(WorkersBusy), slots.slot(caller):
                pass
    with pytest.raises(ZeroDivisionError), slots.slot("a"):
        raise ZeroDivisionError
    with slots.slot("a"), slots.slot("a"), slots.slot("b"):
        pass
