"""The script of a demonstration: coverages, their entries and the later changes of these.

A script with an unknown member or an invalid time is refused.
"""

import re
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic.dataclasses import dataclass

from app.timeline.claim import AssessmentStatus
from app.timeline.entry import EntryKind

PHOTOS = Path(__file__).parent / "photos"

Json = dict[str, Any]

_SINCE_ZERO = re.compile(r"(\d{2,3}):([0-5]\d):([0-5]\d)", re.ASCII)


def parse_time(value: object, zero: datetime) -> datetime:
    """Return the time of `HHH:MM:SS` since the zero of a script, or of a date and time.

    Raises:
        ValueError: the value is neither, or has no offset from UTC.
    """
    if isinstance(value, str) and (match := _SINCE_ZERO.fullmatch(value)):
        hours, minutes, seconds = map(int, match.groups())
        return zero + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        time = None
    if not isinstance(time, datetime) or time.tzinfo is None:
        raise ValueError(
            "must be a time since the script's zero such as 102:45:40,"
            " or a date and time with its offset"
        )
    return time.astimezone(UTC)


def _script_time(value: object, info: ValidationInfo) -> datetime:
    zero = info.context["zero"] if info.context else datetime.min.replace(tzinfo=UTC)
    return parse_time(value, zero)


def _as_of(value: object, info: ValidationInfo) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return _script_time(value, info).isoformat()


ScriptTime = Annotated[datetime, BeforeValidator(_script_time)]
AsOf = Annotated[str, BeforeValidator(_as_of)]  # a date or a time, as the API takes it

_strict = dataclass(frozen=True, config=ConfigDict(extra="forbid", strict=True))


@_strict
class ScriptedPlace:
    """Where an event happened, in degrees if the place is on a map."""

    name: str
    lat: float | None = None
    lon: float | None = None


@_strict
class ScriptedPicture:
    """A photograph stored beside the script, with its texts."""

    file: str
    alt: str
    caption: str
    credit: str

    def content(self) -> bytes:
        """Return the contents of the file."""
        return (PHOTOS / self.file).read_bytes()

    def words(self) -> Json:
        """Return the fields of the upload request beside the file."""
        return {"alt": self.alt, "caption": self.caption, "credit": self.credit}


@_strict
class ScriptedClaim:
    """A statement of a source; without `text`, the whole entry."""

    source: str
    text: str | None = None
    status: AssessmentStatus = "reported"
    note: str | None = None

    def payload(self) -> Json:
        """Return the API request's fields."""
        members = {
            "source": self.source,
            "text": self.text,
            "status": self.status,
            "note": self.note,
        }
        return {name: value for name, value in members.items() if value is not None}


@_strict
class ScriptedFigure:
    """A number that a source gives; `value` is in words, as people type it."""

    metric: str
    value: str
    source: str
    group: str | None = None
    as_of: AsOf | None = None
    status: AssessmentStatus = "reported"
    note: str | None = None

    def payload(self) -> Json:
        """Return the API request's fields."""
        members = {
            "metric": self.metric,
            "group": self.group,
            "value": self.value,
            "source": self.source,
            "as_of": self.as_of,
            "status": self.status,
            "note": self.note,
        }
        return {name: value for name, value in members.items() if value is not None}


@_strict
class ScriptedEntry:
    """An entry and its time of publication; `key` is its name in the script.

    `coverage` is a slug, by default that of the first coverage. `translation_of` is the key of an
    entry in another edition.
    """

    key: str
    at: ScriptTime
    kind: EntryKind
    coverage: str | None = None
    body: str | None = None
    headline: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    happened: ScriptTime | None = None
    place: ScriptedPlace | None = None
    key_event: bool = False
    pinned: bool = False
    media: tuple[ScriptedPicture, ...] = ()
    claims: tuple[ScriptedClaim, ...] = ()
    figures: tuple[ScriptedFigure, ...] = ()
    translation_of: str | None = None

    def payload(self) -> Json:
        """Return the API request's fields, except those that need the answers to earlier requests.

        These are the pictures and the original of a translation.
        """
        place = self.place
        members = {
            "headline": self.headline,
            "body": self.body,
            "language": self.language,
            "kind": self.kind,
            "key_event": self.key_event,
            "tags": list(self.tags),
            "bylines": list(self.bylines),
            "happened_at": self.happened and self.happened.isoformat(),
            "place": place and {"name": place.name, "lat": place.lat, "lon": place.lon},
            "claims": [claim.payload() for claim in self.claims],
            "figures": [figure.payload() for figure in self.figures],
        }
        return {name: value for name, value in members.items() if value}


@_strict
class ScriptedChange:
    """A change of a published entry, and its time.

    `claim` and `figure` are indexes in the entry, from 0, of what is assessed. `check` says that a
    translation was compared with its original.
    """

    at: ScriptTime
    entry: str
    action: Literal["amend", "correct", "retract", "assess", "check", "pin", "unpin"]
    note: str | None = None
    headline: str | None = None
    body: str | None = None
    figures: tuple[ScriptedFigure, ...] = ()
    claim: int | None = None
    figure: int | None = None
    status: AssessmentStatus | None = None

    def payload(self) -> Json:
        """Return the API request's fields, except the claim, which the server has named."""
        members = {
            "note": self.note,
            "headline": self.headline,
            "body": self.body,
            "figures": [figure.payload() for figure in self.figures] or None,
            "figure": self.figure,
            "status": self.status,
        }
        return {name: value for name, value in members.items() if value is not None}


@_strict
class ScriptedLink:
    """A link to another coverage of the script, by its slug, or to a web address."""

    title: str
    coverage: str | None = None
    url: str | None = None


@_strict
class ScriptedCoverage:
    """A coverage; it is opened with its first entry.

    `edition_of` is the slug of its original edition. It is closed at `closed`, or else at the end
    of the script.
    """

    slug: str
    title: str
    kicker: str | None = None
    standfirst: str | None = None
    language: str = "en"
    bylines: tuple[str, ...] = ()
    edition_of: str | None = None
    related: tuple[ScriptedLink, ...] = ()
    closed: ScriptTime | None = None

    def payload(self, url: str) -> Json:
        """Return the API request's fields.

        Args:
            url: the address of the server, without a slash at its end.
        """
        members = {
            "slug": self.slug,
            "title": self.title,
            "kicker": self.kicker,
            "standfirst": self.standfirst,
            "language": self.language,
            "bylines": list(self.bylines),
            "edition_of": self.edition_of,
            "related": [
                {"title": link.title, "url": link.url or f"{url}/coverages/{link.coverage}"}
                for link in self.related
            ],
        }
        return {name: value for name, value in members.items() if value}


@dataclass(frozen=True)
class Opening:
    """The opening of a coverage, and its time."""

    at: datetime
    coverage: ScriptedCoverage


@dataclass(frozen=True)
class Closing:
    """The closing of a coverage, and its time."""

    at: datetime
    coverage: ScriptedCoverage


Step = Opening | ScriptedEntry | ScriptedChange | Closing


@_strict
class Script:
    """A story: its coverages, the first of which is the main one, their entries and changes.

    `zero` is the time from which the script counts; steps before `begins` are already published
    when the replay starts.
    """

    story: str
    zero: AwareDatetime
    begins: ScriptTime
    coverage: Annotated[tuple[ScriptedCoverage, ...], Field(min_length=1)]
    entry: Annotated[tuple[ScriptedEntry, ...], Field(min_length=1)]
    change: tuple[ScriptedChange, ...] = ()

    @property
    def main(self) -> ScriptedCoverage:
        """The main coverage."""
        return self.coverage[0]

    def slug_of(self, entry: ScriptedEntry) -> str:
        """Return the slug of the coverage to which an entry belongs."""
        return entry.coverage or self.main.slug

    @property
    def steps(self) -> list[Step]:
        """All steps in order of time.

        At equal times, coverages are opened first and closed last, and entries precede changes.
        """
        end = max([entry.at for entry in self.entry] + [change.at for change in self.change])
        openings: list[Step] = []
        closings: list[Step] = []
        for coverage in self.coverage:
            times = [e.at for e in self.entry if self.slug_of(e) == coverage.slug]
            if times:
                openings.append(Opening(min(times), coverage))
                closings.append(Closing(coverage.closed or end, coverage))
        return sorted([*openings, *self.entry, *self.change, *closings], key=attrgetter("at"))
