"""Breadth benchmark: what requests cost on servers with different numbers of coverages.

Each number has a server of its own, whose response cache is off. Every tenth coverage is live, and
the others are closed.
"""

from collections.abc import Callable, Sequence

import httpx

from bench.dateline import LIMITS, SLUG, Dateline, dateline
from bench.growth import Cost, processor_time

NUMBERS = (10, 1_000, 20_000)  # coverages

_ADDRESSES = {
    "index": "/?n={n}",
    "index, later": "/?after={middle}",
    "coverages": "/v1/coverages?limit={n}",
    "coverages, later": "/v1/coverages?limit={n}&after={middle}",
    "sitemap": "/sitemap.xml",
    "sitemap, part": "/sitemaps/1.xml",
    "news sitemap": "/news-sitemap.xml",
    "page": f"/coverages/{SLUG}?n={{n}}",
    "coverage": f"/v1/coverages/{SLUG}",
    "desk": "/desk?n={n}",
    "new coverage": "/desk/new?n={n}",
}
_EMAIL, _PASSWORD = "bench@example.org", "a long walk to the harbour"


def measure_breadth(
    numbers: Sequence[int], only: Sequence[str], runs: int, say: Callable[[str], None]
) -> list[Cost]:
    """Measure the requests whose names contain one of the words; all if there are no words."""
    words = [word.lower() for word in only] or [""]
    names = [name for name in (*_ADDRESSES, "publish") if any(word in name for word in words)]
    costs = {name: Cost(name) for name in names}
    for number in numbers:
        with (
            dateline(limits=LIMITS | {"DATELINE_CACHE_BYTES": "0"}) as server,
            server.client() as client,
            httpx.Client(base_url=server.url, timeout=600) as desk,
        ):
            client.timeout = httpx.Timeout(600)
            for other in range(1, number):
                _open(client, f"story-{other}", is_live=other % 10 == 0)
            _sign_in(server, desk)
            middle = f"story-{number // 2 or 1}"
            say(f"{number:,} coverages")
            for name in names:
                for run in range(runs + 1):
                    before = processor_time(server)
                    asking = desk if _ADDRESSES.get(name, "").startswith("/desk") else client
                    answer = _ask(asking, name, run, middle)
                    spent = processor_time(server) - before
                    answer.raise_for_status()
                    if run:  # the first one fills the caches of the database and of templates
                        costs[name].runs.setdefault(number, []).append(spent)
    return list(costs.values())


def _open(client: httpx.Client, slug: str, *, is_live: bool) -> None:
    coverage = {"slug": slug, "title": f"The story {slug}"}
    client.post("/v1/coverages", json=coverage).raise_for_status()
    if not is_live:
        client.patch(f"/v1/coverages/{slug}", json={"status": "closed"}).raise_for_status()


def _sign_in(server: Dateline, desk: httpx.Client) -> None:
    person = "person", "add", _EMAIL, "--name", "Bench", "--role", "chief"
    server.run(*person, stdin=f"{_PASSWORD}\n")
    form = {"email": _EMAIL, "password": _PASSWORD}
    answer = desk.post("/desk/sign-in", data=form, headers={"Origin": server.url})
    assert answer.is_redirect, answer.text


def _ask(client: httpx.Client, name: str, run: int, middle: str) -> httpx.Response:
    if name == "publish":
        return client.post(f"/v1/coverages/{SLUG}/entries", json={"headline": f"New {run}"})
    return client.get(_ADDRESSES[name].format(n=run + 20, middle=middle))
