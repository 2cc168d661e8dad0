"""Weight budgets: the bytes that a browser transfers to show a coverage."""

import re

from app.reader.pages import STATIC
from app.reader.stylesheets import STYLESHEETS
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

# Bytes at most; `_LIVE` is the page's script with what a page with figures loads later.
_PAGE, _LITE, _SCRIPT, _LIVE, _SHOWN, _EMBED = (kib * 1024 for kib in (30, 15, 12, 14, 10, 12))
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_MODULE = re.compile(r'<(?:script type="module" src|link rel="modulepreload" href)="([^"]+)"')
# Loaded on demand: after a long absence, for a picture or video, for keyboard navigation, for a
# playback, to pass on an address, for a change of the summary, for the oldest of many entries.
_ON_DEMAND = (
    *("since_you_left.js", "viewer.js", "feed_keys.js", "playback.js", "share.js"),
    "summary.js",
    "trim.js",
)
# Loaded by one tab for all tabs of a browser that show several coverages.
_SHARED_STREAM = ("combined_stream.js",)
# Loaded by Firefox in addition, to keep the page in its back/forward cache.
_FIREFOX = ("worker_fetch.js", "fetch_worker.js")
_WORDS = (
    "Mission control has given the crew another four hours on the surface after the pressure in "
    "the second tank came back to what it was at noon, and says so at {} minutes past the hour. "
    "Nobody was hurt, {} people were taken to the town hall, and the road stays closed until {}."
)


def _weigh(newsroom: Newsroom, address: str, coding: str = "gzip") -> tuple[int, str]:
    """Return the transferred size of an answer's body in bytes, and its decoded text."""
    with newsroom.reader.stream("GET", address, headers={"Accept-Encoding": coding}) as answer:
        assert answer.is_success, address
        content = answer.read()
        return answer.num_bytes_downloaded, content.decode()


def _static_address(newsroom: Newsroom, name: str) -> str:
    """Return the address of a static file."""
    (icon,) = re.findall(r'<link rel="icon" href="([^"]+)"', newsroom.reader.get("/").text)
    return f"{icon.rpartition('/')[0]}/{name}"


def _filled(newsroom: Newsroom) -> str:
    timeline = new_timeline(newsroom, new_slug(), standfirst="What is known so far.")
    for number in range(20):
        body = _WORDS.format(number * 7, number * 31, number * 13)
        timeline.publish(f"Update {number} on what happened", body=body, tags=["harbour"])
    return f"/coverages/{timeline.slug}"


def test_a_page_of_twenty_texts_is_light(newsroom: Newsroom) -> None:
    """The page with its style sheets and scripts, and its script alone, keep their budgets."""
    path = _filled(newsroom)
    page, markup = _weigh(newsroom, path)
    modules, sheets = _MODULE.findall(markup), _SHEET.findall(markup)
    style = sum(_weigh(newsroom, address)[0] for address in sheets)
    script = sum(_weigh(newsroom, address)[0] for address in modules)
    in_brotli = sum(_weigh(newsroom, address, "br")[0] for address in modules)
    later = sum(_weigh(newsroom, _static_address(newsroom, name))[0] for name in _ON_DEMAND)
    aside = sum(_weigh(newsroom, _static_address(newsroom, name))[0] for name in _FIREFOX)
    several = sum(_weigh(newsroom, _static_address(newsroom, name))[0] for name in _SHARED_STREAM)
    figures = _weigh(newsroom, _static_address(newsroom, "figures.js"))[0]
    print(  # noqa: T201  figures
        f"\npage {page + style + script} bytes: {page} HTML, {style} CSS in {len(sheets)} files,"
        f" {script} script (in Brotli {in_brotli}); {later} of script when needed, {several} where"
        f" several coverages are open, {figures} on a page with figures, and {aside} in Firefox"
    )
    assert len(modules) == 1
    assert len(sheets) == 2
    assert page + style + script + aside + several <= _PAGE
    assert script <= _SCRIPT
    assert script + figures <= _LIVE


def test_the_page_in_words_is_lighter(newsroom: Newsroom) -> None:
    """The lite page has no script and stays within its budget, compressed and uncompressed."""
    page, markup = _weigh(newsroom, path := f"{_filled(newsroom)}?lite=true")
    style = sum(_weigh(newsroom, address)[0] for address in _SHEET.findall(markup))
    plain = _weigh(newsroom, path, "identity")[0]
    print(f"\nin words {page + style} bytes, the page alone {plain} uncompressed")  # noqa: T201
    assert "<script" not in markup
    assert page + style <= _LITE
    assert plain <= _LITE


def test_an_embed_is_light(newsroom: Newsroom) -> None:
    """The embed stays within 10 KiB to be shown, and within 12 KiB with its stream modules."""
    path = _filled(newsroom)
    fragment = newsroom.reader.get(f"{path}/embed").raise_for_status().text
    (module,) = re.findall(r'data-module="[^/]*//[^/]+(/[^"]+)"', fragment)
    addresses = {"/embed.js", module, *_imported(newsroom, module)}
    addresses.add(_static_address(newsroom, "embed.css"))
    weights = {
        coding: sum(_weigh(newsroom, address, coding)[0] for address in addresses)
        for coding in ("gzip", "br")
    }
    live = {_static_address(newsroom, "tabs.js")}
    live |= _imported(newsroom, *live)
    later = sum(_weigh(newsroom, address)[0] for address in live)
    print(f"\nembed {weights} bytes in {len(addresses)} files, then {later} in {len(live)}")  # noqa: T201
    assert max(weights.values()) <= _SHOWN
    assert max(weights.values()) + later <= _EMBED


def _imported(newsroom: Newsroom, address: str) -> set[str]:
    """Return the addresses that a module imports statically, transitively."""
    folder = address.rpartition("/")[0]
    text = _weigh(newsroom, address)[1].replace(" ", "")
    imports = {f"{folder}/{name}" for name in re.findall(r'from"\./([^"]+)"', text)}
    return imports.union(*(_imported(newsroom, each) for each in imports))


def test_no_script_is_fetched_late_by_another(newsroom: Newsroom) -> None:
    """The entry modules of the page and of the embed are bundles without static imports."""
    timeline = new_timeline(newsroom, new_slug())
    (page,) = _MODULE.findall(_weigh(newsroom, f"/coverages/{timeline.slug}")[1])
    for module in (page, _static_address(newsroom, "embedded.js")):
        assert "class Timeline" in _weigh(newsroom, module)[1]
        assert not _imported(newsroom, module)


def test_what_is_made_small_says_the_same(newsroom: Newsroom) -> None:
    """Minification keeps the space before a pseudo-class, which is a descendant combinator."""
    descendant_pseudo_class = re.compile(r"[\w\])] :[a-z]")
    for sheet, parts in STYLESHEETS.items():
        minified = newsroom.reader.get(_static_address(newsroom, sheet)).text
        source = "".join((STATIC / part).read_text() for part in parts)
        assert len(descendant_pseudo_class.findall(minified)) == len(
            descendant_pseudo_class.findall(source)
        ), sheet
