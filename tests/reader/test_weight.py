"""What a reader's device has to fetch to show a coverage, in bytes as they are sent."""

import re

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

_PAGE, _LITE, _SCRIPT = 30 * 1024, 15 * 1024, 10 * 1024  # bytes at most
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_MODULE = re.compile(r'<(?:script type="module" src|link rel="modulepreload" href)="([^"]+)"')
# What is fetched when somebody comes back after a while, or opens a picture.
_LATER = ("since.js", "gallery.js")
_WORDS = (
    "Mission control has given the crew another four hours on the surface after the pressure in "
    "the second tank came back to what it was at noon, and says so at {} minutes past the hour. "
    "Nobody was hurt, {} people were taken to the town hall, and the road stays closed until {}."
)


def _weigh(newsroom: Newsroom, address: str) -> tuple[int, str]:
    """The bytes of an answer's body on the line, and what they say."""
    with newsroom.reader.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.is_success, address
        content = answer.read()
        return answer.num_bytes_downloaded, content.decode()


def test_a_page_of_twenty_texts_is_light(newsroom: Newsroom) -> None:
    """The whole page, its scripts, and the page for slow lines keep to their bounds."""
    timeline = new_timeline(newsroom, new_slug(), standfirst="What is known so far.")
    for number in range(20):
        body = _WORDS.format(number * 7, number * 31, number * 13)
        timeline.publish(f"Update {number} on what happened", body=body, tags=["harbour"])
    page, markup = _weigh(newsroom, f"/coverages/{timeline.slug}")
    lite, _ = _weigh(newsroom, f"/coverages/{timeline.slug}?lite=1")
    modules = _MODULE.findall(markup)
    sheets = sum(_weigh(newsroom, address)[0] for address in _SHEET.findall(markup))
    script = sum(_weigh(newsroom, address)[0] for address in modules)
    folder = modules[0].rpartition("/")[0]
    later = sum(_weigh(newsroom, f"{folder}/{name}")[0] for name in _LATER)
    whole = page + sheets + script
    print(  # noqa: T201  figures
        f"\npage {whole} bytes: {page} HTML, {sheets} CSS, {script} script in {len(modules)} files;"
        f" {later} of script when needed; lite {lite} bytes"
    )
    assert len(modules) > 1
    assert (whole <= _PAGE, lite <= _LITE, script <= _SCRIPT) == (True, True, True)


def test_no_script_is_fetched_late_by_another(newsroom: Newsroom) -> None:
    """Every module that another one imports is named in the page, so that all come at once."""
    timeline = new_timeline(newsroom, new_slug())
    named = _MODULE.findall(_weigh(newsroom, f"/coverages/{timeline.slug}")[1])
    imported = {
        f"{address.rpartition('/')[0]}/{name}"
        for address in named
        for name in re.findall(r'from"\./([^"]+)"', _weigh(newsroom, address)[1].replace(" ", ""))
    }
    assert imported
    assert imported == {address for address in named if not address.endswith("/page.js")}
