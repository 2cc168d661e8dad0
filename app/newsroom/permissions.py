"""Whose drafts and media a caller may use and change, beyond what their role says of a route."""

from app.access.roles import Caller, NotAllowed
from app.store.ownership import Owner
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


def may_use_media(owner: Owner, caller: Caller) -> bool:
    """Whether a caller may name a picture or video in what they write, and change its words.

    Whoever sent it may; of what a coverage has used its editors and chiefs; those of the whole
    newsroom may use all. To everybody else it is as if it were not there.
    """
    if owner.taken_by == caller.id or caller.may_everywhere("editor"):
        return True
    if owner.coverage is None:
        return False
    there = caller if caller.here == owner.coverage else caller.within(owner.coverage)
    return caller.here in {None, owner.coverage} and there.may("editor")
