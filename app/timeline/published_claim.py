"""Published claim: a claim together with the entry that reports it."""

from dataclasses import dataclass
from datetime import datetime

from app.timeline.claim import Claim


@dataclass(frozen=True, slots=True)
class PublishedClaim:
    """A claim, with the id of its entry and the time of the entry's publication."""

    claim: Claim
    entry_id: str
    published_at: datetime
