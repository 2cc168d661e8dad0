"""Upload pictures and videos, and change what is said of them."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk.api import examples
from app.desk.api.media_form import BODY, WORDS, EmbedForm, MediaForm
from app.desk.api.writes import answer_write, operation_of, respond
from app.formats.public_json import dump_json, encode_media
from app.intake.text_types import validation_message
from app.media.errors import (
    BrokenFile,
    MediaError,
    StorageUnavailable,
    TooManyFrames,
    TooManyPixels,
    TooSlow,
    UnknownMediaId,
    UnknownType,
    UnknownUpload,
    UnwantedPoster,
    VideoRefused,
    WorkersBusy,
)
from app.media.storage.storage import new_media_id
from app.newsroom.idempotency import find_written
from app.newsroom.media import add_embed, change_texts, find_usable, keep_upload
from app.newsroom.write import write
from app.newsroom.written import Written
from app.timeline.entry import Media
from app.web.authentication import AnyContributor
from app.web.conditional import private_json
from app.web.json_body import is_json, json_body
from app.web.multipart import Limits, read_upload
from app.web.openapi import schemas
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.openapi.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns
from app.web.params import MediaRef, UploadKey
from app.web.problems import (
    InvalidPayload,
    NotJson,
    NotMultipart,
    PayloadTooLarge,
    WrongMediaType,
    pointer,
)
from app.web.services import Services, ServicesDep

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
        WorkersBusy,
        StorageUnavailable,
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY) | {"requestBody": BODY},
)
async def post_media(request: Request, services: ServicesDep, caller: AnyContributor) -> Response:
    """Upload a picture or a video; the response is sent once it can be shown.

    A picture is JPEG, PNG, WebP, AVIF, GIF or HEIC; a video is MP4, QuickTime, WebM or Matroska.
    The file's content decides, not its name. Position, camera and other metadata are removed. Texts
    that are not sent with a picture are taken from the metadata that the photographer has written.

    A video that not every browser plays (HEVC, more than 1,920 pixels, HDR) is converted to MP4
    with H.264 and AAC before the response is sent, which takes minutes for a long one;
    `GET /v1/media/uploads/{upload_key}` returns the progress. A picture, `poster`, may be sent with
    a video and is shown until the video plays; without it a frame of the video is used.

    For a post, a video, a recording or a PDF document on another site that the newsroom allows,
    send its `url` as JSON. The server asks the site once for author, text and picture, for five
    seconds at most; without an answer, the embed is a link. Pages load the content itself when a
    reader asks for it.
    """
    if is_json(request):
        return await _embed(request, services, caller)
    with services.media.uploads.slot(caller.id):
        services.media.foreground.warm_up()
        async with services.media.folder() as folder:
            limits = Limits(
                services.media.size_limit,
                services.media.largest_file,
                {"poster": services.media.limits.bytes},
            )
            upload = await read_upload(request, folder, limits, WORDS)
            request.state.payload = upload.digest
            try:
                words = MediaForm.model_validate_strings(upload.fields).words()
            except ValidationError as error:
                errors = error.errors(include_url=False, include_input=False)
                raise InvalidPayload(
                    [(pointer(e["loc"]), validation_message(e["msg"])) for e in errors]
                ) from None
            operation = await operation_of(request, services, caller)
            if (idempotency := operation.idempotency) is not None:
                written = await find_written(services, caller, idempotency)
                if written is not None:
                    return respond(written)
            key = request.headers.get("idempotency-key")
            with services.media.progress.tracked(caller.id, key) as progress:
                try:
                    media = await services.media.ingest(
                        upload.path, words, caller.id, upload.files.get("poster"), progress
                    )
                except UnwantedPoster:
                    raise InvalidPayload([("/poster", "is taken with a video alone")]) from None
        return respond(await keep_upload(services, operation, media))


async def _embed(request: Request, services: Services, caller: AnyContributor) -> Response:
    form = await json_body(EmbedForm)(request)
    sites = services.html_renderer.embeds
    embed = sites.find(form.url)
    if embed is None:
        allowed = f"of {', '.join(sites.names)}" if sites.names else "none: no site is allowed"
        raise InvalidPayload([("/url", f"must be the address of a post or a video {allowed}")])
    operation = await operation_of(request, services, caller)
    if (idempotency := operation.idempotency) is not None:
        # Otherwise a repeated request would ask the other site again.
        written = await find_written(services, caller, idempotency)
        if written is not None:
            return respond(written)
    media = Media(new_media_id(), "embed", embed.page, **form.words())
    if services.media.embed_cards is not None:
        with services.media.uploads.slot(caller.id):
            description, picture = await services.media.embed_cards.read(embed)
            media = replace(media, card=description.card)
            if picture is not None:
                media = await _add_picture(services, media, picture, caller)
    if media.renditions:
        return respond(await keep_upload(services, operation, media))

    async def act(session: AsyncSession) -> Written:
        return await add_embed(session, media, caller, services.now())

    return respond(await write(services, operation, act))


async def _add_picture(
    services: Services, media: Media, picture: bytes, caller: AnyContributor
) -> Media:
    try:
        return await services.media.ingest_embed(media, picture, caller.id)
    except MediaError:
        # An embed may do without. The row of the first id stays if the storage does not answer.
        return replace(media, id=new_media_id())


@routes.get(
    "/uploads/{upload_key}",
    operation_id="getUploadProgress",
    responses=returns(schemas.UploadProgress) | refuses(*NEWSROOM, UnknownUpload),
)
async def get_upload_progress(
    services: ServicesDep, caller: AnyContributor, upload_key: UploadKey
) -> Response:
    """Return the progress of an upload of the caller, by the upload's `Idempotency-Key`.

    The progress exists from the time when the whole file has arrived until the response is sent.
    """
    fraction = await asyncio.to_thread(services.media.progress.read, caller.id, upload_key)
    if fraction is None:
        raise UnknownUpload("No upload of yours with this Idempotency-Key is being made playable.")
    return private_json(dump_json({"progress": fraction}))


@routes.get(
    "/{media_id}",
    operation_id="getMedia",
    responses=returns(schemas.Media) | refuses(*NEWSROOM, UnknownMediaId),
)
async def get_media(services: ServicesDep, caller: AnyContributor, media_id: MediaRef) -> Response:
    """Return a picture or video that the caller may use in entries.

    These are the caller's own uploads, for editors of a coverage all that the coverage has used,
    and for editors of the whole newsroom everything. Other media do not exist for the caller.
    """
    async with services.store.reading() as session:
        media = await find_usable(session, media_id, caller)
    body = dump_json(encode_media(media))
    return private_json(body)


@routes.patch(
    "/{media_id}",
    operation_id="changeMedia",
    responses=returns(schemas.Media) | refuses(*WRITING, *PAYLOAD, UnknownMediaId),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=MediaForm, examples=examples.MEDIA),
)
async def patch_media(
    request: Request,
    services: ServicesDep,
    caller: AnyContributor,
    media_id: MediaRef,
    form: Annotated[MediaForm, Depends(json_body(MediaForm))],
) -> Response:
    """Change what is said of a picture or video, for entries that will use it.

    Entries that show it already keep what they say of it.
    """

    async def act(session: AsyncSession) -> Written:
        return await change_texts(session, media_id, form.words(), caller)

    return await answer_write(request, services, caller, act)
