"""Elements of a Guardian block become simple HTML, and no element is dropped silently."""

import pytest

from app.intake.foreign import IntakeError, journal_from_guardian
from tests.intake.foreign import Json, ParsedHtml, html_of
from tests.intake.guardian_sample import HOST, block, element, import_elements, page, text
from tests.intake.shown_elements import SHOWN


def test_text_keeps_words_links_and_lists_and_loses_what_the_site_put_in() -> None:
    """Text keeps its links and lists without classes, and relative links become absolute."""
    entry, intake = import_elements(
        text('<ul>\n <li>\n  <p class="x"><strong>One</strong> <a href="/a">two</a></p></li></ul>'),
        text('<p>See <a href="https://o.example/?q=1&amp;r" data-component="l">it</a>.<br></p>'),
    )
    assert html_of(entry) == (
        f'<ul><li><strong>One</strong> <a href="{HOST}/a">two</a></li></ul>'
        '<p>See <a href="https://o.example/?q=1&amp;r">it</a>.</p>'
    )
    assert intake.notes == []


@pytest.mark.parametrize(("given_element", "expected"), SHOWN.values(), ids=SHOWN)
def test_an_element_of_each_type_is_shown(given_element: Json, expected: str) -> None:
    """An element of each type becomes simple HTML without a note."""
    entry, intake = import_elements(given_element)
    assert html_of(entry) == expected
    assert intake.counts["skipped"] == 0
    assert intake.notes == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"url": "https://n.example/1"}, '<p><a href="https://n.example/1">n.example/1</a></p>'),
        ({"html": "<p>New <b>words</b></p>"}, "<p>New <b>words</b></p>"),
        ({"title": "New", "embedUrl": "https://n.example/"}, '<a href="https://n.example/">New<'),
    ],
)
def test_an_unknown_element_is_shown_by_what_it_shares_with_others(
    fields: Json, expected: str
) -> None:
    """An element of unknown type is shown by its common fields, and is noted."""
    entry, intake = import_elements(element("HologramBlockElement", **fields))
    assert expected in html_of(entry)
    assert any("Hologram" in note for note in intake.notes)
    assert intake.counts["elements.Hologram"] == 1


def test_an_element_that_holds_nothing_is_counted_and_noted() -> None:
    """An element without content is counted as skipped and noted."""
    _, intake = import_elements(text(), element("ContentAtomBlockElement", atomId="x"))
    assert intake.counts["skipped"] == 1
    assert any("/blocks/0/elements/1" in note for note in intake.notes)


def test_a_link_that_leads_nowhere_from_here_is_noted() -> None:
    """A link that is not a web URL loses its target, which is noted, and keeps its text."""
    markup = '<p><a href="file:///Users/a/b.pdf">PDF</a> <a href="https://[x">Top</a></p>'
    entry, intake = import_elements(
        text(markup), element("RichLinkBlockElement", url="x:y", text="There")
    )
    assert html_of(entry) == "<p>PDF Top</p><p>There</p>"
    assert all(
        any(target in n for n in intake.notes) for target in ("file:///Users/a/b.pdf", "x:y")
    )


def test_elements_nested_without_end_are_refused() -> None:
    """Elements nested too deeply are refused: they would exhaust the stack."""
    nested = text()
    for _ in range(400):
        nested = element("ListBlockElement", items=[{"elements": [nested]}])
    with pytest.raises(IntakeError, match="nested at most"):
        journal_from_guardian(page(block("a", nested)))


def test_html_nested_without_end_keeps_its_words() -> None:
    """HTML nested too deeply keeps its words."""
    entry, _ = import_elements(text("<b><i>" * 3000 + "deep<br>words"), text("<div>" * 3000 + "x"))
    assert ParsedHtml(html_of(entry)).words == ["deep", "words", "x"]
