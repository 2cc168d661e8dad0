"""Pages with the longest words: none moves sideways, however narrow or widely spaced."""

import pytest

from tests.browsers.page_viewer import PageViewer
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

_LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The texts that leave the window, except where a part of the page moves by itself, and in the bar
# of an entry's page, which has a single line for the coverage's title.
_CUT_OFF = """[...document.querySelectorAll("p, h1, h2, h3, li, a, span, td, th, summary, label")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !each.closest(".sideways, .bar, .key-events, .gallery, .unseen, .skip")
    && !each.closest(".coverage-entry .title")
    && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => `${each.className} ${each.textContent.trim().slice(0, 40)}`)"""
_SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important } p { margin-block-end: 2em !important }"""


@pytest.fixture(scope="module")
def paths(specimen_newsroom: Newsroom) -> list[str]:
    """The pages of a coverage in which every text is the longest of words."""
    timeline = new_timeline(
        specimen_newsroom,
        new_slug(),
        title=_LONG,
        kicker=_LONG[:60],
        standfirst=_LONG,
        bylines=[{"name": _LONG}],
        related=[{"title": _LONG, "url": "https://example.org/"}],
    )
    number = timeline.publish(
        _LONG,
        body=f"{_LONG}\n\n| {_LONG} | b |\n| --- | --- |\n| 1 | 2 |\n\n> {_LONG}\n> — {_LONG}",
        bylines=[{"name": _LONG}],
        place={"name": _LONG},
        tags=[_LONG[:50]],
        key_event=True,
        claims=[{"source": _LONG, "text": _LONG}],
        figures=[{"metric": "killed", "source": _LONG, "low": 1, "high": None}],
    )["id"]
    timeline.correct(number, _LONG, headline=f"{_LONG}en")
    timeline.pin(number)
    timeline.retract(timeline.publish(_LONG)["id"], _LONG)
    path = f"/coverages/{timeline.slug}"
    return [
        *("/", path, f"{path}/entries/{number}", f"{path}/corrections", f"{path}?from=0"),
        *(f"{path}/search?q={_LONG}", f"{path}?lite=true", f"{path}?tag={_LONG[:50]}"),
        *("/corrections", "/coverages/flood", "/coverages/ar", f"/coverages/{_LONG[:50].lower()}"),
    ]


@pytest.mark.parametrize("is_spaced", [False, True], ids=["zoomed", "spaced"])
def test_the_longest_words_fit_the_narrowest_window(
    viewer: PageViewer, paths: list[str], is_spaced: bool
) -> None:
    """At 400 % of 1280 px, with the spacing that WCAG names, nothing is cut off at a side."""
    with viewer.window(viewport={"width": 320, "height": 256}) as page:
        for path in paths:
            page.goto(path)
            if is_spaced:
                page.add_style_tag(content=_SPACING)
            assert page.evaluate(_OVERHANG) == 0, path
            assert page.evaluate(_CUT_OFF) == [], path
