"""Import report: counts and notes on what was read, for the user who runs the import."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Counts, and notes on what had to change."""

    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, what: str, by: int = 1) -> None:
        """Add to a count."""
        self.counts[what] = self.counts.get(what, 0) + by

    @property
    def ordered_counts(self) -> dict[str, int]:
        """Return the counts, each total (`items`) right before its parts (`items.text`)."""
        wholes = [what.partition(".")[0] for what in self.counts]
        return dict(sorted(self.counts.items(), key=lambda c: wholes.index(c[0].partition(".")[0])))

    def note(self, sentence: str) -> None:
        """Add a note once, however often it occurs."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def skip(self, sentence: str) -> None:
        """Note that something was left out, and why."""
        self.count("skipped")
        self.note(sentence)
