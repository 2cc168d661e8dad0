"""A sample blog in the shape of the posts response of Live Blog's API."""

from typing import Any

from app.intake.foreign import Intake, journal_from_sourcefabric
from tests.intake.foreign import Json, check_journal, entries

ADA = {"_id": "u1", "display_name": "Ada Lovelace"}
HREF = "https://pictures.example"


def guid(n: int) -> str:
    """Return a post's guid, which ends in a UUID."""
    return f"urn:newsml:localhost:2026-03-01T12:00:00.000000:{uuid(n)}"


def uuid(n: int) -> str:
    """Return the UUID at the end of a post's guid, which becomes the entry's id."""
    return f"00000000-0000-4000-8000-{n:012}"


def item(item_type: str, html: str = "", /, **meta: Any) -> Json:
    """Return an item with its HTML and the metadata from which the HTML was made."""
    return {"item_type": item_type, "text": html, "language": "en", "meta": meta or None}


def post(n: int = 1, *items: Json, minute: int = 0, **fields: Any) -> Json:
    """Return a public post.

    Args:
        n: the number in the post's guid.
        items: its items; without any, one text item.
        minute: minutes after noon at which it was published.
        fields: members of the post that replace the defaults.
    """
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


def response(*posts: Json, **fields: Any) -> Json:
    """Return an API response with the posts, newest first."""
    return {"_items": list(posts) or [post()], "_meta": {"total": len(posts or [1])}, **fields}


def import_posts(*posts: Json, **fields: Any) -> Intake:
    """Import a response and check the resulting journal."""
    intake = journal_from_sourcefabric(response(*posts, **fields))
    check_journal(intake)
    return intake


def import_items(*items: Json, **fields: Any) -> tuple[Json, Intake]:
    """Import a blog with one post of these items, and return its entry and the import."""
    intake = import_posts(post(1, *items, **fields))
    return entries(intake)[uuid(1)], intake
