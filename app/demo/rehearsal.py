"""A rehearsal of a script: goes through its steps in order, and says which cannot be played.

What a server would refuse is found before the demonstration starts.
"""

from collections import Counter
from collections.abc import Iterable

from app.demo.script import (
    PHOTOS,
    Closing,
    Opening,
    Script,
    ScriptedChange,
    ScriptedCoverage,
    ScriptedEntry,
    ScriptedFigure,
)
from app.intake.figure_value import UnknownValue, parse_value

_NOTED = {"correct", "retract", "assess"}
_REVISING = {"amend", "correct"}


def rehearse(script: Script) -> list[str]:
    """Return the complaints about a script, one sentence each: none if it can be played."""
    slugs = Counter(coverage.slug for coverage in script.coverage)
    keys = Counter(entry.key for entry in script.entry)
    used = {script.slug_of(entry) for entry in script.entry}
    rehearsal = Rehearsal(script)
    for step in script.steps:
        match step:
            case Opening():
                rehearsal.open(step.coverage)
            case Closing():
                rehearsal.close(step.coverage)
            case ScriptedEntry():
                rehearsal.publish(step)
            case ScriptedChange():
                rehearsal.change(step)
    return [
        *(f"two coverages have the slug {slug}" for slug, count in slugs.items() if count > 1),
        *(f"two entries have the key {key}" for key, count in keys.items() if count > 1),
        *(f"the coverage {slug} has no entries" for slug in slugs if slug not in used),
        *rehearsal.complaints,
    ]


class Rehearsal:
    """The state of the newsroom between two steps of a script.

    `complaints` has what was wrong with the steps so far, in their order.
    """

    def __init__(self, script: Script) -> None:
        self.complaints: list[str] = []
        self._script = script
        self._coverages = {coverage.slug: coverage for coverage in script.coverage}
        self._opened: set[str] = set()
        self._closed: set[str] = set()
        self._entries: dict[str, ScriptedEntry] = {}  # published, by key
        self._retracted: set[str] = set()

    def open(self, coverage: ScriptedCoverage) -> None:
        """Open a coverage, which its original edition has to precede."""
        name = f"the coverage {coverage.slug}"
        original = coverage.edition_of
        if original is not None:
            if original not in self._opened:
                self.complaints.append(
                    f"{name} is an edition of {original}, which is not open then"
                )
            elif self._coverages[original].edition_of is not None:
                self.complaints.append(f"{name} is an edition of {original}, an edition itself")
        for link in coverage.related:
            if (link.coverage is None) == (link.url is None):
                self.complaints.append(f"{name} links to {link.title}: name a coverage or a url")
            elif link.coverage is not None and link.coverage not in self._coverages:
                self.complaints.append(f"{name} links to {link.coverage}, which is not there")
        self._opened.add(coverage.slug)

    def close(self, coverage: ScriptedCoverage) -> None:
        """Close a coverage; nothing can be published in it from now on."""
        self._closed.add(coverage.slug)

    def publish(self, entry: ScriptedEntry) -> None:
        """Publish an entry in an open coverage."""
        name = f"the entry {entry.key}"
        slug = self._script.slug_of(entry)
        if slug not in self._coverages:
            self.complaints.append(f"{name} belongs to {slug}, which is no coverage of the script")
            return
        if slug in self._closed:
            self.complaints.append(f"{name} is published after {slug} was closed")
        if not (entry.body or entry.headline or entry.media or entry.figures):
            self.complaints.append(f"{name} is empty")
        self.complaints += [
            f"{name} shows {picture.file}, which is not there"
            for picture in entry.media
            if not (PHOTOS / picture.file).is_file()
        ]
        self._check_values(name, entry, entry.figures)
        if entry.translation_of is not None:
            original = self._standing(entry.translation_of)
            if original is None:
                why = "which is not published then"
                self.complaints.append(f"{name} translates {entry.translation_of}, {why}")
            elif self._story_of(original) != self._story_of(entry) or slug == self._script.slug_of(
                original
            ):
                why = "which is not in another edition of its coverage"
                self.complaints.append(f"{name} translates {entry.translation_of}, {why}")
        self._entries[entry.key] = entry

    def change(self, change: ScriptedChange) -> None:
        """Change an entry that is published and not retracted."""
        name = f"the change of {change.entry} at {change.at:%d %B %H:%M:%S}"
        entry = self._standing(change.entry)
        if entry is None:
            self.complaints.append(f"{name}: there is no such entry then")
            return
        is_assessment = change.action == "assess"
        has_words = bool(change.headline or change.body or change.figures)
        targets = [
            (index, statements)
            for index, statements in ((change.claim, entry.claims), (change.figure, entry.figures))
            if index is not None
        ]
        why = {
            "a note belongs to a correction, a retraction and an assessment alone": (
                (change.note is not None) != (change.action in _NOTED)
                and (change.action, change.status) != ("assess", "reported")
            ),
            "new words and figures belong to an amendment and to a correction alone": (
                has_words != (change.action in _REVISING)
            ),
            "a status belongs to an assessment alone": (
                (change.status is not None) != is_assessment
            ),
            "an assessment, and nothing else, is of one claim or figure": (
                len(targets) != int(is_assessment)
            ),
            "the entry has no such claim or figure": any(
                not 0 <= index < len(statements) for index, statements in targets
            ),
            "it is no translation, which could be compared": (
                change.action == "check" and entry.translation_of is None
            ),
        }
        self.complaints += [f"{name}: {text}" for text, applies in why.items() if applies]
        self._check_values(name, entry, change.figures)
        if change.action == "retract":
            self._retracted.add(change.entry)

    def _standing(self, key: str) -> ScriptedEntry | None:
        return None if key in self._retracted else self._entries.get(key)

    def _story_of(self, entry: ScriptedEntry) -> str:
        coverage = self._coverages[self._script.slug_of(entry)]
        return coverage.edition_of or coverage.slug

    def _check_values(
        self, name: str, entry: ScriptedEntry, figures: Iterable[ScriptedFigure]
    ) -> None:
        language = entry.language or self._coverages[self._script.slug_of(entry)].language
        for figure in figures:
            try:
                parse_value(figure.value, language)
            except UnknownValue as error:
                self.complaints.append(f"{name}: the value {figure.value!r} {error}")
