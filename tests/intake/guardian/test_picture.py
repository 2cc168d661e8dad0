"""Pictures and videos of a Guardian block become media of the entry."""

from tests.intake.foreign import html_of
from tests.intake.guardian_sample import HOST, element, files, image, import_elements, text


def test_a_picture_keeps_its_words_its_size_and_every_file() -> None:
    """A picture keeps its texts and size; its master is the URL and all files are renditions."""
    entry, intake = import_elements(
        text(), image("A <strong>wall</strong> &amp; waves", 1500, 600, 300)
    )
    (media,) = entry["media"]
    assert (media["kind"], media["url"]) == ("image", f"{HOST}/photo/1500.jpg")
    assert (media["width"], media["height"]) == (1500, 1000)
    assert media["alt"] == "A wall in the sea"
    assert media["caption"] == "A wall & waves"
    assert media["credit"] == "Photograph: A Camera"
    assert [(r["url"], r["width"], r["height"], r["type"]) for r in media["renditions"]] == [
        (f"{HOST}/photo/{w}.jpg", w, w * 2 // 3, "image/jpeg") for w in (1500, 600, 300)
    ]
    assert intake.counts["images"] == 1
    assert intake.notes == []


def test_one_picture_said_twice_is_one_media_with_one_id() -> None:
    """Equal pictures become one medium, whose id depends on the content alone."""
    first, _ = import_elements(image(), image())
    again, _ = import_elements(image())
    other, _ = import_elements(image("Another caption"))
    assert first["media"] == again["media"]
    assert first["media"][0]["id"] != other["media"][0]["id"]


def test_a_picture_known_only_by_its_copies_is_kept() -> None:
    """A picture that only has a `srcSet` uses its widest copy, whose height is unknown."""
    copies = [{"srcSet": [{"src": f"{HOST}/c?w={w}", "width": w} for w in (300, 900)]}]
    entry, _ = import_elements(element("ImageBlockElement", data={}, media={}, imageSources=copies))
    assert entry["media"][0]["url"] == f"{HOST}/c?w=900"
    assert entry["media"][0]["height"] is None


def test_a_picture_without_a_file_leaves_its_words() -> None:
    """A picture without a file leaves its caption and credit as text."""
    entry, _ = import_elements(
        element("ImageBlockElement", data={"caption": "A wall", "credit": "Ada"})
    )
    assert html_of(entry) == "<p>A wall</p><p>Ada</p>"


def test_a_picture_between_paragraphs_is_noted_and_the_text_keeps_its_order() -> None:
    """A picture between paragraphs is noted, because media are not part of the text."""
    entry, intake = import_elements(text("<p>One</p>"), image(), text("<p>Two</p>"))
    assert html_of(entry) == "<p>One</p><p>Two</p>"
    assert any("between paragraphs" in note for note in intake.notes)


def test_a_caption_that_links_is_noted_with_the_address() -> None:
    """A link in a caption, which is plain text, is noted with its URL."""
    entry, intake = import_elements(image('By <a href="https://o.example/x">us</a>'))
    assert entry["media"][0]["caption"] == "By us"
    assert any("https://o.example/x" in note for note in intake.notes)


def test_several_pictures_in_one_element_are_all_kept() -> None:
    """All pictures of one element are kept, and their shared caption becomes text."""
    entry, _ = import_elements(
        element("MultiImageBlockElement", images=[image("A"), image("B")], caption="Two walls")
    )
    assert [media["caption"] for media in entry["media"]] == ["A", "B"]
    assert html_of(entry) == "<p>Two walls</p>"


def test_a_video_of_the_sites_own_is_media() -> None:
    """A video hosted by the site is a medium; its MP4 is the URL and its files renditions."""
    assets = [
        {"url": f"{HOST}/v.webm", "mimeType": "video/webm", "fields": {"width": "640"}},
        {"url": f"{HOST}/v.mp4", "mimeType": "video/mp4", "fields": {"width": 640, "height": 360}},
        {"url": "https://youtu.be/x", "mimeType": "video/youtube"},
    ]
    entry, intake = import_elements(
        element("GuVideoBlockElement", assets=assets, caption="Waves", html="x")
    )
    (media,) = entry["media"]
    assert (media["kind"], media["url"], media["caption"]) == ("video", f"{HOST}/v.mp4", "Waves")
    assert {r["url"] for r in media["renditions"]} == {f"{HOST}/v.mp4", f"{HOST}/v.webm"}
    assert intake.counts["videos"] == 1


def test_a_video_elsewhere_keeps_its_poster_as_a_picture() -> None:
    """A video of another site becomes a link to it and a picture of its largest poster."""
    posters = [{"url": f"{HOST}/p/500.jpg", "width": 500}, {"url": f"{HOST}/p/99.jpg", "width": 99}]
    entry, _ = import_elements(
        element("YoutubeBlockElement", assetId="abc", mediaTitle="Waves", posterImage=posters)
    )
    assert entry["media"][0]["url"] == f"{HOST}/p/500.jpg"
    assert "watch?v=abc" in html_of(entry)
    assert entry["kind"] == "media"


def test_a_cartoon_is_one_picture_whatever_the_screen() -> None:
    """A cartoon is one picture, with the files of all its variants as renditions."""
    variants = [
        {"viewportSize": "large", "images": files(1500, 600)},
        {"viewportSize": "small", "images": files(480)[:1]},
    ]
    entry, _ = import_elements(
        element("CartoonBlockElement", variants=variants, caption="Sea", alt="A sea")
    )
    (media,) = entry["media"]
    assert (media["caption"], media["alt"], media["width"]) == ("Sea", "A sea", 1500)
    assert [rendition["width"] for rendition in media["renditions"]] == [1500, 600, 480]


def test_a_cartoon_without_a_file_leaves_its_words() -> None:
    """A cartoon without a file leaves its caption as text."""
    entry, _ = import_elements(element("CartoonBlockElement", variants=[], caption="Sea"))
    assert html_of(entry) == "<p>Sea</p>"
