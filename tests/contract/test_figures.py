"""Tests of figures: numbers with their sources, and the ledger of what each source says now."""

import csv
from typing import Any

import pytest

from tests.contract.newsrooms import new_slug
from tests.contract.problem import check_problem, pointers
from tests.contract.statements import CENTRE, MINISTRY, current, figure, ledger, report
from tests.contract.timeline import Timeline

VALUE = ("low", "high", "about", "text")


def test_figures_alone_are_an_entry(timeline: Timeline) -> None:
    """An entry may be figures alone; its title says them."""
    entry = report(timeline, "107", as_of="2020-10-03")
    assert entry["figures"] == [
        {
            "metric": "killed",
            "group": "Armenian soldiers",
            "low": 107,
            "high": 107,
            "about": False,
            "text": None,
            "source": {"name": MINISTRY, "url": None},
            "as_of": "2020-10-03",
            "status": "reported",
            "note": None,
        }
    ]
    assert (entry["headline"], entry["body"]) == (None, None)
    assert "107" in entry["title"]
    assert MINISTRY in entry["title"]
    answer = timeline.newsroom.editor.patch(
        f"{timeline.path}/entries/{entry['id']}", json={"figures": []}, headers={"If-Match": "*"}
    )
    check_problem(answer, 422, "empty-entry")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("107", (107, 107, False, None)),
        (">150", (150, None, False, None)),
        ("at least 150", (150, None, False, None)),
        ("<20", (None, 20, False, None)),
        ("~60", (60, 60, True, None)),
        ("11-13", (11, 13, False, None)),
        ("1,234.5", (1234.5, 1234.5, False, None)),
        ("dozens", (None, None, False, "dozens")),
        ("?", (None, None, False, None)),
        ("not reported", (None, None, False, None)),
        ("\u0661\u0660\u0667", (107, 107, False, None)),
    ],
)
def test_a_value_is_stored_as_its_bounds(
    timeline: Timeline, value: str, stored: tuple[Any, ...]
) -> None:
    """A value is read as people type it; nothing but its bounds and words is stored."""
    (written,) = report(timeline, value)["figures"]
    assert tuple(written[name] for name in VALUE) == stored
    assert "value" not in written


def test_the_separators_are_those_of_the_entrys_language(timeline: Timeline) -> None:
    """The entry's language decides what a point is, or else the coverage's."""
    german = timeline.publish(None, figures=[figure("1.500")], language="de")
    assert german["figures"][0]["low"] == 1500
    assert timeline.amend(german["id"], figures=[figure("2.000,5")])["figures"][0]["low"] == 2000.5
    answer = timeline.newsroom.editor.post(
        f"{timeline.path}/entries", json={"figures": [figure("1.500")]}
    )
    assert pointers(check_problem(answer, 422)) == {"/figures/0/value"}


def test_numbers_are_taken_in_place_of_a_value(timeline: Timeline) -> None:
    """Tools send bounds; a whole number is written without a point."""
    written = {"metric": "votes", "source": "The office", "low": 51.0, "high": 52.25, "about": True}
    (stored,) = timeline.publish(None, figures=[written])["figures"]
    assert (stored["low"], stored["high"], stored["about"]) == (51, 52.25, True)
    assert '"low":51,' in timeline.get("/figures").text
    assert stored["group"] is None


def test_each_source_has_a_line(timeline: Timeline) -> None:
    """The ledger has the sources on a metric and group beside each other, and no sum of them."""
    first = report(timeline, "107")
    report(timeline, "11", CENTRE, as_of="2020-09-27")
    timeline.publish("Nobody says", figures=[figure("?", "The Ministry", group=None)])
    document = timeline.read("/figures")
    assert document["cursor"] == timeline.head
    both, alone = document["figures"]
    assert both.keys() == {"metric", "group", "sources_differ", "sources"}
    assert (both["metric"], both["group"]) == ("killed", "Armenian soldiers")
    assert [s["source"]["name"] for s in both["sources"]] == [MINISTRY, CENTRE]
    assert both["sources"][0] == {
        **first["figures"][0],
        "entry_id": first["id"],
        "published_at": first["published_at"],
        "url": first["url"],
        "earlier": None,
    }
    assert (alone["group"], alone["sources_differ"]) == (None, False)
    assert [alone["sources"][0][name] for name in VALUE] == [None, None, False, None]


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("107", "11", True),
        ("107", "100-110", False),
        (">150", "150", False),
        (">150", "149", True),
        (">150", ">200", False),
        ("<20", "0", False),
        ("<20", "20", False),
        ("<20", "21", True),
        ("~107", "108", True),
        ("107", "dozens", False),
        ("107", "?", False),
    ],
)
def test_sources_differ_if_their_ranges_do_not_meet(
    timeline: Timeline, one: str, other: str, differ: bool
) -> None:
    """`sources_differ` compares ranges; a missing bound is 0 or unbounded, words do not count."""
    report(timeline, one)
    report(timeline, other, CENTRE)
    (group,) = ledger(timeline)
    assert group["sources_differ"] is differ


def test_what_a_source_said_before_does_not_differ(timeline: Timeline) -> None:
    """Only the current observations are compared."""
    report(timeline, "104")
    report(timeline, "107", CENTRE)
    report(timeline, "107")
    (group,) = ledger(timeline)
    assert group["sources_differ"] is False


def test_a_new_number_replaces_the_one_before(timeline: Timeline) -> None:
    """The current observation of a series is followed by the one before it."""
    report(timeline, "104", as_of="2020-10-02")
    report(timeline, "107", as_of="2020-10-03")
    (group,) = ledger(timeline)
    (line,) = group["sources"]
    assert line["low"] == 107
    assert line["earlier"] == {
        "low": 104,
        "high": 104,
        "about": False,
        "text": None,
        "as_of": "2020-10-02",
    }


def test_sources_stand_in_order_of_their_first_appearance(timeline: Timeline) -> None:
    """Later observations move neither a source nor a group, however many there are."""
    report(timeline, "1", CENTRE)
    report(timeline, "2")
    report(timeline, "3", group="civilians")
    for value in ("4", "5", "6"):
        report(timeline, value, CENTRE)
    soldiers, civilians = ledger(timeline)
    assert [s["source"]["name"] for s in soldiers["sources"]] == [CENTRE, MINISTRY]
    assert (soldiers["sources"][0]["low"], soldiers["sources"][0]["earlier"]["low"]) == (6, 5)
    assert civilians["group"] == "civilians"


def test_a_late_older_number_goes_into_the_history(timeline: Timeline) -> None:
    """A number as of an earlier time that is published later does not become the current one."""
    report(timeline, "107", as_of="2020-10-03")
    report(timeline, "104", as_of="2020-10-02T23:59:59Z")
    assert current(timeline) == [(107, 104)]
    # A date begins at midnight UTC, so a time of that day follows it.
    report(timeline, "110", as_of="2020-10-03T00:00:00+00:00")
    report(timeline, "108", as_of="2020-10-03")
    assert current(timeline) == [(108, 110)]
    report(timeline, "109", as_of="2020-10-03T04:00:00+04:00")
    assert current(timeline) == [(109, 108)]


def test_a_number_without_a_time_is_as_of_its_publication(timeline: Timeline) -> None:
    """Without `as_of` the publication counts, also that of a corrected entry."""
    first = report(timeline, "104")
    report(timeline, "107")
    timeline.correct(first["id"], figures=[figure("105")])
    assert current(timeline) == [(107, 105)]
    report(timeline, "1", as_of="2199-01-01")
    assert current(timeline) == [(1, 107)]


def test_names_of_a_series_are_compared_without_case_and_space(timeline: Timeline) -> None:
    """Spellings that differ in case and white space alone are one series."""
    report(timeline, "104")
    spelling = {"metric": "KILLED", "group": "armenian\u00a0 soldiers"}
    report(timeline, "107", "armenian defence  ministry", **spelling)
    assert current(timeline) == [(107, 104)]
    for query in ({"metric": " Killed"}, {"group": "ARMENIAN SOLDIERS"}, {"source": MINISTRY}):
        assert current(timeline, **query) == [(107, 104)]
    for query in ({"metric": "injured"}, {"group": "soldiers"}, {"source": "Ministry"}):
        assert ledger(timeline, **query) == []


def test_a_retraction_falls_back_to_the_observation_before(timeline: Timeline) -> None:
    """A retracted number is in no ledger, now or at a time; the one before it is current again."""
    report(timeline, "104")
    wrong = report(timeline, "107", note="quetzalcoatl")
    timeline.retract(wrong["id"])
    assert current(timeline) == [(104, None)]
    assert current(timeline, at=wrong["published_at"]) == [(104, None)]
    for path in ("/figures", "/figures?history=true", "/figures.csv", "/events"):
        assert "quetzalcoatl" not in timeline.get(path).text


def test_the_ledger_at_a_time_is_the_one_that_readers_saw(timeline: Timeline) -> None:
    """`at` gives the ledger as it was, before corrections and later numbers."""
    entries = [report(timeline, value) for value in ("104", "107", "110")]
    while timeline.publish()["published_at"] == entries[-1]["published_at"]:
        pass
    corrected = timeline.correct(entries[-1]["id"], figures=[figure("111")])
    expected = {
        "1969-07-20T20:17:40Z": None,
        entries[-1]["published_at"]: [(110, 107)],
        corrected["updated_at"]: [(111, 107)],
    }
    for at, lines in expected.items():
        assert (current(timeline, at=at) if lines else ledger(timeline, at=at)) == (lines or [])


def test_drafts_and_embargoed_figures_are_in_no_ledger(timeline: Timeline) -> None:
    """The ledger has public figures alone; publication puts the others in."""
    draft = timeline.draft(figures=[figure("107")])
    later = timeline.publish(None, figures=[figure("1")], embargo_until="2199-01-01T00:00:00Z")
    assert ledger(timeline) == []
    published = [timeline.act(entry["id"], "publication") for entry in (draft, later)]
    assert current(timeline) == [(1, 107)]
    (group,) = ledger(timeline)
    assert group["sources"][0]["published_at"] == published[1]["published_at"]


def test_an_assessment_reaches_the_ledger(timeline: Timeline) -> None:
    """The ledger has the status and the note of each figure."""
    entry = report(timeline, "107")
    form = {"figure": 0, "status": "confirmed", "note": "We have the list of names."}
    timeline.act(entry["id"], "assessment", form)
    (group,) = ledger(timeline)
    (line,) = group["sources"]
    assert (line["status"], line["note"]) == ("confirmed", form["note"])


def test_the_history_is_flat_and_names_successors(timeline: Timeline) -> None:
    """`history=true` lists every observation, each with the entry of the next one."""
    second = report(timeline, "107", as_of="2020-10-03")
    first = report(timeline, "104", as_of="2020-10-02")
    other = report(timeline, "11", CENTRE)
    lines = ledger(timeline, history="true")
    assert [(line["entry_id"], line["superseded_by"]) for line in lines] == [
        (first["id"], second["id"]),
        (second["id"], None),
        (other["id"], None),
    ]
    assert lines[2] == {
        **other["figures"][0],
        "entry_id": other["id"],
        "published_at": other["published_at"],
        "url": other["url"],
        "superseded_by": None,
    }
    assert ledger(timeline, history="true", source="the centre") == lines[2:]


def table(timeline: Timeline, **query: Any) -> list[dict[str, str]]:
    """Return the rows of the CSV."""
    answer = timeline.get("/figures.csv", **query)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(answer.text.splitlines(keepends=True)))


def test_the_table_is_the_flat_history(timeline: Timeline) -> None:
    """The CSV has a row for each observation, with the members of the flat list as columns."""
    source = {"name": "Größe, „quoted\u201d", "url": "https://mod.example/1"}
    report(timeline, "~1,500.5", source, note="Two\nlines", group=None)
    report(timeline, "107", as_of="2020-10-03")
    rows, lines = table(timeline), ledger(timeline, history="true")
    assert len(rows) == len(lines) == 2
    for row, line in zip(rows, lines, strict=True):
        flat = {**line, "source": line["source"]["name"], "source_url": line["source"]["url"]}
        texts = {name: "" if value is None else str(value) for name, value in flat.items()}
        assert row == {**texts, "about": str(line["about"]).lower()}
    assert table(timeline, source=MINISTRY) == rows[1:]
    assert table(timeline, at="1969-07-20T20:17:40Z") == []
    check_problem(timeline.get("/figures.csv", history="true"), 422)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff20"])
def test_no_cell_is_a_formula(timeline: Timeline, sign: str) -> None:
    """A cell that a spreadsheet would run begins with an apostrophe; the JSON is unchanged."""
    text = f"{sign}HYPERLINK(1)"
    form = {"metric": text, "group": text, "source": text, "text": text, "note": text}
    timeline.publish(None, figures=[form])
    (row,) = table(timeline)
    for name in ("metric", "group", "source", "text", "note"):
        assert row[name] == f"'{text}"
    assert ledger(timeline)[0]["metric"] == text


def test_a_negative_number_stays_a_number(timeline: Timeline) -> None:
    """A minus sign of a number is no formula."""
    low = {"metric": "lowest temperature", "source": "The station", "low": -12, "high": -12}
    timeline.publish(None, figures=[low])
    assert [(row["low"], row["high"]) for row in table(timeline)] == [("-12", "-12")]


def test_a_repeated_post_is_one_observation(timeline: Timeline) -> None:
    """Figures are stored once under an idempotency key."""
    headers = {"Idempotency-Key": new_slug()}
    form = {"figures": [figure("107")]}
    for _ in range(2):
        answer = timeline.newsroom.editor.post(
            f"{timeline.path}/entries", json=form, headers=headers
        )
        assert answer.status_code == 201
    assert len(ledger(timeline, history="true")) == 1
