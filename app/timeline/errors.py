"""Why a change to a timeline is refused. No HTTP here: `web/problems.py` maps each class."""

from app.timeline.entry import Entry


class TimelineError(Exception):
    """A change or a request that the rules of live coverage refuse; the message is for people."""


class UnknownCoverage(TimelineError):
    """No coverage of that slug, or one that the asker may not know of."""

    def __init__(self) -> None:
        # One sentence for both cases: a second wording would tell readers that there is a plan.
        super().__init__("There is no such coverage.")


class UnknownEntry(TimelineError):
    """No entry of that id in this coverage, or one that the asker may not know of."""


class UnknownCursor(TimelineError):
    """A cursor that does not parse, of another epoch, or past the journal's head."""


class SlugTaken(TimelineError):
    """A coverage of that slug is there already."""


class CoveragePlanned(TimelineError):
    """The coverage is not public yet, so nothing can be published in it."""


class CoverageClosed(TimelineError):
    """The coverage has ended; reopen it to publish in it."""


class CoveragePublic(TimelineError):
    """A coverage that readers have seen cannot become a plan again."""


class EntryRetracted(TimelineError):
    """A tombstone is final: it cannot be changed, pinned or retracted again."""


class EntryPublic(TimelineError):
    """The entry is published already, so it is no draft any more."""


class EntryNotPublic(TimelineError):
    """The entry is still a draft, so there is nothing public to correct, retract or pin."""


class EntrySubmitted(TimelineError):
    """The draft is handed in to the editors: take it back before you change it."""


class EntryNotSubmitted(TimelineError):
    """The draft is not handed in, so there is nothing to return."""


class EntryScheduled(TimelineError):
    """The entry is about to be published: only an editor still changes it."""


class EntryNotRetracted(TimelineError):
    """The entry is not retracted, so there is nothing to restore."""


class WordsForgotten(TimelineError):
    """The words of the retracted entry are kept no longer."""


class StaleRevision(TimelineError):
    """Somebody changed the entry since the revision that the caller saw; `current` is how it is."""

    def __init__(self, message: str, current: Entry) -> None:
        super().__init__(message)
        self.current = current


class EmptyEntry(TimelineError):
    """An entry needs a body, a headline or media."""
