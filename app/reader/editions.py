"""Editions of a page: the same coverage, or the same entry, in other languages.

An entry's page follows from the journals of all editions: a translation may be published or
retracted there while its original stays unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.coverages import read_heads
from app.store.entries import find_public_entry, list_translations
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.edition import list_alternates
from app.timeline.entry import Entry
from app.timeline.errors import UnknownCoverage, UnknownEntry


@dataclass(frozen=True, slots=True)
class Versions:
    """An entry in the editions of its story.

    `entries` has a standing entry for each edition with one, by slug, in the order of the editions;
    `heads` are the heads of the other editions' journals, by slug.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    heads: Mapping[str, Cursor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alternate:
    """A page that says the same in another language; `path` is its address below the site's."""

    language: str
    path: str


async def find_versions(session: AsyncSession, coverage: Coverage, entry: Entry) -> Versions:
    """Find an entry's original and all translations of it in the public editions.

    If an edition has several translations, its oldest one counts, so that the pages of all versions
    name the same ones.
    """
    if not coverage.editions:
        return Versions()
    standing: dict[str, list[Entry]] = {}
    queue = [await _find_root(session, entry)]
    known = set()
    for version in queue:
        key = version.coverage, version.id
        if key in known or not version.is_public:
            continue
        known.add(key)
        if version.status != "retracted":
            standing.setdefault(version.coverage, []).append(version)
        queue += await list_translations(session, *key)
    slugs = [edition.slug for edition in coverage.editions]
    entries = {
        slug: min(standing[slug], key=lambda version: version.seq or 0)
        for slug in slugs
        if slug in standing
    }
    heads = await read_heads(session, [slug for slug in slugs if slug != coverage.slug])
    return Versions(entries, heads)


async def _find_root(session: AsyncSession, entry: Entry) -> Entry:
    """Follow an entry's originals to the one that translates none, which may be a tombstone."""
    known = set()
    while (original := entry.translation_of) and original not in known:
        known.add(original)  # an imported archive may say that two entries translate each other
        try:
            entry = await find_public_entry(session, original.coverage, original.entry_id)
        except UnknownEntry:
            break
    return entry


def edition_path(coverage: Coverage, versions: Versions, slug: str, *, lite: bool) -> str:
    """Return the path of an entry's page in an edition, or else of the edition's page.

    Args:
        coverage: the entry's coverage.
        versions: the entry's versions.
        slug: the slug of the edition.
        lite: whether to lead to the page in words.

    Raises:
        UnknownCoverage: the coverage has no public edition of that slug.
    """
    if all(edition.slug != slug for edition in coverage.editions):
        raise UnknownCoverage
    version = versions.entries.get(slug)
    path = f"/coverages/{slug}/entries/{version.id}" if version else f"/coverages/{slug}"
    return f"{path}?lite=true" if lite else path


def list_switches(coverage: Coverage, entry: Entry | None, *, lite: bool) -> list[Alternate]:
    """Return the links of the language switch, one for each edition.

    Those on an entry's page lead to an address that is resolved when it is requested: the
    translation may be published while the page is open.
    """
    switches = []
    for edition in coverage.editions:
        path, query = f"/coverages/{edition.slug}", {"lite": "true"} if lite else {}
        if entry is not None:
            path = f"/coverages/{coverage.slug}/entries/{entry.id}"
            query |= {"edition": edition.slug}
        switches.append(
            Alternate(edition.language, f"{path}?{urlencode(query)}" if query else path)
        )
    return switches


def alternate_pages(coverage: Coverage, entry: Entry | None, versions: Versions) -> list[Alternate]:
    """Return the pages that a page names as its alternates, itself among them, the original first.

    Args:
        coverage: the page's coverage.
        entry: the entry whose page it is; None for that of the coverage.
        versions: the entry's versions.
    """
    if entry is None:
        editions = list_alternates(coverage.editions, coverage.slug)
        return [Alternate(e.language, f"/coverages/{e.slug}") for e in editions]
    entries = versions.entries
    own = entries.get(coverage.slug)
    if own is None or own.id != entry.id:
        return []
    with_version = (edition for edition in coverage.editions if edition.slug in entries)
    return [
        Alternate(e.language, f"/coverages/{e.slug}/entries/{entries[e.slug].id}")
        for e in list_alternates(with_version, coverage.slug)
    ]
