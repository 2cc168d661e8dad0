"""Opens the house: builds the rooms from the settings and wires them; nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial

from fastapi import FastAPI
from starlette.types import ASGIApp

from app import __version__
from app.broker.address import open_broker
from app.broker.broker import Broker
from app.broker.ending import end_tasks
from app.desk import (
    bell,
    coverages,
    drafts,
    entries,
    head,
    imports,
    keys,
    opening,
    previews,
    restorations,
    signing_in,
    submissions,
    visits,
)
from app.desk import media as uploads
from app.desk import pages as desk
from app.desk.board import Board
from app.desk.forms import FORMS
from app.desk.media_form import MediaForm
from app.desk.schedule import keep_schedule
from app.framing.chunks import ChunkedWire
from app.framing.history import PublicForm
from app.framing.look import Look, ThemeError
from app.framing.socket import FrameWire, SocketWire
from app.framing.sse import SseWire
from app.hub.hub import Hub
from app.hub.lane import Wire
from app.hub.terms import Terms
from app.media.address import open_library
from app.media.opening import open_studio
from app.media.studio import MediaBounds
from app.reader import embed, events, feeds, history, media, oembed, pages, sitemaps, socket
from app.reader.events import answer_later
from app.reader.sheets import OF_A_PAGE, SHEETS, in_own_units
from app.settings import Settings, SettingsError, read_settings
from app.store.coverages import read_heads
from app.store.engine import Store
from app.store.journal import read_since
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from app.web import health, reference
from app.web.assets import Assets
from app.web.cors import open_to_readers
from app.web.crowd import Crowd
from app.web.head import HeadAsGet
from app.web.hot import Hot
from app.web.house import Bounds, House
from app.web.nosniff import NoSniff
from app.web.openapi import describe
from app.web.pace import Pace
from app.web.problems import install_problems
from app.web.stopping import heeding_signals
from app.web.unchunked import Unchunked

Clock = Callable[[], datetime]

# Addresses of static files that others link to.
_STABLE = {
    "/static/dateline.js": "dateline.js",
    "/static/dateline.svg": "dateline.svg",
    "/embed.js": "embed.js",
}


def utc_now() -> datetime:
    """The time, to the millisecond that the record keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def create_app(
    settings: Settings, clock: Clock = utc_now, *, heed_signals: bool = False
) -> FastAPI:
    """The application; its rooms are opened when it starts and closed when it stops.

    Args:
        settings: the operator's.
        clock: what time it is; the demonstration brings its own.
        heed_signals: end the streams as soon as the process is told to stop.

    Raises:
        SettingsError: the theme cannot be used.
    """
    look, assets = open_look(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings, look, clock) as house:
            app.state.house = house

            async def leave() -> None:
                board.close()
                await house.hub.drain()

            async with Board(house.broker).running() as board:
                app.state.board = board
                with heeding_signals(leave) if heed_signals else nullcontext():
                    yield

    app = FastAPI(
        title="Dateline",
        version=__version__,
        description="Live coverage for newsrooms: a durable timeline, pushed to every open page.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    # The streams first: routes are tried in turn, and thousands of readers come at once.
    doors = (events, socket, history, coverages, entries, drafts, uploads, keys, imports)
    desks = (bell, previews, visits, submissions, restorations)
    for door in (*doors, *desks):
        app.include_router(door.routes)
    for door in (desk, opening, head, signing_in):
        app.include_router(door.routes)
    app.include_router(pages.page_routes())
    for door in (health, reference, media, embed, feeds, sitemaps, oembed):
        app.include_router(door.routes)
    app.include_router(assets.routes())
    install_problems(app, partial(pages.refuse, look))
    own = (MediaForm, previews.PreviewForm, visits.VisitForm, submissions.ReturnForm)
    describe(app, (*FORMS, *own))
    app.add_middleware(open_to_readers)
    app.add_middleware(HeadAsGet)
    app.add_middleware(NoSniff)
    return app


def serve_app() -> ASGIApp:
    """The application as a server gets it, with settings from the environment.

    Raises:
        SettingsError: a setting is wrong.
    """
    settings = read_settings()
    return Unchunked(Hot(create_app(settings, heed_signals=True), settings.cache_bytes))


def open_look(settings: Settings) -> tuple[Look, Assets]:
    """How the pages look, and the files that they are made with.

    Raises:
        SettingsError: the theme cannot be used.
    """
    own = [settings.theme_dir / "static"] if settings.theme_dir else []
    folders = [pages.STATIC, desk.STATIC, *own]
    sheets = SHEETS | desk.SHEETS
    assets = Assets(folders, _STABLE, sheets, desk.SHAPES | {"embed.css": in_own_units})
    look = Look(
        name=settings.name,
        zone=settings.time_zone,
        packages=("app.reader", "app.desk", "app.framing"),
        theme=settings.theme_dir and settings.theme_dir / "templates",
        asset=assets.address,
        stylesheets=(*OF_A_PAGE, *(["theme.css"] if "theme.css" in assets else [])),
    )
    try:
        look.check()
    except ThemeError as error:
        raise SettingsError(f"DATELINE_THEME_DIR: {error}") from error
    return look, assets


@asynccontextmanager
async def open_house(settings: Settings, look: Look, clock: Clock) -> AsyncIterator[House]:
    """Open the rooms, in the order in which they need each other, and close them again.

    Args:
        settings: the operator's.
        look: of the newsroom's pages.
        clock: what time it is.

    Raises:
        StoreError: the database cannot be opened, or is newer than this program.
    """
    async with AsyncExitStack() as opened:
        store = Store(settings.database_url)
        opened.push_async_callback(store.close)
        await store.migrate()
        broker = open_broker(settings.broker_url)
        opened.push_async_callback(broker.close)
        await broker.open()
        studio = await opened.enter_async_context(
            open_studio(
                open_library(settings.media_url, settings.media_dir),
                store,
                clock,
                settings.media_dir / "incoming",
                _media_bounds(settings),
            )
        )
        form = PublicForm(settings.base_url)
        hub = _hub(settings, store, broker, form, look, clock)
        house = House(
            store=store,
            broker=broker,
            hub=hub,
            form=form,
            look=look,
            now=clock,
            bounds=_bounds(settings),
            terms=_terms(settings),
            safety_delay=settings.safety_delay,
            keep_retracted=settings.keep_retracted,
            pace=Pace(settings.writes_per_minute),
            crowd=Crowd(
                capacity=settings.stream_capacity,
                per_address=settings.streams_per_address,
                connects_per_second=settings.connects_per_second,
                trusted=settings.trusted_proxies,
            ),
            media=studio,
        )
        await opened.enter_async_context(hub.running())
        schedule = asyncio.create_task(keep_schedule(house))
        opened.push_async_callback(end_tasks, [schedule])
        yield house


def _hub(
    settings: Settings, store: Store, broker: Broker, form: PublicForm, look: Look, clock: Clock
) -> Hub:
    async def since(slug: str, after: Cursor, limit: int) -> list[Event]:
        async with store.reading() as session:
            return await read_since(session, slug, after, limit)

    async def heads(slugs: Collection[str]) -> Mapping[str, Cursor]:
        async with store.reading() as session:
            return await read_heads(session, slugs)

    async def bell() -> AsyncIterator[tuple[str, int]]:
        async for announcement in broker.announcements():
            yield announcement.topic, announcement.seq

    return Hub(
        read_since=since,
        read_heads=heads,
        bell=bell,
        bell_is_up=lambda: broker.healthy,
        wires=_wires(form, look),
        terms=_terms(settings),
        now=clock,
        render=answer_later(form, look.event),
    )


def _wires(form: PublicForm, look: Look) -> dict[str, Wire]:
    wires: dict[str, Wire] = {}
    for name, render in {"sse-json": None, "sse-html": look.event}.items():
        for suffix in "", "-gzip":
            wire = SseWire(form, render=render, compress=bool(suffix))
            wires[f"{name}{suffix}"] = wire
            wires[f"{name}{suffix}-chunked"] = ChunkedWire(wire)
    wires["socket"] = texts = SocketWire(form)
    wires["frames"] = FrameWire(texts)
    wires["frames-deflate"] = FrameWire(texts, compress=True)
    return wires


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        headline=settings.headline_limit,
        body=settings.body_limit,
        request=settings.request_limit,
        journal=settings.import_limit,
        tags=settings.tags_limit,
    )


def _media_bounds(settings: Settings) -> MediaBounds:
    return MediaBounds(
        bytes=settings.media_limit,
        pixels=settings.media_pixels,
        frames=settings.media_frames,
        memory=settings.media_memory,
    )


def _terms(settings: Settings) -> Terms:
    return Terms(
        heartbeat=settings.heartbeat.total_seconds(),
        lifetime=settings.stream_lifetime.total_seconds(),
        stall=settings.stall.total_seconds(),
        replay_limit=settings.replay_limit,
        # The rest of the time is for the last ones to take their leave.
        drain=settings.drain.total_seconds() * 0.8,
    )
