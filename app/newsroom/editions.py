"""Editions: coverages of one story that change together, in the caller's transaction.

The rows of all editions are locked in the order of their slugs, so that two requests never wait for
each other, and an entry cannot be corrected while a translation of it is stored.
"""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.newsroom.forms import TranslationForm
from app.store.coverages import find_editions
from app.store.entries import find_public_entry, list_translations
from app.store.journal import find_last_revision, lock_coverage, record_change
from app.timeline import change as rules
from app.timeline.change import Change
from app.timeline.coverage import Coverage
from app.timeline.edition import Edition, Outdated, Translation
from app.timeline.entry import Entry
from app.timeline.errors import EditionsChanged, UnknownCoverage, UnknownEntry
from app.web.problems import InvalidPayload

Family = dict[str, Coverage]  # the locked editions of a story, by slug


async def lock_editions(session: AsyncSession, slug: str) -> Family:
    """Lock a coverage and its other editions until the transaction ends.

    Raises:
        UnknownCoverage: there is none of that slug.
        EditionsChanged: an edition was added meanwhile.
    """
    slugs = await find_editions(session, slug)
    family = {each: await lock_coverage(session, each) for each in slugs}
    if await find_editions(session, slug) != slugs:
        raise EditionsChanged("An edition was added meanwhile: try again.")
    return family


async def join_editions(session: AsyncSession, slug: str, original: str, family: Family) -> Family:
    """Lock the editions of the story that a coverage is to become an edition of.

    Args:
        session: the transaction.
        slug: the coverage's slug.
        original: the slug of the original edition.
        family: the editions that are locked already: none for a new coverage.

    Raises:
        InvalidPayload: the original does not exist or is an edition itself; or the coverage has
            editions, or is one of another story.
    """
    if original == slug or len(family) > 1:
        why = "is this coverage" if original == slug else "cannot be changed: this has editions"
        raise InvalidPayload([("/edition_of", why)])
    try:
        slugs = await find_editions(session, original)
    except UnknownCoverage:
        raise InvalidPayload([("/edition_of", "there is no coverage of this slug")]) from None
    locked = {each: await lock_coverage(session, each) for each in slugs if each not in family}
    if locked[original].edition_of is not None:
        why = f"is an edition itself: name {locked[original].edition_of}"
        raise InvalidPayload([("/edition_of", why)])
    return locked


def list_editions(family: Family) -> tuple[Edition, ...]:
    """Return the public editions, the original first; none if there is only one."""
    public = [coverage for coverage in family.values() if coverage.is_public]
    if len(public) < 2:  # noqa: PLR2004  another one may be planned, which readers must not learn
        return ()
    public.sort(key=lambda coverage: (coverage.edition_of is not None, coverage.slug))
    return tuple(Edition(each.slug, each.language, each.title) for each in public)


async def update_editions(
    session: AsyncSession, family: Family, now: datetime
) -> tuple[Change, ...]:
    """Store the list of editions in each of them that has another one.

    Readers follow one coverage, so its journal says which other editions there are. That of a
    withdrawn edition stays as it is.
    """
    editions = list_editions(family)
    changes = []
    for coverage in family.values():
        if coverage.withdrawn is not None:
            continue
        change = rules.change_coverage(coverage, {"editions": editions}, None, now)
        if change.coverage != coverage:
            await record_change(session, change)
            changes.append(change)
    return tuple(changes)


async def outdate_translations(
    session: AsyncSession, family: Family, key: tuple[str, str], outdated: Outdated, now: datetime
) -> tuple[Change, ...]:
    """Mark all translations of an entry as outdated.

    None is marked while the original is withdrawn, since the mark says what became of it; they are
    marked once it is back (`outdate_behind`).

    Args:
        session: the transaction.
        family: the locked editions; each changed one is replaced by its new state.
        key: the original's coverage and id.
        outdated: the reason.
        now: the time of the change.
    """
    if family[key[0]].withdrawn is not None:
        return ()
    translations = await list_translations(session, *key)
    return tuple([await _outdate(session, family, each, outdated, now) for each in translations])


async def outdate_behind(
    session: AsyncSession, family: Family, slug: str, now: datetime
) -> tuple[Change, ...]:
    """Mark the translations of what was corrected or assessed while its coverage was withdrawn.

    Args:
        session: the transaction.
        family: the locked editions; each changed one is replaced by its new state.
        slug: the coverage that is brought back.
        now: the time of the change.
    """
    changes = []
    for translation in await list_translations(session, slug):
        source = translation.translation_of
        assert source is not None
        try:
            original = await find_public_entry(session, slug, source.entry_id)
        except UnknownEntry:
            continue  # an imported translation may name an original that was not imported
        if translation.coverage not in family:
            continue  # nor need its coverage be an edition here
        known = source.outdated.revision if source.outdated else source.revision
        outdated = await _outdated(session, original, known)
        if outdated is not None and original.status != "retracted":
            changes.append(await _outdate(session, family, translation, outdated, now))
    return tuple(changes)


async def _outdate(
    session: AsyncSession, family: Family, translation: Entry, outdated: Outdated, now: datetime
) -> Change:
    change = rules.outdate(family[translation.coverage], translation, outdated, now)
    await record_change(session, change)
    family[translation.coverage] = change.coverage
    return change


async def find_original(
    session: AsyncSession, family: Family, form: TranslationForm, slug: str, entry: Entry | None
) -> Translation:
    """Look up the original that a form names.

    Args:
        session: the transaction.
        family: the locked editions.
        form: what was sent.
        slug: the coverage of the translation.
        entry: the translation as it is; None for a new one.

    Raises:
        InvalidPayload: the form names no public entry of another edition, one that itself
            translates this one, or a revision that there was not.
    """
    present = entry.translation_of if entry else None
    coverage = form.coverage or (present.coverage if present else "")
    entry_id = form.entry_id or (present.entry_id if present else "")
    if coverage not in family or coverage == slug:
        raise InvalidPayload([("/translation_of/coverage", "must be another edition of the story")])
    try:
        original = await find_public_entry(session, coverage, entry_id)
    except UnknownEntry:
        original = None
    if original is None or original.status == "retracted":
        raise InvalidPayload([("/translation_of/entry_id", "is no published entry there")])
    revision = form.revision or original.revision
    if revision > original.revision:
        why = f"there is no such revision: the last one is {original.revision}"
        raise InvalidPayload([("/translation_of/revision", why)])
    if entry is not None:
        await _check_ring(session, entry, original)
    is_shown = family[coverage].withdrawn is None
    outdated = await _outdated(session, original, revision) if is_shown else None
    return Translation(coverage, entry_id, revision, original.language, outdated)


async def _check_ring(session: AsyncSession, entry: Entry, original: Entry) -> None:
    following: Entry | None = original
    while following is not None and (source := following.translation_of) is not None:
        if (source.coverage, source.entry_id) == (entry.coverage, entry.id):
            raise InvalidPayload([("/translation_of", "the original is a translation of this")])
        try:
            following = await find_public_entry(session, source.coverage, source.entry_id)
        except UnknownEntry:
            following = None


async def _outdated(session: AsyncSession, original: Entry, revision: int) -> Outdated | None:
    """Return why a translation of an older revision is outdated, if it is."""
    last = await find_last_revision(session, original, {"entry.corrected", "entry.assessed"})
    if last is None or last.entry.revision <= revision:
        return None
    return Outdated(
        because="corrected" if last.type == "entry.corrected" else "assessed",
        revision=last.entry.revision,
        note=last.note,
        language=last.entry.language,
        at=last.entry.updated_at,
    )
