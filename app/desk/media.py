"""Pictures as the newsroom sends them: a file comes in, and its words may be put right."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk import examples
from app.desk.media_form import MediaForm
from app.framing.history import dump_json, media_record
from app.media.errors import (
    BrokenFile,
    DarkroomBusy,
    LibraryUnavailable,
    TooManyPixels,
    UnknownMediaId,
    UnknownType,
)
from app.media.picture import first_task
from app.store.media import change_media, find_media, keep_media
from app.timeline.entry import Media
from app.web import schemas
from app.web.addresses import MediaRef
from app.web.caching import PRIVATE
from app.web.callers import AnyContributor
from app.web.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.house import House, TheHouse
from app.web.idempotency import Answer, answer_once, find_answer
from app.web.openapi import takes
from app.web.payload import json_body
from app.web.problems import (
    InvalidPayload,
    NotMultipart,
    PayloadTooLarge,
    WrongMediaType,
    complaint,
    pointer,
)
from app.web.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns
from app.web.upload import read_upload
from app.web.words import TEXT

routes = APIRouter(prefix="/v1/media", tags=["newsroom"])

_WORDS = ("alt", "caption", "credit")
_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "alt": {"type": "string", "maxLength": 1000, "pattern": TEXT},
        "caption": {"type": "string", "maxLength": 2000, "pattern": TEXT},
        "credit": {"type": "string", "maxLength": 200, "pattern": TEXT},
    },
}
_UPLOAD = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}


@routes.post(
    "",
    status_code=201,
    operation_id="uploadMedia",
    responses=returns(schemas.Media, LOCATION, status=201)
    | refuses(
        *WRITING,
        NotMultipart,
        InvalidPayload,
        PayloadTooLarge,
        WrongMediaType,
        UnknownType,
        BrokenFile,
        TooManyPixels,
        DarkroomBusy,
        LibraryUnavailable,
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY) | _UPLOAD,
)
async def post_media(request: Request, house: TheHouse, caller: AnyContributor) -> Response:
    """Send a picture; answered when its sizes can be shown.

    JPEG, PNG, WebP, AVIF or GIF, by what the file is and not by its name. Position, camera and
    other data are taken out. What is not said beside it is taken from what the photographer wrote
    into it.
    """
    house.media.prompt.warm_up()
    async with house.media.folder() as folder:
        upload = await read_upload(request, folder, house.media.bounds.bytes, _WORDS)
        request.state.payload = upload.digest
        words = _check_words(upload.words)
        if (answered := await find_answer(request, house, caller)) is not None:
            return answered
        media = await house.media.take_in(upload.path, words)
    return await _keep(request, house, caller, media)


async def _keep(request: Request, house: House, caller: AnyContributor, media: Media) -> Response:
    kept = False

    async def act(session: AsyncSession) -> Answer:
        nonlocal kept
        await keep_media(session, media.id, first_task(media))
        kept = True
        headers = {"Location": f"/v1/media/{media.id}"}
        return Answer(201, dump_json(media_record(media)), headers)

    try:
        answer = await answer_once(request, house, caller, act)
    except BaseException:
        kept = False
        raise
    finally:
        if not kept:  # the same request was answered meanwhile, or this one was undone
            await house.media.discard(media.id)
    house.media.wake()
    return answer


def _check_words(given: dict[str, str]) -> dict[str, str]:
    try:
        return MediaForm(**given).words()
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise InvalidPayload([(pointer(e["loc"]), complaint(e["msg"])) for e in found]) from None


@routes.get(
    "/{media_id}",
    operation_id="getMedia",
    responses=returns(schemas.Media) | refuses(*NEWSROOM, UnknownMediaId),
)
async def get_media(house: TheHouse, _caller: AnyContributor, media_id: MediaRef) -> Response:
    """A picture or video that entries may name."""
    async with house.store.reading() as session:
        media = await _find(session, media_id)
    body = dump_json(media_record(media))
    return Response(body, 200, {"Cache-Control": PRIVATE}, "application/json")


@routes.patch(
    "/{media_id}",
    operation_id="changeMedia",
    responses=returns(schemas.Media) | refuses(*WRITING, *PAYLOAD, UnknownMediaId),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=MediaForm, examples=examples.MEDIA),
)
async def patch_media(
    request: Request,
    house: TheHouse,
    caller: AnyContributor,
    media_id: MediaRef,
    form: Annotated[MediaForm, Depends(json_body(MediaForm))],
) -> Response:
    """Put right what is printed beside it, for entries that will name it.

    Those that show it already keep the words that they took.
    """

    async def act(session: AsyncSession) -> Answer:
        media = replace(await _find(session, media_id), **form.words())
        await change_media(session, media)
        return Answer(200, dump_json(media_record(media)))

    return await answer_once(request, house, caller, act)


async def _find(session: AsyncSession, media_id: str) -> Media:
    # What cannot be an id (a NUL, say, which PostgreSQL refuses) is not asked for.
    found = await find_media(session, [media_id] if media_id.isprintable() else [])
    if media_id not in found:
        raise UnknownMediaId(f"There is no picture or video {media_id!r}.")
    return found[media_id]
