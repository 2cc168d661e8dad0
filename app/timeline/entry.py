"""Entry: an item of a timeline, with its words, its media and its status."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypedDict

from app.timeline.claim import Claim
from app.timeline.edition import Translation
from app.timeline.figure import Figure
from app.timeline.plain_text import plain_text
from app.timeline.truncation import truncate

EntryStatus = Literal["draft", "scheduled", "published", "retracted"]
EntryKind = Literal["update", "roundup", "quote", "media"]
MediaKind = Literal["image", "video", "embed"]

ENTRY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}", re.ASCII)
_TITLE_LENGTH = 80  # characters of text that replace a missing headline


@dataclass(frozen=True, slots=True)
class Body:
    """Sanitised HTML, and its Markdown source (None if it was sent as HTML)."""

    html: str
    markdown: str | None = None


@dataclass(frozen=True, slots=True)
class Byline:
    """A name as printed."""

    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened; coordinates are in degrees, both or neither."""

    name: str
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture in one size (in pixels), with its media type."""

    url: str
    width: int
    height: int
    type: str


@dataclass(frozen=True, slots=True)
class Card:
    """What another site says of its content: words of somebody else, as plain text.

    Args:
        site: the site's name.
        author: who has published it there; empty if unknown.
        text: the words of a post, or the title of a video; empty if unknown.
        day: when it was published, by the site's own calendar; None if unknown.
    """

    site: str
    author: str = ""
    text: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a video with its alternative text, caption and credit.

    The size is None if it is unknown. An embed is a post, a video or another content of another
    site, its `url` the page of that site, and its card what the site says of it, if it is known.
    The renditions of a video are the sizes of its still picture, those of an embed the picture of
    its card. What is graphic is covered until a reader asks for it.
    """

    id: str
    kind: MediaKind
    url: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    width: int | None = None
    height: int | None = None
    renditions: tuple[Rendition, ...] = ()
    card: Card | None = None
    graphic: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """The public note on a correction or a retraction, and its time."""

    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """The note with which an editor returned a draft, its time, and the editor's name."""

    note: str
    at: datetime
    by: str


class EntryFields(TypedDict, total=False):
    """The fields that the newsroom may set on an entry."""

    headline: str | None
    body: Body | None
    kind: EntryKind
    key_event: bool
    bylines: tuple[Byline, ...]
    tags: tuple[str, ...]
    place: Place | None
    happened_at: datetime | None
    media: tuple[Media, ...]
    language: str
    claims: tuple[Claim, ...]
    figures: tuple[Figure, ...]
    translation_of: Translation | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the timeline of `coverage`.

    `seq` and `published_at` are None until publication. `revision` counts the saves of a draft and
    starts again at 1 with publication. `edited_at` is when its `content` last changed after that,
    None if it never did. `embargo_until`, `author` (the caller who may edit the draft),
    `submitted_at` (when it was submitted to the editors) and `returned` are for the newsroom only
    and are dropped at publication.
    """

    id: str
    coverage: str
    status: EntryStatus
    updated_at: datetime
    language: str
    seq: int | None = None
    revision: int = 1
    headline: str | None = None
    body: Body | None = None
    kind: EntryKind = "update"
    key_event: bool = False
    pinned: bool = False
    bylines: tuple[Byline, ...] = ()
    tags: tuple[str, ...] = ()
    place: Place | None = None
    happened_at: datetime | None = None
    published_at: datetime | None = None
    edited_at: datetime | None = None
    correction: Note | None = None
    retraction: Note | None = None
    media: tuple[Media, ...] = ()
    claims: tuple[Claim, ...] = ()
    figures: tuple[Figure, ...] = ()
    translation_of: Translation | None = None
    embargo_until: datetime | None = None
    author: str | None = None
    submitted_at: datetime | None = None
    returned: Returned | None = None

    @property
    def is_public(self) -> bool:
        """Whether readers can see it; a tombstone is public too."""
        return self.status in {"published", "retracted"}

    @property
    def version(self) -> str:
        """Its revision, plus the changes that make none: pin, retraction, outdated translation."""
        state = "-retracted" if self.status == "retracted" else "-pinned" if self.pinned else ""
        outdated = self.translation_of and self.translation_of.outdated
        if outdated:
            state += f"-outdated{outdated.revision}"
            if outdated.because == "retracted":  # which makes no revision of the original
                state += "-retracted"
        return f"{self.revision}{state}"

    @property
    def text(self) -> str:
        """The plain text of its body, on one line; empty without one."""
        return plain_text(self.body.html, self.language) if self.body else ""

    def excerpt(self, limit: int) -> str:
        """The beginning of its text or, without one, of its first caption or figure.

        Args:
            limit: characters at most; a longer text is truncated with an ellipsis.
        """
        html = self.body.html if self.body else ""
        # Twice as much, so that `truncate` sees the text after the cut.
        text = plain_text(html, self.language, enough=2 * limit)
        captions = (" ".join((media.caption or media.alt).split()) for media in self.media)
        figures = (figure.line for figure in self.figures)
        return truncate(text or next(filter(None, (*captions, *figures)), ""), limit)

    @property
    def title(self) -> str:
        """The headline or, without one, the beginning of its text."""
        return self.headline or self.excerpt(_TITLE_LENGTH)

    @property
    def content(self) -> tuple[object, ...]:
        """What it says: its words, media, claims and figures, its place and its time.

        A key event, a pin, a tag or a byline says nothing new.
        """
        html = self.body and self.body.html
        told = (self.headline, html, self.place, self.happened_at)
        return (*told, self.media, self.claims, self.figures)

    @property
    def is_empty(self) -> bool:
        """Whether it has no content."""
        return not (self.headline or self.body or self.media or self.figures)


def tombstone(entry: Entry, retraction: Note) -> Entry:
    """Create a retracted entry's tombstone, with its seq, its times and the public note."""
    return Entry(
        id=entry.id,
        coverage=entry.coverage,
        status="retracted",
        seq=entry.seq,
        revision=entry.revision,
        published_at=entry.published_at,
        updated_at=retraction.at,
        language=entry.language,
        retraction=retraction,
    )


def assessment_note(before: Entry, after: Entry) -> str | None:
    """Return the note of the assessment in which two revisions differ; None without one."""
    earlier = {claim.id: claim.status for claim in before.claims}
    for claim in after.claims:
        if earlier.get(claim.id) != claim.status:
            return claim.note
    for past, figure in zip(before.figures, after.figures, strict=False):
        if past.status != figure.status:
            return figure.note
    return None


def unpinned(entry: Entry) -> Entry:
    """Return the entry without the pin."""
    return replace(entry, pinned=False)
