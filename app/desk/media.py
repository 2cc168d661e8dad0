"""Pictures and video as the newsroom sends them, and the words beside them, to be put right."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.desk import examples
from app.desk.media_form import BODY, WORDS, EmbedForm, MediaForm
from app.desk.permission import may_use_media
from app.framing.history import dump_json, media_record
from app.media.errors import (
    BrokenFile,
    DarkroomBusy,
    LibraryUnavailable,
    TooManyFrames,
    TooManyPixels,
    TooSlow,
    UnknownMediaId,
    UnknownType,
    UnknownUpload,
    UnwantedPoster,
    VideoRefused,
)
from app.media.library import new_media_id
from app.media.picture import first_task
from app.store.media import add_media, change_media, find_media, keep_media
from app.store.ownership import find_owners, give_media
from app.timeline.entry import Media
from app.web import schemas
from app.web.addresses import MediaRef, UploadKey
from app.web.caching import PRIVATE
from app.web.callers import AnyContributor
from app.web.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.house import House, TheHouse
from app.web.idempotency import Answer, answer_once, find_answer
from app.web.openapi import takes
from app.web.payload import is_json, json_body
from app.web.problems import (
    InvalidPayload,
    NotJson,
    NotMultipart,
    PayloadTooLarge,
    WrongMediaType,
    complaint,
    pointer,
)
from app.web.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns
from app.web.upload import Limits, read_upload

routes = APIRouter(prefix="/v1/media", tags=["newsroom"])


@routes.post(
    "",
    status_code=201,
    operation_id="uploadMedia",
    responses=returns(schemas.Media, LOCATION, status=201)
    | refuses(
        *WRITING,
        NotMultipart,
        NotJson,
        InvalidPayload,
        PayloadTooLarge,
        WrongMediaType,
        UnknownType,
        BrokenFile,
        TooManyPixels,
        TooManyFrames,
        TooSlow,
        VideoRefused,
        DarkroomBusy,
        LibraryUnavailable,
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY) | {"requestBody": BODY},
)
async def post_media(request: Request, house: TheHouse, caller: AnyContributor) -> Response:
    """Send a picture or a video; answered when it can be shown.

    A picture is JPEG, PNG, WebP, AVIF, GIF or HEIC; a video is MP4, QuickTime, WebM or Matroska, by
    what the file is and not by its name. Position, camera and other data are taken out. What is not
    said beside a picture is taken from what the photographer wrote into it.

    A video that not every browser plays (HEVC, more than 1,920 pixels, HDR) is converted to MP4
    with H.264 and AAC before the answer comes, which takes minutes for a long one:
    `GET /v1/media/uploads/{upload_key}` says how far it is. With a video may come a picture,
    `poster`, that is shown until it plays; without it a frame is taken. A video of another site
    that the newsroom allows is named by its `url`, as JSON: pages load it when a reader asks.
    """
    if is_json(request):
        return await _embed(request, house, caller)
    with house.media.uploads.slot(caller.id):
        return await _upload(request, house, caller)


async def _upload(request: Request, house: House, caller: AnyContributor) -> Response:
    house.media.prompt.warm_up()
    async with house.media.folder() as folder:
        media_room = house.media
        limits = Limits(
            media_room.size_limit, media_room.largest_file, {"poster": media_room.bounds.bytes}
        )
        upload = await read_upload(request, folder, limits, WORDS)
        request.state.payload = upload.digest
        words = _check_words(upload.words)
        if (answered := await find_answer(request, house, caller)) is not None:
            return answered
        key = request.headers.get("idempotency-key")
        with media_room.progress.shown(caller.id, key) as progress:
            try:
                media = await media_room.ingest(
                    upload.path, words, caller.id, upload.files.get("poster"), progress
                )
            except UnwantedPoster:
                raise InvalidPayload([("/poster", "is taken with a video alone")]) from None
    return await _keep(request, house, caller, media)


async def _embed(request: Request, house: House, caller: AnyContributor) -> Response:
    form = await json_body(EmbedForm)(request, house)
    players = house.look.players
    player = players.find(form.url)
    if player is None:
        sites = f"of {' or '.join(players.sites)}" if players.sites else "none: no site is allowed"
        raise InvalidPayload([("/url", f"must be the address of a video {sites}")])
    media = Media(new_media_id(), "embed", player.page, **form.words())

    async def act(session: AsyncSession) -> Answer:
        await add_media(session, [media])
        await give_media(session, media.id, caller.id)
        headers = {"Location": f"/v1/media/{media.id}"}
        return Answer(201, dump_json(media_record(media)), headers)

    return await answer_once(request, house, caller, act)


async def _keep(request: Request, house: House, caller: AnyContributor, media: Media) -> Response:
    kept = False

    async def act(session: AsyncSession) -> Answer:
        nonlocal kept
        await keep_media(session, media.id, first_task(media))
        await give_media(session, media.id, caller.id)
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
    "/uploads/{upload_key}",
    operation_id="getUploadProgress",
    responses=returns(schemas.UploadProgress) | refuses(*NEWSROOM, UnknownUpload),
)
async def get_upload_progress(
    house: TheHouse, caller: AnyContributor, upload_key: UploadKey
) -> Response:
    """How far an upload of the caller's is, by the `Idempotency-Key` that it was sent with.

    It is there from the moment when the whole file has come until its answer.
    """
    fraction = await asyncio.to_thread(house.media.progress.read, caller.id, upload_key)
    if fraction is None:
        raise UnknownUpload("No upload of yours with this Idempotency-Key is being made playable.")
    headers = {"Cache-Control": PRIVATE}
    return Response(dump_json({"progress": fraction}), 200, headers, "application/json")


@routes.get(
    "/{media_id}",
    operation_id="getMedia",
    responses=returns(schemas.Media) | refuses(*NEWSROOM, UnknownMediaId),
)
async def get_media(house: TheHouse, caller: AnyContributor, media_id: MediaRef) -> Response:
    """A picture or video that the caller's entries may name.

    That is what they have sent; of what a coverage has used, all to its editors; to editors of the
    whole newsroom everything. The rest is not there for them.
    """
    async with house.store.reading() as session:
        media = await _find(session, media_id, caller)
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
        media = replace(await _find(session, media_id, caller), **form.words())
        await change_media(session, media)
        return Answer(200, dump_json(media_record(media)))

    return await answer_once(request, house, caller, act)


async def _find(session: AsyncSession, media_id: str, caller: Caller) -> Media:
    # What cannot be an id (a NUL, say, which PostgreSQL refuses) is not asked for.
    ids = [media_id] if media_id.isprintable() else []
    owners, found = await find_owners(session, ids), await find_media(session, ids)
    if media_id not in found or not may_use_media(owners[media_id], caller):
        raise UnknownMediaId(f"There is no picture or video {media_id!r}.")
    return found[media_id]
