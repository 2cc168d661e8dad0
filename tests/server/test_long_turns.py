"""The event loop is never held by one request, however large the coverage is."""

from pathlib import Path

import httpx
import pytest

from bench.growth import REQUESTS, SLUG, fill_coverages
from tests.dateline import DatelineServer, running_server
from tests.long_turns import MARK

WARM = 500  # entries of the coverage whose requests fill all caches


@pytest.mark.full("twenty times the import", but=["1000"])
@pytest.mark.parametrize("size", [1_000, 20_000])
def test_no_request_holds_the_loop(size: int, tmp_path: Path) -> None:
    """Neither the import of a coverage nor any read or write of it holds the loop for 50 ms.

    Long turns are looked for on up to three servers, new ones, which have nothing in a cache: on a
    busy machine any turn may take long once, but one that is too long is found on each server.
    """
    settings = {"cache_bytes": "0", "writes_per_minute": "100000", "loop_share": "1"}
    found: list[dict[str, list[str]]] = []
    while len(found) < 3 and all(found):
        folder = tmp_path / str(len(found))
        folder.mkdir()
        with running_server(folder, is_watched=True, **settings) as server:
            found.append(long_turns(server, size))
    assert not set.intersection(*map(set, found)), found


def long_turns(server: DatelineServer, size: int) -> dict[str, list[str]]:
    """The requests to a coverage of that size that had long turns, with their reports."""
    longs: dict[str, list[str]] = {}
    reported = 0

    def note(name: str) -> None:
        nonlocal reported
        client.get("/healthz").raise_for_status()  # the turn that has sent the response is over
        reports = [line for line in server.log().splitlines() if MARK in line]
        longs[name] = reports[reported:]
        reported = len(reports)

    headers = {"Authorization": f"Bearer {server.key('chief')}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=600) as client:
        client.post("/v1/coverages", json={"slug": SLUG, "title": "Fire"}).raise_for_status()
        pages = fill_coverages(
            client, lambda slug: server.command("export", slug).stdout, [WARM, size]
        )
        note("import")
        for page in pages:
            for name, ask in REQUESTS.items():
                ask(client, page, 1).raise_for_status()
                note(name)
    return {name: reports for name, reports in longs.items() if reports}
