"""Search in the published entries of a coverage, and the index for it.

The order is the same in both databases: entries with all that is sought in the headline first, and
among these and the others the newest first. So a page of results costs about the same however many
entries match, which a weight of each entry would not allow.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import delete, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import decode_entry
from app.store.prepared import upsert_of
from app.store.search_table import SearchRow
from app.timeline.entry import Entry
from app.timeline.search_query import SearchQuery, Term
from app.timeline.search_words import fold_words
from app.timeline.searched_text import searched_texts

# No letter and no digit, so that no query contains it; FTS5's tokeniser takes it for one.
_BETWEEN = "·"
_SELECT = {
    "sqlite": text(
        # With the comment, the statement runs in the connection's thread (`store/sqlite.py`): the
        # entries with a word that many have, in all its endings, are merged before the first one.
        "/* long */ SELECT search.id, entry.state FROM search_index"
        # The words are looked up first, from the newest entry on.
        " CROSS JOIN search ON search.id = search_index.rowid"
        " JOIN entry ON entry.coverage = search.coverage AND entry.id = search.entry_id"
        " WHERE search_index MATCH :match AND search_index.rowid < :before"
        " ORDER BY search_index.rowid DESC LIMIT :limit"
    ),
    "postgresql": text(
        "SELECT search.id, entry.state FROM search"
        " JOIN entry ON entry.coverage = search.coverage AND entry.id = search.entry_id"
        " WHERE search.coverage = :coverage AND search.words @@ CAST(:words AS tsquery)"
        " AND (search.headline @@ CAST(:headline AS tsquery)) = :in_headline"
        " AND search.id < :before ORDER BY search.id DESC LIMIT :limit"
    ),
}
_SAVE = upsert_of(SearchRow, "coverage", "entry_id")
_NEWEST = 2**62  # above every id
# A removed entry stays in older segments of the index until they are merged. With the comment, the
# statement runs in the connection's thread (`store/sqlite.py`): it writes the whole index anew.
_ERASE = text("/* long */ INSERT INTO search_index (search_index) VALUES ('optimize')")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list of results: whether the match is in the headline, and the row's id."""

    in_headline: bool
    id: int


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that matches, and its place in the list."""

    place: Place
    entry: Entry


async def search(
    session: AsyncSession, coverage: str, query: SearchQuery, limit: int, after: Place | None = None
) -> list[Found]:
    """The published entries of a coverage that match, in the order of the results.

    Args:
        session: the session to read in.
        coverage: the coverage's slug.
        query: what is sought.
        limit: the most entries to return.
        after: the place of the last entry of the page before; None for the first page.
    """
    found: list[Found] = []
    if not query.wanted:
        return found
    for in_headline in (True, False):
        if after is not None and after.in_headline < in_headline:
            continue
        is_here = after is not None and after.in_headline == in_headline
        before = after.id if after is not None and is_here else _NEWEST
        values = _values(session, coverage, query, in_headline=in_headline)
        page = {**values, "before": before, "limit": limit - len(found)}
        rows = await session.exec(_SELECT[_dialect(session)], params=page)  # type: ignore[call-overload]
        found += [
            Found(Place(in_headline, number), decode_entry(orjson.loads(state), coverage))
            for number, state in rows
        ]
        if len(found) == limit:
            break
    return found


def _dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def _values(
    session: AsyncSession, coverage: str, query: SearchQuery, *, in_headline: bool
) -> Mapping[str, object]:
    """Return the values of the statement that selects the entries, without those of the page."""
    scope = _scope(coverage)
    if _dialect(session) == "postgresql":
        wanted = " & ".join(map(_tsquery, query.wanted))
        unwanted = "".join(f" & !{_tsquery(term)}" for term in query.unwanted)
        words = f"'{scope}' & {wanted}{unwanted}"
        own = {"words": words, "headline": wanted, "in_headline": in_headline}
        return {"coverage": coverage, **own}
    wanted = " AND ".join(map(_phrase, query.wanted))
    left_out = [f"words : ({_phrase(term)})" for term in query.unwanted]
    if in_headline:
        match = f'(headline : ({wanted})) AND (words : ("{scope}"))'
    else:
        match = f'words : ("{scope}" AND {wanted})'
        left_out.append(f"headline : ({wanted})")
    if left_out:
        match = f"({match}) NOT ({' OR '.join(left_out)})"
    return {"match": match}


def _scope(coverage: str) -> str:
    """Return the word that stands for a coverage; for FTS5, a hyphen would end it."""
    return _BETWEEN + coverage.replace("-", _BETWEEN)


def _phrase(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.is_stem else ""}'


def _tsquery(term: Term) -> str:
    words = " <-> ".join(f"'{word}'" for word in term.words)
    return f"({words}{':*' if term.is_stem else ''})"


def search_values(entry: Entry) -> dict[str, str]:
    """Return the row of a published entry, without its id."""
    headline = " ".join(fold_words(entry.headline or ""))
    texts = (" ".join(fold_words(each)) for each in searched_texts(entry))
    return {
        "coverage": entry.coverage,
        "entry_id": entry.id,
        "headline": headline,
        "words": f" {_BETWEEN} ".join([_scope(entry.coverage), headline, *texts]),
    }


async def save_words(session: AsyncSession, entry: Entry) -> None:
    """Make a published entry found by its present words, and a retracted one no more."""
    if not entry.is_public:
        return
    if entry.status == "retracted":
        row = SearchRow
        own = (col(row.coverage) == entry.coverage, col(row.entry_id) == entry.id)
        gone = await session.exec(delete(row).where(*own))
        if gone.rowcount and _dialect(session) == "sqlite":
            await session.exec(_ERASE)  # type: ignore[call-overload]
        return
    await _SAVE.execute(session, search_values(entry))


def search_rows(entries: Iterable[Entry]) -> Iterator[Mapping[str, str]]:
    """The rows of the entries of a whole new coverage."""
    return (search_values(entry) for entry in entries if entry.status == "published")
