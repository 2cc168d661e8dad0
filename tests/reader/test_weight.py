"""What a reader's device has to fetch to show a coverage, in bytes as they are sent."""

import re

from app.reader.pages import STATIC
from app.reader.stylesheets import STYLESHEETS
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

_PAGE, _LITE, _SCRIPT, _EMBED = (kib * 1024 for kib in (30, 15, 10, 12))  # bytes at most
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_MODULE = re.compile(r'<(?:script type="module" src|link rel="modulepreload" href)="([^"]+)"')
# Fetched when somebody comes back after a while, opens a picture or video, or walks by keyboard.
_LATER = ("since_you_left.js", "viewer.js", "feed_keys.js")
# Fetched by the one of a browser's tabs that reads several coverages for all of them.
_SEVERAL = ("combined_stream.js",)
# What Firefox fetches besides, to keep the page for the way back.
_ASIDE = ("worker_fetch.js", "fetch_worker.js")
_WORDS = (
    "Mission control has given the crew another four hours on the surface after the pressure in "
    "the second tank came back to what it was at noon, and says so at {} minutes past the hour. "
    "Nobody was hurt, {} people were taken to the town hall, and the road stays closed until {}."
)


def _weigh(newsroom: Newsroom, address: str, coding: str = "gzip") -> tuple[int, str]:
    """The bytes of an answer's body on the line, and what they say."""
    with newsroom.reader.stream("GET", address, headers={"Accept-Encoding": coding}) as answer:
        assert answer.is_success, address
        content = answer.read()
        return answer.num_bytes_downloaded, content.decode()


def _beside(newsroom: Newsroom, name: str) -> str:
    """The address of a static file."""
    (icon,) = re.findall(r'<link rel="icon" href="([^"]+)"', newsroom.reader.get("/").text)
    return f"{icon.rpartition('/')[0]}/{name}"


def _filled(newsroom: Newsroom) -> str:
    timeline = new_timeline(newsroom, new_slug(), standfirst="What is known so far.")
    for number in range(20):
        body = _WORDS.format(number * 7, number * 31, number * 13)
        timeline.publish(f"Update {number} on what happened", body=body, tags=["harbour"])
    return f"/coverages/{timeline.slug}"


def test_a_page_of_twenty_texts_is_light(newsroom: Newsroom) -> None:
    """The whole page and its scripts keep to their bounds."""
    path = _filled(newsroom)
    page, markup = _weigh(newsroom, path)
    modules, sheets = _MODULE.findall(markup), _SHEET.findall(markup)
    style = sum(_weigh(newsroom, address)[0] for address in sheets)
    script = sum(_weigh(newsroom, address)[0] for address in modules)
    in_brotli = sum(_weigh(newsroom, address, "br")[0] for address in modules)
    later = sum(_weigh(newsroom, _beside(newsroom, name))[0] for name in _LATER)
    aside = sum(_weigh(newsroom, _beside(newsroom, name))[0] for name in _ASIDE)
    several = sum(_weigh(newsroom, _beside(newsroom, name))[0] for name in _SEVERAL)
    print(  # noqa: T201  figures
        f"\npage {page + style + script} bytes: {page} HTML, {style} CSS in {len(sheets)} files,"
        f" {script} script (in Brotli {in_brotli}); {later} of script when needed, {several} where"
        f" several coverages are open, and {aside} in Firefox"
    )
    assert len(modules) == 1
    assert len(sheets) == 2
    assert page + style + script + aside + several <= _PAGE
    assert script <= _SCRIPT


def test_the_page_in_words_is_lighter(newsroom: Newsroom) -> None:
    """20 entries with their style, and no script; even what is not compressed keeps to it."""
    page, markup = _weigh(newsroom, path := f"{_filled(newsroom)}?lite=true")
    style = sum(_weigh(newsroom, address)[0] for address in _SHEET.findall(markup))
    plain = _weigh(newsroom, path, "identity")[0]
    print(f"\nin words {page + style} bytes, the page alone {plain} uncompressed")  # noqa: T201
    assert "<script" not in markup
    assert page + style <= _LITE
    assert plain <= _LITE


def test_an_embed_is_light(newsroom: Newsroom) -> None:
    """What shows it, script and style, takes at most 10 KB, with what keeps it live at most 12."""
    path = _filled(newsroom)
    fragment = newsroom.reader.get(f"{path}/embed").raise_for_status().text
    (module,) = re.findall(r'data-module="[^/]*//[^/]+(/[^"]+)"', fragment)
    addresses = {"/embed.js", module, *_imported(newsroom, module)}
    addresses.add(_beside(newsroom, "embed.css"))
    weights = {
        coding: sum(_weigh(newsroom, address, coding)[0] for address in addresses)
        for coding in ("gzip", "br")
    }
    live = {_beside(newsroom, "tabs.js")}
    live |= _imported(newsroom, *live)
    later = sum(_weigh(newsroom, address)[0] for address in live)
    print(f"\nembed {weights} bytes in {len(addresses)} files, then {later} in {len(live)}")  # noqa: T201
    assert max(weights.values()) <= _SCRIPT
    assert max(weights.values()) + later <= _EMBED


def _imported(newsroom: Newsroom, address: str) -> set[str]:
    """What a module imports when it is loaded, and what that does."""
    folder = address.rpartition("/")[0]
    text = _weigh(newsroom, address)[1].replace(" ", "")
    found = {f"{folder}/{name}" for name in re.findall(r'from"\./([^"]+)"', text)}
    return found.union(*(_imported(newsroom, each) for each in found))


def test_no_script_is_fetched_late_by_another(newsroom: Newsroom) -> None:
    """What the page and the embed begin with is one module each, which imports no other."""
    timeline = new_timeline(newsroom, new_slug())
    (page,) = _MODULE.findall(_weigh(newsroom, f"/coverages/{timeline.slug}")[1])
    for module in (page, _beside(newsroom, "embedded.js")):
        assert "class Timeline" in _weigh(newsroom, module)[1]
        assert not _imported(newsroom, module)


def test_what_is_made_small_says_the_same(newsroom: Newsroom) -> None:
    """The space before a pseudo-class stands for "in it": without it a rule is another's."""
    inside = re.compile(r"[\w\])] :[a-z]")
    for sheet, parts in STYLESHEETS.items():
        small = newsroom.reader.get(_beside(newsroom, sheet)).text
        written = "".join((STATIC / part).read_text() for part in parts)
        assert len(inside.findall(small)) == len(inside.findall(written)), sheet
