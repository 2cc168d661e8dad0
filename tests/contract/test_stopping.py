"""Tests of stopping and restarting a server."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.contract.newsrooms import new_timeline, running_newsroom
from tests.contract.streams import open_socket, open_stream
from tests.contract.test_long_poll import wait_for


def test_a_deploy_sends_everybody_away_and_back(tmp_path: Path) -> None:
    """A stop closes sockets with 1012, ends streams cleanly and answers long-polls.

    Clients resume afterwards.
    """
    with running_newsroom(tmp_path) as newsroom:
        timeline = new_timeline(newsroom, "deployed")
        server, head = newsroom.server, timeline.publish("Before")["cursor"]
        with (
            open_stream(server, timeline.slug, after=head) as stream,
            open_stream(
                server, timeline.slug, after=head, headers={"Accept-Encoding": "gzip"}
            ) as compressed,
            open_socket(server, timeline.slug, head) as socket,
            ThreadPoolExecutor(1) as pollers,
        ):
            poll = wait_for(pollers, timeline, head, wait=60)
            is_waiting = 'dateline_connections{transport="long-poll"} 1.0'
            while is_waiting not in newsroom.reader.get("/metrics").raise_for_status().text:
                assert not poll.done(), poll.result().text
            assert stream.frame().id == compressed.frame().id == socket.frame()["cursor"] == head
            assert server.stop() in {0, -signal.SIGTERM}
            assert socket.close_code() == 1012
            for ended in (stream, compressed):
                assert not any(frame.data for frame in ended.rest())
            page = poll.result().raise_for_status().json()
            assert page == {"events": [], "cursor": head, "more": False}
        server.start()
        assert timeline.head == head
        with open_stream(server, timeline.slug, headers={"Last-Event-ID": head}) as stream:
            written = timeline.publish("After")
            assert stream.event()["cursor"] == written["cursor"]
        assert httpx.get(f"{server.url}/readyz").is_success
