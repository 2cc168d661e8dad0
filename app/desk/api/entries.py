"""Write entries: publish, amend, correct, retract and pin them."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.desk.api import examples
from app.desk.api.writes import answer_write, operation_of, respond
from app.desk.rendering import rendered
from app.hub.hub import OverCapacity
from app.newsroom import drafts, entries
from app.newsroom.forms import (
    AmendmentForm,
    CorrectionForm,
    NewEntryForm,
    RetractionForm,
    TranslationCheckForm,
)
from app.newsroom.retraction import retract
from app.newsroom.statement_forms import AssessmentForm
from app.newsroom.written import Written, entry_written
from app.store.journal import Recorded
from app.timeline.change import StaleRevision
from app.timeline.errors import (
    CoverageClosed,
    CoveragePlanned,
    EditionsChanged,
    EmptyEntry,
    EntryNotPublic,
    EntryPublic,
    EntryRetracted,
    EntryScheduled,
    EntrySubmitted,
    OriginalRetracted,
    TooManyAssessments,
    UnknownCoverage,
    UnknownEntry,
    UnknownStatement,
)
from app.web.authentication import Contributor, Editor
from app.web.conditional import expected_revisions
from app.web.json_body import json_body
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, LOCATION, REVISION, if_match
from app.web.openapi.responses import PAYLOAD, WRITING, refuses, returns
from app.web.openapi.schemas import WrittenEntry
from app.web.params import DraftKey, EntryKey, Slug
from app.web.problems import PreconditionMissing, UnknownMedia
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}/entries", tags=["newsroom"])

_WRITTEN = returns(WrittenEntry, REVISION)
_ACTION = (*WRITING, UnknownCoverage, UnknownEntry)
_STANDING = (*_ACTION, EntryNotPublic, EntryRetracted)
_STATEMENTS = (UnknownStatement, TooManyAssessments, EditionsChanged)
_IF_MATCH = if_match(required=False)


async def _answer(
    request: Request,
    services: Services,
    caller: Caller,
    do: Callable[[AsyncSession], Awaitable[Recorded]],
    *,
    is_new: bool = False,
) -> Response:
    async def act(session: AsyncSession) -> Written:
        return entry_written(services.form, await do(session), is_new=is_new)

    return await answer_write(request, services, caller, act)


@routes.post(
    "",
    status_code=201,
    operation_id="publishEntry",
    responses=returns(WrittenEntry, REVISION, LOCATION, status=201)
    | refuses(
        *WRITING,
        *PAYLOAD,
        UnknownCoverage,
        CoveragePlanned,
        CoverageClosed,
        EmptyEntry,
        UnknownMedia,
        *_STATEMENTS,
        OverCapacity,
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=NewEntryForm, examples=examples.NEW_ENTRY),
)
async def post_entry(
    request: Request,
    services: ServicesDep,
    caller: Contributor,
    slug: Slug,
    form: Annotated[NewEntryForm, Depends(rendered(NewEntryForm))],
) -> Response:
    """Publish an entry; with `draft` or an embargo, store it for later.

    Contributors have to set `draft`. If the operator has set a safety delay, an entry that a person
    publishes is scheduled for the end of the delay, and `DELETE …/publication` undoes it until
    then. The response has the cursor of the event, from which a stream can go on; a draft has none.
    """
    return await _answer(
        request,
        services,
        caller,
        lambda session: entries.create_entry(
            session, slug, form, caller, services.now(), services.delay_of(caller)
        ),
        is_new=True,
    )


@routes.patch(
    "/{entry_id}",
    operation_id="amendEntry",
    responses=_WRITTEN
    | refuses(
        *_ACTION,
        *PAYLOAD,
        EntryPublic,
        EntryRetracted,
        EntrySubmitted,
        EntryScheduled,
        StaleRevision,
        PreconditionMissing,
        EmptyEntry,
        UnknownMedia,
        *_STATEMENTS,
        OverCapacity,
    ),
    openapi_extra=takes(
        IDEMPOTENCY_KEY,
        if_match(required=True),
        form=AmendmentForm,
        examples=examples.AMENDMENT,
    ),
)
async def patch_entry(
    request: Request,
    services: ServicesDep,
    caller: Contributor,
    key: EntryKey,
    form: Annotated[AmendmentForm, Depends(rendered(AmendmentForm))],
) -> Response:
    """Amend a public entry without changing a fact, or save a draft.

    Members that are left out stay as they are. To change a fact, publish a correction.
    """
    seen = expected_revisions(request, required=True)
    return await _answer(
        request,
        services,
        caller,
        lambda session: entries.amend_entry(session, key, form, seen, caller, services.now()),
    )


@routes.post(
    "/{entry_id}/correction",
    operation_id="correctEntry",
    responses=_WRITTEN
    | refuses(
        *_STANDING, *PAYLOAD, StaleRevision, EmptyEntry, UnknownMedia, *_STATEMENTS, OverCapacity
    ),
    openapi_extra=takes(
        IDEMPOTENCY_KEY, _IF_MATCH, form=CorrectionForm, examples=examples.CORRECTION
    ),
)
async def post_correction(
    request: Request,
    services: ServicesDep,
    editor: Editor,
    key: EntryKey,
    form: Annotated[CorrectionForm, Depends(rendered(CorrectionForm))],
) -> Response:
    """Correct a fact, with a public note.

    The members to change are sent beside the note. Earlier revisions stay readable.
    """
    seen = expected_revisions(request, required=False)
    return await _answer(
        request,
        services,
        editor,
        lambda session: entries.correct_entry(session, key, form, seen, editor, services.now()),
    )


@routes.post(
    "/{entry_id}/assessment",
    operation_id="assessEntry",
    responses=_WRITTEN | refuses(*_STANDING, *PAYLOAD, StaleRevision, *_STATEMENTS),
    openapi_extra=takes(
        IDEMPOTENCY_KEY, _IF_MATCH, form=AssessmentForm, examples=examples.ASSESSMENT
    ),
)
async def post_assessment(
    request: Request,
    services: ServicesDep,
    editor: Editor,
    key: EntryKey,
    form: Annotated[AssessmentForm, Depends(json_body(AssessmentForm))],
) -> Response:
    """Say how far the newsroom has established a claim or a figure of an entry.

    The earlier assessments stay readable. An assessment is possible in a closed coverage too.
    """
    seen = expected_revisions(request, required=False)
    return await _answer(
        request,
        services,
        editor,
        lambda session: entries.assess_entry(session, key, form, seen, services.now()),
    )


@routes.post(
    "/{entry_id}/retraction",
    operation_id="retractEntry",
    responses=_WRITTEN | refuses(*_STANDING, *PAYLOAD, StaleRevision, EditionsChanged),
    openapi_extra=takes(
        IDEMPOTENCY_KEY, _IF_MATCH, form=RetractionForm, examples=examples.RETRACTION
    ),
)
async def post_retraction(
    request: Request,
    services: ServicesDep,
    editor: Editor,
    key: EntryKey,
    form: Annotated[RetractionForm, Depends(json_body(RetractionForm))],
) -> Response:
    """Withdraw an entry everywhere; the note takes its place.

    This is final. The entry's content is also removed from revisions, old events and pages.
    """
    seen = expected_revisions(request, required=False)
    operation = await operation_of(request, services, editor)
    return respond(await retract(services, operation, key, form, seen))


@routes.put(
    "/{entry_id}/translation",
    operation_id="checkTranslation",
    responses=_WRITTEN | refuses(*_ACTION, *PAYLOAD, EntryRetracted, EditionsChanged),
    openapi_extra=takes(
        IDEMPOTENCY_KEY, form=TranslationCheckForm, examples=examples.TRANSLATION_CHECK
    ),
)
async def put_translation(
    request: Request,
    services: ServicesDep,
    editor: Editor,
    key: EntryKey,
    form: Annotated[TranslationCheckForm, Depends(json_body(TranslationCheckForm))],
) -> Response:
    """Record that a translation says what a revision of its original says.

    For an editor who has compared them and has nothing to change.
    """
    return await _answer(
        request,
        services,
        editor,
        lambda session: entries.check_translation(session, key, form.revision, services.now()),
    )


@routes.put(
    "/{entry_id}/pin",
    operation_id="pinEntry",
    responses=_WRITTEN | refuses(*_STANDING),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def put_pin(
    request: Request, services: ServicesDep, editor: Editor, key: EntryKey
) -> Response:
    """Pin an entry to the top of the page, in place of the entry that is pinned now."""
    return await _answer(
        request, services, editor, lambda session: entries.pin_entry(session, key, services.now())
    )


@routes.delete(
    "/{entry_id}/pin",
    operation_id="unpinEntry",
    responses=_WRITTEN | refuses(*_STANDING),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_pin(
    request: Request, services: ServicesDep, editor: Editor, key: EntryKey
) -> Response:
    """Unpin an entry, which returns to its place in the timeline."""
    return await _answer(
        request, services, editor, lambda session: entries.unpin_entry(session, key, services.now())
    )


@routes.post(
    "/{entry_id}/publication",
    operation_id="publishDraft",
    responses=_WRITTEN
    | refuses(
        *_ACTION,
        CoveragePlanned,
        CoverageClosed,
        EntryPublic,
        EmptyEntry,
        UnknownMedia,
        OriginalRetracted,
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def post_publication(
    request: Request, services: ServicesDep, editor: Editor, key: DraftKey
) -> Response:
    """Publish a draft or a scheduled entry now or, if there is a safety delay, at its end.

    If one of its pictures was retracted elsewhere meanwhile, the entry gets a copy with an address
    of its own. Once the newsroom has deleted the retracted files, publication is refused until the
    picture is removed from the entry.
    """
    return await _answer(
        request,
        services,
        editor,
        lambda session: entries.publish_entry(
            session, key, services.now(), services.delay_of(editor)
        ),
    )


@routes.delete(
    "/{entry_id}/publication",
    operation_id="unscheduleEntry",
    responses=_WRITTEN | refuses(*_ACTION, EntryPublic, EntryRetracted),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_publication(
    request: Request, services: ServicesDep, editor: Editor, key: DraftKey
) -> Response:
    """Undo a publication that has not happened yet: the scheduled entry becomes a draft again.

    This is refused once the entry is published; then it can only be retracted.
    """
    return await _answer(
        request, services, editor, lambda session: drafts.unschedule_entry(session, key)
    )
