"""405: an address that is there, asked with a method that it does not take."""

import re

import httpx
import pytest

from tests.conftest import Newsroom

_ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


def _allowed(answer: httpx.Response) -> set[str]:
    return {method.strip() for method in answer.headers["allow"].split(",")}


def test_every_address_names_all_of_its_methods(newsroom: Newsroom) -> None:
    """Allow lists what the document has for the path, over all routers, and HEAD beside GET."""
    document = newsroom.reader.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        methods = {method.upper() for method in operations}
        address = re.sub(r"\{\w+\}", "any", path)
        for method in set(_ASKED) - methods:
            answer = newsroom.reader.request(method, address)
            assert (answer.status_code, path) == (405, path)
            assert _allowed(answer) == methods | ({"HEAD"} if "GET" in methods else set())


@pytest.mark.parametrize(
    "address", ["/", "/coverages/any", "/docs", "/openapi.json", "/static/dateline.svg"]
)
def test_what_is_only_read_says_so(newsroom: Newsroom, address: str) -> None:
    """Pages and files outside the document take GET and HEAD."""
    answer = newsroom.reader.post(address)
    assert answer.status_code == 405
    assert _allowed(answer) == {"GET", "HEAD"}


def test_a_refused_method_is_a_problem(newsroom: Newsroom) -> None:
    """Its document is a problem like any other."""
    answer = newsroom.reader.delete("/v1/coverages")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/method-not-allowed"
    assert answer.json()["status"] == 405


def test_a_browser_is_told_the_methods_too(newsroom: Newsroom) -> None:
    """The page that people get in the problem's place keeps its headers."""
    answer = newsroom.reader.post("/coverages/any", headers={"Accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert _allowed(answer) == {"GET", "HEAD"}
