"""The script of the demonstration: what is published, and what becomes of it, in mission time.

Refuses a script with a member that it does not know, a time that is none, or a change of an entry
that is not there at that time.
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
    """The script cannot be played; the message says which part of it, and why."""


def parse_mission_time(text: object) -> datetime:
    """The moment of a mission time, `HHH:MM:SS` since lift-off.

    Raises:
        ValueError: it is none.
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
    """Where it happened; degrees."""

    name: str
    lat: float
    lon: float


@_strict
class ScriptedPicture:
    """A photograph beside the script, and what is printed with it."""

    file: str
    alt: str
    caption: str
    credit: str

    def content(self) -> bytes:
        """The file itself."""
        return (PHOTOS / self.file).read_bytes()

    def words(self) -> Json:
        """What the newsroom sends with it."""
        return {"alt": self.alt, "caption": self.caption, "credit": self.credit}


@_strict
class ScriptedEntry:
    """An entry, and when it is published; `key` is its name in the script."""

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
        """What the newsroom posts; its pictures have to be sent before it."""
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
    """What happens to a published entry, and when."""

    at: MissionTime
    entry: str
    action: Literal["amend", "correct", "retract", "pin", "unpin"]
    note: str | None = None
    headline: str | None = None
    body: str | None = None

    def payload(self) -> Json:
        """What the newsroom posts."""
        members = {"note": self.note, "headline": self.headline, "body": self.body}
        return {name: value for name, value in members.items() if value is not None}


@_strict
class ScriptedCoverage:
    """The page; what lies before `begins` is there when the replay starts."""

    slug: str
    title: str
    begins: MissionTime
    kicker: str | None = None
    standfirst: str | None = None
    language: str = "en"
    bylines: tuple[str, ...] = ()

    def payload(self) -> Json:
        """What the newsroom posts."""
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
    """A page, its entries, and what becomes of them."""

    coverage: ScriptedCoverage
    entry: tuple[ScriptedEntry, ...]
    change: tuple[ScriptedChange, ...] = ()

    @property
    def steps(self) -> list[Step]:
        """Everything in order of time; of what comes at one time, entries go first."""
        steps: list[Step] = [*self.entry, *self.change]
        return sorted(steps, key=lambda step: step.at)


def read_script(path: Path = APOLLO_11) -> Script:
    """Read a script.

    Raises:
        ScriptError: it cannot be played.
    """
    try:
        # By way of JSON, in which strictness takes lists and tables for what they stand for.
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
    found = []
    for entry in script.entry:
        if entry.key in published:
            found.append(f"two entries have the key {entry.key}")
        if not (entry.body or entry.headline or entry.media):
            found.append(f"the entry {entry.key} is empty")
        found += [
            f"the entry {entry.key} shows {picture.file}, which is not there"
            for picture in entry.media
            if not (PHOTOS / picture.file).is_file()
        ]
        published[entry.key] = entry.at
    for change in script.change:
        name = f"the change of {change.entry} at {change.at:%d %B %H:%M:%S}"
        if change.entry not in published or change.at < published[change.entry]:
            found.append(f"{name}: there is no such entry then")
        if (change.note is not None) != (change.action in _NOTED):
            found.append(f"{name}: a note belongs to a correction and to a retraction alone")
        if bool(change.headline or change.body) != (change.action in _REVISING):
            found.append(f"{name}: new words belong to an amendment and to a correction alone")
    return found
