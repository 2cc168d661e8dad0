"""The API reference page, which loads nothing from another host."""

import re
from importlib.util import find_spec

import pytest

from tests.browsers.driver import find_chromium
from tests.conftest import Newsroom
from tests.servers import require


def test_the_page_names_no_foreign_host(newsroom: Newsroom) -> None:
    """Every address in the page is a path on this server."""
    page = newsroom.reader.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    addresses = re.findall(r"""(?:src|href)="([^"]+)\"""", page.text)
    assert len(addresses) >= 3
    for address in addresses:
        assert address.startswith("/")
        assert newsroom.reader.get(address).is_success


@pytest.mark.full("a browser for a page of documentation")
def test_a_browser_shows_every_operation(newsroom: Newsroom) -> None:
    """In a browser the page shows every operation, without errors or requests to other hosts."""
    require("playwright", find_spec("playwright"))
    from playwright.sync_api import sync_playwright

    document = newsroom.reader.get("/openapi.json").json()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        try:
            page = browser.new_page()
            requested_urls: list[str] = []
            errors: list[str] = []
            page.on("request", lambda request: requested_urls.append(request.url))
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(f"{newsroom.server.url}/docs")
            page.wait_for_selector(".opblock")
            shown = page.locator(".opblock").count()
        finally:
            browser.close()
    assert shown == sum(len(operations) for operations in document["paths"].values())
    assert errors == []
    assert {url.split("/")[2] for url in requested_urls} == {f"127.0.0.1:{newsroom.server.port}"}
