"""What an importer read and what became of it, told to whoever runs the import."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Account:
    """Counts, and sentences on what had to change."""

    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, what: str, by: int = 1) -> None:
        """Add to a count."""
        self.counts[what] = self.counts.get(what, 0) + by

    @property
    def ordered_counts(self) -> dict[str, int]:
        """The counts, each of a whole (`items`) right before those of its parts (`items.text`)."""
        wholes = [what.partition(".")[0] for what in self.counts]
        return dict(sorted(self.counts.items(), key=lambda c: wholes.index(c[0].partition(".")[0])))

    def note(self, sentence: str) -> None:
        """Tell something once, however often it happens."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def skip(self, sentence: str) -> None:
        """Tell that something was left out, and why."""
        self.count("skipped")
        self.note(sentence)
