"""Pages with the longest words: none moves sideways, however narrow or widely spaced."""

import pytest

from tests.browsers.page_viewer import PageViewer
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.media.pictures import encoded, picture
from tests.media.sending import sent

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The texts that leave the window, except where a part of the page moves by itself, and in the bar
# of an entry's page, which has a single line for the coverage's title.
_CUT_OFF = """[...document.querySelectorAll("p, h1, h2, h3, li, a, span, td, th, summary, label")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !each.closest(".sideways, .bar, .key-events, .gallery, .unseen, .skip")
    && !each.closest(".coverage-entry .title")
    && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => `${each.className} ${each.textContent.trim().slice(0, 40)}`)"""
SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important } p { margin-block-end: 2em !important }"""


@pytest.fixture(scope="module")
def paths(specimen_newsroom: Newsroom) -> list[str]:
    """The pages of a coverage in which every text is the longest of words."""
    timeline = new_timeline(
        specimen_newsroom,
        new_slug(),
        title=LONG,
        kicker=LONG[:60],
        standfirst=LONG,
        bylines=[{"name": LONG}],
        related=[{"title": LONG, "url": "https://example.org/"}],
    )
    number = timeline.publish(
        LONG,
        body=f"{LONG}\n\n| {LONG} | b |\n| --- | --- |\n| 1 | 2 |\n\n> {LONG}\n> — {LONG}",
        bylines=[{"name": LONG}],
        place={"name": LONG, "lat": 53.54, "lon": 9.98},
        tags=[LONG[:50]],
        key_event=True,
        claims=[{"source": LONG, "text": LONG}],
        figures=[{"metric": "killed", "source": LONG, "low": 1, "high": None}],
    )["id"]
    timeline.correct(number, LONG, headline=f"{LONG}en")
    timeline.pin(number)
    graphic = sent(specimen_newsroom.editor, encoded(picture()), alt=LONG, graphic="true")
    summary = timeline.publish(LONG, media=[graphic["id"]])["id"]
    path = f"{timeline.path}/entries/{summary}/summary"
    specimen_newsroom.editor.put(path).raise_for_status()
    timeline.retract(timeline.publish(LONG)["id"], LONG)
    path = f"/coverages/{timeline.slug}"
    return [
        *("/", path, f"{path}/entries/{number}", f"{path}/corrections", f"{path}?from=0"),
        *(f"{path}/places", f"{path}/embed"),
        *(f"{path}/search?q={LONG}", f"{path}?lite=true", f"{path}?tag={LONG[:50]}"),
        *("/corrections", "/coverages/flood", "/coverages/ar", f"/coverages/{LONG[:50].lower()}"),
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
                page.add_style_tag(content=SPACING)
            assert page.evaluate(_OVERHANG) == 0, path
            assert page.evaluate(_CUT_OFF) == [], path
