"""An announcement as it travels: `slug:seq`, in ASCII. Refuses everything else that it hears."""

import re

from app.broker.broker import Announcement

# Rung by each process to itself, through the server and back. No announcement looks like it.
HEARTBEAT = "heartbeat"

_PAYLOAD = re.compile(r"(~{0,2}[a-z0-9-]{1,100}):([1-9][0-9]{0,18})")


def format_announcement(announcement: Announcement) -> str:
    """Write an announcement for the wire."""
    return f"{announcement.topic}:{announcement.seq}"


def parse_announcement(payload: str) -> Announcement:
    """Read what came over the wire.

    Raises:
        ValueError: it is no announcement.
    """
    found = _PAYLOAD.fullmatch(payload)
    if found is None:
        raise ValueError("an announcement is written as slug:seq")
    return Announcement(found[1], int(found[2]))
