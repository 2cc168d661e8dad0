"""Desk benchmark: from Ctrl+Enter at the desk to the text on a reader's open page.

Two browsers run on one machine, so both pages use the same clock. The reader's time is that of the
frame after the entry was inserted into the page. In the same run, the time of an API client's POST
is measured, which is the server's share.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, async_playwright

from bench.dateline import ROOT
from bench.generators import temporary_folder
from bench.installation import find
from bench.server import free_port, running
from bench.table import format_table

_EMAIL, _PASSWORD = "bench@example.org", "a long walk to the harbour"
_WARM = 3  # publications before the measurement starts

_PRESSED = """addEventListener("keydown", ({ key, ctrlKey }) => {
  if (key === "Enter" && ctrlKey) window.pressed = performance.timeOrigin + performance.now();
}, { capture: true })"""
_SEEN = """(words) => new Promise((resolve) => {
  const isThere = () => document.querySelector(".days").textContent.includes(words);
  const tell = () => requestAnimationFrame(() =>
    setTimeout(() => resolve(performance.timeOrigin + performance.now())));
  if (isThere()) return tell();
  const watch = new MutationObserver(() => isThere() && (watch.disconnect(), tell()));
  watch.observe(document.querySelector(".days"), { childList: true, subtree: true });
})"""


@dataclass(frozen=True)
class Sending:
    """Measured times in milliseconds, in ascending order."""

    name: str
    spans: tuple[float, ...]

    def at(self, share: float) -> float:
        """Return the quantile for `share`."""
        return self.spans[min(len(self.spans) - 1, int(share * len(self.spans)))]


def measure_desk(times: int, say: Callable[[str], None]) -> list[Sending]:
    """Publish `times` times at the desk, and then as often over the API."""
    with temporary_folder() as name:
        folder, port = Path(name), free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {
            "PYTHONPATH": str(ROOT),
            "DATELINE_PORT": str(port),
            "DATELINE_DATABASE_URL": f"sqlite:///{folder}/dateline.db",
            "DATELINE_MEDIA_DIR": f"{folder}/media",
        }
        key = _command(folder, environment, ["key", "create", "bench", "--role", "chief"])
        person = ["person", "add", _EMAIL, "--name", "Bench", "--role", "editor"]
        _command(folder, environment, person, _PASSWORD)
        with running([sys.executable, "-m", "app", "serve"], port, folder, environment):
            return asyncio.run(_measure(url, key.strip(), times, say))


def _command(folder: Path, environment: dict[str, str], words: list[str], stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=folder,
        env=os.environ | environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


async def _measure(url: str, key: str, times: int, say: Callable[[str], None]) -> list[Sending]:
    async with (
        httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}) as tool,
        _chromium() as writers,
        _chromium() as readers,
    ):
        wanted = {"slug": "bench", "title": "From the desk to a reader"}
        (await tool.post("/v1/coverages", json=wanted)).raise_for_status()
        desk, page = await _open_desk(writers, url), await _open_page(readers, url)
        say(f"{times} publications at the desk")
        seen = [await _publish(desk, page, number) for number in range(-_WARM, times)]
        say(f"{times} publications by a tool")
        answered = [await _post(tool, number) for number in range(-_WARM, times)]
        return [
            Sending("Ctrl+Enter until a reader sees it", tuple(sorted(seen[_WARM:]))),
            Sending("a tool's POST until its answer", tuple(sorted(answered[_WARM:]))),
        ]


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find("chromium", "chromium"), args=["--no-sandbox"]
        )
        try:
            yield browser
        finally:
            await browser.close()


async def _open_desk(browser: Browser, url: str) -> Page:
    desk = await browser.new_page()
    await desk.goto(f"{url}/desk/sign-in?next=/desk/coverages/bench")
    await desk.fill("[name=email]", _EMAIL)
    await desk.fill("[name=password]", _PASSWORD)
    await desk.press("[name=password]", "Enter")
    await desk.wait_for_selector("form.composer textarea")
    await desk.evaluate(_PRESSED)
    return desk


async def _open_page(browser: Browser, url: str) -> Page:
    page = await browser.new_page()
    await page.goto(f"{url}/coverages/bench")
    await page.wait_for_selector(".connection[data-state=live]")
    return page


async def _publish(desk: Page, page: Page, number: int) -> float:
    words = f"The number of this sentence is {number}."
    seeing = asyncio.ensure_future(page.evaluate(_SEEN, words))
    await desk.fill("form.composer textarea[name=body]", words)
    # Pause first, as a writer does: the draft is saved after that pause, which is measured too.
    await asyncio.sleep(0.3)
    await desk.press("form.composer textarea[name=body]", "Control+Enter")
    seen: float = await asyncio.wait_for(seeing, 30)
    pressed: float = await desk.evaluate("window.pressed")
    await desk.wait_for_function("document.querySelector('form.composer textarea').value === ''")
    return seen - pressed


async def _post(tool: httpx.AsyncClient, number: int) -> float:
    begun = time.perf_counter()
    answer = await tool.post("/v1/coverages/bench/entries", json={"body": f"A tool's {number}."})
    answer.raise_for_status()
    return (time.perf_counter() - begun) * 1000


def tabulate_desk(sendings: list[Sending]) -> str:
    """Return the table, with one row for each way, and the ratio."""
    base = sendings[-1].at(0.5)
    rows: list[list[float | str | None]] = [
        [s.name, str(len(s.spans)), s.at(0.5), s.at(0.95), s.spans[-1], s.at(0.5) / base]
        for s in sendings
    ]
    heads = ["milliseconds", "times", "median", "95 of 100", "longest", "ratio of medians"]
    return format_table(heads, rows)
