"""Open-page benchmark: what an event costs a reader's page that has been open for long.

Entries are published while Chromium shows the coverage's page, until that many have come in live.
Then the processor time of the page's main thread is taken from the DevTools protocol, from before
an event until nothing moves any more. The time of the button is that of its click, with that many
entries waiting.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.dateline import ENTRIES, SLUG, dateline
from bench.installation import find
from bench.table import format_table

if TYPE_CHECKING:
    from bench.dateline import Dateline

SIZES = (500, 1000, 2000)
_BODY = "Two engines are on their way to the harbour, and the road stays closed. " * 6
_STILL = 2.5  # seconds until what an event moves has come to rest
_PATIENCE = 600_000  # ms until what was published has come in
_PARTS = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


@dataclass(frozen=True)
class Effort:
    """Milliseconds of the main thread: all, script, layout, and style, for one kind of event."""

    program: str
    event: str
    entries: int
    spans: tuple[float, ...]


class _Reader:
    """A reader's page, and a tool that publishes onto it."""

    def __init__(self, page: Page, tool: httpx.Client) -> None:
        self.page, self.tool = page, tool
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def publish(self, number: int) -> list[str]:
        """Publish entries; returns their ids."""
        ids = []
        for each in range(number):
            body = {"headline": f"Update {each}", "body": _BODY}
            ids.append(str(self.tool.post(ENTRIES, json=body).raise_for_status().json()["id"]))
        return ids

    def until(self, condition: str) -> None:
        """Wait until a condition of the page holds."""
        self.page.wait_for_function(condition, timeout=_PATIENCE, polling=500)
        time.sleep(_STILL)

    def spans(self, act: Callable[[], object]) -> tuple[float, ...]:
        """Return what the main thread spends on an act until all is still, in milliseconds."""
        before = self._figures()
        act()
        time.sleep(_STILL)
        return tuple(1000 * (now - then) for then, now in zip(before, self._figures(), strict=True))

    def _figures(self) -> list[float]:
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        figures = {each["name"]: each["value"] for each in metrics}
        return [float(figures[part]) for part in _PARTS]


def measure_open_page(
    programs: Sequence[Path], sizes: Sequence[int], runs: int, say: Callable[[str], None]
) -> list[Effort]:
    """Measure each event `runs` times on a page of each size, and the button once."""
    efforts = []
    for program in programs:
        for size in sizes:
            say(f"{program}: {size} entries")
            with dateline(program=program) as server, _open(server) as reader:
                for event, spans in _events(reader, size, runs):
                    efforts.append(Effort(str(program), event, size, spans))
    return efforts


@contextmanager
def _open(server: "Dateline") -> Iterator[_Reader]:
    with sync_playwright() as playwright, server.client() as tool:
        browser = playwright.chromium.launch(
            executable_path=find("chromium", "chromium"), args=["--no-sandbox"]
        )
        try:
            page = browser.new_page(bypass_csp=True)  # the conditions are evaluated
            page.goto(f"{server.url}/coverages/{SLUG}")
            page.wait_for_selector(".connection[data-state=live]")
            yield _Reader(page, tool)
        finally:
            browser.close()


def _events(reader: _Reader, size: int, runs: int) -> Iterator[tuple[str, tuple[float, ...]]]:
    page = reader.page
    last = reader.publish(size)[-1]
    reader.until(f"document.getElementById('entry-{last}')")
    yield "an entry on top", _typical(runs, reader, lambda: reader.publish(1))

    def amend() -> None:
        change = {"headline": f"Amended {time.monotonic_ns()}"}
        address, headers = f"{ENTRIES}/{middle}", {"If-Match": "*"}
        reader.tool.patch(address, json=change, headers=headers).raise_for_status()

    shown = "[...document.querySelectorAll('.days .entry')].map((each) => each.dataset.entry)"
    ids = page.evaluate(shown)
    middle = ids[len(ids) // 2]
    yield "an amendment in the middle", _typical(runs, reader, amend)
    page.evaluate("scrollTo({ top: innerHeight * 4, behavior: 'instant' })")
    last = reader.publish(size)[-1]
    reader.until(f"document.title.startsWith('({size})')")
    click = "document.querySelector('.waiting button').click()"
    yield "the button", reader.spans(lambda: page.evaluate(click))
    reader.until(f"document.getElementById('entry-{last}')")


def _typical(runs: int, reader: _Reader, act: Callable[[], object]) -> tuple[float, ...]:
    taken = [reader.spans(act) for _ in range(runs)]
    return tuple(median(each) for each in zip(*taken, strict=True))


def tabulate_open_page(efforts: Sequence[Effort]) -> str:
    """Return the table: a row for each event and size, with the exponent up to the largest."""
    smallest = {(each.program, each.event): each for each in reversed(efforts)}
    rows: list[list[float | str | None]] = []
    for each in efforts:
        first = smallest[each.program, each.event]
        exponent = None
        if each.entries > first.entries:
            ratio = each.spans[0] / first.spans[0]
            exponent = math.log(ratio) / math.log(each.entries / first.entries)
        name = f"{Path(each.program).name}: {each.event}"
        rows.append([name, f"{each.entries:,}", *each.spans, exponent])
    heads = ["ms of the main thread", "entries", "all", "script", "layout", "style", "exponent"]
    return format_table(heads, rows)
