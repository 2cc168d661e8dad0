"""The event loop is never held by one request, however large the coverage is."""

from pathlib import Path

import httpx
import pytest

from bench.growth import REQUESTS, SLUG, fill_coverages
from tests.dateline import running_server
from tests.long_turns import MARK

WARM = 500  # entries of the coverage whose requests fill all caches


@pytest.mark.full("twenty times the import", but=["1000"])
@pytest.mark.parametrize("size", [1_000, 20_000])
def test_no_request_holds_the_loop(size: int, tmp_path: Path) -> None:
    """Neither the import of a coverage nor any read or write of it holds the loop for 50 ms."""
    settings = {"cache_bytes": "0", "writes_per_minute": "100000", "loop_share": "1"}
    with running_server(tmp_path, is_watched=True, **settings) as server:
        headers = {"Authorization": f"Bearer {server.key('chief')}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=600) as client:
            client.post("/v1/coverages", json={"slug": SLUG, "title": "Fire"}).raise_for_status()
            pages = fill_coverages(
                client, lambda slug: server.command("export", slug).stdout, [WARM, size]
            )
            longs = {"import": server.log().count(MARK)}
            for page in pages:
                for name, ask in REQUESTS.items():
                    before = server.log().count(MARK)
                    ask(client, page, 1).raise_for_status()
                    longs[name] = server.log().count(MARK) - before
    assert not [name for name, count in longs.items() if count]
