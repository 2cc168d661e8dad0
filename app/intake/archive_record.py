"""Schemas of the lines, coverages, entries and drafts in archives; every line is validated by them.

A member that no schema knows is refused, since nothing of a later version may be lost in silence. A
member that an earlier version lacks has a default. Values that follow from the journal (counts, the
pin, key events, seqs) are validated, but never taken from the file.
"""

from datetime import date as Day  # noqa: N812  `date` is the name of a member
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from app.formats.public_json import Json, decode_coverage, decode_entry
from app.intake.body import clean_html
from app.intake.figure_value import Number, check_one_value
from app.intake.text_types import (
    AsOf,
    Credit,
    Language,
    Line,
    Moment,
    Name,
    OptionalLine,
    Paragraph,
    PublicNote,
    Statement,
    Tag,
    Text,
    WebAddress,
    replace_controls,
)
from app.timeline.claim import LARGEST_CLAIM_COUNT, LARGEST_HISTORY, AssessmentStatus
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.edition import OutdatedReason
from app.timeline.entry import Entry, EntryKind, MediaKind
from app.timeline.event import CoverageEventType, EntryEventType
from app.timeline.figure import LARGEST_FIGURE_COUNT
from app.timeline.plain_text import shows_anything

_SLUG = r"^[a-z0-9-]{1,100}$"
_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"
_ADDRESS = r"^(https?://|/)[^\s]*$"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


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
    width: Annotated[int, Field(ge=1, lt=2**31)]
    height: Annotated[int, Field(ge=1, lt=2**31)]
    type: Line


class _Card(_Record):
    site: Name
    author: Credit = ""
    text: Paragraph = ""
    date: Annotated[Day, Field(strict=False)] | None = None


class _Media(_Record):
    id: Annotated[str, Field(pattern=_ID)]
    kind: MediaKind
    url: Annotated[str, Field(pattern=_ADDRESS)]
    alt: Text = ""
    caption: Text = ""
    credit: Text = ""
    width: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    height: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    renditions: list[_Rendition] = []
    card: _Card | None = None
    graphic: bool = False


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
    history: Annotated[list[_Assessment], Field(max_length=LARGEST_HISTORY)] = []


class _Figure(_Record):
    metric: Name
    group: Name | None = None
    low: Number | None = None
    high: Number | None = None
    about: bool = False
    text: Name | None = None
    source: _Source
    as_of: AsOf | None = None
    status: AssessmentStatus = "reported"
    note: PublicNote | None = None

    @model_validator(mode="after")
    def _one_value(self) -> Self:
        check_one_value(self.low, self.high, self.text)
        return self


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


class _Returned(_Record):
    note: PublicNote
    at: Moment
    by: Line


class EntryRecord(_Record):
    """A public entry, as stored in a line of an archive."""

    id: Annotated[str, Field(pattern=_ID)]
    seq: Annotated[int, Field(ge=1)] | None = None  # derived
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
    edited_at: Moment | None = None
    correction: _Note | None = None
    retraction: _Note | None = None
    media: list[_Media] = []
    language: Language
    claims: Annotated[list[_Claim], Field(max_length=LARGEST_CLAIM_COUNT)] = []
    figures: Annotated[list[_Figure], Field(max_length=LARGEST_FIGURE_COUNT)] = []
    translation_of: _Translation | None = None

    @field_validator("claims")
    @classmethod
    def _distinct(cls, claims: list[_Claim]) -> list[_Claim]:
        if len({claim.id for claim in claims}) < len(claims):
            raise ValueError("two claims have the same id")
        return claims

    def entry(self, coverage: str, seq: int | None) -> Entry:
        """Return the entry; its HTML is sanitised, since anybody may have written the file."""
        record: Json = self.model_dump(mode="json") | {"seq": seq}
        if "edited_at" not in self.model_fields_set:
            del record["edited_at"]  # null would say that it never was
        if record["body"] is not None:
            record["body"]["html"] = clean = clean_html(record["body"]["html"])
            record["body"] = record["body"] if shows_anything(clean) else None
        return decode_entry(record, coverage)


class DraftRecord(EntryRecord):
    """A draft or scheduled entry, with the members that only the newsroom sees."""

    embargo_until: Moment | None = None
    author: Line | None = None
    submitted_at: Moment | None = None
    returned: _Returned | None = None


class _KeyEvent(_Record):
    entry_id: Annotated[str, Field(pattern=_ID)]
    title: str
    published_at: Moment


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
    summary: Annotated[str, Field(pattern=_ID)] | None = None
    updated_at: Moment | None = None  # derived, and so are the next three
    entry_count: Annotated[int, Field(ge=0)] | None = None
    pinned: Annotated[str, Field(pattern=_ID)] | None = None
    key_events: list[_KeyEvent] = []

    def coverage(self, cursor: Cursor, at: str) -> Coverage:
        """Return the coverage, still without entries."""
        computed: dict[str, Any] = {
            "updated_at": at,
            "entry_count": 0,
            "pinned": None,
            "key_events": [],
        }
        return decode_coverage(self.model_dump(mode="json") | computed, cursor)


class FormatLine(_Record):
    """The first line: the format and its version."""

    format: Literal["dateline-journal"]
    version: Annotated[int, Field(ge=1)]


class EventLine(_Record):
    """A line that holds an event; of a signed archive, with what opens its leaf of the log."""

    seq: Annotated[int, Field(ge=1)]
    type: Literal[CoverageEventType, EntryEventType]
    coverage: Annotated[str, Field(pattern=_SLUG)]
    at: Moment
    entry: EntryRecord | None = None
    details: CoverageRecord | None = None
    commitment: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None


class DraftLine(_Record):
    """A line that holds a draft, beside the journal."""

    draft: DraftRecord


class _Log(_Record):
    key: str
    checkpoint: str


class LogLine(_Record):
    """The line before the last one of a signed archive: the checkpoint, and the key that signed it.

    An import does not use it, as the copy has a log of its own; `intake/log_check.py` verifies it.
    """

    log: _Log


class _Counts(_Record):
    events: Annotated[int, Field(ge=0)]
    drafts: Annotated[int, Field(ge=0)]


class EndLine(_Record):
    """The last line: the counts of events and drafts before it."""

    end: _Counts


def explain_error(error: ValidationError) -> str:
    """Describe the error of a line: its place, and the unknown member or value by name."""
    errors = error.errors(include_url=False)
    # A line of a later version may also lack what is required; its unknown parts say why.
    unknown = [each for each in errors if each["type"] in {"literal_error", "extra_forbidden"}]
    first = (unknown or errors)[0]
    path = "/".join(_printable(str(step)) for step in first["loc"])
    match first["type"]:
        case "extra_forbidden":
            return f"{path}: this version of Dateline does not know the member"
        case "literal_error":
            value = _printable(str(first["input"]))
            return f"{path}: this version of Dateline does not know {value}; {first['msg']}"
        case _:
            return f"{path}: {first['msg']}"


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)
