"""Pictures and video as the newsroom sends them, and the words beside them, to be put right."""

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk import examples
from app.desk.media_form import BODY, WORDS, EmbedForm, MediaForm
from app.desk.writes import answer_write, operation_of, respond
from app.framing.history import dump_json, media_record
from app.media.errors import (
    BrokenFile,
    DarkroomBusy,
    FilmRefused,
    LibraryUnavailable,
    TooManyFrames,
    TooManyPixels,
    TooSlow,
    UnknownMediaId,
    UnknownType,
)
from app.media.footage import take_in_film
from app.media.kinds import HEAD, picture_kind
from app.media.library import new_media_id
from app.media.video import is_film
from app.newsroom.media import add_embed, change_words, find_usable, keep_upload
from app.newsroom.write import find_written
from app.newsroom.written import Written
from app.timeline.entry import Media
from app.web import schemas
from app.web.addresses import MediaRef
from app.web.caching import private_json
from app.web.callers import AnyContributor
from app.web.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.house import House, TheHouse
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
from app.web.upload import Limits, Upload, read_upload

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
        FilmRefused,
        DarkroomBusy,
        LibraryUnavailable,
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY) | {"requestBody": BODY},
)
async def post_media(request: Request, house: TheHouse, caller: AnyContributor) -> Response:
    """Send a picture or a video; answered when it can be shown.

    A picture is JPEG, PNG, WebP, AVIF or GIF; a video is MP4 (H.264, VP9 or AV1 with AAC, MP3, Opus
    or FLAC) or WebM, by what the file is and not by its name. Position, camera and other data are
    taken out. What is not said beside a picture is taken from what the photographer wrote into it.
    With a video may come a picture, `poster`, that is shown until it plays. A video of another site
    that the newsroom allows is named by its `url`, as JSON: pages load it when a reader asks.
    """
    if is_json(request):
        return await _embed(request, house, caller)
    with house.media.uploads.slot(caller.id):
        return await _upload(request, house, caller)


async def _upload(request: Request, house: House, caller: AnyContributor) -> Response:
    house.media.prompt.warm_up()
    async with house.media.folder() as folder:
        upload = await read_upload(request, folder, _limits(house), WORDS)
        request.state.payload = upload.digest
        words = _check_words(upload.words)
        operation = await operation_of(request, house, caller)
        if (written := await find_written(house, operation)) is not None:
            return respond(written)
        media = await _take_in(house, upload, words, caller.id)
    return respond(await keep_upload(house, operation, media))


def _limits(house: House) -> Limits:
    bounds = house.media.bounds
    return Limits(
        lambda head: bounds.video if is_film(head) else bounds.bytes,
        max(bounds.video, bounds.bytes),
        {"poster": bounds.bytes},
    )


async def _take_in(house: House, upload: Upload, words: dict[str, str], caller: str) -> Media:
    poster = upload.files.get("poster")
    head = await asyncio.to_thread(_read_head, upload.path)
    if is_film(head):
        return await take_in_film(house.media, upload.path, poster, words, caller)
    # Beside what is not even a picture the poster is not what is wrong.
    if poster is not None and picture_kind(head) is not None:
        raise InvalidPayload([("/poster", "is taken with a video alone")])
    return await house.media.take_in(upload.path, words, caller)


def _read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


async def _embed(request: Request, house: House, caller: AnyContributor) -> Response:
    form = await json_body(EmbedForm)(request, house)
    players = house.look.players
    player = players.find(form.url)
    if player is None:
        sites = f"of {' or '.join(players.sites)}" if players.sites else "none: no site is allowed"
        raise InvalidPayload([("/url", f"must be the address of a video {sites}")])
    media = Media(new_media_id(), "embed", player.page, **form.words())

    async def act(session: AsyncSession) -> Written:
        return await add_embed(session, media, caller)

    return await answer_write(request, house, caller, act)


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
async def get_media(house: TheHouse, caller: AnyContributor, media_id: MediaRef) -> Response:
    """A picture or video that the caller's entries may name.

    That is what they have sent; of what a coverage has used, all to its editors; to editors of the
    whole newsroom everything. The rest is not there for them.
    """
    async with house.store.reading() as session:
        media = await find_usable(session, media_id, caller)
    body = dump_json(media_record(media))
    return private_json(body)


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

    async def act(session: AsyncSession) -> Written:
        return await change_words(session, media_id, form.words(), caller)

    return await answer_write(request, house, caller, act)
