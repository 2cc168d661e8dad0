"""Whose drafts a caller may read and change, beyond what their role says of a route."""

from app.access.roles import Caller, NotAllowed
from app.timeline.draft import check_in_hand
from app.timeline.entry import Entry


def check_author(entry: Entry, caller: Caller) -> None:
    """Refuse a contributor somebody else's draft.

    Raises:
        NotAllowed: it is one.
    """
    if entry.author != caller.id and not caller.may("editor"):
        raise NotAllowed("A contributor has only drafts of their own.")


def check_may_change(entry: Entry, caller: Caller) -> None:
    """Refuse a contributor what is somebody else's, or with the editors.

    Raises:
        NotAllowed: it is somebody else's.
        EntrySubmitted, EntryScheduled: it is with the editors.
    """
    check_author(entry, caller)
    if not caller.may("editor"):
        check_in_hand(entry)
