"""Elements of a Guardian live blog's block, converted into the body of an entry.

Common elements have a rule each. All others are converted by the fields that they share: titles,
pictures, HTML, inner elements, addresses and captions. If nothing of an element can be shown, the
report notes that; no element is dropped silently.

Source: guardian/dotcom-rendering, `dotcom-rendering/src/types/content.ts`.
"""

import re
from collections.abc import Callable

from app.intake.document import IntakeError, Part
from app.intake.guardian.picture import (
    cartoon_media,
    cover_media,
    image_media,
    image_texts,
    video_media,
)
from app.intake.html.body import BodyBuilder
from app.intake.html.embeds import original_address, youtube_address
from app.intake.html.parser import Tag
from app.intake.picture import caption_links
from app.intake.report import Report

MAX_NESTING = 6  # elements inside elements; a list of takeaways needs two

_NAME = re.compile(
    r"(?:model\.dotcomrendering\.pageElements\.)?(\w{1,60}?)(?:Block)?Element(?:V2)?"
)
_SITE_ELEMENTS = frozenset({"AdPlaceholder", "InteractiveContents"})  # belong to the site
_QUOTES = frozenset({"Blockquote", "Pullquote", "Comment"})

_FIELDS = {
    "titles": "kicker label title mediaTitle prompt",
    "names": "date name text",
    "markup": "html body description youtubeDescription",
    "inner": "main body elements items keyTakeaways qAndAExplainers sections events images"
    " questions answers contacts newsletter witnessTypeData",
    "addresses": "originalUrl url youtubeUrl permalink embedUrl trackUrl calloutsUrl file"
    " scriptUrl",
    "captions": "caption captionText attribution credit authorName profileName value",
}
_MEDIA_NAMES = (
    "Audio AudioAtom Cartoon GuVideo Image MediaAtom MultiImage Video VideoFacebook VideoVimeo"
    " VideoYoutube Vine Youtube"
)
_OTHER_NAMES = (  # converted by the fields that elements share
    "AdPlaceholder Callout Caption ChartAtom ContentAtom Crossword DCRSectionedTimeline DCRTimeline"
    " Document Embed ExplainerAtom GenericAtom GuideAtom Interactive InteractiveAtom"
    " InteractiveContents KeyTakeaways List Map NewsletterSignup ProfileAtom QA QAndAExplainer"
    " QuizAtom Soundcloud Spotify Timeline TimelineAtom Witness"
)
_MEDIA = frozenset(_MEDIA_NAMES.split())

_Rule = Callable[[Part, BodyBuilder], None]


def convert_element(element: Part, builder: BodyBuilder, report: Report, depth: int = 0) -> None:
    """Convert one element, add it to the body and count it.

    Args:
        element: the element's place in the document.
        builder: collects the entry's body and media.
        report: collects the counts, and a note for each element that cannot be shown.
        depth: the number of elements around it.

    Raises:
        IntakeError: it is no element, or is nested too deeply.
    """
    name = _name(element)
    report.count("elements")
    report.count(f"elements.{name}")
    element_builder = BodyBuilder(builder.base)
    if name in _RULES:
        _RULES[name](element, element_builder)
    else:
        _convert_by_fields(element, element_builder, report, depth)
    builder.extend(element_builder)
    if element_builder.is_empty and name not in _SITE_ELEMENTS:
        report.skip(f"The {name} element at {element.where} holds nothing that can be shown.")
    elif name not in _KNOWN:
        report.note(
            f"{name} is an element type unknown to this importer: of the one at {element.where},"
            " name, pictures, HTML, address and caption were carried over."
        )
    for address in caption_links(element.peek("data")):
        report.note(
            f"The caption at {element.where} links to {address}; captions are plain text here."
        )


def is_quote(element: Part) -> bool:
    """Whether an element is a quotation and nothing else."""
    return _name(element) in _QUOTES


def is_media(element: Part) -> bool:
    """Whether an element is a picture, a video or audio."""
    return _name(element) in _MEDIA


def _name(element: Part) -> str:
    match = _NAME.fullmatch(element.at("_type").text())
    return match[1] if match and match[1].isascii() else "unknown"


def _convert_html(element: Part, builder: BodyBuilder) -> None:
    builder.add_html(_html(element))


def _html(element: Part) -> str:
    return element.at("html").required("a text", str).text_if_any()


def _convert_heading(element: Part, builder: BodyBuilder) -> None:
    builder.add_html(_html(element), wrap="h2")


def _convert_quote(element: Part, builder: BodyBuilder) -> None:
    html, credit = element.at("html").text_or_blank(), element.at("attribution").text_or_blank()
    builder.add_quote(html, credit=credit)


def _convert_comment(element: Part, builder: BodyBuilder) -> None:
    address = element.at("permalink").text_or_blank()
    name = element.at("profileName").text_or_blank()
    builder.add_quote(element.at("body").text_or_blank(), address, credit=name)
    builder.add_missing_link(address)


def _convert_post(element: Part, builder: BodyBuilder) -> None:
    address = element.at("url").text_or_blank()
    builder.add_quote(element.at("html").text_or_blank(), address)
    builder.add_missing_link(address)


def _convert_link(element: Part, builder: BodyBuilder) -> None:
    builder.add_link(
        element.at("url").text_or_blank(),
        element.at("text").text_or_blank(),
        element.at("prefix").text_or_blank(),
    )


def _convert_code(element: Part, builder: BodyBuilder) -> None:
    builder.add_code(element.at("html").text_or_blank())


def _convert_image(element: Part, builder: BodyBuilder) -> None:
    builder.add_words(element.at("title").text_or_blank(), wrap="h3")
    if not builder.add_media(image_media(element)):
        texts = image_texts(element)
        for text in (texts.caption or texts.alt, texts.credit):
            builder.add_words(text)


def _convert_images(element: Part, builder: BodyBuilder) -> None:
    for image in element.at("images").items():
        _convert_image(image, builder)
    builder.add_words(element.at("caption").text_or_blank())


def _convert_cartoon(element: Part, builder: BodyBuilder) -> None:
    if not builder.add_media(cartoon_media(element)):
        builder.add_words(element.at("caption").text_or_blank())


def _convert_youtube(element: Part, builder: BodyBuilder) -> None:
    builder.add_media(cover_media(element))
    address = youtube_address(element.at("assetId").text_or_blank())
    builder.add_link(address, element.at("mediaTitle").text_or_blank())


def _convert_video(element: Part, builder: BodyBuilder) -> None:
    title = element.at("title").text_or_blank()
    if builder.add_media(video_media(element)):
        builder.add_words(title)
        return
    builder.add_media(cover_media(element))
    builder.add_html(element.at("html").text_or_blank())
    for address in [element.at(key).text_or_blank() for key in ("originalUrl", "url")]:
        builder.add_missing_link(address, title)
    for text in (title, element.at("caption").text_or_blank()):
        builder.add_missing_words(text)


def _convert_divider(_element: Part, builder: BodyBuilder) -> None:
    builder.add_blocks([Tag("hr")])


def _convert_stars(element: Part, builder: BodyBuilder) -> None:
    rating = element.at("rating").size()
    builder.add_words(f"{rating}/5" if rating else "")


def _convert_by_fields(element: Part, builder: BodyBuilder, report: Report, depth: int) -> None:
    """Convert an element by the fields that elements share."""
    if depth > MAX_NESTING:
        raise IntakeError(element.where, f"expected elements nested at most {MAX_NESTING} deep")
    originals = (original_address(text) for text in _texts(element, "addresses"))
    address = next(filter(None, originals), "")
    titles, names = _texts(element, "titles"), _texts(element, "names")
    label = titles.pop() if titles and address else ""
    for text, wrap in [*((t, "h3") for t in titles), *((n, "p") for n in names)]:
        builder.add_words(text, wrap)
    builder.add_media(cover_media(element))
    for html in _texts(element, "markup"):
        builder.add_html(html)
    parts = [element.peek(key) for key in _FIELDS["inner"].split()]
    items = [
        item
        for part in parts
        for item in ([part] if isinstance(part.value, dict) else part.items_if_any())
        if isinstance(item.value, dict)
    ]
    for inner in items:
        if inner.peek("_type").is_there:
            convert_element(inner, builder, report, depth + 1)
        else:
            _convert_by_fields(inner, builder, report, depth + 1)
    label = label or element.peek("alt").text_if_any()
    builder.add_missing_link(address, label)
    for text in (label, *_texts(element, "captions")):
        builder.add_missing_words(text)


def _texts(element: Part, fields: str) -> list[str]:
    texts = (element.peek(key).text_if_any() for key in _FIELDS[fields].split())
    return [text for text in texts if text.strip()]


_RULES: dict[str, _Rule] = {
    "Text": _convert_html,
    "Highlight": _convert_html,
    "Disclaimer": _convert_html,
    "Table": _convert_html,
    "ItemLink": _convert_html,
    "Subheading": _convert_heading,
    "NumberedTitle": _convert_heading,
    "Blockquote": _convert_quote,
    "Pullquote": _convert_quote,
    "Comment": _convert_comment,
    "Tweet": _convert_post,
    "Instagram": _convert_post,
    "RichLink": _convert_link,
    "Code": _convert_code,
    "Image": _convert_image,
    "MultiImage": _convert_images,
    "Cartoon": _convert_cartoon,
    "Youtube": _convert_youtube,
    "GuVideo": _convert_video,
    "MediaAtom": _convert_video,
    "Divider": _convert_divider,
    "StarRating": _convert_stars,
}
_KNOWN = _MEDIA.union(_RULES, _OTHER_NAMES.split())
