"""Permissions on single drafts and media, beyond the role that a route requires."""

from app.access.roles import Caller, NotAllowed
from app.store.ownership import Owner
from app.timeline.draft import check_not_submitted
from app.timeline.entry import Entry


def check_author(entry: Entry, caller: Caller) -> None:
    """Refuse contributors access to drafts by other authors.

    Raises:
        NotAllowed: the caller is a contributor and not the author.
    """
    if entry.author != caller.id and not caller.may("editor"):
        raise NotAllowed("Contributors have access only to their own drafts.")


def check_may_change(entry: Entry, caller: Caller) -> None:
    """Refuse contributors changes to other authors' drafts and to what is with the editors.

    Raises:
        NotAllowed: the caller is a contributor and not the author.
        EntrySubmitted, EntryScheduled: the caller is a contributor, and the entry is submitted or
            scheduled.
    """
    check_author(entry, caller)
    if not caller.may("editor"):
        check_not_submitted(entry)


def may_use_media(owner: Owner, caller: Caller) -> bool:
    """Whether a caller may use a picture or video in entries, and change its texts.

    The uploader may. Editors and chiefs of a coverage may use all that the coverage has used, those
    of the whole newsroom everything. For other callers the medium does not exist.
    """
    if owner.taken_by == caller.id or caller.may_everywhere("editor"):
        return True
    if owner.coverage is None:
        return False
    there = caller if caller.here == owner.coverage else caller.within(owner.coverage)
    return caller.here in {None, owner.coverage} and there.may("editor")
