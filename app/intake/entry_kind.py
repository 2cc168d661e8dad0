"""Kind of an imported entry, from the parts that its body is made of."""

from collections.abc import Callable, Sequence

from app.intake.document import Part
from app.timeline.entry import EntryKind


def entry_kind(
    parts: Sequence[Part], is_quote: Callable[[Part], bool], is_media: Callable[[Part], bool]
) -> EntryKind:
    """Return `quote` or `media` if every part is one, else `update`.

    Args:
        parts: the elements of a block, or the items of a post; without any, it is an update.
        is_quote: whether a part is a quotation and nothing else.
        is_media: whether a part is a picture, a video or audio.
    """
    if parts and all(map(is_quote, parts)):
        return "quote"
    if parts and all(map(is_media, parts)):
        return "media"
    return "update"
