"""Elements of a Guardian live blog's block, converted into the body of an entry.

Common elements have a rule each. All others are converted by the fields that they share: titles,
pictures, HTML, inner elements, addresses and captions. If nothing of an element can be shown, the
account notes that; no element is dropped silently.

Source: guardian/dotcom-rendering, `dotcom-rendering/src/types/content.ts`.
"""

import re
from collections.abc import Callable

from app.intake.document import IntakeError, Part
from app.intake.guardian.picture import (
    cartoon_media,
    cover_media,
    image_media,
    image_print,
    video_media,
)
from app.intake.html.body import Passage
from app.intake.html.embeds import original_address, youtube_address
from app.intake.html.parser import Tag
from app.intake.picture import caption_links
from app.intake.report import Account

NESTING = 6  # elements inside elements; a list of takeaways needs two

_NAME = re.compile(
    r"(?:model\.dotcomrendering\.pageElements\.)?(\w{1,60}?)(?:Block)?Element(?:V2)?"
)
_FURNITURE = frozenset({"AdPlaceholder", "InteractiveContents"})  # belong to the site
_QUOTES = frozenset({"Blockquote", "Pullquote", "Comment"})

_FIELDS = {
    "titles": "kicker label title mediaTitle prompt",
    "names": "date name text",
    "markup": "html body description youtubeDescription",
    "inner": "main body elements items keyTakeaways qAndAExplainers sections events images"
    " questions answers contacts newsletter witnessTypeData",
    "addresses": "originalUrl url youtubeUrl permalink embedUrl trackUrl calloutsUrl file"
    " scriptUrl",
    "sayings": "caption captionText attribution credit authorName profileName value",
}
_MEDIA_WORDS = (
    "Audio AudioAtom Cartoon GuVideo Image MediaAtom MultiImage Video VideoFacebook VideoVimeo"
    " VideoYoutube Vine Youtube"
)
_OTHER_WORDS = (  # converted by the fields that elements share
    "AdPlaceholder Callout Caption ChartAtom ContentAtom Crossword DCRSectionedTimeline DCRTimeline"
    " Document Embed ExplainerAtom GenericAtom GuideAtom Interactive InteractiveAtom"
    " InteractiveContents KeyTakeaways List Map NewsletterSignup ProfileAtom QA QAndAExplainer"
    " QuizAtom Soundcloud Spotify Timeline TimelineAtom Witness"
)
_MEDIA = frozenset(_MEDIA_WORDS.split())

_Rule = Callable[[Part, Passage], None]


def tell_element(element: Part, passage: Passage, account: Account, depth: int = 0) -> None:
    """Convert one element into the passage and count it.

    Args:
        element: the element's place in the document.
        passage: collects the entry's body and media.
        account: collects the counts, and a note for each element that cannot be shown.
        depth: the number of elements around it.

    Raises:
        IntakeError: it is no element, or is nested too deeply.
    """
    name = _name(element)
    account.count("elements")
    account.count(f"elements.{name}")
    content = Passage(passage.base)
    if name in _RULES:
        _RULES[name](element, content)
    else:
        _tell_card(element, content, account, depth)
    passage.absorb(content)
    if content.is_empty and name not in _FURNITURE:
        account.skip(f"The {name} element at {element.where} holds nothing that can be shown.")
    elif name not in _KNOWN:
        account.note(
            f"{name} is an element type unknown to this importer: of the one at {element.where},"
            " name, pictures, HTML, address and caption were carried over."
        )
    for address in caption_links(element.peek("data")):
        account.note(
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


def _tell_html(element: Part, told: Passage) -> None:
    told.add_html(_html(element))


def _html(element: Part) -> str:
    return element.at("html").required("a text", str).text_if_any()


def _tell_heading(element: Part, told: Passage) -> None:
    told.add_html(_html(element), wrap="h2")


def _tell_quote(element: Part, told: Passage) -> None:
    html, credit = element.at("html").text_or_blank(), element.at("attribution").text_or_blank()
    told.add_quote(html, credit=credit)


def _tell_comment(element: Part, told: Passage) -> None:
    address = element.at("permalink").text_or_blank()
    name = element.at("profileName").text_or_blank()
    told.add_quote(element.at("body").text_or_blank(), address, credit=name)
    told.add_missing_link(address)


def _tell_post(element: Part, told: Passage) -> None:
    address = element.at("url").text_or_blank()
    told.add_quote(element.at("html").text_or_blank(), address)
    told.add_missing_link(address)


def _tell_link(element: Part, told: Passage) -> None:
    told.add_link(
        element.at("url").text_or_blank(),
        element.at("text").text_or_blank(),
        element.at("prefix").text_or_blank(),
    )


def _tell_code(element: Part, told: Passage) -> None:
    told.add_code(element.at("html").text_or_blank())


def _tell_image(element: Part, told: Passage) -> None:
    told.add_words(element.at("title").text_or_blank(), wrap="h3")
    if not told.add_media(image_media(element)):
        beside = image_print(element)
        for text in (beside.caption or beside.alt, beside.credit):
            told.add_words(text)


def _tell_images(element: Part, told: Passage) -> None:
    for image in element.at("images").items():
        _tell_image(image, told)
    told.add_words(element.at("caption").text_or_blank())


def _tell_cartoon(element: Part, told: Passage) -> None:
    if not told.add_media(cartoon_media(element)):
        told.add_words(element.at("caption").text_or_blank())


def _tell_youtube(element: Part, told: Passage) -> None:
    told.add_media(cover_media(element))
    address = youtube_address(element.at("assetId").text_or_blank())
    told.add_link(address, element.at("mediaTitle").text_or_blank())


def _tell_video(element: Part, told: Passage) -> None:
    title = element.at("title").text_or_blank()
    if told.add_media(video_media(element)):
        told.add_words(title)
        return
    told.add_media(cover_media(element))
    told.add_html(element.at("html").text_or_blank())
    for address in [element.at(key).text_or_blank() for key in ("originalUrl", "url")]:
        told.add_missing_link(address, title)
    for text in (title, element.at("caption").text_or_blank()):
        told.add_missing_words(text)


def _tell_divider(_element: Part, told: Passage) -> None:
    told.add_blocks([Tag("hr")])


def _tell_stars(element: Part, told: Passage) -> None:
    rating = element.at("rating").size()
    told.add_words(f"{rating}/5" if rating else "")


def _tell_card(element: Part, told: Passage, account: Account, depth: int) -> None:
    """Convert an element by the fields that elements share."""
    if depth > NESTING:
        raise IntakeError(element.where, f"expected elements nested at most {NESTING} deep")
    originals = (original_address(text) for text in _texts(element, "addresses"))
    address = next(filter(None, originals), "")
    titles, names = _texts(element, "titles"), _texts(element, "names")
    label = titles.pop() if titles and address else ""
    for text, wrap in [*((t, "h3") for t in titles), *((n, "p") for n in names)]:
        told.add_words(text, wrap)
    told.add_media(cover_media(element))
    for html in _texts(element, "markup"):
        told.add_html(html)
    parts = [element.peek(key) for key in _FIELDS["inner"].split()]
    items = [
        item
        for part in parts
        for item in ([part] if isinstance(part.value, dict) else part.items_if_any())
        if isinstance(item.value, dict)
    ]
    for inner in items:
        if inner.peek("_type").is_there:
            tell_element(inner, told, account, depth + 1)
        else:
            _tell_card(inner, told, account, depth + 1)
    label = label or element.peek("alt").text_if_any()
    told.add_missing_link(address, label)
    for text in (label, *_texts(element, "sayings")):
        told.add_missing_words(text)


def _texts(element: Part, fields: str) -> list[str]:
    texts = (element.peek(key).text_if_any() for key in _FIELDS[fields].split())
    return [text for text in texts if text.strip()]


_RULES: dict[str, _Rule] = {
    "Text": _tell_html,
    "Highlight": _tell_html,
    "Disclaimer": _tell_html,
    "Table": _tell_html,
    "ItemLink": _tell_html,
    "Subheading": _tell_heading,
    "NumberedTitle": _tell_heading,
    "Blockquote": _tell_quote,
    "Pullquote": _tell_quote,
    "Comment": _tell_comment,
    "Tweet": _tell_post,
    "Instagram": _tell_post,
    "RichLink": _tell_link,
    "Code": _tell_code,
    "Image": _tell_image,
    "MultiImage": _tell_images,
    "Cartoon": _tell_cartoon,
    "Youtube": _tell_youtube,
    "GuVideo": _tell_video,
    "MediaAtom": _tell_video,
    "Divider": _tell_divider,
    "StarRating": _tell_stars,
}
_KNOWN = _MEDIA.union(_RULES, _OTHER_WORDS.split())
