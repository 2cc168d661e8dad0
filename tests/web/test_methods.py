"""Status 405: a known path with an unsupported method."""

import re

import httpx
import pytest

from tests.conftest import Newsroom

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


def _allowed(response: httpx.Response) -> set[str]:
    return {method.strip() for method in response.headers["allow"].split(",")}


def test_every_address_names_all_of_its_methods(newsroom: Newsroom) -> None:
    """A 405's Allow header lists the methods of the OpenAPI document, and HEAD beside GET."""
    document = newsroom.reader.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        methods = {method.upper() for method in operations}
        address = re.sub(r"\{\w+\}", "any", path)
        for method in set(_METHODS) - methods:
            response = newsroom.reader.request(method, address)
            assert (response.status_code, path) == (405, path)
            assert _allowed(response) == methods | ({"HEAD"} if "GET" in methods else set())


@pytest.mark.parametrize(
    "address", ["/", "/coverages/any", "/docs", "/openapi.json", "/static/dateline.svg"]
)
def test_what_is_only_read_says_so(newsroom: Newsroom, address: str) -> None:
    """Pages and files outside the OpenAPI document allow GET and HEAD."""
    response = newsroom.reader.post(address)
    assert response.status_code == 405
    assert _allowed(response) == {"GET", "HEAD"}


def test_a_refused_method_is_a_problem(newsroom: Newsroom) -> None:
    """A 405 is a problem document."""
    response = newsroom.reader.delete("/v1/coverages")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "/problems/method-not-allowed"
    assert response.json()["status"] == 405


def test_a_browser_is_told_the_methods_too(newsroom: Newsroom) -> None:
    """The error page for browsers keeps the Allow header."""
    response = newsroom.reader.post("/coverages/any", headers={"Accept": "text/html"})
    assert response.headers["content-type"].startswith("text/html")
    assert _allowed(response) == {"GET", "HEAD"}
