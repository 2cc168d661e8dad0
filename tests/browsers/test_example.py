"""The example of the client's reference, run in a page of another site."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.browsers.browser import Browser
from tests.browsers.listener import AUDIENCE
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

pytestmark = pytest.mark.full("it runs as long as a reader looks")

_REFERENCE = Path(__file__).parents[2] / "docs/reference/client.md"
_SHOWN = "[...updates.children].map((item) => item.textContent)"


@contextmanager
def _serve(page: str) -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_the_example_shows_a_coverage_as_it_grows(browser: Browser, newsroom: Newsroom) -> None:
    """The example shows the history, live entries, amendments and retractions, newest first."""
    timeline = new_timeline(newsroom, new_slug())
    timeline.publish("First")
    match = re.search(r"```html\n(.*?)```", _REFERENCE.read_text(), re.DOTALL)
    assert match is not None
    example = match[1].replace("https://live.example", newsroom.server.url)
    with _serve("<!doctype html>" + example.replace("harbour-fire", timeline.slug)) as address:
        browser.open(address)
        browser.run(f"void {AUDIENCE}")
        browser.run("audience.shows((text) => text.includes('First'))")
        second = timeline.publish("Second")["id"]
        browser.run("audience.shows((text) => text.includes('Second'))")
        assert browser.run(_SHOWN) == ["Second", "First"]
        timeline.amend(second, headline="Amended")
        browser.run("audience.shows((text) => text.includes('Amended'))")
        timeline.retract(second, "Taken back")
        browser.run("audience.shows((text) => text.includes('Taken back'))")
        assert browser.run(_SHOWN) == ["Taken back", "First"]
        browser.open("about:blank")
