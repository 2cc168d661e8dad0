"""The script of the demonstration: its entries and their later changes, in mission time.

Refuses a script with an unknown member, an invalid time, or a change of an entry that does not
exist at that time.
"""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from app.timeline.entry import EntryKind

APOLLO_11 = Path(__file__).parent / "apollo11.toml"
PHOTOS = Path(__file__).parent / "photos"
LIFT_OFF = datetime(1969, 7, 16, 13, 32, tzinfo=UTC)

Json = dict[str, Any]

_MISSION_TIME = re.compile(r"(\d{2,3}):([0-5]\d):([0-5]\d)", re.ASCII)
_NOTED = {"correct", "retract"}
_REVISING = {"amend", "correct"}


class ScriptError(Exception):
    """The script is invalid; the message says where, and why."""


def parse_mission_time(text: object) -> datetime:
    """Return the time of a mission time, `HHH:MM:SS` since lift-off.

    Raises:
        ValueError: the text is no mission time.
    """
    match = _MISSION_TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("must be a mission time such as 102:45:40")
    hours, minutes, seconds = map(int, match.groups())
    return LIFT_OFF + timedelta(hours=hours, minutes=minutes, seconds=seconds)


MissionTime = Annotated[datetime, BeforeValidator(parse_mission_time)]

_strict = dataclass(frozen=True, config=ConfigDict(extra="forbid", strict=True))


@_strict
class ScriptedPlace:
    """Where an event happened; in degrees."""

    name: str
    lat: float
    lon: float


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
class ScriptedEntry:
    """An entry and its time of publication; `key` is its name in the script."""

    key: str
    at: MissionTime
    kind: EntryKind
    body: str | None = None
    headline: str | None = None
    tags: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    happened: MissionTime | None = None
    place: ScriptedPlace | None = None
    key_event: bool = False
    pinned: bool = False
    media: tuple[ScriptedPicture, ...] = ()

    def payload(self) -> Json:
        """Return the API request's fields; the pictures have to be uploaded before."""
        place = self.place
        members = {
            "headline": self.headline,
            "body": self.body,
            "kind": self.kind,
            "key_event": self.key_event,
            "tags": list(self.tags),
            "bylines": list(self.bylines),
            "happened_at": self.happened and self.happened.isoformat(),
            "place": place and {"name": place.name, "lat": place.lat, "lon": place.lon},
        }
        return {name: value for name, value in members.items() if value}


@_strict
class ScriptedChange:
    """A change of a published entry, and its time."""

    at: MissionTime
    entry: str
    action: Literal["amend", "correct", "retract", "pin", "unpin"]
    note: str | None = None
    headline: str | None = None
    body: str | None = None

    def payload(self) -> Json:
        """Return the API request's fields."""
        members = {"note": self.note, "headline": self.headline, "body": self.body}
        return {name: value for name, value in members.items() if value is not None}


@_strict
class ScriptedCoverage:
    """The coverage; steps before `begins` are already published when the replay starts."""

    slug: str
    title: str
    begins: MissionTime
    kicker: str | None = None
    standfirst: str | None = None
    language: str = "en"
    bylines: tuple[str, ...] = ()

    def payload(self) -> Json:
        """Return the API request's fields."""
        members = {
            "slug": self.slug,
            "title": self.title,
            "kicker": self.kicker,
            "standfirst": self.standfirst,
            "language": self.language,
            "bylines": list(self.bylines),
        }
        return {name: value for name, value in members.items() if value}


Step = ScriptedEntry | ScriptedChange


@_strict
class Script:
    """A coverage, its entries and their changes."""

    coverage: ScriptedCoverage
    entry: tuple[ScriptedEntry, ...]
    change: tuple[ScriptedChange, ...] = ()

    @property
    def steps(self) -> list[Step]:
        """Return all steps in order of time; at equal times, entries come before changes."""
        steps: list[Step] = [*self.entry, *self.change]
        return sorted(steps, key=lambda step: step.at)


def read_script(path: Path = APOLLO_11) -> Script:
    """Read and validate a script.

    Raises:
        ScriptError: the script is invalid.
    """
    try:
        # Converted to JSON first: strict validation takes JSON's lists and objects for dataclasses.
        document = orjson.dumps(tomllib.loads(path.read_text()))
        script = TypeAdapter(Script).validate_json(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "/".join(map(str, first["loc"]))
        raise ScriptError(f"{path.name}: {place}: {first['msg']}") from error
    except (OSError, ValueError) as error:
        raise ScriptError(f"{path.name}: {error}") from error
    for complaint in _complaints(script):
        raise ScriptError(f"{path.name}: {complaint}")
    return script


def _complaints(script: Script) -> list[str]:
    published: dict[str, datetime] = {}
    complaints: list[str] = []
    for entry in script.entry:
        if entry.key in published:
            complaints.append(f"two entries have the key {entry.key}")
        if not (entry.body or entry.headline or entry.media):
            complaints.append(f"the entry {entry.key} is empty")
        complaints += [
            f"the entry {entry.key} shows {picture.file}, which is not there"
            for picture in entry.media
            if not (PHOTOS / picture.file).is_file()
        ]
        published[entry.key] = entry.at
    for change in script.change:
        name = f"the change of {change.entry} at {change.at:%d %B %H:%M:%S}"
        if change.entry not in published or change.at < published[change.entry]:
            complaints.append(f"{name}: there is no such entry then")
        if (change.note is not None) != (change.action in _NOTED):
            complaints.append(f"{name}: a note belongs to a correction and to a retraction alone")
        if bool(change.headline or change.body) != (change.action in _REVISING):
            complaints.append(f"{name}: new words belong to an amendment and to a correction alone")
    return complaints
