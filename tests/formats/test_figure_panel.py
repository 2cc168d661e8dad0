"""The figures of an entry, and the section with those of a coverage."""

# ruff: noqa: RUF001  en dashes and other letters are intended

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.html import HtmlRenderer
from app.formats.json_ld import live_blog_posting
from app.formats.step_line import HEIGHT, WIDTH, draw_steps
from app.timeline.claim import Source
from app.timeline.figure import Figure
from app.timeline.figure_table import FigureTable
from app.timeline.ledger import Observation
from tests.formats.parsed import Element, parse
from tests.formats.samples import AT, COVERAGE, ENTRY
from tests.formats.test_json_ld import VALIDATOR

RENDERER = HtmlRenderer(packages=("app.reader", "app.formats"))
SOURCE = Source("Ministry")
KILLED = Figure("killed", SOURCE, "soldiers", low=107, high=107, as_of=date(1969, 7, 3))


def _of(figure: Figure, number: int = 1) -> Observation:
    return Observation(figure, f"e{number}", number, 0, AT + timedelta(minutes=number))


def _panel(*observations: Observation, language: str = "en", lite: bool = False) -> Element:
    coverage = replace(COVERAGE, language=language)
    address, table = "/coverages/apollo-11/figures", FigureTable.arrange(observations)
    return parse(RENDERER.figures(coverage, table, address, 7, lite=lite)).one("section")


def _rows(panel: Element) -> list[str]:
    return [row.text for row in panel.all("tr")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"low": 107, "high": 107}, "107"),
        ({"low": 1500, "high": 1500}, "1,500"),
        ({"low": 0.125_25, "high": 0.125_25}, "0.12525"),
        ({"low": 150}, "more than 150"),
        ({"high": 20}, "fewer than 20"),
        ({"low": 60, "high": 60, "about": True}, "about 60"),
        ({"low": 11, "high": 13}, "11–13"),
        ({"low": 11, "high": 13, "about": True}, "about 11–13"),
        ({"low": 60, "about": True}, "more than about 60"),
        ({"text": "dozens"}, "dozens"),
        ({}, "Not reported"),
    ],
)
def test_a_value_stands_in_words(value: dict[str, Any], words: str) -> None:
    """Every form of a value is said in words, on an entry and in the section."""
    figure = Figure("killed", SOURCE, **value)
    article = parse(RENDERER.entry(replace(ENTRY, figures=(figure,))))
    assert article.one("strong", "value").text == words
    assert _panel(_of(figure)).one("strong").text == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Killed · soldiers"),
        ("ru", "Погибшие · soldiers"),
        ("ar", "القتلى · soldiers"),
        ("hy", "Զոհեր · soldiers"),
    ],
)
def test_a_known_metric_is_translated(language: str, words: str) -> None:
    """A known metric, in any case, stands in the page's language; others as they were written."""
    shouted = replace(KILLED, metric=" KILLED")
    assert _panel(_of(shouted), language=language).one("caption").text == words
    own = replace(KILLED, metric="Tanks lost", group=None)
    assert _panel(_of(own), language=language).one("caption").text == "Tanks lost"


def test_numbers_are_those_of_the_language() -> None:
    """Digits are grouped as the page's language groups them."""
    figure = replace(KILLED, low=12_500.5, high=12_500.5)
    assert _panel(_of(figure), language="ru").one("strong").text == "12 500,5"


def test_an_entry_lists_its_figures() -> None:
    """Value, metric, group, source and day stand in one item, an assessment with its note too."""
    disputed = replace(KILLED, status="disputed", note="Denied.", source=Source("M", "https://m.e"))
    article = parse(RENDERER.entry(replace(ENTRY, figures=(KILLED, disputed))))
    first, second = article.one(cls="entry-figures").all("li")
    assert first.text == "107 Killed · soldiers Ministry, 3 July"
    assert second.text == "107 Killed · soldiers M, 3 July ≠ Disputed: Denied."
    assert second.one("a").attributes["href"] == "https://m.e"


def test_an_entry_of_figures_alone_has_a_title() -> None:
    """Without headline and body, the entry's title is its first figure; its label is the time."""
    bare = replace(ENTRY, headline=None, body=None, media=(), figures=(KILLED,))
    article = parse(RENDERER.entry(bare)).one("article")
    assert article.attributes["data-title"] == "killed, soldiers: 107 (Ministry)"
    assert article.one("a", "permalink").attributes["id"] == "label-landed"
    assert article.one(cls="entry-figures")
    assert not article.all(cls="body")


def test_the_section_has_a_line_for_each_source() -> None:
    """A line has the value, the source, its day and the value before, and leads to the entries."""
    before = replace(KILLED, low=104, high=104, as_of=date(1969, 7, 2))
    other = Figure(
        "killed", Source("Centre"), "Soldiers", as_of=datetime(1970, 1, 2, 8, tzinfo=UTC)
    )
    panel = _panel(_of(before), _of(KILLED, 2), _of(other, 3))
    assert _rows(panel) == [
        "107 Ministry, 3 July (before: 104, 2 July)",
        "Not reported Centre, 2 January 1970, 08:00 UTC",
    ]
    hrefs = [link.attributes["href"] for link in panel.one("table").all("a")]
    assert hrefs == [f"/coverages/apollo-11/entries/e{number}" for number in (2, 1, 3)]
    marked = [e.attributes["data-entry"] for e in panel.all() if "data-entry" in e.attributes]
    assert marked == ["e2", "e1", "e3"]


def test_two_numbers_of_one_day_have_their_times() -> None:
    """A number without a day of its own has that of its entry, and the time to tell it apart."""
    plain = replace(KILLED, as_of=None)
    assert _rows(_panel(_of(plain))) == ["107 Ministry, 20 July"]
    later = replace(plain, low=110, high=110)
    assert _rows(_panel(_of(plain), _of(later, 2))) == [
        "110 Ministry, 20 July, 20:19 UTC (before: 107, 20 July, 20:18 UTC)"
    ]


@pytest.mark.parametrize(("other", "is_said"), [(11, True), (107, False), (None, False)])
def test_that_sources_differ_is_said_in_words(other: int | None, is_said: bool) -> None:
    """Sources whose ranges do not meet differ, in words; a missing number contradicts nobody."""
    centre = replace(KILLED, source=Source("Centre"), low=other, high=other)
    panel = _panel(_of(KILLED), _of(centre, 2))
    assert ("Sources differ" in panel.text) == is_said


def test_without_figures_nothing_is_shown() -> None:
    """The section is hidden and has no line; the script fills it when a figure comes."""
    panel = _panel()
    assert "hidden" in panel.attributes
    assert not panel.all("table")
    assert (panel.attributes["data-seq"], panel.attributes["data-address"]) == (
        "7",
        "/coverages/apollo-11/figures",
    )


def test_a_long_section_is_collapsed() -> None:
    """Twelve lines are shown, whole groups of them; the rest stands in `<details>`."""
    many = [
        _of(replace(KILLED, group=f"group {n // 2}", source=Source(f"source {n % 2}")), n + 1)
        for n in range(30)
    ]
    details = _panel(*many).one("details")
    assert details.one("summary").text == "18 more figures"
    assert len(details.all("tr")) == 18
    assert len(_panel(*many).all("tr")) == 30
    assert not _panel(*many[:12]).all("details")


def test_three_observations_make_a_line() -> None:
    """A series of three is drawn with its ends in words; in text only there is no drawing."""
    numbers = ((16, 1), (50, 2), (107, 3))
    found = [
        _of(replace(KILLED, low=n, high=n, as_of=date(1969, 7, day)), day) for n, day in numbers
    ]
    drawing = _panel(*found).one("svg")
    assert drawing.attributes["role"] == "img"
    assert drawing.attributes["aria-label"] == "16, 1 July – 107, 3 July"
    assert not _panel(*found, lite=True).all("svg")
    assert not _panel(*found[:2]).all("svg")


def test_the_links_of_the_text_page_stay_there() -> None:
    """On the page in words a line leads to the entry's page in words."""
    link = _panel(_of(KILLED), lite=True).one("table").one("a")
    assert link.attributes["href"] == "/coverages/apollo-11/entries/e1?lite=true"


_BOUND = st.none() | st.integers(-1000, 1000)


@given(st.lists(st.lists(st.tuples(_BOUND, _BOUND), max_size=120), min_size=1, max_size=4))
def test_a_line_stays_in_its_frame(series: Sequence[Sequence[tuple[int | None, int | None]]]):
    """Any series is drawn within the frame, by whole units, and from left to right."""
    observed = []
    for bounds in series:
        figures = [
            replace(KILLED, low=low, high=high, as_of=AT + timedelta(hours=hour))
            for hour, (low, high) in enumerate(bounds)
        ]
        observed.append([_of(figure, number) for number, figure in enumerate(figures)])
    for line in filter(None, draw_steps(observed)):
        commands = line.line.replace("M", " M").replace("H", " H").replace("V", " V").split()
        across = [int(c[1:]) for c in commands if c[0] in "MH"]
        down = [int(c[1:]) for c in commands if c[0] == "V"]
        assert across == sorted(across)
        assert across[0] >= 0
        assert across[-1] <= WIDTH
        assert all(0 <= y <= HEIGHT for y in down)


def test_structured_data_names_the_table() -> None:
    """A page with figures has a Dataset with the CSV; one without has none."""
    base = "https://news.example"
    other = replace(KILLED, metric="injured", group=None)
    figures = FigureTable.arrange([_of(KILLED), _of(other, 2)])
    posting = live_blog_posting(COVERAGE, [ENTRY], base, "The Example", figures=figures)
    VALIDATOR.validate(posting)
    table = posting["hasPart"]
    assert table["@type"] == "Dataset"
    assert table["variableMeasured"] == ["killed · soldiers", "injured"]
    assert table["description"] == "Apollo 11: killed · soldiers (Ministry); injured (Ministry)"
    assert table["distribution"] == {
        "@type": "DataDownload",
        "encodingFormat": "text/csv",
        "contentUrl": f"{base}/v1/coverages/apollo-11/figures.csv",
    }
    assert "hasPart" not in live_blog_posting(COVERAGE, [ENTRY], base, "The Example")
