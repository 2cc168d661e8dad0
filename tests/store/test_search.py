"""Search on SQLite and PostgreSQL, compared with reading every entry."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store.engine import Store
from app.store.search import Found, search
from app.timeline.entry import Body, Entry
from app.timeline.search_query import Term, parse_query
from app.timeline.search_words import fold_words
from app.timeline.searched_text import searched_texts
from tests.record import Record
from tests.strategies import Action

shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each example writes a coverage of its own
)
WORDS = ("port", "ports", "Fire", "ինչո՞ւ", "ԵՐԵՎԱՆ", "Երևան", "الأمم", "U-2", "2", "Poti's")
texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
parts = st.tuples(st.sampled_from(("", "-")), st.sampled_from(("", '"')), texts)
queries = st.lists(parts.map(lambda part: f"{part[0]}{part[1]}{part[2]}{part[1]}"), max_size=3)
posts = st.lists(st.tuples(texts, texts), min_size=1, max_size=8)


async def find(store: Store, slug: str, typed: str, limit: int = 100) -> list[Found]:
    """Return the results of all pages."""
    found: list[Found] = []
    async with store.reading() as session:
        while True:
            after = found[-1].place if found else None
            page = await search(session, slug, parse_query(typed), limit, after)
            found += page
            if len(page) < limit:
                return found


def _occurs(term: Term, texts: Sequence[str]) -> bool:
    size = len(term.words)
    return any(
        term.matches(words[start : start + size])
        for words in map(fold_words, texts)
        for start in range(len(words) - size + 1)
    )


def _expected(entries: Sequence[Entry], typed: str) -> list[tuple[bool, Entry]]:
    query, matching = parse_query(typed), []
    for entry in entries:
        whole = [entry.headline or "", *searched_texts(entry)]
        if (
            query.wanted
            and all(_occurs(term, whole) for term in query.wanted)
            and not any(_occurs(term, whole) for term in query.unwanted)
        ):
            is_first = all(_occurs(term, whole[:1]) for term in query.wanted)
            matching.append((is_first, entry))
    return sorted(matching, key=lambda each: (not each[0], -(each[1].seq or 0)))


@shared_store
@given(posts, queries, st.integers(1, 3))
async def test_a_search_finds_what_reading_all_entries_finds(
    store: Store, posts: list[tuple[str, str]], parts: list[str], limit: int
):
    """Every page of results, on both databases, is that of the visible words, in order."""
    record = await Record(store).open()
    published = [
        await record.publish(f"{headline} .", body=Body(f"<p>{body} .</p>"))
        for headline, body in posts
    ]
    typed = " ".join(parts)
    found = await find(store, record.slug, typed, limit)
    expected = _expected(published, typed)
    assert [(f.place.in_headline, f.entry.id) for f in found] == [(h, e.id) for h, e in expected]


async def test_a_search_is_in_one_coverage(store: Store):
    """Only the entries of the coverage are found, though another has a similar slug."""
    one, other = await Record(store).open(), await Record(store).open()
    mine = await one.publish("Fire in the port")
    await other.publish("Fire in the hills")
    assert [found.entry.id for found in await find(store, one.slug, "fire")] == [mine.id]


async def test_the_present_words_are_found(store: Store):
    """After a correction the new words are found, and the former ones no more."""
    record = await Record(store).open()
    entry = await record.publish("Fire in the port")
    await record.act_all(
        [Action("correct", fields={"headline": "Smoke in the port"}, note="No fire.")]
    )
    assert [f.entry.id for f in await find(store, record.slug, "smoke")] == [entry.id]
    assert await find(store, record.slug, '"in the port" -smoke') == []


async def test_a_retracted_entry_is_found_no_more(store: Store):
    """A retraction takes the entry out of the results, by its note too."""
    record = await Record(store).open()
    entry = await record.publish("Fire in the port")
    await record.retract(entry)
    assert await find(store, record.slug, "fire") == []


async def test_a_retraction_takes_the_words_out_of_the_file(sqlite_record: Path, tmp_path: Path):
    """SQLite's file has no word of a retracted entry in any revision, and those of others."""
    file = shutil.copy(sqlite_record, tmp_path / "dateline.db")
    store = Store(f"sqlite:///{file}")
    record = await Record(store).open()
    entry = await record.publish("Kangaroos in the port")
    amended = await record.act_all([Action("amend", fields={"headline": "Wallabies in the port"})])
    await amended.publish("Penguins in the port")
    await record.retract(entry)
    await store.close()
    content = file.read_bytes()
    assert content.count(b"enguins") > 2  # also in the index
    for word in (b"angaroo", b"allabie"):
        assert word not in content
