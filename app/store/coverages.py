"""The coverage table: one row each, whose lock orders the commits to the coverage's journal."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Select, bindparam, insert, or_, union_all, update
from sqlalchemy import select as select_columns
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.language_tag import primary_subtag
from app.formats.log.merkle import Frontier
from app.formats.public_json import decode_coverage, dump_json, encode_coverage_record
from app.formats.rfc3339 import format_time, parse_time
from app.store.key_events import StoredKeyEvents, encode_key_events
from app.store.listing import LISTED, distinct, listing_of, merge, next_part
from app.store.prepared import PreparedStatement, matches, table_of, update_of
from app.store.tables import CoverageRow
from app.timeline.coverage import SLUG, Coverage, CoverageStatus
from app.timeline.cursor import Cursor
from app.timeline.errors import SlugTaken, UnknownCoverage
from app.timeline.withdrawal import Withdrawal

# Without the slug: SQLite would look for it in every table with a foreign key to it, most of which
# have no index by coverage.
_SAVED = (
    *("epoch", "head_seq", "status", "listing", "created_at", "updated_at", "edition_of"),
    *("language", "state"),
)
# By whether there is a new event, and whether the key events have changed.
_SAVE = {
    (has_event, has_key_events): update_of(
        CoverageRow,
        ("slug",),
        (*_SAVED, *["frontier"] * has_event, *["key_events"] * has_key_events),
    )
    for has_event in (False, True)
    for has_key_events in (False, True)
}
_RANKED: tuple[CoverageStatus, ...] = ("live", "planned", "paused", "closed")


async def find_coverage(session: AsyncSession, slug: str, *, lock: bool = False) -> Coverage:
    """The coverage as of the session's snapshot; with `lock`, its row stays locked.

    Raises:
        UnknownCoverage: there is none of that slug.
    """
    return decode_row(await _row(session, slug, lock=lock))


class _StoredCoverage(NamedTuple):
    epoch: str
    head_seq: int
    edition_of: str | None
    state: str
    key_events: str
    withdrawn: str | None
    is_archived: bool


_columns = [table_of(CoverageRow).c[name] for name in _StoredCoverage._fields]
_PAGE = select_columns(*_columns, table_of(CoverageRow).c.created_at, table_of(CoverageRow).c.slug)
_query = select_columns(*_columns).where(*matches(CoverageRow, "slug"))
_FIND = PreparedStatement(_query)
_LOCK = PreparedStatement(_query.with_for_update())
_EDITIONS = PreparedStatement(
    select_columns(col(CoverageRow.slug))
    .where(
        or_(
            col(CoverageRow.slug) == bindparam("original"),
            col(CoverageRow.edition_of) == bindparam("original"),
        )
    )
    .order_by(col(CoverageRow.slug))
)


async def _row(session: AsyncSession, slug: str, *, lock: bool = False) -> _StoredCoverage | None:
    # Text that cannot be a slug is not queried: PostgreSQL refuses a NUL, for example.
    if not SLUG.fullmatch(slug):
        return None
    row = await (_LOCK if lock else _FIND).find(session, {"of_slug": slug})
    return None if row is None else _StoredCoverage(*row)


def decode_row(row: CoverageRow | _StoredCoverage | None) -> Coverage:
    """The coverage of a row.

    Raises:
        UnknownCoverage: there is no row.
    """
    if row is None:
        raise UnknownCoverage
    cursor, key_events = Cursor(row.epoch, row.head_seq), StoredKeyEvents(row.key_events)
    coverage = decode_coverage(orjson.loads(row.state), cursor, key_events)
    if row.withdrawn is None and not row.is_archived:
        return coverage
    return replace(coverage, withdrawn=decode_withdrawal(row), is_archived=row.is_archived)


def decode_withdrawal(row: CoverageRow | _StoredCoverage) -> Withdrawal | None:
    """The withdrawal of a coverage; None if it is not withdrawn."""
    if row.withdrawn is None:
        return None
    record = orjson.loads(row.withdrawn)
    links = tuple(record.get("linked_from", ()))
    return Withdrawal(parse_time(record["at"]), record["by"], record["note"], links)


async def list_coverages(
    session: AsyncSession,
    statuses: Collection[CoverageStatus],
    limit: int,
    after: str | None = None,
    hidden: Collection[str] | None = None,
    language: str | None = None,
    *,
    archived: bool = True,
) -> list[Coverage]:
    """Coverages of those statuses, newest first.

    Args:
        session: the session to read in.
        statuses: the statuses to list.
        limit: the most coverages to return.
        after: start after the coverage with this slug; None for the beginning.
        hidden: the slugs of the coverages that may be listed although they are planned or
            withdrawn; None for all of them.
        language: a primary subtag, for coverages in that language only; None for all.
        archived: whether to list the archived ones.

    Raises:
        UnknownCoverage: there is none of the slug `after`.
    """
    last = None if after is None else await find_coverage(session, after)
    lists = list(_lists(statuses, hidden, archived=archived))
    if language is not None:
        lists = [each.where(col(CoverageRow.language) == language) for each in lists]
    return await _read_page(session, lists, limit, last)


def _lists(
    statuses: Collection[CoverageStatus], hidden: Collection[str] | None, *, archived: bool
) -> Iterator[Select[Any]]:
    """The queries of the lists that have coverages of these statuses."""
    row = CoverageRow
    listing, status, slug = col(row.listing), col(row.status), col(row.slug)
    kept = ["archived"] if archived and "closed" in statuses else []
    for name in (*sorted({*statuses} - {"planned"}), *kept):
        yield _PAGE.where(listing == name)
    if hidden is None or hidden:
        own = [] if hidden is None else [slug.in_(hidden)]
        if "planned" in statuses:
            yield _PAGE.where(listing == "planned", *own)
        yield _PAGE.where(listing == "withdrawn", status.in_(statuses), *own)


async def _read_page(
    session: AsyncSession, lists: Iterable[Select[Any]], limit: int, last: Coverage | None
) -> list[Coverage]:
    query = merge(lists, limit, last)
    if query is None:
        return []
    rows = await (await session.connection()).execute(query)
    return [decode_row(_StoredCoverage(*row[:-2])) for row in rows]


_is_listed = [col(CoverageRow.listing) == bindparam(name) for name in LISTED]
_LANGUAGES = PreparedStatement(
    union_all(*(distinct(col(CoverageRow.language), [is_in]) for is_in in _is_listed))
)


async def list_languages(session: AsyncSession) -> list[str]:
    """The languages of the coverages in the index, as primary subtags in alphabetical order."""
    rows = await _LANGUAGES.execute(session, {name: name for name in LISTED})
    return sorted({language for (language,) in rows})


async def list_by_status(
    session: AsyncSession,
    limit: int,
    after: str | None = None,
    slugs: Collection[str] | None = None,
) -> list[Coverage]:
    """Coverages in the newsroom's order: live, planned, paused, closed, each newest first.

    Args:
        session: the session to read in.
        limit: the most coverages to return.
        after: start after the coverage with this slug; None for the beginning.
        slugs: only these coverages; None for all.

    Raises:
        UnknownCoverage: there is none of the slug `after`.
    """
    last = None if after is None else await find_coverage(session, after)
    start = _RANKED.index(last.status) if last else 0
    found: list[Coverage] = []
    for status in _RANKED[start:]:
        lists = _lists([status], None, archived=True)
        if slugs is not None:
            lists = (each.where(col(CoverageRow.slug).in_(slugs)) for each in lists)
        found += await _read_page(session, lists, limit - len(found), last)
        if len(found) == limit:
            break
        last = None
    return found


async def find_editions(session: AsyncSession, slug: str) -> list[str]:
    """The slugs of all editions of a coverage's story in order, planned ones too, or only its own.

    Raises:
        UnknownCoverage: there is none of that slug.
    """
    row = await _row(session, slug)
    if row is None:
        raise UnknownCoverage
    original = row.edition_of or slug
    return [edition for (edition,) in await _EDITIONS.execute(session, {"original": original})]


async def list_originals(
    session: AsyncSession, limit: int, slugs: Collection[str] | None = None
) -> list[Coverage]:
    """The newest coverages that are no edition of another one.

    Args:
        session: the session to read in.
        limit: the most coverages to return.
        slugs: only these coverages; None for all.
    """
    own = [] if slugs is None else [col(CoverageRow.slug).in_(slugs)]
    lists = _lists(_RANKED, None, archived=True)
    originals = (each.where(col(CoverageRow.edition_of).is_(None), *own) for each in lists)
    return await _read_page(session, originals, limit, None)


async def find_linking(session: AsyncSession, address: str) -> list[str]:
    """The slugs of the coverages whose related pages include this address, in order."""
    query = select(CoverageRow).where(col(CoverageRow.state).contains(address, autoescape=True))
    rows = await session.exec(query.order_by(CoverageRow.slug))
    coverages = [decode_row(row) for row in rows]
    return [each.slug for each in coverages if address in {link.url for link in each.related}]


async def list_titles(session: AsyncSession, slugs: Collection[str]) -> dict[str, str]:
    """The titles of these coverages, by slug; unknown slugs are left out."""
    rows = await session.exec(select(CoverageRow).where(col(CoverageRow.slug).in_(slugs)))
    return {row.slug: decode_row(row).title for row in rows}


async def read_heads(session: AsyncSession, slugs: Collection[str]) -> dict[str, Cursor]:
    """The heads of the journals of these coverages, by slug.

    Slugs that are unknown or withdrawn are left out: whoever follows a journal stops.
    """
    rows = await session.exec(
        select(CoverageRow.slug, CoverageRow.epoch, CoverageRow.head_seq).where(
            col(CoverageRow.slug).in_(slugs), col(CoverageRow.withdrawn).is_(None)
        )
    )
    return {slug: Cursor(epoch, seq) for slug, epoch, seq in rows}


async def add_coverage(
    session: AsyncSession, coverage: Coverage, *, is_in_order: bool = True
) -> None:
    """Store a new coverage.

    Args:
        session: the transaction.
        coverage: the coverage.
        is_in_order: whether each entry has the time of the event that published it.

    Raises:
        SlugTaken: the slug is taken. The transaction is then unusable.
    """
    values = _values(coverage) | {
        "key_events": encode_key_events(coverage.key_events),
        "part": await next_part(session),  # after it no earlier statement is pending
        "is_in_order": is_in_order,
    }
    try:
        await session.exec(insert(CoverageRow).values(values))
    except IntegrityError as error:
        raise SlugTaken(f"There is a coverage {coverage.slug} already.") from error


async def save_coverage(
    session: AsyncSession, coverage: Coverage, frontier: Frontier | None = None
) -> None:
    """Store a coverage that the caller has locked.

    Args:
        session: the transaction.
        coverage: the coverage.
        frontier: that of its log; None if it has no new event.
    """
    values = _values(coverage)
    values["of_slug"] = values.pop("slug")
    has_key_events = not isinstance(coverage.key_events, StoredKeyEvents)
    if has_key_events:
        values["key_events"] = encode_key_events(coverage.key_events)
    if frontier is not None:
        values["frontier"] = frontier.stored
    await _SAVE[frontier is not None, has_key_events].execute(session, values)


async def save_availability(session: AsyncSession, coverage: Coverage) -> None:
    """Store whether a coverage, which the caller has locked, is withdrawn, and is archived."""
    record = None
    if (withdrawal := coverage.withdrawn) is not None:
        at = format_time(withdrawal.at)
        document = {"at": at, "by": withdrawal.by, "note": withdrawal.note}
        record = dump_json(document | {"linked_from": withdrawal.linked_from}).decode()
    statement = update(CoverageRow).where(col(CoverageRow.slug) == coverage.slug)
    values = {"withdrawn": record, "is_archived": coverage.is_archived}
    await session.exec(statement.values(values | {"listing": listing_of(coverage)}))


def _values(coverage: Coverage) -> dict[str, object]:
    return {
        "slug": coverage.slug,
        "epoch": coverage.cursor.epoch,
        "head_seq": coverage.cursor.seq,
        "status": coverage.status,
        "listing": listing_of(coverage),
        "created_at": coverage.created_at,
        "updated_at": coverage.updated_at,
        "edition_of": coverage.edition_of,
        "language": primary_subtag(coverage.language),
        "state": dump_json(encode_coverage_record(coverage)).decode(),
    }
