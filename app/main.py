"""Application: assembles the routes, the services and the middleware; holds no logic itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import cast

from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from app import __version__
from app.clock import Clock, utc_now
from app.deployment import check_settings
from app.desk.api import (
    audit,
    availability,
    changes,
    conversions,
    coverages,
    drafts,
    entries,
    imports,
    invitations,
    keys,
    passkey_challenges,
    people,
    presence,
    previews,
    reach,
    restorations,
    submissions,
    summaries,
    templates,
)
from app.desk.api import media as uploads
from app.desk.api.change_feed import ChangeFeed
from app.desk.api.media_form import EmbedForm, MediaForm
from app.desk.pages import (
    account,
    coverage_settings,
    new_coverage,
    passkey_sign_in,
    passkeys,
    second_factor,
    sign_in,
    sso,
    successor,
    translations,
    two_factor_challenge,
    welcome,
)
from app.desk.pages import coverages as coverage_pages
from app.desk.pages import keys as key_pages
from app.desk.pages import people as people_pages
from app.desk.pages import templates as template_pages
from app.desk.rendering import Renderer
from app.desk.words import DESK
from app.formats.embeds.sites import EmbedSites
from app.formats.html import HtmlRenderer, ThemeError
from app.formats.languages import READER
from app.newsroom.forms import FORMS
from app.newsroom.people_forms import PEOPLE_FORMS
from app.newsroom.template_forms import TEMPLATE_FORMS
from app.reader import (
    corrections,
    embed,
    events,
    feeds,
    figures,
    history,
    log,
    media,
    mementos,
    moment,
    multiplex,
    net_changes,
    oembed,
    pages,
    places,
    proofs,
    search,
    security_txt,
    sitemaps,
    socket,
    statements,
)
from app.reader.stream_opener import STREAM_TARGETS, StreamOpener
from app.reader.stylesheets import PAGE_STYLESHEETS, STYLESHEETS, for_other_sites
from app.server.descriptors import set_close_on_exec
from app.server.http10 import Unchunked
from app.server.signals import handling_signals
from app.settings import Settings, read_settings
from app.settings_error import SettingsError
from app.store.file_modes import set_private_umask
from app.web import health
from app.web.assets import Assets
from app.web.body_memory import BodyMemory
from app.web.cors import CrossOrigin
from app.web.deployment import DeploymentWarnings
from app.web.forwarded import ForwardedHeaders
from app.web.head_method import HeadAsGet
from app.web.host import HostCheck
from app.web.openapi import docs_page as reference
from app.web.openapi.document import describe
from app.web.problems import install_problems
from app.web.proxy_checks import ProxyChecks
from app.web.query_parameters import QueryParameters, StrictQuery
from app.web.rate_limits.loop_time import LoopBudget, LoopShares, Refuse
from app.web.rate_limits.too_many_requests import TooManyRequests
from app.web.refusals import count_problem
from app.web.response_cache import ResponseCache
from app.web.security_headers import SecurityHeaders
from app.web.services import services_of
from app.web.trailing_slash import TrailingSlash
from app.wiring import open_services

# Routes are tried in turn. The entries come first, since their readers wait for them, and then the
# streams, most of which are opened before a route is looked for.
_STREAMS = (events, socket, multiplex)
_MACHINES = (feeds, log, proofs, sitemaps, oembed, security_txt)
_READING = (history, search, moment, statements, figures, net_changes, corrections, mementos)
_READERS = (entries, *_STREAMS, *_READING, places, health, reference, media, embed, *_MACHINES)
_TOOLS = (coverages, availability, drafts, uploads, keys, imports)
_CHIEFS = (people, invitations, audit)
_COLLABORATION = (changes, previews, conversions, presence, submissions, restorations, reach)
_ON_TOP = (summaries, templates)
_DESK = (coverage_pages, new_coverage, coverage_settings, successor, translations)
_NEWSROOM = (people_pages, key_pages, template_pages, account)
_SIGN_IN = (sign_in, sso, welcome)
_FACTORS = (two_factor_challenge, second_factor, passkeys, passkey_sign_in, passkey_challenges)
_ROUTERS = (
    *(
        module.routes
        for module in (
            *(*_READERS, *_TOOLS, *_CHIEFS, *_COLLABORATION, *_ON_TOP, *_DESK),
            *(*_NEWSROOM, *_SIGN_IN, *_FACTORS),
        )
    ),
    audit.pages,
)
_FORMS: tuple[type[BaseModel], ...] = (
    *FORMS,
    *PEOPLE_FORMS,
    *TEMPLATE_FORMS,
    previews.PreviewForm,
    conversions.ConversionForm,
    presence.VisitForm,
    submissions.ReturnForm,
    passkey_challenges.PasskeyChallengeForm,
    MediaForm,
    EmbedForm,
)

Frontend = tuple[HtmlRenderer, Assets]

# Addresses of static files to which other sites link.
_STABLE = {
    "/static/dateline.js": "dateline.js",
    "/static/dateline.svg": "dateline.svg",
    "/embed.js": "embed.js",
}


def create_app(
    settings: Settings,
    clock: Clock = utc_now,
    *,
    frontend: Frontend | None = None,
    handle_signals: bool = False,
) -> FastAPI:
    """Create the application, which opens its services at start-up and closes them at shutdown.

    Args:
        settings: the operator's settings.
        clock: returns the current time; the demonstration passes its own.
        frontend: the result of `open_html_renderer` for these settings; None to call it here.
        handle_signals: whether to end the streams as soon as the process receives a signal to stop.

    Raises:
        SettingsError: the theme cannot be used.
    """
    html_renderer, assets = frontend or open_html_renderer(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings, html_renderer, clock) as services:
            app.state.services = services

            async def end_streams() -> None:
                change_feed.close()
                await services.hub.drain()

            async with (
                ChangeFeed(services.broker).running() as change_feed,
                Renderer().running() as renderer,
            ):
                app.state.change_feed, app.state.renderer = change_feed, renderer
                with handling_signals(end_streams) if handle_signals else nullcontext():
                    yield

    app = FastAPI(
        title="Dateline",
        version=__version__,
        description="Live coverage for newsrooms: a durable timeline, pushed to every open page.",
        lifespan=lifespan,
        openapi_url=None,  # FastAPI's route encodes the document for each request; see `describe`
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.default = TrailingSlash(app.router, app.router.default)
    app.state.deployment = DeploymentWarnings(check_settings(settings))
    for router in _ROUTERS:
        app.include_router(router)
    app.include_router(pages.page_routes())
    app.include_router(assets.routes())
    sites = settings.third_parties, settings.frame_ancestors
    install_problems(app, partial(pages.refuse, html_renderer, *sites), _notice)
    describe(app, _FORMS)
    _add_middleware(app, settings)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    # The middleware that is added last is the outermost.
    app.state.query_parameters = parameters = QueryParameters(app.routes)
    app.add_middleware(StrictQuery, parameters=parameters)
    trusted = settings.trusted_proxies
    refuse = cast("Refuse", app.exception_handlers[TooManyRequests])
    bodies, imports = settings.body_memory, settings.import_limit
    app.add_middleware(BodyMemory, most=bodies, imports=imports, trusted=trusted)
    app.state.loop_shares = shares = LoopShares(settings.loop_share, trusted)
    app.add_middleware(LoopBudget, shares=shares, refuse=refuse)
    app.add_middleware(CrossOrigin, writers=settings.cors_origins)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders)


def _notice(connection: HTTPConnection, error: Exception) -> None:
    # Before start-up and after shutdown there are no services.
    if isinstance(connection, Request) and hasattr(connection.app.state, "services"):
        count_problem(connection, services_of(connection), error)


def serve_app() -> ASGIApp:
    """Create the application for a server, with settings from the environment.

    Raises:
        SettingsError: a setting is wrong.
    """
    # Needed too if a program other than the command starts the application.
    set_private_umask()
    set_close_on_exec()
    settings = read_settings()
    return before_requests(create_app(settings, handle_signals=True), settings)


def before_requests(app: FastAPI, settings: Settings, *, opens_streams: bool = True) -> ASGIApp:
    """Wrap the application in the server's layers: framing, Host, forwarded headers, cache.

    Args:
        app: the application.
        settings: the operator's settings.
        opens_streams: whether plain streams are opened ahead of the application; the answers are
            the same without.
    """
    checks = ProxyChecks(
        app.state.deployment,
        base_url=settings.base_url,
        is_named=settings.public_url is not None,
        trusted=settings.trusted_proxies,
    )
    opener = StreamOpener(app, app) if opens_streams else app
    cache = ResponseCache(opener, app, settings.cache_bytes)
    forwarded = ForwardedHeaders(cache, settings.trusted_proxies, checks.check)
    targets = STREAM_TARGETS if opens_streams else None
    return Unchunked(HostCheck(forwarded), offered_targets=targets)


def open_html_renderer(settings: Settings) -> Frontend:
    """Create the HTML renderer and the static files of the pages; takes half a second.

    Raises:
        SettingsError: the theme cannot be used.
    """
    own = [settings.theme_dir / "static"] if settings.theme_dir else []
    folders = [pages.STATIC, coverage_pages.STATIC, *own]
    stylesheets = STYLESHEETS | coverage_pages.STYLESHEETS
    has_icon = any((folder / "favicon.ico").is_file() for folder in own)
    assets = Assets(
        folders,
        # Browsers request it for what is no page, such as a feed or a picture.
        _STABLE | {"/favicon.ico": "favicon.ico" if has_icon else "dateline.svg"},
        stylesheets,
        pages.TRANSFORMS | coverage_pages.TRANSFORMS | {"embed.css": for_other_sites},
    )
    html_renderer = HtmlRenderer(
        name=settings.name,
        base_url=settings.base_url,
        zone=settings.time_zone,
        packages=("app.reader", "app.desk", "app.formats"),
        theme=settings.theme_dir and settings.theme_dir / "templates",
        asset=assets.address,
        stylesheets=(*PAGE_STYLESHEETS, *(["theme.css"] if "theme.css" in assets else [])),
        embeds=EmbedSites(settings.embeds),
        map_link=settings.map_link,
        domains=(READER, DESK),
    )
    try:
        html_renderer.check()
    except ThemeError as error:
        raise SettingsError(f"DATELINE_THEME_DIR: {error}") from error
    return html_renderer, assets
