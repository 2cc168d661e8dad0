"""The forms of a coverage's details: languages have names, and complaints are sentences."""

from typing import Any

import httpx
import pytest

from tests.contract.newsrooms import new_slug
from tests.desk.desks import open_coverage
from tests.desk.forms import send
from tests.formats.parsed import parse
from tests.media.pictures import encoded, picture


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
    checks = [
        e for e in page.all("input") if (e.attributes.get("name") or "").startswith("languages.")
    ]
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


@pytest.fixture(scope="module")
def lead(desk_chief: httpx.Client) -> dict[str, Any]:
    """A picture that was uploaded."""
    answer = desk_chief.post("/v1/media", files={"file": encoded(picture())}).raise_for_status()
    media: dict[str, Any] = answer.json()
    return media


def _coverage(chief: httpx.Client, settings: str) -> dict[str, Any]:
    path = settings.replace("/desk/", "/v1/").removesuffix("/settings")
    coverage: dict[str, Any] = chief.get(path).raise_for_status().json()
    return coverage


def test_a_coverage_begins_with_all_that_the_form_has(
    desk_chief: httpx.Client, lead: dict[str, Any]
) -> None:
    """Picture, start, bylines, languages and related pages of a new coverage are as filled in."""
    slug = new_slug()
    fields = {
        "title": "Fire at the harbour",
        "slug": slug,
        "lead_image": lead["id"],
        "lead_image.alt": "Smoke over the pier",
        "lead_image.credit": "A. Mkrtchyan",
        "starts_at": "2026-03-01T12:30",
        "bylines": "Ani\r\nDavit",
        "entry_bylines": "desk",
        "language": "en",
        "languages.": "ka",
        "related": "https://example.org/ The day before",
    }
    assert send(desk_chief, "/desk/new", "/desk/new", **fields).status_code == 303
    coverage = _coverage(desk_chief, f"/desk/coverages/{slug}/settings")
    image = coverage["lead_image"]
    assert (image["id"], image["alt"], image["credit"]) == (
        lead["id"],
        "Smoke over the pier",
        "A. Mkrtchyan",
    )
    assert coverage["starts_at"] == "2026-03-01T12:30:00.000Z"
    assert coverage["bylines"] == [{"name": "Ani"}, {"name": "Davit"}]
    assert coverage["languages"] == ["en", "ka"]
    assert [link["title"] for link in coverage["related"]] == ["The day before"]


def test_a_lead_image_is_shown_described_and_removed(
    desk_chief: httpx.Client, settings: str, lead: dict[str, Any]
) -> None:
    """The form shows the picture, changes its texts without a script, and removes it."""
    chosen = {"lead_image": lead["id"], "lead_image.alt": "Smoke", "lead_image.caption": "Noon"}
    assert send(desk_chief, settings, settings, **chosen).status_code == 303
    field = parse(desk_chief.get(settings).text).one("fieldset", "lead-field")
    shown = field.one("img").attributes["src"]
    assert shown in {lead["url"], *(size["url"] for size in lead["renditions"])}
    assert send(desk_chief, settings, settings, **{"lead_image.alt": "A pier"}).status_code == 303
    assert _coverage(desk_chief, settings)["lead_image"]["alt"] == "A pier"
    assert _coverage(desk_chief, settings)["lead_image"]["caption"] == "Noon"
    removal = {"lead_image.remove": "yes"}
    assert send(desk_chief, settings, settings, **removal).status_code == 303
    assert _coverage(desk_chief, settings)["lead_image"] is None


def test_what_is_left_as_it_was_changes_nothing(
    desk_chief: httpx.Client, settings: str, lead: dict[str, Any]
) -> None:
    """The form sent as it was shown leaves the picture's texts and the times, and no event."""
    path = settings.replace("/desk/", "/v1/").removesuffix("/settings")
    head = {"lead_image": lead["id"], "starts_at": "2026-03-01T12:30:05.123Z"}
    before = desk_chief.patch(path, json=head).raise_for_status().json()
    desk_chief.patch(f"/v1/media/{lead['id']}", json={"alt": new_slug()}).raise_for_status()
    field = parse(desk_chief.get(settings).text).one("select", name="starts_at.moment")
    fields = {
        "starts_at": "2026-03-01T12:30:05",
        "starts_at.moment": str(field.one("option").attributes["value"]),
        "lead_image.alt": before["lead_image"]["alt"] or "",
    }
    assert send(desk_chief, settings, settings, **fields).status_code == 303
    after = _coverage(desk_chief, settings)
    assert (after["cursor"], after["starts_at"]) == (before["cursor"], before["starts_at"])


def test_an_open_form_does_not_undo_what_the_state_has_changed(
    desk_chief: httpx.Client, settings: str
) -> None:
    """A form that was opened before the coverage was closed leaves the end that it has since."""
    opened = parse(desk_chief.get(settings).text).one("form", action=settings)
    sent = {
        str(field.attributes["name"]): str(field.attributes.get("value", ""))
        for field in opened.all("input")
        if field.attributes.get("type") in {"hidden", "datetime-local"}
    }
    assert {"token", "starts_at", "starts_at.was", "ended_at", "ended_at.was"} <= sent.keys()
    path = settings.replace("/desk/", "/v1/").removesuffix("/settings")
    closed = desk_chief.patch(path, json={"status": "closed"}).raise_for_status().json()
    assert closed["ended_at"]
    assert desk_chief.post(settings, data=sent | {"title": "A typo"}).status_code == 303
    after = _coverage(desk_chief, settings)
    assert (after["title"], after["ended_at"]) == ("A typo", closed["ended_at"])


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        ("lead_image", "nothing", "The picture does not exist any more."),
        ("lead_image", "?!", "The picture does not exist any more."),
        ("lead_image.credit", "x" * 201, "Must have 200 characters at most."),
        ("starts_at", "noon", "Must be a date and a time."),
        ("ended_at", "2026-13-01T12:00", "Must be a date and a time."),
    ],
)
def test_a_picture_or_time_that_cannot_be_used_is_said_beside_it(
    desk_chief: httpx.Client, settings: str, field: str, text: str, complaint: str
) -> None:
    """The form comes back with a sentence at the field, and nothing is stored."""
    before = _coverage(desk_chief, settings)
    answer = send(desk_chief, settings, settings, **{field: text, "title": "Another"})
    assert answer.status_code == 422
    page = parse(answer.text)
    assert page.one("p", "complaint", id=f"{field}-wrong").text == complaint
    assert page.one("input", id="title").attributes["value"] == "Another"
    assert _coverage(desk_chief, settings) == before


def test_the_desk_shows_the_coverages_addresses(desk_chief: httpx.Client, settings: str) -> None:
    """The panel has the page, both embed codes as oEmbed has them, the feeds and the stream."""
    desk = settings.removesuffix("/settings")
    panel = parse(desk_chief.get(desk).text).one("details", "sharing")
    shown = {
        str(field.attributes["id"]).removeprefix("share-"): str(field.attributes["value"])
        for field in panel.all("input")
    }
    assert all("readonly" in field.attributes for field in panel.all("input"))
    described = desk_chief.get(shown["oembed"]).raise_for_status().json()
    assert shown["frame"] == described["html"]
    assert shown["page"].endswith(desk.removeprefix("/desk"))
    for name in ("page", "atom", "json"):
        assert desk_chief.get(shown[name]).status_code == 200, name
    assert desk_chief.head(shown["events"]).status_code == 200
    script = parse(shown["script"].replace(" async", "")).one("script")
    assert script.attributes["data-coverage"] == desk.rpartition("/")[2]
    assert desk_chief.get(str(script.attributes["src"])).status_code == 200
