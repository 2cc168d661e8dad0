"""A story in two editions, written through the newsroom's functions without HTTP."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Engine, event
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.newsroom import entries
from app.newsroom.coverages import create_coverage
from app.newsroom.forms import AmendmentForm, CorrectionForm, NewCoverageForm, NewEntryForm
from app.newsroom.statement_forms import AssessmentForm
from app.store.engine import Store
from app.store.entries import find_entry, list_translations
from app.store.journal import Recorded, read_rows, row_event
from app.timeline.entry import Entry
from app.timeline.errors import EditionsChanged, TooManyAssessments
from app.web.problems import InvalidPayload
from app.web.services import ContentLimits

CHIEF = Caller("key:1", "Ann", "chief")
ACTIONS = ("publish", "translate", "draft", "amend", "correct", "assess", "check", "release")
_STATUSES = ("reported", "confirmed", "disputed", "false", "withdrawn")
_LIMITS = ContentLimits()
_Form = TypeVar("_Form", NewCoverageForm, NewEntryForm, AmendmentForm, CorrectionForm)
Key = tuple[str, str]


def _form(model: type[_Form], **members: Any) -> _Form:
    return model.model_validate(members, context=_LIMITS)


@dataclass
class Story:
    """An original coverage and an edition of it."""

    store: Store
    slug: str
    originals: list[Key] = field(default_factory=list)
    translations: list[Key] = field(default_factory=list)

    @property
    def edition(self) -> str:
        """The slug of the edition, which comes before that of the original."""
        return f"a-{self.slug}"

    async def open(self) -> "Story":
        """Open both coverages."""
        for slug, original in ((self.slug, None), (self.edition, self.slug)):
            form = _form(NewCoverageForm, slug=slug, title="Moon", edition_of=original)
            await self._write(
                lambda session, form=form: create_coverage(session, form, CHIEF, now())
            )
        return self

    async def _write(self, act: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        async with self.store.writing() as session:
            return await act(session)

    async def act(self, action: str, choice: random.Random) -> None:
        """Do one thing that an editor could do; what is refused changes nothing."""
        with suppress(EditionsChanged, InvalidPayload, TooManyAssessments):
            await self._act(action, choice)

    async def _act(self, action: str, choice: random.Random) -> None:
        if action == "publish" or not self.originals:
            claims = [{"source": "Ministry"}]
            form = _form(NewEntryForm, headline="One", claims=claims)
            self.originals.append(await self._create(self.slug, form))
            return
        original = choice.choice(self.originals)
        if action in {"translate", "draft"}:
            async with self.store.reading() as session:
                last = (await find_entry(session, *original)).revision
            of = {"coverage": original[0], "entry_id": original[1]}
            of["revision"] = choice.randint(1, last)
            form = _form(NewEntryForm, headline="Ein", translation_of=of, draft=action == "draft")
            self.translations.append(await self._create(self.edition, form))
        elif action in {"amend", "correct", "assess"}:
            await self._revise(action, original, choice)
        elif self.translations:
            await self._compare(action, choice.choice(self.translations))

    async def _create(self, slug: str, form: NewEntryForm) -> Key:
        recorded: Recorded = await self._write(
            lambda session: entries.create_entry(session, slug, form, CHIEF, now())
        )
        return slug, recorded.change.entry.id

    async def _revise(self, action: str, key: Key, choice: random.Random) -> None:
        word = f"{choice.random()}"
        if action == "amend":
            amendment = _form(AmendmentForm, headline=word)
            await self._write(
                lambda session: entries.amend_entry(session, key, amendment, None, CHIEF, now())
            )
        elif action == "correct":
            await self.correct(key, word)
        else:
            async with self.store.reading() as session:
                [claim] = (await find_entry(session, *key)).claims
            status = choice.choice(_STATUSES)
            form = AssessmentForm(claim=claim.id, status=status, note=word)
            await self._write(lambda session: entries.assess_entry(session, key, form, None, now()))

    async def correct(self, key: Key, word: str) -> None:
        """Correct an entry."""
        form = _form(CorrectionForm, headline=word, note=word)
        await self._write(
            lambda session: entries.correct_entry(session, key, form, None, CHIEF, now())
        )

    async def _compare(self, action: str, key: Key) -> None:
        async with self.store.reading() as session:
            translation = await find_entry(session, *key)
            assert translation.translation_of is not None
            of = translation.translation_of
            last = (await find_entry(session, of.coverage, of.entry_id)).revision
        if action == "check":
            await self._write(lambda session: entries.check_translation(session, key, last, now()))
        elif not translation.is_public:
            await self._write(lambda session: entries.publish_entry(session, key, now()))

    async def check_marks(self) -> int:
        """Check that exactly those translations are marked whose original says more by now.

        Returns:
            The number of marks.
        """
        marks = 0
        async with self.store.reading() as session:
            telling = await self._telling_revisions(session)
            for key, revisions in telling.items():
                for translation in await list_translations(session, *key):
                    of = translation.translation_of
                    assert of is not None
                    later = [revision for revision in revisions if revision > of.revision]
                    assert (of.outdated is not None) == bool(later)
                    if of.outdated is not None:
                        marks += 1
                        assert of.outdated.revision == later[-1]
            await self._check_journal(session)
        return marks

    async def _telling_revisions(self, session: AsyncSession) -> dict[Key, list[int]]:
        """For each original, the revisions that a correction or an assessment made."""
        telling: dict[Key, list[int]] = {}
        for row in await read_rows(session, self.slug, 0, 10_000):
            if (entry := row_event(row, self.slug, "").entry) is not None:
                revisions = telling.setdefault((self.slug, entry.id), [])
                if row[1] in {"entry.corrected", "entry.assessed"}:
                    revisions.append(entry.revision)
        return telling

    async def _check_journal(self, session: AsyncSession) -> None:
        """Check that the edition's journal ends with the state that its entries have."""
        last: dict[str, Entry] = {}
        for row in await read_rows(session, self.edition, 0, 10_000):
            if (entry := row_event(row, self.edition, "").entry) is not None:
                last[entry.id] = entry
        for entry in last.values():
            assert entry == await find_entry(session, self.edition, entry.id)


def now() -> datetime:
    """Return the present time in whole milliseconds, as the server has it."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def work(url: str, slug: str, originals: list[Key], seed: int, count: int) -> None:
    """Act on a story from a process of its own."""

    async def run() -> None:
        store = Store(url)
        story, choice = Story(store, slug, list(originals)), random.Random(seed)
        for _ in range(count):
            await story.act(choice.choice(ACTIONS), choice)
        await store.close()

    asyncio.run(run())


def correct_and_die(url: str, slug: str, original: Key, statement: int) -> None:
    """Correct an entry, and be killed before a statement of that transaction."""

    async def run() -> None:
        store = Store(url)
        await store.check()
        count = 0

        def kill(*_arguments: object) -> None:
            nonlocal count
            count += 1
            if count > statement:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in ("before_cursor_execute", "commit"):
            event.listen(Engine, name, kill)
        await Story(store, slug).correct(original, "Another")
        os._exit(0)

    asyncio.run(run())
