"""Errors: why a change to a timeline is refused; `web/problems.py` maps each class to HTTP."""


class TimelineError(Exception):
    """A change or a request that the timeline's rules refuse; its message is shown to people."""


class UnknownCoverage(TimelineError):
    """There is no coverage of that slug, or the caller may not see it."""

    def __init__(self) -> None:
        # The same message in both cases: another one would reveal that a plan exists.
        super().__init__("There is no such coverage.")


class WithdrawnCoverage(UnknownCoverage):
    """The coverage is withdrawn; `note` says why. It may be brought back."""

    def __init__(self, note: str = "") -> None:
        super().__init__()
        self.args = ("The coverage is withdrawn.",)
        self.note = note


class UnknownEntry(TimelineError):
    """There is no entry of that id in this coverage, or the caller may not see it."""


class UnknownCursor(TimelineError):
    """A cursor that does not parse, of another epoch, or past the journal's head."""


class SlugTaken(TimelineError):
    """A coverage of that slug already exists."""


class CoveragePlanned(TimelineError):
    """The coverage is not public yet, so nothing can be published in it."""


class CoverageClosed(TimelineError):
    """The coverage has ended; reopen it to publish in it."""


class CoveragePublic(TimelineError):
    """A public coverage cannot become a planned one again."""


class EntryRetracted(TimelineError):
    """A tombstone is final: it cannot be changed, pinned or retracted again."""


class EntryPublic(TimelineError):
    """The entry is already published, so it is no longer a draft."""


class EntryNotPublic(TimelineError):
    """The entry is still a draft, so there is nothing public to correct, retract or pin."""


class EntrySubmitted(TimelineError):
    """The draft is submitted to the editors: its author must withdraw it before changing it."""


class EntryNotSubmitted(TimelineError):
    """The draft is not submitted, so there is nothing to return."""


class EntryScheduled(TimelineError):
    """The entry is scheduled: only an editor can still change it."""


class EntryNotRetracted(TimelineError):
    """The entry is not retracted, so there is nothing to restore."""


class WordsForgotten(TimelineError):
    """The words of the retracted entry are no longer kept."""


class EmptyEntry(TimelineError):
    """An entry needs a body, a headline, media or figures."""


class EditionsChanged(TimelineError):
    """Another request has just changed which coverages are editions of each other."""


class OriginalRetracted(TimelineError):
    """The entry that the draft translates is retracted."""


class StatementError(TimelineError):
    """A claim or figure in a request is refused; `pointer` is its place in the request."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer


class UnknownStatement(StatementError):
    """The entry has no such claim or figure."""


class TooManyAssessments(StatementError):
    """The claim was assessed as often as a claim can be."""
