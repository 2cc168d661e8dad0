"""A sample live blog in the shape of the Guardian renderer's input."""

from typing import Any

from app.intake.foreign import Intake, journal_from_guardian
from tests.intake.foreign import Json, check_journal, entries

NOON = 1_772_366_400_000  # 2026-03-01T12:00:00Z in milliseconds
MINUTE = 60_000
HOST = "https://news.example"


def element(name: str, **fields: Any) -> Json:
    """Return an element of the renderer's type `name`."""
    return {"_type": f"model.dotcomrendering.pageElements.{name}", "elementId": "e", **fields}


def text(html: str = "<p>Water rises.</p>") -> Json:
    """Return a text element."""
    return element("TextBlockElement", html=html)


def files(*widths: int) -> list[Json]:
    """Return the files of one picture with an aspect ratio of 3:2, the first one its master."""
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
    """Return an image element."""
    data = {"alt": "A wall in the sea", "caption": caption, "credit": "Photograph: A Camera"}
    media = {"allImages": files(*(widths or (1500, 600)))}
    return element("ImageBlockElement", data=data, media=media, imageSources=[])


def block(block_id: str, *elements: Json, minute: int = 0, **fields: Any) -> Json:
    """Return a block that was published `minute` minutes after noon."""
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
    """Return a page that is still live."""
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


def import_page(*blocks: Json, **fields: Any) -> Intake:
    """Import a page and check the resulting journal."""
    intake = journal_from_guardian(page(*blocks, **fields))
    check_journal(intake)
    return intake


def import_elements(*elements: Json) -> tuple[Json, Intake]:
    """Import a page with one block of these elements, and return its entry and the import."""
    intake = import_page(block("b1", *elements))
    return entries(intake)["b1"], intake
