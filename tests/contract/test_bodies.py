"""Tests of bodies in the API and on the page: every word that is sent is shown."""

import html

import pytest

from tests.conftest import Newsroom
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Timeline
from tests.intake.bodies import CASES, NEIGHBOURS, REPORTED, Case
from tests.intake.shown_words import missing

# The titles of entries whose markup the plain text has to express.
PLAIN = {
    "struck": "14 people were hurt.",
    "deleted": "14 people were hurt.",
    "superscript": "10⁶ litres",
    "ordinal-45": "45. minute: goal for the home side!",
    "ordinal-date": "14. August 2017: the bridge opens",
    "quotation-element": "He said “we will go” today.",
    "sign-plus": "+ 3 injured",
    "sign-minus": "- 5 degrees",
    "sign-more": "> 5,000 people",
}


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the module."""
    slug = "bodies"
    answer = newsroom.chief.post("/v1/coverages", json={"slug": slug, "title": "Bodies"})
    assert answer.status_code == 201, answer.text
    return Timeline(newsroom, slug)


@pytest.mark.full("tests/intake renders each", but=PLAIN)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_body_is_shown_as_it_was_meant(timeline: Timeline, case: Case) -> None:
    """A body's words and markup are in the API's response, and its words on the entry's page."""
    entry = timeline.publish(None, body=case.body)
    markup = entry["body"]["html"]
    assert missing(list(case.words), markup) == []
    assert [part for part in case.html if part not in markup] == []
    assert [part for part in (*case.absent, "\v", "\f", "\0") if part in markup] == []
    page = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}/entries/{entry['id']}").text
    assert missing(list(case.words), page) == []
    if case.name in PLAIN:
        assert entry["title"] == PLAIN[case.name]


def test_each_plain_text_that_was_reported_is_looked_at() -> None:
    """Each case in `PLAIN` is one of the reported ones."""
    assert PLAIN.keys() <= {case.name for case in REPORTED}


@pytest.mark.parametrize("headline", ["\u200b\u2060", "\u2800"])
@pytest.mark.parametrize("body", ["x", "\u3164"])
def test_what_cannot_be_seen_is_no_headline(timeline: Timeline, headline: str, body: str) -> None:
    """A headline without visible characters is a 422, and nothing is stored."""
    before = timeline.read()["cursor"]
    form = {"headline": headline, "body": body}
    answer = timeline.newsroom.editor.post(f"/v1/coverages/{timeline.slug}/entries", json=form)
    check_problem(answer, 422, "invalid-payload")
    assert "nothing that can be seen" in answer.text
    assert timeline.read()["cursor"] == before


def test_a_body_that_has_a_name_at_its_end_shows_it_apart(timeline: Timeline) -> None:
    """A name at the end of a quotation is shown as its attribution, however it is marked up."""
    for case in CASES:
        if case.name in {"attribution", "name behind a line end", "name in a footer"}:
            entry = timeline.publish(None, body=case.body)
            path = f"/coverages/{timeline.slug}/entries/{entry['id']}"
            assert '<p class="attribution"' in timeline.newsroom.reader.get(path).text, case.name


def test_there_are_neighbours_enough() -> None:
    """There are at least sixty further cases; all cases have unique names and bodies."""
    assert len(NEIGHBOURS) >= 60
    assert len({case.name for case in CASES}) == len({str(case.body) for case in CASES})
    assert len({case.name for case in CASES}) == len(REPORTED) + len(NEIGHBOURS)


def test_prose_comes_back_as_html_alone(timeline: Timeline) -> None:
    """A plain-text body is returned as HTML with its line breaks, without Markdown."""
    text = "First line\r\nsecond line\n\nA *new* paragraph & more\n"
    body = timeline.publish(None, body={"text": text})["body"]
    assert body == {
        "html": "<p>First line<br>\nsecond line</p>\n<p>A *new* paragraph &amp; more</p>",
        "markdown": None,
    }


@pytest.mark.parametrize(
    "body",
    [
        {"text": 1},
        {"text": "a", "html": "b"},
        {"markdown": "a"},
        {},
        {"text": "x" * (64 * 1024 + 1)},
    ],
)
def test_a_body_of_another_shape_is_refused(timeline: Timeline, body: object) -> None:
    """A body of another shape is a 422 with a pointer to it."""
    problem = check_problem(
        timeline.newsroom.editor.post(f"{timeline.path}/entries", json={"body": body}), 422
    )
    assert all(pointer.startswith("/body") for pointer in pointers(problem))


@pytest.mark.parametrize("body", ["\v \x01", {"html": "<style>a</style>"}, {"text": " \n\f"}])
def test_a_body_of_nothing_is_no_entry(timeline: Timeline, body: object) -> None:
    """A body without visible content is refused like none."""
    check_problem(
        timeline.newsroom.editor.post(f"{timeline.path}/entries", json={"body": body}), 422
    )


def test_a_headline_with_a_control_character_is_refused(timeline: Timeline) -> None:
    """A control character in a headline is a 422."""
    check_problem(
        timeline.newsroom.editor.post(f"{timeline.path}/entries", json={"headline": "a\vb"}), 422
    )


def test_words_are_escaped_for_good(timeline: Timeline) -> None:
    """An unknown tag is escaped as text."""
    markup = timeline.publish(None, body="we have <unclear onclick=x> missing")["body"]["html"]
    assert html.escape("<unclear onclick=x>", quote=False) in markup
