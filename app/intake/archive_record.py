"""Schemas of coverages, entries and drafts in archives; every line is validated against them.

Values that follow from the journal (counts, the pin, key events, seqs) are not part of them.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.formats.public_json import Json, decode_coverage, decode_entry
from app.intake.body import clean_html
from app.intake.text_types import (
    AsOf,
    Language,
    Line,
    Moment,
    Name,
    OptionalLine,
    PublicNote,
    Statement,
    Tag,
    Text,
    WebAddress,
    replace_controls,
)
from app.timeline.claim import LARGEST_CLAIM_COUNT, AssessmentStatus
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.edition import OutdatedReason
from app.timeline.entry import Entry, EntryKind, MediaKind
from app.timeline.event import CoverageEventType, EntryEventType
from app.timeline.figure import LARGEST_FIGURE_COUNT, LARGEST_NUMBER
from app.timeline.plain_text import shows_anything

_SLUG = r"^[a-z0-9-]{1,100}$"
_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"
_ADDRESS = r"^(https?://|/)[^\s]*$"


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


class _Byline(_Record):
    name: Name


class _Place(_Record):
    name: Name
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None


class _Body(_Record):
    html: str
    markdown: Annotated[str, AfterValidator(replace_controls)] | None = None


class _Note(_Record):
    note: PublicNote
    at: Moment


class _Rendition(_Record):
    url: Annotated[str, Field(pattern=_ADDRESS)]
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    type: Line


class _Media(_Record):
    id: Annotated[str, Field(pattern=_ID)]
    kind: MediaKind
    url: Annotated[str, Field(pattern=_ADDRESS)]
    alt: Text = ""
    caption: Text = ""
    credit: Text = ""
    width: Annotated[int, Field(ge=1)] | None = None
    height: Annotated[int, Field(ge=1)] | None = None
    renditions: list[_Rendition] = []


class _Source(_Record):
    name: Name
    url: WebAddress | None = None


class _Assessment(_Record):
    status: AssessmentStatus
    note: PublicNote | None = None
    at: Moment


class _Claim(_Assessment):
    id: Name
    text: Statement | None = None
    source: _Source
    history: Annotated[list[_Assessment], Field(max_length=20)] = []


_Number = Annotated[int | float, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]


class _Figure(_Record):
    metric: Name
    group: Name | None = None
    low: _Number | None = None
    high: _Number | None = None
    about: bool = False
    text: Name | None = None
    source: _Source
    as_of: AsOf | None = None
    status: AssessmentStatus = "reported"
    note: PublicNote | None = None


class _Outdated(_Record):
    because: OutdatedReason
    revision: Annotated[int, Field(ge=1, lt=2**31)]
    note: PublicNote | None = None
    language: Language
    at: Moment


class _Translation(_Record):
    coverage: Annotated[str, Field(pattern=_SLUG)]
    entry_id: Annotated[str, Field(pattern=_ID)]
    revision: Annotated[int, Field(ge=1, lt=2**31)]
    language: Language
    outdated: _Outdated | None = None


class _Edition(_Record):
    slug: Annotated[str, Field(pattern=_SLUG)]
    language: Language
    title: Name


class _Related(_Record):
    title: Name
    url: WebAddress


class EntryRecord(_Record):
    """An entry, as stored in a line of an archive."""

    id: Annotated[str, Field(pattern=_ID)]
    revision: Annotated[int, Field(ge=1, lt=2**31)]
    status: Literal["draft", "scheduled", "published", "retracted"]
    headline: OptionalLine | None = None
    body: _Body | None = None
    kind: EntryKind = "update"
    key_event: bool = False
    pinned: bool = False
    bylines: list[_Byline] = []
    tags: list[Tag] = []
    place: _Place | None = None
    happened_at: Moment | None = None
    published_at: Moment | None = None
    updated_at: Moment
    correction: _Note | None = None
    retraction: _Note | None = None
    media: list[_Media] = []
    language: Language
    claims: Annotated[list[_Claim], Field(max_length=LARGEST_CLAIM_COUNT)] = []
    figures: Annotated[list[_Figure], Field(max_length=LARGEST_FIGURE_COUNT)] = []
    translation_of: _Translation | None = None
    embargo_until: Moment | None = None
    author: Line | None = None

    def entry(self, coverage: str, seq: int | None) -> Entry:
        """Return the entry; its HTML is sanitised, since anybody may have written the file."""
        record: Json = self.model_dump(mode="json") | {"seq": seq}
        if record["body"] is not None:
            record["body"]["html"] = clean = clean_html(record["body"]["html"])
            record["body"] = record["body"] if shows_anything(clean) else None
        return decode_entry(record, coverage)


class CoverageRecord(_Record):
    """A coverage, as stored in a line of an archive."""

    slug: Annotated[str, Field(pattern=_SLUG)]
    title: Name
    kicker: OptionalLine | None = None
    standfirst: Text | None = None
    status: Literal["live", "paused", "closed"]
    language: Language
    languages: list[Language] = []
    bylines: list[_Byline] = []
    starts_at: Moment | None = None
    ended_at: Moment | None = None
    created_at: Moment
    lead_image: _Media | None = None
    related: list[_Related] = []
    edition_of: Annotated[str, Field(pattern=_SLUG)] | None = None
    editions: list[_Edition] = []

    def coverage(self, cursor: Cursor, at: str) -> Coverage:
        """Return the coverage, still without entries."""
        computed: dict[str, Any] = {
            "updated_at": at,
            "entry_count": 0,
            "pinned": None,
            "key_events": [],
        }
        return decode_coverage(self.model_dump(mode="json") | computed, cursor)


class EventLine(_Record):
    """A line that holds an event."""

    seq: Annotated[int, Field(ge=1)]
    type: CoverageEventType | EntryEventType
    coverage: Annotated[str, Field(pattern=_SLUG)]
    at: Moment
    entry: EntryRecord | None = None
    details: CoverageRecord | None = None


class DraftLine(_Record):
    """A line that holds a draft, beside the journal."""

    draft: EntryRecord


class _Counts(_Record):
    events: Annotated[int, Field(ge=0)]
    drafts: Annotated[int, Field(ge=0)]


class EndLine(_Record):
    """The last line: the counts of events and drafts before it."""

    end: _Counts
