"""Propose a coverage's slug from its title, transliterated to Latin letters."""

from slugify import slugify

_LONGEST = 60  # characters: addresses are read aloud and printed


def propose_slug(title: str) -> str:
    """Return a slug made of a title's words; empty if none of them can be transliterated."""
    return slugify(title, max_length=_LONGEST, word_boundary=True)
