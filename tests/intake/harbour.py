"""A blog of our own, in the shape in which Live Blog's API answers its posts."""

from typing import Any

from app.intake import Intake, journal_from_sourcefabric
from tests.intake.foreign import Json, check_journal, entries

ADA = {"_id": "u1", "display_name": "Ada Lovelace"}
HREF = "https://pictures.example"


def guid(n: int) -> str:
    """A post's id, ending in a UUID."""
    return f"urn:newsml:localhost:2026-03-01T12:00:00.000000:{uuid(n)}"


def uuid(n: int) -> str:
    """The UUID at the end of a post's id, which becomes the entry's."""
    return f"00000000-0000-4000-8000-{n:012}"


def item(item_type: str, html: str = "", /, **meta: Any) -> Json:
    """An item: what is shown, and what that was made from."""
    return {"item_type": item_type, "text": html, "language": "en", "meta": meta or None}


def post(n: int = 1, *items: Json, minute: int = 0, **fields: Any) -> Json:
    """A public post, published some minutes after noon."""
    at = f"2026-03-01T12:{minute:02}:00+00:00"
    refs = [
        {"residRef": f"r{i}", "item": item} for i, item in enumerate(items or [item("text", "Wet")])
    ]
    return {
        "_id": guid(n),
        "guid": guid(n),
        "blog": "5f00",
        "language": "en",
        "post_status": "open",
        "published_date": at,
        "_created": at,
        "_updated": at,
        "order": minute,
        "original_creator": "u1",
        "publisher": ADA,
        "groups": [
            {"id": "root", "refs": [{"idRef": "main"}]},
            {"id": "main", "refs": refs},
        ],
        **fields,
    }


def answer(*posts: Json, **fields: Any) -> Json:
    """The API's answer, newest first."""
    return {"_items": list(posts) or [post()], "_meta": {"total": len(posts or [1])}, **fields}


def read(*posts: Json, **fields: Any) -> Intake:
    """Import an answer and hold the journal to its promises."""
    intake = journal_from_sourcefabric(answer(*posts, **fields))
    check_journal(intake)
    return intake


def only(*items: Json, **fields: Any) -> tuple[Json, Intake]:
    """The one entry of a blog with one post of these items."""
    intake = read(post(1, *items, **fields))
    return entries(intake)[uuid(1)], intake
