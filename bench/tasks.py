"""Tasks benchmark: what tasks of a newsroom take at the desk, in clicks, keystrokes and seconds.

Chromium does each task at the real desk of a real server, as `Hand` counts it. A task counts only
if readers get its result. The server asks no other site, so embeds are added without their cards.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from bench.dateline import LIMITS, Dateline, dateline
from bench.hand import Hand, UndoableError
from bench.installation import find
from bench.table import format_table

Json = dict[str, Any]
_EMAIL, _PASSWORD = "bench@example.org", "a long walk to the harbour"
_PATIENCE = 10.0  # seconds until readers get the result
_SCREENS: dict[str, Json] = {
    "desk": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True},
}
_KICKER, _STANDFIRST, _BYLINE = "Harbour", "Smoke was first seen at six.", "Ida Berg"
_HEAD: Json = {
    "title": "Fire at the harbour: Monday",
    "kicker": _KICKER,
    "standfirst": _STANDFIRST,
    "bylines": [{"name": _BYLINE}],
}
_QUOTE = ("Nobody should go back tonight.", "Marta Lind", "at the town hall")
_BODY, _READY = "form.composer [name=body]", "form.composer:not([aria-busy])"
_POSTS = {
    "YouTube": "https://www.youtube.com/watch?v=S9HdPi9Ikhk",
    "Telegram": "https://t.me/durov/43",
}


@dataclass(frozen=True)
class Effort:
    """What a task took; the figures are None if the program has no way to do it."""

    program: str
    task: str
    screen: str
    clicks: int | None = None
    keys: int | None = None
    scrolls: int | None = None
    seconds: float | None = None


class Newsroom:
    """A chief at a program's desk, and a client that sees what readers get."""

    def __init__(self, url: str, client: httpx.Client, hand: Hand, slug: str) -> None:
        self.url, self.client, self.hand, self.slug = url, client, hand, slug

    def open_desk(self) -> None:
        """Open the coverage's desk, where a task begins."""
        self.hand.page.goto(f"{self.url}/desk/coverages/{self.slug}")
        self.hand.page.locator(_READY).wait_for()

    def has(self, selector: str) -> bool:
        """Whether the page has an element that can be seen."""
        return self.hand.page.locator(selector).first.is_visible()

    def coverage(self, slug: str = "") -> Json:
        """Return a coverage as readers get it; empty if there is none."""
        answer = self.client.get(f"/v1/coverages/{slug or self.slug}")
        found: Json = answer.json() if answer.is_success else {}
        return found

    def newest(self) -> Json:
        """Return the newest entry; empty if there is none."""
        entries = self.client.get(f"/v1/coverages/{self.slug}/entries").json()["entries"]
        return dict(entries[0]) if entries else {}

    def send(self, action: str) -> None:
        """Press the composer's main button, or its shortcut."""
        # The attribute had another name in earlier versions.
        self.hand.submit("Control+Enter", f"[data-action={action}], [data-deed={action}]")

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until readers get the result; raises UndoableError if they do not."""
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise UndoableError("readers do not get it")
            time.sleep(0.05)


def _quote(room: Newsroom) -> None:
    words, name, place = _QUOTE
    hand = room.hand
    if room.has("[data-mark=quote]"):
        hand.click("[data-mark=quote]")
        hand.page.locator("dialog[open] [name=quoted]").wait_for()
        hand.go_on(words)
        hand.tab(name, "dialog[open] [name=speaker]")
        hand.tab(place, "dialog[open] [name=place]")
        hand.submit("Enter", "dialog[open] .main")
    else:
        hand.write(_BODY, f"> {words}\n>\n> — {name}, {place}")
        hand.choose("[name=kind]", "quote")
    room.send("publish")
    ending = f"— {name}, {place}"
    room.until(
        lambda: (
            room.newest().get("kind") == "quote"
            and room.newest()["body"]["markdown"].strip().endswith(ending)
        )
    )


def _round_up(room: Newsroom) -> None:
    hand = room.hand
    hand.write("form.composer [name=headline]", "What we know")
    hand.click(_BODY)
    for number in range(10):
        goes_on = hand.page.locator(_BODY).input_value().endswith("- ")
        end = "\n" if number < 9 else ""
        hand.go_on(("" if goes_on else "- ") + f"The road to pier {number} is open." + end)
    hand.choose("[name=kind]", "roundup")
    room.send("publish")
    room.until(lambda: room.newest().get("kind") == "roundup" and _count_items(room.newest()) == 10)


def _count_items(entry: Json) -> int:
    return str(entry["body"]["html"]).count("<li>")


def _picture(room: Newsroom) -> None:
    room.hand.upload(".pictures .file", _jpeg())
    room.hand.write("[name=_alt]", "Smoke over the pier")
    room.send("publish")
    room.until(
        lambda: [m["alt"] for m in room.newest().get("media", [])] == ["Smoke over the pier"]
    )


def _embed(address: str) -> Callable[[Newsroom], None]:
    def embed(room: Newsroom) -> None:
        room.hand.paste(_BODY, address)
        try:
            room.hand.page.locator(".picture-field").wait_for(timeout=_PATIENCE * 500)
        except PlaywrightTimeoutError as error:
            raise UndoableError("an address stays an address") from error
        room.send("publish")
        room.until(lambda: [m["kind"] for m in room.newest().get("media", [])] == ["embed"])

    return embed


def _lead_image(room: Newsroom) -> None:
    hand = room.hand
    hand.click("a[href$='/settings']")
    hand.upload(".lead-field .file", _jpeg())
    hand.write("[name='lead_image.alt']", "Smoke over the pier")
    hand.click(".head-form button.main")
    room.until(lambda: room.coverage().get("lead_image"))


def _second_language(room: Newsroom) -> None:
    hand = room.hand
    hand.click("header a[href='/desk']")
    hand.click("a[href='/desk/new']")
    # Each address can be used once.
    hand.write("[name=title]", "Пожар в порту" if hand.is_phone else "Дождь в порту")
    proposed = hand.page.locator("[name=slug]")
    room.until(proposed.input_value)  # made of the title by the server
    hand.choose("select[name=language]", "ru")
    hand.choose("[name=edition_of]", room.slug)
    hand.click("[name=status][value=live]")
    hand.click(".head-form button.main")
    room.until(lambda: room.coverage().get("editions"))


def _next_day(room: Newsroom) -> None:
    successor = f"{room.slug}-tuesday"
    link = "a[href$='/successor']"
    if room.has(link):
        room.hand.click(link)
        room.hand.replace("[name=title]", "Fire at the harbour: Tuesday")
        room.hand.replace("[name=slug]", successor)
        room.hand.click(".head-form button.main")
    else:
        _next_day_by_hand(room, successor)
    room.until(lambda: _follows(room.coverage(), room.coverage(successor)))


def _next_day_by_hand(room: Newsroom, successor: str) -> None:
    """Close the coverage, open another with the same head, and link each from the other."""
    hand, settings = room.hand, "a[href$='/settings']"
    related, save = "[name=related]", ".head-form button.main"
    hand.click(settings)
    hand.write(related, f"{room.url}/coverages/{successor} Tuesday")
    hand.click(save)
    hand.click("summary:has-text('Close')")
    hand.click("button[value=closed]")
    hand.click("header a[href='/desk']")
    hand.click("a[href='/desk/new']")
    hand.write("[name=title]", "Fire at the harbour: Tuesday")
    hand.replace("[name=slug]", successor)
    hand.write("[name=kicker]", _KICKER)
    hand.write("[name=standfirst]", _STANDFIRST)
    hand.click("[name=status][value=live]")
    hand.click(save)
    hand.click(settings)
    hand.write("[name=bylines]", _BYLINE)
    hand.write(related, f"{room.url}/coverages/{room.slug} Monday")
    hand.click(save)


def _follows(old: Json, new: Json) -> bool:
    """Whether a page takes the place of another, with the same head and a link in each."""
    if not new or old["status"] != "closed" or new["status"] != "live":
        return False
    is_same = all(new[name] == old[name] for name in ("kicker", "standfirst", "bylines"))
    linked = [{each["url"] for each in coverage["related"]} for coverage in (old, new)]
    return is_same and new["url"] in linked[0] and old["url"] in linked[1]


def _correction(room: Newsroom) -> None:
    hand = room.hand
    if hand.is_phone:
        hand.click(".sections a[href='#updates']")
    hand.click(".days .entry [data-act=correct]")
    hand.page.locator("form.composer[data-mode=correct]").wait_for()
    hand.replace(_BODY, "Twelve are hurt.")
    hand.write("[name=note]", "The number was wrong.")
    room.send("correct")
    hand.submit("Enter", "dialog[open] .main")
    room.until(lambda: room.newest()["correction"])


TASKS: dict[str, Callable[[Newsroom], None]] = {
    "quote with attribution": _quote,
    "round-up of ten": _round_up,
    "picture": _picture,
    **{f"{site} embed": _embed(address) for site, address in _POSTS.items()},
    "lead image": _lead_image,
    "second-language page": _second_language,
    "yesterday's page": _next_day,
    "correction": _correction,
}


def measure_tasks(
    programs: Sequence[Path], only: Sequence[str], say: Callable[[str], None]
) -> list[Effort]:
    """Do every task in each program, at the desk and on a phone.

    Args:
        programs: The checkouts.
        only: Words of the tasks to do; empty: all.
        say: Gets the progress.
    """
    chosen = [name for name in TASKS if not only or any(word in name for word in only)]
    limits = LIMITS | {"DATELINE_EMBED_CARDS": "false"}
    efforts = []
    for program in programs:
        with dateline(limits=limits, program=program) as server, _chromium() as browser:
            person = ("person", "add", _EMAIL, "--name", "Bench", "--role", "chief")
            server.run(*person, stdin=_PASSWORD)
            for screen in _SCREENS:
                with _signed_in(browser, server, screen) as context:
                    for task in chosen:
                        say(f"{program.name}: {task}, {screen}")
                        efforts.append(_do(server, context, program.name, task, screen, say))
    return efforts


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find("chromium", "chromium")
        with playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) as browser:
            yield browser


@contextmanager
def _signed_in(browser: Browser, server: Dateline, screen: str) -> Iterator[BrowserContext]:
    with browser.new_context(**_SCREENS[screen]) as context:
        page = context.new_page()
        page.goto(f"{server.url}/desk/sign-in")
        page.fill("[name=email]", _EMAIL)
        page.fill("[name=password]", _PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{server.url}/desk")
        page.close()
        yield context


def _do(
    server: Dateline,
    context: BrowserContext,
    program: str,
    task: str,
    screen: str,
    say: Callable[[str], None],
) -> Effort:
    """Do a task in a coverage of its own, which has one entry."""
    slug = f"{task.replace(' ', '-').replace(chr(39), '').lower()}-{screen}"
    page = context.new_page()
    with server.client() as client:
        client.post("/v1/coverages", json=_HEAD | {"slug": slug}).raise_for_status()
        entry = {"body": "Eleven are hurt."}
        client.post(f"/v1/coverages/{slug}/entries", json=entry).raise_for_status()
        room = Newsroom(server.url, client, Hand(page, screen == "phone"), slug)
        room.open_desk()
        try:
            TASKS[task](room)
        except UndoableError as error:
            say(f"{error}; the page is {page.url}")
            return Effort(program, task, screen)
        finally:
            page.close()
    hand = room.hand
    return Effort(program, task, screen, hand.clicks, hand.keys, hand.scrolls, hand.seconds)


def _jpeg() -> bytes:
    output = BytesIO()
    Image.new("RGB", (1200, 800), "steelblue").save(output, "JPEG")
    return output.getvalue()


def tabulate_tasks(efforts: Sequence[Effort]) -> str:
    """Return the table, with one row for each task and screen, and columns for each program."""
    programs = list(dict.fromkeys(each.program for each in efforts))
    rows: dict[tuple[str, str], list[float | str | None]] = {}
    for each in efforts:
        counts = (each.clicks, each.keys, each.scrolls)
        done = None if each.clicks is None else " / ".join(map(str, counts))
        rows.setdefault((each.task, each.screen), []).extend((done, each.seconds))
    prefixes = ["before: ", "now: "] if len(programs) > 1 else [""]
    heads = [f"{each}{what}" for each in prefixes for what in ("clicks / keys / scrolls", "s")]
    cells = [[task, screen, *figures] for (task, screen), figures in rows.items()]
    return format_table(["task", "at", *heads], cells)
