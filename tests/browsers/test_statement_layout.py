"""Layout of claims and figures with long names, on narrow and wide pages, in six languages."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.page_viewer import PageViewer
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline

if TYPE_CHECKING:
    from playwright.sync_api import Page

Json = dict[str, Any]

_WORDS = tomllib.loads(Path(__file__).with_name("long_names.toml").read_text())
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The cells and lines whose text leaves them.
_TOO_NARROW = """[...document.querySelectorAll(".figures :is(td, th), .entry-figures *, .claims *")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth)
  .map((each) => each.textContent.trim())"""
# The words of values that are broken: each part of a word on a line has a box of its own.
_BROKEN = """[...document.querySelectorAll(".figures .value, .entry-figures .value")]
  .flatMap((each) => {
    const walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
    const broken = [];
    while (walker.nextNode()) {
      for (const { index, 0: word } of walker.currentNode.data.matchAll(/[\\p{L}\\p{M}]+/gu)) {
        const range = document.createRange();
        range.setStart(walker.currentNode, index);
        range.setEnd(walker.currentNode, index + word.length);
        const tops = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (tops.size > 1) broken.push(word);
      }
    }
    return broken;
  })"""


@pytest.fixture(scope="module", params=_WORDS)
def told(request: pytest.FixtureRequest, specimen_newsroom: Newsroom) -> tuple[Timeline, str]:
    """A coverage with claims and figures of each kind, and the id of the entry with a claim."""
    language = request.param
    source, group, text = (_WORDS[language][name] for name in ("source", "group", "text"))
    timeline = new_timeline(specimen_newsroom, new_slug(), language=language)
    left = timeline.head
    for number, day in ((11_500, "09-27"), (115_000, "09-28"), (1_150_000, "09-29")):
        at = f"2020-{day}T18:45:00Z"
        figures = [
            _figure("displaced", source, low=number, high=2 * number, about=True, as_of=at),
            _figure("evacuated", source, low=number, about=True, as_of=at),
        ]
        timeline.publish(f"{source}: {number}", figures=figures)
    kinds: list[Json] = [{}, {"text": text}, {"low": 60}]
    entry = timeline.publish(
        source,
        claims=[{"source": {"name": source, "url": "https://example.org"}, "text": group}],
        figures=[
            _figure("destroyed", f"{source} {number}", group=group, **kind)
            for number, kind in enumerate(kinds)
        ],
    )
    for target in ({"claim": entry["claims"][0]["id"]}, {"figure": 0}):
        timeline.act(entry["id"], "assessment", {**target, "status": "disputed", "note": source})
    retracted = timeline.publish(group, figures=[_figure("killed", source, low=1)])
    timeline.correct(entry["id"], source, headline=group)
    timeline.retract(retracted["id"], source)
    return timeline, f"?from={left}"


def _figure(metric: str, source: str, **members: Any) -> Json:
    return {"metric": metric, "source": source, "low": None, "high": None, **members}


def _check(page: "Page", timeline: Timeline, difference: str, size: str = "100%") -> None:
    path = f"/coverages/{timeline.slug}"
    for query in ("", "?lite=true", "/corrections", difference, f"{difference}&lite=true"):
        page.goto(path + query)
        page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        assert page.evaluate(_OVERHANG) == 0, query
        assert page.evaluate(_TOO_NARROW) == [], query


@pytest.mark.full("further languages", but=["ar", "hy"])
def test_long_names_and_numbers_fit_a_phone(viewer: PageViewer, told: tuple[Timeline, str]) -> None:
    """No page is wider than a phone, and no text leaves its cell, also where text is enlarged."""
    for width in (320, 360):
        with viewer.window(viewport={"width": width, "height": 800}) as page:
            _check(page, *told)
    with viewer.window(viewport={"width": 640, "height": 800}) as page:
        _check(page, *told, size="200%")


@pytest.mark.full("further languages", but=["ar", "hy"])
def test_values_in_words_are_not_broken(viewer: PageViewer, told: tuple[Timeline, str]) -> None:
    """A value such as `not reported` has each of its words on one line, on phones and beyond."""
    for width in (360, 768, 1280):
        with viewer.open(
            f"/coverages/{told[0].slug}", viewport={"width": width, "height": 800}
        ) as page:
            assert page.evaluate(_BROKEN) == [], width
