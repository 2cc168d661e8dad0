"""What the API can do, the desk can do: each operation and each member has a control.

The tables say where; what has no control stands in a table of its own, with the reason.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug
from tests.formats.parsed import Element, parse
from tests.routes import desk_operations
from tests.signed_in import join, sign_in

Schema = dict[str, Any]

# A page, and what is selected there: `tag.class#id[name=value]`, one within the other.
Control = tuple[str, str]

_WRITES = {"post", "put", "patch", "delete"}
_STEP = re.compile(r"([a-z]*)(?:\.([\w-]+))?(?:#([\w-]+))?((?:\[[^\]]+\])*)")
_ATTRIBUTE = re.compile(r"\[([\w-]+)=([^\]]*)\]")


def _on(page: str, **selectors: str) -> dict[str, Control]:
    """Controls of one page; `__` in a member's name stands for `.`."""
    return {name.replace("__", "."): (page, selector) for name, selector in selectors.items()}


def _in_composer(**selectors: str) -> dict[str, Control]:
    return _on("desk", **{name: f"form.composer {rest}" for name, rest in selectors.items()})


_CLAIM, _FIGURE, _PICTURE = "template.copy-claims", "template.copy-figures", "template.copy-picture"
_PICTURE_TEXTS = _on(
    "desk",
    alt=f"{_PICTURE} textarea[name=_alt]",
    caption=f"{_PICTURE} input[name=_caption]",
    credit=f"{_PICTURE} input[name=_credit]",
    graphic=f"{_PICTURE} input[name=_graphic]",
)
_DRAFT = _in_composer(draft="button[data-action=save]", embargo_until="input[name=embargo]")
ENTRY = (
    _in_composer(
        headline="input[name=headline]",
        body="textarea[name=body]",
        body__html="select[name=format] option[value=html]",
        kind="select[name=kind]",
        key_event="input[name=key_event]",
        bylines="input[name=byline]",
        bylines__name="input[name=byline]",
        tags="input[name=tag]",
        place__name="input[name=place]",
        place__lat="input[name=lat]",
        place__lon="input[name=lon]",
        happened_at="input[name=happened_at]",
        media="input[name=files]",
        language="select[name=language]",
    )
    | _on(
        "desk",
        claims__source=f"{_CLAIM} input[name=_source]",
        claims__source__name=f"{_CLAIM} input[name=_source]",
        claims__source__url=f"{_CLAIM} input[name=_url]",
        claims__text=f"{_CLAIM} input[name=_text]",
        claims__status=f"{_CLAIM} select[name=_status]",
        claims__note=f"{_CLAIM} input[name=_note]",
        figures__metric=f"{_FIGURE} input[name=_metric]",
        figures__group=f"{_FIGURE} input[name=_group]",
        figures__value=f"{_FIGURE} input[name=_value]",
        figures__source=f"{_FIGURE} input[name=_source]",
        figures__source__name=f"{_FIGURE} input[name=_source]",
        figures__source__url=f"{_FIGURE} input[name=_url]",
        figures__as_of=f"{_FIGURE} input[name=_as_of]",
        figures__status=f"{_FIGURE} select[name=_status]",
        figures__note=f"{_FIGURE} input[name=_note]",
    )
    | dict.fromkeys(
        ("translation_of.coverage", "translation_of.entry_id", "translation_of.revision"),
        ("desk", "template#entry-actions a.translate"),
    )
)
HEAD = {
    "title": "input[name=title]",
    "kicker": "input[name=kicker]",
    "standfirst": "textarea[name=standfirst]",
    "language": "select[name=language]",
    "languages": "select[name=languages.]",
    "bylines": "textarea[name=bylines]",
    "bylines__name": "textarea[name=bylines]",
    "entry_bylines": "select[name=entry_bylines]",
    "starts_at": "input[name=starts_at]",
    "lead_image": "fieldset.lead-field input[type=file]",
    "edition_of": "select[name=edition_of]",
    "related__title": "textarea[name=related]",
    "related__url": "textarea[name=related]",
}
TEMPLATE = {
    "name": "input[name=name]",
    "headline": "input[name=headline]",
    "body": "textarea[name=body]",
    "language": "select[name=language]",
    "default_key": "select[name=default_key]",
    "key_event": "input[name=key_event]",
}

CONTROLS: dict[str, dict[str, Control]] = {
    "openCoverage": _on("new", **HEAD, slug="input[name=slug]", status="input[name=status]"),
    "changeCoverage": _on(
        "edition settings",
        **HEAD,
        status="button[name=status]",
        ended_at="input[name=ended_at]",
    ),
    "openSuccessor": _on("successor", slug="input[name=slug]", title="input[name=title]"),
    "publishEntry": ENTRY | _DRAFT,
    "amendEntry": ENTRY | _DRAFT,
    "correctEntry": ENTRY | _in_composer(note="textarea[name=note]"),
    "previewEntry": ENTRY | _DRAFT,
    "assessEntry": _on(
        "desk",
        claim="dialog#ask-assess input[name=target]",
        figure="dialog#ask-assess input[name=target]",
        status="dialog#ask-assess input[name=status]",
        note="dialog#ask-assess textarea[name=note]",
    ),
    "retractEntry": _on(
        "desk",
        note="dialog#ask-retract textarea[name=note]",
        translations="dialog#ask-retract input[name=translations]",
    ),
    "checkTranslation": _on("edition", revision="dialog#ask-compare button[value=same]"),
    "returnDraft": _on("desk", note="dialog#ask-return textarea[name=note]"),
    "uploadMedia": _PICTURE_TEXTS
    # An address that is pasted on a line of its own is the address of an embed.
    | _in_composer(file="input[name=files]", url="textarea[name=body]"),
    "changeMedia": _PICTURE_TEXTS,
    "convertToMarkdown": _in_composer(html="textarea[name=body]"),
    "createTemplate": _on("its templates", **TEMPLATE, coverage="input[name=coverage]"),
    "changeTemplate": _on("template", **TEMPLATE),
    "withdrawCoverage": _on("edition settings", note="textarea[name=note]"),
    "createKey": _on(
        "keys", name="input[name=name]", role="select[name=role]", coverage="input[name=coverage]"
    ),
    "createInvitation": _on(
        "people",
        role="form[action=/desk/invitations] select[name=role]",
        coverage="form[action=/desk/invitations] input[name=coverage]",
        email="form[action=/desk/invitations] input[name=email]",
        person="form[action=/desk/people/PERSON/link] button",
    ),
    "changePerson": _on(
        "people",
        name="form[action=/desk/people/PERSON] input[name=name]",
        role="form[action=/desk/people/PERSON] select[name=role]",
        coverages="form[action=/desk/people/PERSON] input[name=new_coverage]",
        disabled="form[action=/desk/people/PERSON] input[name=disabled]",
    ),
}

# What begins each operation; the others have a form of the desk that names them.
BEGINNINGS: dict[str, Control] = (
    _in_composer(
        publishEntry="button[data-action=publish]",
        previewEntry="button[data-action=preview]",
        uploadMedia="input[name=files]",
        convertToMarkdown="textarea[name=body]",
    )
    | _on(
        "desk",
        changeMedia=f"{_PICTURE} textarea[name=_alt]",
        publishDraft="template#draft button[data-act=publish]",
        unscheduleEntry="template#draft button[data-act=undo]",
        deleteDraft="template#draft button[data-act=delete]",
        returnDraft="template#draft button[data-act=return]",
        amendEntry="template#entry-actions button[data-act=amend]",
        correctEntry="template#entry-actions button[data-act=correct]",
        restoreEntry="template#entry-actions button[data-act=restore]",
        assessEntry="template#entry-actions button[data-act=assess]",
        retractEntry="template#entry-actions button[data-act=retract]",
        pinEntry="template#entry-actions button[data-act=pin]",
        unpinEntry="template#entry-actions button[data-act=pin]",
        setSummary="template#entry-actions button[data-act=summarise]",
        removeSummary="template#entry-actions button[data-act=summarise]",
    )
    | _on("edition", checkTranslation="section.outdated button[data-act=compare]")
    | _on(
        "contributor's desk",
        submitDraft="template#draft button[data-act=submit]",
        takeDraftBack="template#draft button[data-act=withdraw]",
    )
    | _on("edition settings", withdrawCoverage="button[value=withdraw]")
    | _on("withdrawn settings", bringBackCoverage="button[value=bringBack]")
    | _on("closed settings", archiveCoverage="button[value=archive]")
    | _on("archived settings", unarchiveCoverage="button[value=unarchive]")
)

# What has no control, and why.
OPERATIONS_WITHOUT = {
    "importCoverage": "Archives are moved by who runs the server: `dateline import`.",
    "keepVisit": "The desk's script says by itself that its page is open.",
    "endVisit": "The desk's script says by itself that its page was left.",
    "createPasskeyChallenge": "A step of signing in by a passkey, which the script takes.",
}
_OF_ENTRIES = ("publishEntry", "amendEntry", "correctEntry", "previewEntry")
MEMBERS_WITHOUT = {
    (
        "uploadMedia",
        "poster",
    ): "The desk sends a video as soon as it is chosen; its poster is a frame of it.",
} | {
    (operation, member): reason
    for operation in _OF_ENTRIES
    for member, reason in {
        "body.text": "For programs whose text is no Markdown; people see what they write.",
        "claims.id": "The script keeps it.",
        "figures.low": "People write a value: >150.",
        "figures.high": "People write a value: <20.",
        "figures.about": "People write a value: ~60.",
        "figures.text": "People write a value: dozens.",
    }.items()
}


def _members(schema: Schema | bool, schemas: Schema, path: str = "") -> Iterator[str]:
    """The members of a request body, each as the path of its names."""
    if isinstance(schema, bool):
        return
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "properties" in schema:
        for name, member in schema["properties"].items():
            yield from _members(member, schemas, f"{path}.{name}" if path else name)
        return
    branches = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    for branch in branches or ([schema["items"]] if "items" in schema else []):
        if branch.get("type") != "null":
            yield from _members(branch, schemas, path)
    if not branches and "items" not in schema and path:
        yield path


@pytest.fixture(scope="module")
def operations(newsroom: Newsroom) -> dict[str, set[str]]:
    """The members of each operation that writes, by its id."""
    document = newsroom.reader.get("/openapi.json").raise_for_status().json()
    schemas = document["components"]["schemas"]
    return {
        operation["operationId"]: {
            member
            for content in operation.get("requestBody", {}).get("content", {}).values()
            for member in _members(content["schema"], schemas)
        }
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in _WRITES
    }


def _make_template(chief: httpx.Client) -> str:
    template = {"name": "Score", "body": "{home} : {guests}"}
    made: str = chief.post("/v1/templates", json=template).raise_for_status().json()["id"]
    return made


def _paths(slugs: dict[str, str], template: str) -> dict[str, str]:
    coverages = {name: f"/desk/coverages/{slug}" for name, slug in slugs.items()}
    settings = {f"{name} settings": f"{path}/settings" for name, path in coverages.items()}
    return {
        **coverages,
        **settings,
        **{name: f"/desk/{name}" for name in ("new", "people", "keys")},
        "successor": f"{coverages['desk']}/successor",
        "its templates": f"/desk/templates?coverage={slugs['desk']}",
        "template": f"/desk/templates/{template}",
    }


@pytest.fixture(scope="module")
def pages(newsroom: Newsroom, desk_chief: httpx.Client) -> dict[str, Element]:
    """The pages of the desk with what they show at some time."""
    slugs = {name: new_slug() for name in ("desk", "edition", "withdrawn", "closed", "archived")}
    for name, slug in slugs.items():
        extra = {"edition_of": slugs["desk"]} if name == "edition" else {}
        head = {"slug": slug, "title": name, "languages": ["en", "ka"], **extra}
        desk_chief.post("/v1/coverages", json=head).raise_for_status()
    for name in ("closed", "archived"):
        change = {"status": "closed"}
        desk_chief.patch(f"/v1/coverages/{slugs[name]}", json=change).raise_for_status()
    for name, step, body in (
        ("withdrawn", "withdrawal", {"note": "It was wrong."}),
        ("archived", "archiving", None),
    ):
        path = f"/v1/coverages/{slugs[name]}/{step}"
        desk_chief.put(path, json=body).raise_for_status()
    email = f"{new_slug()}@example.org"
    person = join(newsroom.server, newsroom.chief, email, role="contributor")
    paths = _paths(slugs, _make_template(desk_chief))
    texts = {name: desk_chief.get(path).raise_for_status().text for name, path in paths.items()}
    with sign_in(newsroom.server, email) as contributor:
        texts["contributor's desk"] = contributor.get(paths["desk"]).raise_for_status().text
    return {name: parse(text.replace(person, "PERSON")) for name, text in texts.items()}


def test_each_operation_has_a_place_at_the_desk(operations: dict[str, set[str]]) -> None:
    """An operation of the API is begun at the desk, or the table says why it is not."""
    known = [BEGINNINGS.keys(), desk_operations() & operations.keys(), OPERATIONS_WITHOUT.keys()]
    assert set().union(*known) == operations.keys()
    assert sum(map(len, known)) == len(operations)


def test_each_member_has_a_control(operations: dict[str, set[str]]) -> None:
    """A member of a request has a control at the desk, or the table says why it has none."""
    members = {
        (operation, member)
        for operation, names in operations.items()
        if operation not in OPERATIONS_WITHOUT
        for member in names
    }
    shown = {(operation, member) for operation, table in CONTROLS.items() for member in table}
    assert shown | MEMBERS_WITHOUT.keys() == members
    assert not shown & MEMBERS_WITHOUT.keys()


def test_each_control_is_on_its_page(pages: dict[str, Element]) -> None:
    """What the tables name stands on the pages of a real server."""
    controls = {control for table in CONTROLS.values() for control in table.values()}
    missing = [
        control
        for control in sorted(controls | set(BEGINNINGS.values()))
        if not _select(pages[control[0]], control[1])
    ]
    assert missing == []


def _select(root: Element, selector: str) -> list[Element]:
    found = [root]
    for step in selector.split():
        match = _STEP.fullmatch(step)
        assert match, step
        tag, cls, id_, rest = match.groups()
        wanted = {name.replace("-", "_"): value for name, value in _ATTRIBUTE.findall(rest)}
        wanted |= {"id": id_} if id_ else {}
        found = [match for each in found for match in each.all(tag, cls or "", **wanted)]
    return found
