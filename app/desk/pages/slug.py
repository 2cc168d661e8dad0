"""A coverage's address, proposed from its title: in Latin letters, whatever the title's are."""

from slugify import slugify

_LONGEST = 60  # characters: an address is read out, and printed


def propose_slug(title: str) -> str:
    """A slug made of a title's words; empty where it has none that can be spelled."""
    return slugify(title, max_length=_LONGEST, word_boundary=True)
