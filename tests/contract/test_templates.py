"""Tests of templates: texts with placeholders that the newsroom keeps for its entries."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem

PATH = "/v1/templates"
TEXT = {"name": "Goal", "body": "**{player}** scores."}

Json = dict[str, Any]


@pytest.fixture
def slug(newsroom: Newsroom) -> str:
    """A new coverage in Russian and English."""
    slug = new_slug()
    new_timeline(newsroom, slug, language="ru", languages=["ru", "en-GB"])
    return slug


@pytest.fixture
def template(newsroom: Newsroom) -> Iterator[Json]:
    """A template of the whole newsroom, which is deleted after the test."""
    template = _create(newsroom)
    yield template
    newsroom.chief.delete(f"{PATH}/{template['id']}")


def _create(newsroom: Newsroom, **fields: Any) -> Json:
    answer = newsroom.chief.post(PATH, json=TEXT | fields)
    assert answer.status_code == 201, answer.text
    created: Json = answer.json()
    assert answer.headers["location"] == f"{PATH}/{created['id']}"
    return created


def _offered(newsroom: Newsroom, slug: str) -> list[Json]:
    answer = newsroom.editor.get(PATH, params={"coverage": slug}).raise_for_status()
    offered: list[Json] = answer.json()["templates"]
    return offered


def test_a_template_can_be_read_changed_and_deleted(newsroom: Newsroom, slug: str) -> None:
    """It is what was sent; a change keeps what it leaves out; deleted, it is unknown."""
    fields = {"coverage": slug, "headline": "{team} leads", "key_event": True, "language": "ru"}
    created = _create(newsroom, **fields)
    assert {name: created[name] for name in TEXT | fields} == TEXT | fields
    address = f"{PATH}/{created['id']}"
    assert newsroom.editor.get(address).json() == created
    changed = newsroom.chief.patch(address, json={"name": "A goal", "headline": None}).json()
    kept = created.keys() - {"name", "headline", "updated_at"}
    assert {name: changed[name] for name in kept} == {name: created[name] for name in kept}
    assert (changed["name"], changed["headline"]) == ("A goal", None)
    assert newsroom.chief.delete(address).json() == changed
    check_problem(newsroom.editor.get(address), 404, "unknown-template")
    check_problem(newsroom.chief.patch(address, json={}), 404, "unknown-template")
    check_problem(newsroom.chief.delete(address), 404, "unknown-template")
    assert created["id"] not in {each["id"] for each in _offered(newsroom, slug)}


def test_a_coverage_offers_its_own_then_the_newsrooms_then_the_programs(
    newsroom: Newsroom, slug: str, template: Json
) -> None:
    """Those of other coverages are not offered; the program's are in the coverage's languages."""
    own = _create(newsroom, name="Zebra", coverage=slug)
    elsewhere = new_slug()
    new_timeline(newsroom, elsewhere)
    other = _create(newsroom, coverage=elsewhere)
    offered = _offered(newsroom, slug)
    ids = [each["id"] for each in offered]
    assert ids[0] == own["id"]
    assert template["id"] in ids
    assert other["id"] not in ids
    defaults = [(each["default_key"], each["language"]) for each in offered if not each["id"]]
    assert len(defaults) == 8
    assert {language for _, language in defaults} == {"ru", "en"}
    of_newsroom = newsroom.editor.get(PATH).json()["templates"]
    assert {each["coverage"] for each in of_newsroom} == {None}


@pytest.mark.parametrize(("language", "left"), [("ru", {"en"}), (None, set())])
def test_a_template_takes_the_place_of_one_of_the_program(
    newsroom: Newsroom, slug: str, language: str | None, left: set[str]
) -> None:
    """The program's is no longer offered in that language, or in any if it has no language."""
    _create(newsroom, coverage=slug, language=language, default_key="score")
    offered = _offered(newsroom, slug)
    scores = [e for e in offered if e["id"] is None and e["default_key"] == "score"]
    assert {each["language"] for each in scores} == left
    assert {e["default_key"] for e in offered if e["id"] is None} >= {"minute", "known"}


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "two\nlines"},
        {"body": ""},
        {"body": " \u200b"},
        {"body": "\x00"},
        {"body": "x" * (64 * 1024 + 1)},
        {"headline": "x" * 301},
        {"language": "no language"},
        {"default_key": "weather"},
        {"key_event": "yes"},
        {"colour": "red"},
    ],
    ids=lambda fields: f"{next(iter(fields))} {str(next(iter(fields.values())))[:9]!r}",
)
def test_what_is_no_template_is_refused(newsroom: Newsroom, slug: str, fields: Json) -> None:
    """It is a 422 and nothing is stored, by a POST as by a PATCH."""
    template = _create(newsroom, coverage=slug)
    before = _offered(newsroom, slug)
    answer = newsroom.chief.post(PATH, json=TEXT | {"coverage": slug} | fields)
    check_problem(answer, 422, "invalid-payload")
    answer = newsroom.chief.patch(f"{PATH}/{template['id']}", json=fields)
    check_problem(answer, 422, "invalid-payload")
    assert _offered(newsroom, slug) == before


def test_its_coverage_must_exist_and_stays(newsroom: Newsroom, template: Json) -> None:
    """An unknown coverage is a 404; a change of the coverage is refused."""
    answer = newsroom.chief.post(PATH, json=TEXT | {"coverage": "nowhere"})
    check_problem(answer, 404, "unknown-coverage")
    check_problem(newsroom.editor.get(f"{PATH}?coverage=nowhere"), 404, "unknown-coverage")
    answer = newsroom.chief.patch(f"{PATH}/{template['id']}", json={"coverage": None})
    check_problem(answer, 422, "invalid-payload")


def test_a_repeated_request_creates_one_template(newsroom: Newsroom, slug: str) -> None:
    """The same Idempotency-Key gives the same template."""
    headers = {"Idempotency-Key": new_slug()}
    form = TEXT | {"coverage": slug}
    answers = [newsroom.chief.post(PATH, json=form, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert [each["coverage"] for each in _offered(newsroom, slug)].count(slug) == 1


def test_the_audit_has_a_line_for_each_change(newsroom: Newsroom, slug: str) -> None:
    """The lines name the template and stand in its coverage, without its text."""
    created = _create(newsroom, coverage=slug)
    newsroom.chief.patch(f"{PATH}/{created['id']}", json={"name": "Renamed"})
    newsroom.chief.delete(f"{PATH}/{created['id']}")
    lines = newsroom.chief.get("/v1/audit", params={"coverage": slug}).json()["audit"]
    told = [(each["action"], each["detail"]) for each in lines if each["thing"] == created["id"]]
    assert told == [
        ("deleteTemplate", {"name": "Renamed"}),
        ("changeTemplate", {"name": "Renamed"}),
        ("createTemplate", {"name": "Goal"}),
    ]
    assert "scores" not in str(lines)
