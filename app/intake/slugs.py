"""Slugs and ids that the API allows, made from those of other systems."""

import re
import unicodedata
from collections.abc import Collection
from itertools import count

from app.timeline.coverage import SLUG
from app.timeline.entry import ENTRY_ID

_LENGTH = 100


def is_slug(slug: str) -> bool:
    """Whether a slug is valid: 1 to 100 characters of a to z, 0 to 9 and the hyphen."""
    return SLUG.fullmatch(slug) is not None


def make_slug(text: str) -> str:
    """Return a slug made from any text, at most 100 long; blank if no character is usable."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LENGTH].rstrip("-")


def make_entry_id(text: str) -> str:
    """Return an entry id made from any text; blank if no character is usable."""
    entry_id = re.sub(r"[^A-Za-z0-9_.:-]", "", text).lstrip("_.:-")[:_LENGTH]
    return entry_id if ENTRY_ID.fullmatch(entry_id) else ""


def unique_id(base_id: str, taken: Collection[str]) -> str:
    """Return the id, with a number appended if it is taken."""
    if base_id not in taken:
        return base_id
    numbered = (f"{base_id[: _LENGTH - 8]}-{n}" for n in count(2))
    return next(name for name in numbered if name not in taken)
