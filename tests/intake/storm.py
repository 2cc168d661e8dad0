"""A live blog of our own, in the shape in which the Guardian's renderer receives one."""

from typing import Any

from app.intake import Intake, journal_from_guardian
from tests.intake.foreign import Json, check_journal, entries

NOON = 1_772_366_400_000  # 2026-03-01T12:00:00Z in milliseconds
MINUTE = 60_000
HOST = "https://news.example"


def element(name: str, **fields: Any) -> Json:
    """An element as the renderer names it."""
    return {"_type": f"model.dotcomrendering.pageElements.{name}", "elementId": "e", **fields}


def text(html: str = "<p>Water rises.</p>") -> Json:
    """An element of text."""
    return element("TextBlockElement", html=html)


def files(*widths: int) -> list[Json]:
    """The files of one picture, three to two, the first of them its master."""
    return [
        {
            "url": f"{HOST}/photo/{width}.jpg",
            "mimeType": "image/jpeg",
            "fields": {"width": str(width), "height": str(width * 2 // 3)}
            | ({"isMaster": "true"} if n == 0 else {}),
        }
        for n, width in enumerate(widths)
    ]


def image(caption: str = "The harbour wall.", *widths: int) -> Json:
    """An element with a picture."""
    said = {"alt": "A wall in the sea", "caption": caption, "credit": "Photograph: A Camera"}
    media = {"allImages": files(*(widths or (1500, 600)))}
    return element("ImageBlockElement", data=said, media=media, imageSources=[])


def block(block_id: str, *elements: Json, minute: int = 0, **fields: Any) -> Json:
    """A block, published some minutes after noon."""
    at = NOON + minute * MINUTE
    return {
        "id": block_id,
        "elements": list(elements) or [text()],
        "attributes": {"pinned": False, "keyEvent": False, "summary": False},
        "blockCreatedOn": at - 20_000,
        "blockFirstPublished": at,
        "blockLastUpdated": at,
        "contributors": [],
        **fields,
    }


def page(*blocks: Json, **fields: Any) -> Json:
    """A page that is still live."""
    return {
        "headline": "Storm at sea: live",
        "standfirst": "<p>All ferries stay in port</p>",
        "sectionLabel": "Weather",
        "pageId": "weather/live/2026/mar/01/storm-at-sea",
        "canonicalUrl": f"{HOST}/weather/live/2026/mar/01/storm-at-sea",
        "guardianBaseURL": HOST,
        "format": {"design": "LiveBlogDesign"},
        "config": {"isLive": True},
        "webPublicationDate": "2026-03-01T12:30:00.000Z",
        "lang": "en",
        "blocks": list(blocks) or [block("b1")],
        "keyEvents": [],
        **fields,
    }


def read(*blocks: Json, **fields: Any) -> Intake:
    """Import a page and hold the journal to its promises."""
    intake = journal_from_guardian(page(*blocks, **fields))
    check_journal(intake)
    return intake


def only(*elements: Json) -> tuple[Json, Intake]:
    """The one entry of a page with one block of these elements."""
    intake = read(block("b1", *elements))
    return entries(intake)["b1"], intake
