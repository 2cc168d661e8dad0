"""Growth benchmark: what each request costs in coverages of different sizes.

The response cache is off, and each request is sent several times to each coverage, by turns. The
exponent k of size^k is that of the lowest costs in the smallest and in the largest coverage: 0 is a
cost that does not grow, 1 one that grows with the coverage.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import log
from pathlib import Path
from typing import Any

import httpx

from bench.dateline import LIMITS, SLUG, Dateline, dateline
from bench.table import format_table

SIZES = (500, 5_000, 50_000)  # entries
_EARLY, _HEADS = 200, 200  # after so many entries, changes of the coverage's head
_WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("a", "e", "i", "o") for c in "lmnrst"]
_HEADERS = {"Content-Type": "application/jsonl"}


@dataclass
class Cost:
    """What a request cost: milliseconds of processor time, of each run, by size."""

    name: str
    runs: dict[int, list[float]] = field(default_factory=dict)

    def lowest(self, size: int) -> float:
        """The lowest of a size's runs."""
        return min(self.runs[size])

    def exponent(self) -> float:
        """The exponent of growth between the smallest and the largest size."""
        small, large = min(self.runs), max(self.runs)
        return log(max(self.lowest(large), 0.01) / max(self.lowest(small), 0.01)) / log(
            large / small
        )


@dataclass(frozen=True)
class Page:
    """A coverage of a size, as the requests need it: its addresses, and ids in its order."""

    size: int
    api: str
    page: str
    ids: Sequence[str]
    epoch: str

    @property
    def middle(self) -> str:
        """The id of an entry in the middle."""
        return self.ids[len(self.ids) // 2]


Ask = Callable[[httpx.Client, Page, int], httpx.Response]


def _get(address: str) -> Ask:
    """Return a GET of an address with {api}, {page}, {middle}, {n} and the like."""

    def ask(client: httpx.Client, page: Page, run: int) -> httpx.Response:
        names = {"api": page.api, "page": page.page, "middle": page.middle, "n": run}
        head, turn = page.size + 1 + _HEADS - run, (page.size - 201) // 10 * 10
        names |= {"head": head, "epoch": page.epoch, "turn": page.ids[turn]}
        names |= {"word": _WORDS[run], "early": f"2026-01-01T00:{10 + run}:00Z"}
        names |= {"half": _time(page.size // 2 + run), "late": _time(page.size - 30 + run)}
        return client.get(address.format(**names))

    return ask


def _change(client: httpx.Client, page: Page, run: int) -> httpx.Response:
    entry = f"{page.api}/entries/{page.ids[run]}"
    return client.patch(entry, json={"headline": f"Changed {run}"}, headers={"If-Match": "*"})


REQUESTS: dict[str, Ask] = {
    "page": _get("{page}?n={n}"),
    "page, lite": _get("{page}?lite=true"),
    "page, in the middle": _get("{page}?before={middle}"),
    "page, key events": _get("{page}?key_events=true"),
    "page, rare tag": _get("{page}?tag=rare"),
    "page, as of a time": _get("{page}?at={early}"),
    "page, as of half-time": _get("{page}?at={half}"),
    "page, as of a late time": _get("{page}?at={late}"),
    "figures, as of half-time": _get("{page}/figures?at={half}"),
    "entry page": _get("{page}/entries/{middle}"),
    "entry page, as of a late time": _get("{page}/entries/{middle}?at={late}"),
    "entries": _get("{api}/entries?limit=20"),
    "entries, as of a time": _get("{api}/entries?at={early}"),
    "entries, as of half-time": _get("{api}/entries?at={half}"),
    "entries, as of a late time": _get("{api}/entries?at={late}"),
    "entries, rare tag as of late": _get("{api}/entries?tag=rare&at={late}"),
    "entries, common tag as of half": _get("{api}/entries?tag=common&at={half}"),
    "entries, rare language as of late": _get("{api}/entries?lang=ka&at={late}"),
    "entries, key events as of half": _get("{api}/entries?key_events=true&at={half}"),
    "entries, until early as of late": _get("{api}/entries?until={early}&at={late}"),
    "entries, in the middle": _get("{api}/entries?before={middle}"),
    "entries, rare tag": _get("{api}/entries?tag=rare"),
    "entries, common tag": _get("{api}/entries?tag=common"),
    "entries, rare language": _get("{api}/entries?lang=ka"),
    "entries, key events": _get("{api}/entries?key_events=true"),
    "entries, further key events": _get("{api}/entries?key_events=true&before={turn}"),
    "entries, until early": _get("{api}/entries?until={early}"),
    "entries, since late": _get("{api}/entries?since=2026-12-01T00:00:00Z"),
    "journal": _get("{api}/events?after={epoch}-{head}"),
    "changes of all": _get("{api}/changes?from={epoch}-{n}&to={epoch}-{head}"),
    "search, rare word": _get("{page}/search?q=rareword"),
    "search, common words": _get("{api}/search?q={word}+fire"),
    "search, without": _get("{api}/search?q=fire+-{word}"),
    "search, phrase": _get('{api}/search?q="{word} fire"'),
    "feed": _get("{page}/feed.atom"),
    "feed of key events": _get("{page}/feed.json?key_events=true"),
    "corrections": _get("{page}/corrections"),
    "time map": _get("{page}/timemap"),
    "embed": _get("{page}/embed"),
    "embed of key events": _get("{page}/embed?key_events=true"),
    "figures": _get("{api}/figures"),
    "coverage": _get("{api}"),
    "drafts": _get("{api}/drafts"),
    "publish": lambda client, page, run: client.post(
        f"{page.api}/entries", json={"headline": f"New {run}", "tags": ["common"]}
    ),
    "publish a key event": lambda client, page, run: client.post(
        f"{page.api}/entries", json={"headline": f"Turn {run}", "key_event": True}
    ),
    "save a draft": lambda client, page, run: client.post(
        f"{page.api}/entries", json={"headline": f"Draft {run}", "draft": True}
    ),
    "amend the oldest": _change,
    "unmark a key event": lambda client, page, run: client.patch(
        f"{page.api}/entries/{page.ids[(page.size - 1) // 10 * 10 - 10 * run]}",
        json={"key_event": False},
        headers={"If-Match": "*"},
    ),
    "change the head": lambda client, page, run: client.patch(
        page.api, json={"kicker": f"Live {run}"}
    ),
    "retract an old key event": lambda client, page, run: client.post(
        f"{page.api}/entries/{page.ids[100 + 10 * run]}/retraction", json={"note": "Not so."}
    ),
}


def measure_growth(
    sizes: Sequence[int], only: Sequence[str], runs: int, say: Callable[[str], None]
) -> list[Cost]:
    """Measure the requests whose names contain one of the words; all if there are no words."""
    words = [word.lower() for word in only] or [""]
    chosen = [name for name in REQUESTS if any(word in name for word in words)]
    costs = {name: Cost(name) for name in chosen}
    limits = LIMITS | {"DATELINE_CACHE_BYTES": "0"}
    with dateline(limits=limits) as server, server.client() as client:
        client.timeout = httpx.Timeout(600)
        pages = fill_coverages(client, lambda slug: server.run("export", slug), sizes)
        say(f"coverages of {', '.join(f'{page.size:,}' for page in pages)} entries")
        for name, run, page in product(chosen, range(runs + 1), pages):
            before = processor_time(server)
            answer = REQUESTS[name](client, page, run)
            spent = processor_time(server) - before
            if answer.is_error:
                raise RuntimeError(f"{name}: {answer.status_code} {answer.text[:200]}")
            if run:  # the first one fills the caches of the database and of templates
                costs[name].runs.setdefault(page.size, []).append(spent)
            if run == runs and page is pages[-1]:
                say(f"{name}: {costs[name].exponent():.2f}")
    return list(costs.values())


def processor_time(server: Dateline) -> float:
    """Return the milliseconds that all threads of the server have run."""
    assert server.process
    threads = Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in threads) / 1e6


def fill_coverages(
    client: httpx.Client, export: Callable[[str], str], sizes: Sequence[int]
) -> list[Page]:
    """Import a coverage of each size.

    Args:
        client: of a chief, on a server with an empty coverage `SLUG`.
        export: exports a coverage as `dateline export` does.
        sizes: entries.
    """
    document = {"headline": "Fire", "body": "Smoke.", "tags": ["common"]}
    client.post(f"/v1/coverages/{SLUG}/entries", json=document).raise_for_status()
    pattern = [json.loads(line) for line in export(SLUG).splitlines()]
    return [_fill(client, pattern, size) for size in sizes]


def _fill(client: httpx.Client, pattern: Sequence[Any], size: int) -> Page:
    """Import a coverage of a size; the pattern is an archive with one entry."""
    slug = f"bench-{size}"
    archive = _archive(pattern, slug, size)
    answer = client.post("/v1/imports", content=archive, headers=_HEADERS)
    if answer.is_error:
        raise RuntimeError(answer.text)
    cursor = client.get(f"/v1/coverages/{slug}").json()["cursor"]
    ids = [f"n{number}" for number in range(size)]
    epoch = cursor.rpartition("-")[0]
    return Page(size, f"/v1/coverages/{slug}", f"/coverages/{slug}", ids, epoch)


def _archive(pattern: Sequence[Any], slug: str, size: int) -> Iterator[bytes]:
    """Write an archive: each tenth entry is a key event, and early on the head changed often."""
    head, opened, published, _ = pattern
    pick = random.Random(size)
    details = {**opened["details"], "slug": slug}
    opened = {**opened, "coverage": slug, "at": "2026-01-01T00:00:00.000Z", "details": details}
    yield json.dumps(head).encode() + b"\n" + json.dumps(opened).encode() + b"\n"
    seq = 1
    for number in range(size):
        at = _time(number)
        for _ in range(_HEADS if number == _EARLY else 0):
            seq += 1
            line = {**opened, "type": "coverage.changed", "seq": seq, "at": at}
            yield json.dumps(line).encode() + b"\n"
        seq += 1
        words = " ".join(pick.choices(_WORDS, k=80)) + " fire"
        tags = ["rare"] if number in {3, size // 2} else ["common"]
        entry = {
            **published["entry"],
            "id": f"n{number}",
            "seq": seq,
            "headline": f"Report {number}",
            "tags": tags,
            "published_at": at,
            "updated_at": at,
            "key_event": number % 10 == 0,
            "body": {"markdown": words, "html": f"<p>{words}</p>"},
            "language": "ka" if number in {4, size // 2} else "en",
        }
        line = {**published, "coverage": slug, "seq": seq, "at": at, "entry": entry}
        yield json.dumps(line).encode() + b"\n"
    yield json.dumps({"end": {"events": seq, "drafts": 0}}).encode() + b"\n"


def _time(number: int) -> str:
    """Return the time at which an entry was published: one a second."""
    day, hour, minute = 1 + number // 86_400, number // 3600 % 24, number // 60 % 60
    return f"2026-01-{day:02}T{hour:02}:{minute:02}:{number % 60:02}.000Z"


def tabulate_growth(costs: Sequence[Cost], things: str = "entries") -> str:
    """Return the table, whose sizes are numbers of these things."""
    sizes = sorted(costs[0].runs) if costs else []
    rows: list[list[float | str | None]] = [
        [cost.name, *(cost.lowest(size) for size in sizes), f"{cost.exponent():.2f}"]
        for cost in costs
    ]
    heads = ["CPU ms of a request", *(f"{size:,} {things}" for size in sizes), "exponent"]
    return format_table(heads, rows)
