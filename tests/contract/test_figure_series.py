"""A series of 400 days with two sources and 2,000 later revisions, computed twice.

The journal is made by the rules in memory and imported; the answers are compared with the fold of
its events.
"""

import csv
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.formats.public_json import PublicJson
from app.formats.rfc3339 import format_time
from app.intake.archive import archive_line, write_archive
from app.timeline.claim import Source
from app.timeline.figure import Figure
from app.timeline.fold import Page, fold
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug
from tests.ledgers import Sighting, expected_ledger, in_order, sightings
from tests.newsdesk import Newsdesk
from tests.strategies import Action

DAYS, REVISIONS, MOMENTS = 400, 2_000, 12
FIRST_DAY = date(2020, 9, 27)
SOURCES = (Source("The Ministry"), Source("The Centre", "https://centre.example/count"))


@dataclass(frozen=True)
class Series:
    """The coverage on the server, and the newsdesk in memory that made it."""

    newsroom: Newsroom
    desk: Newsdesk

    def read(self, path: str, **query: str) -> Any:
        """Read below the coverage; JSON is decoded."""
        address = f"/v1/coverages/{self.desk.coverage.slug}/{path}"
        answer = self.newsroom.reader.get(address, params=query).raise_for_status()
        return answer.text if path.endswith(".csv") else answer.json()


def write_series(slug: str) -> Newsdesk:
    """Report two numbers a day, of which some come late, and revise them later."""
    chance = random.Random(14)
    desk = Newsdesk(slug).act_all([])
    for day in range(DAYS):
        for source in SOURCES:
            number = 100 + 3 * day + chance.randrange(4)
            as_of = FIRST_DAY + timedelta(days=day - chance.choice([0, 0, 0, 5]))
            value = replace(Figure("killed", source, "soldiers"), low=number, high=number)
            figures = (replace(value, as_of=chance.choice([as_of, as_of, None])),)
            desk.act(Action("publish", fields={"figures": figures}, late=1000))
    for number in range(REVISIONS):
        which = chance.randrange(2 * DAYS)
        entry = desk.entries[f"n{which + 1}"]
        if number % 100 == 0:
            desk.act(Action("retract", which=which, late=1000))
            continue
        low = 100 + chance.randrange(3 * DAYS)
        high = chance.choice([low, low, None, low + 20])
        figures = tuple(replace(figure, low=low, high=high) for figure in entry.figures)
        desk.act(Action("correct", which=which, fields={"figures": figures}, late=1000))
    return desk


@pytest.fixture(scope="module")
def series(newsroom: Newsroom) -> Series:
    """The series on the server."""
    desk = write_series(new_slug())
    form = PublicJson("https://news.example")
    lines = write_archive(archive_line(form.event(event)) for event in desk.journal)
    answer = newsroom.chief.post(
        "/v1/imports", content=b"".join(lines), headers={"Content-Type": "application/x-ndjson"}
    )
    assert answer.status_code == 201, answer.text
    return Series(newsroom, desk)


def line(sighting: Sighting) -> tuple[Any, ...]:
    """Return what an answer says of a sighting."""
    figure = sighting.figure
    as_of = figure.as_of and figure.as_of.isoformat()
    return sighting.entry_id, figure.source.name, figure.low, figure.high, as_of


def shown(line: dict[str, Any]) -> tuple[Any, ...]:
    """Return the same of a line of an answer."""
    return (*(line["entry_id"], line["source"]["name"], line["low"], line["high"], line["as_of"]),)


def test_the_ledger_is_right_at_any_time(series: Series) -> None:
    """Ledger, `sources_differ` and earlier values are those of the entries that then stood."""
    journal = series.desk.journal
    differences = set()
    page: Page | None = None
    step = len(journal) // MOMENTS
    for begin in range(0, len(journal), step):
        events = journal[begin : begin + step]
        page = fold(page, events)
        assert page is not None
        seen = sightings(page.entries.values())
        answer = series.read("figures", at=format_time(events[-1].at))
        (group,) = answer["figures"]
        (expected,) = expected_ledger(seen)
        assert [shown(one) for one in group["sources"]] == [
            line(current) for current, _ in expected["sources"]
        ]
        assert [(one["earlier"]["low"], one["earlier"]["high"]) for one in group["sources"]] == [
            (earlier.figure.low, earlier.figure.high) for _, earlier in expected["sources"]
        ]
        assert group["sources_differ"] == expected["differ"]
        differences.add(expected["differ"])
    assert series.read("figures")["figures"] == answer["figures"]
    assert differences == {True, False}


def test_the_history_is_whole_and_in_order(series: Series) -> None:
    """The flat list and the CSV have every standing observation, each with its successor."""
    page = fold(None, series.desk.journal)
    assert page is not None
    seen = sightings(page.entries.values())
    expected = []
    for name in dict.fromkeys(one.series for one in seen):
        ordered = in_order(one for one in seen if one.series == name)
        following = [*(one.entry_id for one in ordered[1:]), None]
        expected += [(*line(one), after) for one, after in zip(ordered, following, strict=True)]
    lines = series.read("figures", history="true")["figures"]
    assert [(*shown(one), one["superseded_by"]) for one in lines] == expected
    rows = list(csv.DictReader(series.read("figures.csv").splitlines()))
    assert [(row["entry_id"], row["source"], row["superseded_by"]) for row in rows] == [
        (entry_id, source, after or "") for entry_id, source, *_, after in expected
    ]
    assert 2 * DAYS - REVISIONS // 100 <= len(rows) < 2 * DAYS
