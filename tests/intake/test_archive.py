"""Archives: what this version does not know is refused by name; what is missing has a default."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.rfc3339 import parse_optional_time
from app.intake.archive import VERSION, Archive, DamagedLine, archive_line, read_archive
from tests.strategies import words

Json = dict[str, Any]
Path = tuple[str | int, ...]

_AT = "1969-07-20T20:17:40.000Z"
_EARLIER = "1969-07-20T20:17:39.000Z"
_NOTE = {"note": "A note.", "at": _AT}
_MEDIA = {
    "id": "m1",
    "kind": "image",
    "url": "/media/m1.jpg",
    "alt": "The Moon",
    "caption": "Seen from Eagle",
    "credit": "NASA",
    "width": 800,
    "height": 600,
    "renditions": [
        {"url": "/media/m1-400.webp", "width": 400, "height": 300, "type": "image/webp"}
    ],
}
_ENTRY = {
    "id": "e1",
    "seq": 2,
    "revision": 1,
    "status": "published",
    "headline": "Landed",
    "body": {"html": "<p>It stands.</p>", "markdown": "It stands."},
    "kind": "update",
    "key_event": True,
    "pinned": False,
    "bylines": [{"name": "Ann"}],
    "tags": ["moon"],
    "place": {"name": "Tranquility Base", "lat": 0.7, "lon": 23.5},
    "happened_at": _AT,
    "published_at": _AT,
    "updated_at": _AT,
    "correction": _NOTE,
    "retraction": None,
    "media": [_MEDIA],
    "language": "en",
}
_DRAFT = {
    **_ENTRY,
    "id": "e2",
    "seq": None,
    "status": "draft",
    "published_at": None,
    "retraction": _NOTE,
    "embargo_until": _AT,
    "author": "key:1",
    "submitted_at": None,
    "returned": {**_NOTE, "by": "Ben"},
}
_DETAILS = {
    "slug": "moon",
    "title": "The Moon",
    "kicker": "Apollo 11",
    "standfirst": "As it happens.",
    "status": "live",
    "language": "en",
    "languages": ["en"],
    "bylines": [{"name": "Ann"}],
    "starts_at": _AT,
    "ended_at": None,
    "created_at": _AT,
    "updated_at": _AT,
    "entry_count": 1,
    "pinned": None,
    "key_events": [{"entry_id": "e1", "title": "Landed", "published_at": _AT}],
    "lead_image": _MEDIA,
    "related": [{"title": "Yesterday", "url": "https://news.example/1"}],
}
_COMMON = {"coverage": "moon", "at": _AT}
_LINES: list[Json] = [
    {"format": "dateline-journal", "version": VERSION},
    {"seq": 1, "type": "coverage.opened", **_COMMON, "details": _DETAILS},
    {"seq": 2, "type": "entry.published", **_COMMON, "entry": _ENTRY},
    {"seq": 3, "type": "entry.corrected", **_COMMON, "entry": {**_ENTRY, "revision": 2}},
    {"draft": _DRAFT},
    {"end": {"events": 3, "drafts": 1}},
]
_JSON = st.recursive(st.none() | st.booleans() | words(), lambda inner: st.lists(inner, max_size=2))


def _read(lines: list[Json], slug: str | None = None) -> Archive:
    return read_archive([json.dumps(line).encode() for line in lines], "e", slug)


def _copy() -> list[Json]:
    copied: list[Json] = json.loads(json.dumps(_LINES))
    return copied


def _records(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of all objects in a JSON value."""
    if isinstance(value, dict):
        yield path
    for step, part in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(part, dict | list):
            yield from _records(part, (*path, step))


def _record_at(lines: list[Json], path: Path) -> Json:
    value: Any = lines
    for step in path:
        value = value[step]
    record: Json = value
    return record


def _is_named(name: str, refusal: str) -> bool:
    return name in refusal or repr(name) in refusal


@given(st.sampled_from(list(_records(_LINES))), words(1), _JSON, st.sampled_from([None, "copy"]))
def test_an_unknown_member_anywhere_is_refused_by_name(
    path: Path, name: str, value: object, slug: str | None
) -> None:
    """A member that a record does not have is refused with its line and its name."""
    lines = _copy()
    record = _record_at(lines, path)
    if name in record or name in {"draft", "end"}:
        return
    record[name] = value
    with pytest.raises(DamagedLine) as refusal:
        _read(lines, slug)
    assert str(refusal.value).startswith(f"line {int(path[0]) + 1}: ")
    assert _is_named(name, str(refusal.value))


@given(st.sampled_from([1, 2, 3]), words())
def test_an_unknown_type_is_refused_by_name(index: int, unknown: str) -> None:
    """An event of an unknown type is refused with its line and its type."""
    lines = _copy()
    lines[index]["type"] = f"entry.{unknown}:"
    with pytest.raises(DamagedLine) as refusal:
        _read(lines)
    assert str(refusal.value).startswith(f"line {index + 1}: type: ")
    assert _is_named(lines[index]["type"], str(refusal.value))


@given(st.integers(VERSION + 1, 2**63), st.booleans())
def test_a_later_version_is_refused_in_one_sentence(version: int, has_more: bool) -> None:
    """A version above ours is refused before anything else in the file, and both are named."""
    lines = _copy()
    lines[0] |= {"version": version} | ({"signed": True} if has_more else {})
    lines[1]["salt"] = "x"
    with pytest.raises(DamagedLine) as refusal:
        _read(lines)
    assert str(refusal.value) == (
        f"line 1: the archive has version {version} of the format, and this server reads versions"
        f" up to {VERSION}: import it into a later version of Dateline"
    )


@pytest.mark.parametrize("version", [0, -1, True, "1", 1.0, None, [], 10**30])
def test_a_version_that_is_none_is_refused(version: object) -> None:
    """A version that is no positive integer is refused, and so is a file without one."""
    for head in ({"version": version}, {}):
        with pytest.raises(DamagedLine, match=r"^line 1: version: "):
            _read([{"format": "dateline-journal", **head}, *_LINES[1:]])


def test_what_is_both_an_entrys_and_a_coverages_event_is_refused() -> None:
    """An event with an entry and details is refused: one of them would be lost."""
    lines = _copy()
    lines[2]["details"] = lines[1]["details"]
    with pytest.raises(DamagedLine, match=r"^line 3: .* not both"):
        _read(lines)


_OPTIONAL = {
    "entry": "seq headline body kind key_event pinned bylines tags place happened_at correction "
    "retraction media",
    "draft": "seq headline body kind key_event pinned bylines tags place happened_at published_at "
    "correction retraction media embargo_until author submitted_at returned",
    "details": "kicker standfirst languages bylines starts_at ended_at updated_at entry_count "
    "pinned key_events lead_image related",
}
_ENTRY_DEFAULTS = {"kind": "update", "key_event": False, "pinned": False}
_DEFAULTS: Json = {"entry": _ENTRY_DEFAULTS, "draft": _ENTRY_DEFAULTS, "details": {}}
_LISTS = {"bylines", "tags", "media", "languages", "key_events", "related"}


@given(st.sets(st.sampled_from([(p, n) for p, names in _OPTIONAL.items() for n in names.split()])))
def test_what_an_earlier_version_lacks_has_its_default(missing: set[tuple[str, str]]) -> None:
    """A file without optional members is read as if it had their defaults."""
    without, explicit = _copy(), _copy()
    for part, name in missing:
        for line in (line for line in without if part in line):
            line[part].pop(name)
        for line in (line for line in explicit if part in line):
            line[part][name] = [] if name in _LISTS else _DEFAULTS[part].get(name)
    assert _read(without) == _read(explicit)


@pytest.mark.parametrize(
    ("members", "edited_at"),
    [
        ({"revision": 1}, None),
        ({"revision": 2}, _AT),
        ({"revision": 2, "edited_at": None}, None),
        ({"revision": 3, "edited_at": _EARLIER}, _EARLIER),
    ],
)
def test_of_a_revision_without_the_time_of_an_edit_it_is_its_own(
    members: Json, edited_at: str | None
) -> None:
    """An entry whose record does not know `edited_at` was edited when it was last revised."""
    lines = _copy()
    lines[2]["entry"] |= members
    entry = _read(lines).events[1].entry
    assert entry is not None
    assert entry.edited_at == parse_optional_time(edited_at)


def test_an_export_keeps_what_it_does_not_know() -> None:
    """Members of a later server stay in the exported line, where an import refuses them."""
    event = {
        **_LINES[2],
        "cursor": "e-2",
        "salt": "x",
        "entry": {**_ENTRY, "claims": [{"id": "1"}]},
    }
    line = archive_line(event)
    assert "cursor" not in line
    assert (line["salt"], line["entry"]["claims"]) == ("x", [{"id": "1"}])
