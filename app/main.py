"""The application: the doors of an open house, put together; nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import cast

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import ASGIApp

from app import __version__
from app.desk import (
    account,
    audit,
    bell,
    challenge,
    coverages,
    drafts,
    entries,
    head,
    imports,
    invitations,
    key_pages,
    keys,
    opening,
    people,
    people_pages,
    previews,
    provider,
    restorations,
    second_factor,
    signing_in,
    submissions,
    visits,
    welcome,
)
from app.desk import media as uploads
from app.desk import pages as desk
from app.desk.board import Board
from app.desk.forms import FORMS
from app.desk.media_form import EmbedForm, MediaForm
from app.desk.people_forms import PEOPLE_FORMS
from app.desk.rendering import Renderer
from app.framing.look import Look, ThemeError
from app.framing.players import Players
from app.reader import (
    embed,
    events,
    feeds,
    history,
    media,
    multiplex,
    oembed,
    pages,
    security_txt,
    sitemaps,
    socket,
)
from app.reader.sheets import OF_A_PAGE, SHEETS, in_own_units
from app.rooms import Clock, open_house, utc_now
from app.settings import Settings, SettingsError, read_settings
from app.web import health, reference
from app.web.assets import Assets
from app.web.cors import open_to_readers
from app.web.head import HeadAsGet
from app.web.hot import Hot
from app.web.loop_budget import LoopBudget, Refuse
from app.web.nosniff import NoSniff
from app.web.openapi import describe
from app.web.problems import TooManyRequests, install_problems
from app.web.query_parameters import QueryParameters, StrictQuery
from app.web.stopping import heeding_signals
from app.web.unchunked import Unchunked

# The streams first: routes are tried in turn, and thousands of readers come at once.
_STREAMS = (events, socket, multiplex)
_MACHINES = (feeds, sitemaps, oembed, security_txt)
_READERS = (*_STREAMS, history, health, reference, media, embed, *_MACHINES)
_TOOLS = (coverages, entries, drafts, uploads, keys, imports, people, invitations, audit)
_OFFICES = (bell, previews, visits, submissions, restorations)
_DESK = (desk, opening, head, signing_in, provider, welcome, people_pages, key_pages, account)
_FACTORS = (challenge, second_factor)
_DOORS = (
    *(room.routes for room in (*_READERS, *_TOOLS, *_OFFICES, *_DESK, *_FACTORS)),
    audit.pages,
)
_FORMS: tuple[type[BaseModel], ...] = (
    *FORMS,
    *PEOPLE_FORMS,
    previews.PreviewForm,
    visits.VisitForm,
    submissions.ReturnForm,
    MediaForm,
    EmbedForm,
)

Dress = tuple[Look, Assets]

# Addresses of static files that others link to.
_STABLE = {
    "/static/dateline.js": "dateline.js",
    "/static/dateline.svg": "dateline.svg",
    "/embed.js": "embed.js",
}


def create_app(
    settings: Settings,
    clock: Clock = utc_now,
    *,
    dress: Dress | None = None,
    heed_signals: bool = False,
) -> FastAPI:
    """The application; its rooms are opened when it starts and closed when it stops.

    Args:
        settings: the operator's.
        clock: what time it is; the demonstration brings its own.
        dress: what `open_look` gave for these settings; None to open it here.
        heed_signals: end the streams as soon as the process is told to stop.

    Raises:
        SettingsError: the theme cannot be used.
    """
    look, assets = dress or open_look(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings, look, clock) as house:
            app.state.house = house

            async def leave() -> None:
                board.close()
                await house.hub.drain()

            async with Board(house.broker).running() as board, Renderer().running() as renderer:
                app.state.board, app.state.renderer = board, renderer
                with heeding_signals(leave) if heed_signals else nullcontext():
                    yield

    app = FastAPI(
        title="Dateline",
        version=__version__,
        description="Live coverage for newsrooms: a durable timeline, pushed to every open page.",
        lifespan=lifespan,
        openapi_url=None,  # its route makes the bytes anew each time: ours is in `describe`
        docs_url=None,
        redoc_url=None,
    )
    for door in _DOORS:
        app.include_router(door)
    app.include_router(pages.page_routes())
    app.include_router(assets.routes())
    install_problems(app, partial(pages.refuse, look))
    describe(app, _FORMS)
    app.state.query_parameters = parameters = QueryParameters(app.routes)
    app.add_middleware(StrictQuery, parameters=parameters)
    trusted, share = settings.trusted_proxies, settings.loop_share
    refuse = cast("Refuse", app.exception_handlers[TooManyRequests])
    app.add_middleware(LoopBudget, share=share, trusted=trusted, refuse=refuse)
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


def open_look(settings: Settings) -> Dress:
    """How the pages look, and the files that they are made with: half a second's work.

    Raises:
        SettingsError: the theme cannot be used.
    """
    own = [settings.theme_dir / "static"] if settings.theme_dir else []
    folders = [pages.STATIC, desk.STATIC, *own]
    sheets = SHEETS | desk.SHEETS
    assets = Assets(
        folders, _STABLE, sheets, pages.SHAPES | desk.SHAPES | {"embed.css": in_own_units}
    )
    look = Look(
        name=settings.name,
        zone=settings.time_zone,
        packages=("app.reader", "app.desk", "app.framing"),
        theme=settings.theme_dir and settings.theme_dir / "templates",
        asset=assets.address,
        stylesheets=(*OF_A_PAGE, *(["theme.css"] if "theme.css" in assets else [])),
        players=Players(settings.embeds),
    )
    try:
        look.check()
    except ThemeError as error:
        raise SettingsError(f"DATELINE_THEME_DIR: {error}") from error
    return look, assets
