"""Tests of the operational endpoints, the OpenAPI document and the public pages."""

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the module; each test uses its own entries."""
    return new_timeline(newsroom, new_slug())


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_running_server_says_so(newsroom: Newsroom, address: str) -> None:
    """A running server is alive and ready."""
    assert newsroom.reader.get(address).status_code == 200


def test_figures_are_in_prometheus_form(newsroom: Newsroom) -> None:
    """Metrics are in the Prometheus text format."""
    answer = newsroom.reader.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        float(line.rpartition(" ")[2])


def test_the_document_knows_every_address_of_the_contract(newsroom: Newsroom) -> None:
    """The OpenAPI document has every operation of the contract."""
    document = newsroom.reader.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    operations = {
        (path.replace("{entry_id}", "{id}").replace("{key_id}", "{id}"), method)
        for path, methods in document["paths"].items()
        for method in methods
    }
    coverage = "/v1/coverages/{slug}"
    expected = {
        ("/v1/coverages", "get"),
        ("/v1/coverages", "post"),
        (coverage, "get"),
        (coverage, "patch"),
    }
    expected |= {
        (f"{coverage}/entries", "get"),
        (f"{coverage}/entries", "post"),
        (f"{coverage}/events", "get"),
    }
    expected |= {(f"{coverage}/entries/{{id}}", method) for method in ("get", "patch")}
    expected |= {(f"{coverage}/entries/{{id}}/revisions", "get")}
    for action in ("correction", "retraction", "publication"):
        expected |= {(f"{coverage}/entries/{{id}}/{action}", "post")}
    expected |= {(f"{coverage}/entries/{{id}}/pin", method) for method in ("put", "delete")}
    expected |= {(f"{coverage}/drafts", "get")}
    expected |= {(f"{coverage}/drafts/{{id}}", method) for method in ("get", "delete")}
    expected |= {("/v1/keys", "get"), ("/v1/keys", "post"), ("/v1/keys/{id}", "delete")}
    assert expected <= operations, expected - operations


def test_the_document_can_be_read(newsroom: Newsroom) -> None:
    """`/docs` is an HTML page."""
    answer = newsroom.reader.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_the_pages_show_what_is_published(timeline: Timeline) -> None:
    """The index links to the coverage; the coverage's and the entry's page show the entry."""
    entry = timeline.publish("The Eagle has landed", body="*Tranquility Base* here.")
    reader = timeline.newsroom.reader
    assert f"/coverages/{timeline.slug}" in reader.get("/").text
    for address in (
        f"/coverages/{timeline.slug}",
        f"/coverages/{timeline.slug}/entries/{entry['id']}",
    ):
        answer = reader.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert "The Eagle has landed" in answer.text
        assert "<em>Tranquility Base</em>" in answer.text


def test_an_entrys_url_leads_to_its_page(timeline: Timeline) -> None:
    """The `url` of an entry and of a coverage is a page with the entry."""
    entry = timeline.publish("The Eagle has landed")
    for url in (entry["url"], timeline.read()["url"]):
        assert "The Eagle has landed" in timeline.newsroom.reader.get(url).text


@pytest.mark.parametrize("below", ["nobody-took-this", "%00", "x" * 3000, "SLUG/entries/nobody"])
def test_what_is_not_there_has_no_page(timeline: Timeline, below: str) -> None:
    """An unknown coverage or entry has no page (404)."""
    address = f"/coverages/{below.replace('SLUG', timeline.slug)}"
    assert timeline.newsroom.reader.get(address).status_code == 404
