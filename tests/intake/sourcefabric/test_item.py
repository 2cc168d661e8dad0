"""Items of a Live Blog post become simple HTML, and no item is dropped silently."""

import pytest

from tests.intake.foreign import Json, html_of
from tests.intake.shown_items import CARD, SHOWN
from tests.intake.sourcefabric_sample import HREF, import_items, item


@pytest.mark.parametrize(("given_item", "expected"), SHOWN.values(), ids=SHOWN)
def test_an_item_of_each_type_is_shown(given_item: Json, expected: str) -> None:
    """An item of each type becomes simple HTML without the editor's wrappers and scripts."""
    entry, intake = import_items(given_item)
    assert html_of(entry) == expected
    assert intake.counts["skipped"] == 0
    assert intake.counts["items"] == 1


def test_a_card_keeps_title_text_address_and_picture() -> None:
    """A link preview keeps its title, text, URL and picture."""
    card = item(
        "embed",
        CARD.format("", "Tides", ""),
        title="Tides",
        description="Twice a day",
        original_url="https://o.example/tides",
        thumbnail_url=f"{HREF}/t.jpg",
        thumbnail_width=110,
        thumbnail_height=61,
    )
    entry, _ = import_items(card)
    assert html_of(entry) == (
        '<p>Tides</p><p><a href="https://o.example/tides">Tides</a></p><p>Twice a day</p>'
    )
    (media,) = entry["media"]
    assert (media["url"], media["width"], media["alt"]) == (f"{HREF}/t.jpg", 110, "Tides")


def _renditions() -> Json:
    sizes = {"thumbnail": 320, "viewImage": 720, "original": 319, "baseImage": 1080}
    return {
        name: {"href": f"{HREF}/{name}", "width": w, "height": w // 2, "mimetype": "image/png"}
        for name, w in sizes.items()
    }


def test_a_picture_keeps_its_words_and_every_rendition() -> None:
    """A picture keeps its texts and all renditions; the original is its URL."""
    html = (
        f'<figure> <img src="{HREF}/thumbnail" alt="A wall" srcset="{HREF}/baseImage 1080w,'
        f' {HREF}/extra 99w"/> <figcaption>The wall Credit: Ada</figcaption></figure>'
    )
    meta = {"caption": "The <b>wall</b>", "credit": "Ada", "media": {"renditions": _renditions()}}
    entry, intake = import_items(item("text", "Look"), item("image", html, **meta))
    (media,) = entry["media"]
    assert (media["url"], media["width"], media["height"]) == (f"{HREF}/original", 319, 159)
    assert (media["alt"], media["caption"], media["credit"]) == ("A wall", "The wall", "Ada")
    assert [r["url"].rpartition("/")[2] for r in media["renditions"]] == [
        "baseImage",
        "viewImage",
        "thumbnail",
        "original",
        "extra",
    ]
    assert html_of(entry) == "<p>Look</p>"
    assert intake.counts["images"] == 1


def test_a_picture_that_only_its_html_names_is_kept() -> None:
    """A picture without metadata takes URL, texts and caption from its HTML."""
    html = f'<figure><img src="{HREF}/1.jpg" alt="A wall"><figcaption>Wet</figcaption></figure>'
    entry, _ = import_items(item("image", html))
    (media,) = entry["media"]
    assert (media["url"], media["alt"], media["caption"]) == (f"{HREF}/1.jpg", "A wall", "Wet")
    assert entry["body"] is None


def test_words_beside_a_picture_that_its_caption_does_not_say_are_kept() -> None:
    """Words of a figcaption that are not in caption or credit become text."""
    html = (
        f'<figure><img src="{HREF}/1.jpg"><figcaption>Wall Credit: Ada, 1999</figcaption></figure>'
    )
    entry, _ = import_items(item("image", html, caption="Wall", credit="Ada"))
    assert "1999" in html_of(entry)


def test_a_picture_without_an_address_leaves_its_words() -> None:
    """A picture without a URL leaves its caption as text."""
    entry, _ = import_items(item("image", "<figure><figcaption>Wall</figcaption></figure>"))
    assert html_of(entry) == "<figure><figcaption>Wall</figcaption></figure>"


def test_a_caption_that_links_is_noted_with_the_address() -> None:
    """A link in a caption, which is plain text, is noted with its URL."""
    _, intake = import_items(
        item("image", f'<img src="{HREF}/1.jpg">', caption='<a href="https://o.example/x">O</a>')
    )
    assert any("https://o.example/x" in note for note in intake.notes)


def test_an_item_that_holds_nothing_is_counted_and_noted() -> None:
    """An item without content is counted as skipped and noted."""
    _, intake = import_items(item("text", "Wet"), item("poll"))
    assert (intake.counts["items.poll"], intake.counts["skipped"]) == (1, 1)
    assert any("/_items/0/groups/1/refs/1/item" in note for note in intake.notes)
