"""Names that the contract allows, made from those that other systems gave."""

import re
import unicodedata
from collections.abc import Collection
from itertools import count

from app.timeline.coverage import SLUG
from app.timeline.entry import ENTRY_ID

_LENGTH = 100


def is_slug(slug: str) -> bool:
    """Whether a slug is one: 1 to 100 of a to z, 0 to 9 and the hyphen."""
    return SLUG.fullmatch(slug) is not None


def make_slug(text: str) -> str:
    """A slug from any text, at most 100 long; blank if nothing of it can stand in one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LENGTH].rstrip("-")


def make_entry_id(text: str) -> str:
    """An entry's id from any text; blank if nothing of it can stand in one."""
    bare = re.sub(r"[^A-Za-z0-9_.:-]", "", text).lstrip("_.:-")[:_LENGTH]
    return bare if ENTRY_ID.fullmatch(bare) else ""


def untaken(wanted: str, taken: Collection[str]) -> str:
    """The id itself, or with a number behind it if somebody has it already."""
    if wanted not in taken:
        return wanted
    numbered = (f"{wanted[: _LENGTH - 8]}-{n}" for n in count(2))
    return next(name for name in numbered if name not in taken)
