"""Tests of the pages of templates, used without scripts."""

import re

import httpx
import pytest

from tests.contract.newsrooms import new_slug
from tests.desk.desks import open_coverage
from tests.formats.parsed import parse

PAGE = "/desk/templates"


@pytest.fixture
def slug(desk_chief: httpx.Client) -> str:
    """A new coverage."""
    slug = new_slug()
    open_coverage(desk_chief, slug)
    return slug


def _send(client: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="token" value="(\w+)"', client.get(page).text)
    assert token
    return client.post(action, data={"token": token[1], **fields})


def _own(client: httpx.Client, slug: str) -> list[dict[str, object]]:
    offered = client.get(f"/v1/templates?coverage={slug}").json()["templates"]
    return [each for each in offered if each["coverage"] == slug]


def test_a_template_is_made_changed_and_deleted_by_forms(
    desk_chief: httpx.Client, slug: str
) -> None:
    """Its text has the line ends of Markdown; each form leads back to the list."""
    page = f"{PAGE}?coverage={slug}"
    text = "{who}:\r\n\r\n- {what}"
    answer = _send(
        desk_chief, page, PAGE, coverage=slug, name="Who <b>", body=text, key_event="yes"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    (template,) = _own(desk_chief, slug)
    assert (template["body"], template["key_event"]) == ("{who}:\n\n- {what}", True)
    assert "Who &lt;b&gt;" in desk_chief.get(page).text
    address = f"{PAGE}/{template['id']}"
    form = parse(desk_chief.get(address).text)
    assert form.one("input", name="name").attributes["value"] == "Who <b>"
    assert "checked" in form.one("input", name="key_event").attributes
    answer = _send(desk_chief, address, address, name="Who", body="{who}", language="ru")
    assert answer.headers["location"] == page
    (template,) = _own(desk_chief, slug)
    assert [template[n] for n in ("name", "language", "key_event")] == ["Who", "ru", False]
    assert _send(desk_chief, address, f"{address}/deletion").headers["location"] == page
    assert _own(desk_chief, slug) == []
    assert desk_chief.get(address).status_code == 404


def test_the_page_begins_with_a_template_of_the_program(
    desk_chief: httpx.Client, slug: str
) -> None:
    """Sent as it is, it takes that template's place, which is offered no longer."""
    page = f"{PAGE}?coverage={slug}&default=known"
    form = parse(desk_chief.get(page).text)
    assert "## What we do not know" in form.one("textarea", name="body").raw_text
    texts = {"name": "Known", "body": "{what}", "default_key": "known", "language": ""}
    _send(desk_chief, page, PAGE, coverage=slug, **texts)
    offered = desk_chief.get(f"/v1/templates?coverage={slug}").json()["templates"]
    assert [e["name"] for e in offered if e["default_key"] == "known"] == ["Known"]


@pytest.mark.parametrize("language", ["en-GB", "hy"])
def test_each_template_of_the_program_is_replaced_in_its_own_language(
    desk_chief: httpx.Client, slug: str, language: str
) -> None:
    """The link beside it begins the form with the text that it stands beside."""
    head = {"language": language, "languages": ["hy", "en"]}
    desk_chief.patch(f"/v1/coverages/{slug}", json=head).raise_for_status()
    page = parse(desk_chief.get(f"{PAGE}?coverage={slug}").text)
    links = [
        link.attributes["href"]
        for link in page.all("a")
        if "default=" in (link.attributes.get("href") or "")
    ]
    bodies = set()
    for link in links:
        form = parse(desk_chief.get(str(link)).text).one("form", action=PAGE)
        (chosen,) = [
            o
            for o in form.one("select", name="language").all("option")
            if "selected" in o.attributes
        ]
        assert f"language={chosen.attributes['value']}" in str(link)
        bodies.add(form.one("textarea", name="body").raw_text)
    assert len(bodies) == len(links) == 8


@pytest.mark.parametrize("wrong", [{"name": ""}, {"body": " "}, {"default_key": "weather"}])
def test_a_form_that_is_refused_keeps_what_was_typed(
    desk_chief: httpx.Client, slug: str, wrong: dict[str, str]
) -> None:
    """The field says what is wrong, and nothing is stored."""
    fields = {"name": "Typed", "body": "Typed {text}", **wrong}
    answer = _send(desk_chief, PAGE, PAGE, coverage=slug, **fields)
    assert answer.status_code == 422
    page = parse(answer.text)
    assert page.one("", "", id=f"{next(iter(wrong))}-wrong").text
    kept = {name: text for name, text in fields.items() if name not in wrong}
    assert all(text in answer.text for text in kept.values())
    assert _own(desk_chief, slug) == []


def test_the_settings_of_a_coverage_lead_to_its_templates(
    desk_chief: httpx.Client, slug: str
) -> None:
    """The settings link the coverage's page, and the list of coverages the newsroom's."""
    assert (
        f'href="{PAGE}?coverage={slug}"' in desk_chief.get(f"/desk/coverages/{slug}/settings").text
    )
    assert f'href="{PAGE}"' in desk_chief.get("/desk").text
