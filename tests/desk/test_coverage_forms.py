"""The forms of a coverage's details: languages have names, and complaints are sentences."""

import httpx
import pytest

from tests.contract.newsrooms import new_slug
from tests.desk.desks import open_coverage
from tests.desk.forms import send
from tests.formats.parsed import parse


@pytest.fixture
def settings(desk_chief: httpx.Client) -> str:
    """The address of a new coverage's settings."""
    slug = new_slug()
    open_coverage(desk_chief, slug)
    return f"/desk/coverages/{slug}/settings"


def test_languages_are_chosen_by_name(desk_chief: httpx.Client, settings: str) -> None:
    """A language of the entries is added from a list and removed by a check, each by its name."""
    added = {"languages.en": "en", "languages.": "ka"}
    assert send(desk_chief, settings, settings, **added).status_code == 303
    page = parse(desk_chief.get(settings).text)
    checks = [e for e in page.all("input") if e.attributes.get("type") == "checkbox"]
    assert [check.attributes["value"] for check in checks] == ["en", "ka"]
    assert "Georgian" in page.one("form", action=settings).text
    assert send(desk_chief, settings, settings, **{"languages.ka": "ka"}).status_code == 303
    path = settings.replace("/desk/", "/v1/").removesuffix("/settings")
    assert desk_chief.get(path).json()["languages"] == ["ka"]


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        ("slug", "Not An Address", "May hold a to z, 0 to 9 and - only."),
        ("language", "no language", "Must be one of the languages in the list."),
        ("title", "", "Must not be empty."),
    ],
)
def test_a_complaint_is_a_sentence(
    desk_chief: httpx.Client, field: str, text: str, complaint: str
) -> None:
    """A form says what a field has to be like in words, without a regular expression."""
    fields = {"title": "A title", "slug": new_slug(), "language": "en", "status": "live"}
    answer = send(desk_chief, "/desk/new", "/desk/new", **(fields | {field: text}))
    assert answer.status_code == 422
    assert complaint in answer.text
    assert "pattern" not in answer.text
    assert "String" not in answer.text
