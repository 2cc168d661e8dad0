"""Hypothesis strategies: times, texts, entries, cursors, selections and newsroom actions."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from hypothesis import strategies as st

from app.timeline.claim import Assessment, AssessmentStatus, Claim, Source
from app.timeline.coverage import Coverage, CoverageFields, CoverageStatus, KeyEvent, Related
from app.timeline.cursor import Cursor
from app.timeline.entry import Body, Byline, Entry, EntryFields, Media, Note, Place, Rendition
from app.timeline.figure import Figure
from app.timeline.selection import Selection

START = datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)

Deed = Literal[
    *("publish", "draft", "save", "amend", "correct", "assess", "retract", "pin", "unpin", "change")
]


@dataclass(frozen=True)
class Action:
    """An action in the newsroom, which the rules may refuse.

    Args:
        deed: the kind of action.
        which: the index of the entry, modulo the number of entries.
        fields: the fields that are set on the entry.
        head: the fields that are set on the coverage.
        status: the coverage's new status, for `change`.
        note: the public note of a correction, an assessment or a retraction.
        target: the index of the assessed claim or figure, modulo their number plus one, so that
            some are not there.
        verdict: the new status of the assessed claim or figure.
        late: milliseconds by which the clock has advanced; may be negative.
    """

    deed: Deed
    which: int = 0
    fields: EntryFields = field(default_factory=EntryFields)
    head: CoverageFields = field(default_factory=CoverageFields)
    status: CoverageStatus | None = None
    note: str = "A note."
    target: int = 0
    verdict: AssessmentStatus = "disputed"
    late: int = 0


def moments() -> st.SearchStrategy[datetime]:
    """Times to the millisecond, in every year that a datetime can have."""
    first = datetime(1, 1, 1, tzinfo=UTC)
    last = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    milliseconds = st.integers(0, (last - first) // timedelta(milliseconds=1))
    return milliseconds.map(lambda ms: first + timedelta(milliseconds=ms))


# Half of all characters are ones that end a frame, a tag, a quoted string or a line.
_SHARP = "\u2028\u2029\u0085\r\n\t\x00\x1f<>&\"'\\/:,{}[] \ufeff\u202e\U0001f680\U0001f469\u200d"


def words(least: int = 0, most: int = 20) -> st.SearchStrategy[str]:
    """Any text that UTF-8 can encode."""
    anything = st.characters(codec="utf-8")
    letters = st.one_of(st.sampled_from(_SHARP), anything)
    return st.text(letters, min_size=least, max_size=most)


_NAMES = st.sampled_from(["Ann", "Ben", "Cy", "Dörte", "恵子"])
_TAGS = st.sampled_from(["moon", "sea of tranquillity", "eagle", "côte", "🚀"])
LANGUAGES = st.sampled_from(["en", "de", "pt-BR"])


def bodies() -> st.SearchStrategy[Body]:
    """Bodies with and without Markdown."""
    return st.builds(Body, words(1).map(lambda text: f"<p>{text}</p>"), st.none() | words(1))


def media() -> st.SearchStrategy[Media]:
    """Pictures and videos."""
    size = st.none() | st.integers(1, 10_000)
    rendition_size = st.integers(1, 10_000)
    rendition = st.builds(
        Rendition, words(1), rendition_size, rendition_size, st.sampled_from(["image/webp"])
    )
    return st.builds(
        Media,
        id=st.sampled_from(["m1", "m2", "m3"]),
        kind=st.sampled_from(["image", "video"]),
        url=words(1),
        alt=words(),
        caption=words(),
        credit=words(),
        width=size,
        height=size,
        renditions=st.lists(rendition, max_size=2).map(tuple),
        graphic=st.booleans(),
    )


def places() -> st.SearchStrategy[Place]:
    """Places with and without coordinates."""
    degrees = st.floats(-90, 90)
    return st.one_of(st.builds(Place, words(1)), st.builds(Place, words(1), degrees, degrees))


# Of few series, whose names are written in several ways; one of them has most observations.
_METRICS = st.sampled_from(["killed", "Killed", "killed", "houses  destroyed", "Houses destroyed"])
_GROUPS = st.sampled_from([None, None, None, "Straße", "STRASSE"])
_SOURCES = st.sampled_from(
    [Source("Ministry"), Source("ministry", "https://ministry.example/1"), Source("A\u00a0Centre")]
)
_TEXTS = st.just("dozens")
VERDICTS: st.SearchStrategy[AssessmentStatus] = st.sampled_from(
    ["reported", "confirmed", "disputed", "false", "withdrawn"]
)


def claims(
    sources: st.SearchStrategy[Source] = _SOURCES, texts: st.SearchStrategy[str] = _TEXTS
) -> st.SearchStrategy[tuple[Claim, ...]]:
    """The claims of an entry, some of them with earlier assessments."""
    notes = st.none() | texts
    assessment = st.builds(Assessment, VERDICTS, notes, moments())
    claim = st.builds(
        Claim,
        id=st.sampled_from(["c1", "c2", "c3"]),
        text=st.none() | texts,
        source=sources,
        status=VERDICTS,
        note=notes,
        at=moments(),
        history=st.lists(assessment, max_size=2).map(tuple),
    )
    return st.lists(claim, max_size=2, unique_by=lambda claim: claim.id).map(tuple)


def figures(
    sources: st.SearchStrategy[Source] = _SOURCES,
    metrics: st.SearchStrategy[str] = _METRICS,
    texts: st.SearchStrategy[str] = _TEXTS,
) -> st.SearchStrategy[tuple[Figure, ...]]:
    """The figures of an entry, with numbers and dates near each other."""
    number = st.integers(0, 20) | st.integers(0, 80).map(lambda quarters: quarters / 4)
    ranges = st.tuples(st.none() | number, st.none() | number).map(
        lambda pair: pair if None in pair else tuple(sorted(pair))  # type: ignore[type-var]
    )
    days = st.integers(0, 3).map(lambda n: date(1969, 7, 19) + timedelta(days=n))
    times = st.integers(-100, 100).map(lambda n: START + timedelta(minutes=n))

    def figure(value: tuple[Any, Any], words_of: str | None, **rest: Any) -> Figure:
        low, high = value
        text = words_of if low is None and high is None else None
        return Figure(low=low, high=high, text=text, **rest)

    one = st.builds(
        figure,
        ranges,
        st.none() | texts,
        metric=metrics,
        group=_GROUPS,
        source=sources,
        about=st.booleans(),
        as_of=st.none() | days | times,
        status=VERDICTS,
        note=st.none() | texts,
    )
    return st.lists(one, max_size=3).map(tuple)


def lines() -> st.SearchStrategy[str]:
    """Text without control characters, which forms refuse in names."""
    return st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)


def entry_fields() -> st.SearchStrategy[EntryFields]:
    """Any of the fields that the newsroom may set on an entry."""
    optional: dict[str, st.SearchStrategy[object]] = {
        "headline": st.none() | words(1),
        "body": st.none() | bodies(),
        "kind": st.sampled_from(["update", "roundup", "quote", "media"]),
        "key_event": st.booleans(),
        "bylines": st.lists(_NAMES.map(Byline), max_size=2).map(tuple),
        "tags": st.lists(_TAGS, max_size=3, unique=True).map(tuple),
        "place": st.none() | places(),
        "happened_at": st.none() | moments(),
        "media": st.lists(media(), max_size=2).map(tuple),
        "language": LANGUAGES,
        "claims": claims(st.builds(Source, lines(), st.none() | words(1)), lines()),
        "figures": figures(st.builds(Source, lines(), st.none() | words(1)), lines(), lines()),
    }
    return st.fixed_dictionaries({}, optional=optional)  # type: ignore[return-value]


def coverage_fields() -> st.SearchStrategy[CoverageFields]:
    """Any of the fields that the newsroom may set on a coverage."""
    optional: dict[str, st.SearchStrategy[object]] = {
        "title": words(1),
        "kicker": st.none() | words(1),
        "standfirst": st.none() | words(1),
        "language": LANGUAGES,
        "languages": st.lists(LANGUAGES, max_size=2, unique=True).map(tuple),
        "bylines": st.lists(_NAMES.map(Byline), max_size=2).map(tuple),
        "starts_at": st.none() | moments(),
        "ended_at": st.none() | moments(),
        "lead_image": st.none() | media(),
        "related": st.lists(st.builds(Related, words(1), words(1)), max_size=2).map(tuple),
    }
    return st.fixed_dictionaries({}, optional=optional)  # type: ignore[return-value]


def series(elements: st.SearchStrategy[Any], longest: int) -> st.SearchStrategy[list[Any]]:
    """Lists of which half are long; by default Hypothesis makes lists of about five items."""
    return st.lists(elements, max_size=longest) | st.lists(
        elements, min_size=longest // 2, max_size=longest
    )


def actions(*deeds: Deed) -> st.SearchStrategy[Action]:
    """One action of the given kinds; without any, mostly publications.

    Its texts are few and short, so that long series cost little.
    """
    return _actions(deeds, _FEW_FIELDS, _FEW_HEADS, st.just("A note."))


def statement_actions() -> st.SearchStrategy[Action]:
    """One action on entries that all have figures, or had them."""
    fields: st.SearchStrategy[Any] = st.fixed_dictionaries(
        {"figures": figures()}, optional={"claims": claims()}
    )
    return _actions((), fields, _FEW_HEADS, st.just("A note."))


def wordy_actions(*deeds: Deed) -> st.SearchStrategy[Action]:
    """One action with any text in any field."""
    return _actions(deeds, entry_fields(), coverage_fields(), words(1))


_FEW_FIELDS: st.SearchStrategy[EntryFields] = st.fixed_dictionaries(  # type: ignore[assignment]
    {},
    optional={
        "headline": st.sampled_from([None, "Two", "Three\u2028"]),
        "body": st.sampled_from([None, Body("<p>4</p>", "4"), Body("<p>5 &lt; 6</p>")]),
        "key_event": st.booleans(),
        "tags": st.sampled_from([(), ("moon",), ("moon", "eagle")]),
        "place": st.sampled_from([None, Place("Moon")]),
        "language": LANGUAGES,
        "claims": claims(),
        "figures": figures(),
    },
)
_FEW_HEADS: st.SearchStrategy[CoverageFields] = st.fixed_dictionaries(  # type: ignore[assignment]
    {}, optional={"title": st.sampled_from(["Two", "Three"]), "ended_at": st.just(START)}
)


def _actions(
    deeds: tuple[Deed, ...],
    fields: st.SearchStrategy[EntryFields],
    heads: st.SearchStrategy[CoverageFields],
    notes: st.SearchStrategy[str],
) -> st.SearchStrategy[Action]:
    often: tuple[Deed, ...] = ("publish", "publish", "publish", "draft", "save", "amend")
    rest: tuple[Deed, ...] = (
        *("correct", "assess", "assess", "retract", "retract", "pin", "pin", "unpin", "change"),
    )
    # Rarely closed or planned again: most actions after that are refused.
    statuses: list[CoverageStatus | None] = [None, *["live"] * 4, "paused", "closed", "planned"]
    initial_fields = fields.map(lambda optional: {"headline": "One"} | optional)

    def action(deed: Deed) -> st.SearchStrategy[Action]:
        parts: dict[str, st.SearchStrategy[Any]] = {
            "which": st.integers(0, 7),
            "late": st.sampled_from([0, 0, 1, 1000, 60_000, -1, -30_000]),
        }
        if deed in {"publish", "draft", "save", "amend", "correct"}:
            parts["fields"] = initial_fields if deed in {"publish", "draft"} else fields
        if deed in {"correct", "assess", "retract"}:
            parts["note"] = notes
        if deed == "assess":
            parts |= {"target": st.integers(0, 5), "verdict": VERDICTS}
        if deed == "change":
            parts |= {"head": heads, "status": st.sampled_from(statuses)}
        return st.builds(Action, deed=st.just(deed), **parts)

    return st.sampled_from(deeds or (*often, *rest)).flatmap(cache(action))


def entries() -> st.SearchStrategy[Entry]:
    """Entries in every state, with any value in each field."""
    note = st.none() | st.builds(Note, words(1), moments())
    return st.builds(
        lambda fields, **rest: Entry(**({"language": "en"} | fields), **rest),
        fields=entry_fields(),
        id=st.sampled_from(["e1", "A.b:c_d-e"]),
        coverage=st.just("apollo-11"),
        status=st.sampled_from(["draft", "scheduled", "published", "retracted"]),
        updated_at=moments(),
        seq=st.none() | st.integers(1, 2**53),
        revision=st.integers(1, 1000),
        pinned=st.booleans(),
        published_at=st.none() | moments(),
        correction=note,
        retraction=note,
    )


def coverages() -> st.SearchStrategy[Coverage]:
    """Coverages in every state."""
    key_event = st.builds(KeyEvent, st.sampled_from(["e1", "e2"]), words(), moments())
    return st.builds(
        lambda fields, **rest: Coverage(**({"title": "T", "language": "en"} | fields), **rest),
        fields=coverage_fields(),
        slug=st.just("apollo-11"),
        status=st.sampled_from(["planned", "live", "paused", "closed"]),
        created_at=moments(),
        updated_at=moments(),
        cursor=cursors(),
        entry_count=st.integers(0, 10_000),
        pinned=st.none() | st.just("e1"),
        summary=st.none() | st.just("e1"),
        key_events=st.lists(key_event, max_size=3).map(tuple),
    )


def cursors() -> st.SearchStrategy[Cursor]:
    """Cursors of any journal."""
    epochs = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=32)
    return st.builds(Cursor, epochs, st.integers(0, 10**15 - 1))


def selections(ids: st.SearchStrategy[str]) -> st.SearchStrategy[Selection]:
    """Any selection of a page of entries; its times are near `START`."""
    near = st.integers(-60_000, 200_000).map(lambda ms: START + timedelta(milliseconds=ms))
    return st.builds(
        Selection,
        limit=st.integers(1, 12),
        before=st.none() | ids,
        after=st.none() | ids,
        order=st.sampled_from(["newest", "oldest"]),
        key_events=st.sampled_from([False, False, True]),
        tag=st.none() | _TAGS,
        since=st.none() | near,
        until=st.none() | near,
        lang=st.none() | LANGUAGES,
        places=st.sampled_from([False, False, True]),
    )
