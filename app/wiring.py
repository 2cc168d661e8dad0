"""Wiring: builds the services from the settings, opens them in order and closes them again."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from app.access.oidc import Provider
from app.access.refusals import RefusalLog
from app.access.server_key import CHALLENGES, LOG, read_server_key
from app.access.sessions import SessionConfig
from app.broker.address import open_broker
from app.broker.broker import Broker
from app.clock import Clock
from app.formats.html import HtmlRenderer
from app.formats.log.signed_note import NoteSigner
from app.formats.public_json import PublicJson
from app.formats.wires import encoders
from app.hub.config import HubConfig
from app.hub.figure_tables import FigureTables
from app.hub.hub import Hub
from app.hub.reach import Reach, Report
from app.hub.slices import TimeSlices
from app.hub.subscriber import Reading, ReadSince
from app.media.embed_cards import EmbedCards
from app.media.ingest import MediaIngest, MediaLimits
from app.media.open import open_media_ingest
from app.media.storage.address import open_library
from app.newsroom.schedule import run_scheduler
from app.reader.events import long_poll_renderer
from app.settings import Settings
from app.store.coverages import read_heads
from app.store.engine import Store
from app.store.journal import read_rows, row_event
from app.store.reach import ReachRow, save_reach
from app.tasks import end_tasks
from app.timeline.cursor import Cursor
from app.web.rate_limits.sign_ins import SignInLimiter
from app.web.rate_limits.streams import StreamLimiter
from app.web.rate_limits.writes import WriteLimiter
from app.web.security_headers import transport_security
from app.web.services import ContentLimits, Services

_FEW = 64  # events that are decoded without waiting for a time slice


@asynccontextmanager
async def open_services(
    settings: Settings, html_renderer: HtmlRenderer, clock: Clock
) -> AsyncIterator[Services]:
    """Open the services in the order of their dependencies, and close them in reverse.

    Args:
        settings: the operator's settings.
        html_renderer: renders pages and entries.
        clock: returns the current time.

    Raises:
        StoreError: the database cannot be opened, or is newer than this program.
    """
    async with AsyncExitStack() as opened:
        store = Store(settings.database_url)
        opened.push_async_callback(store.close)
        await store.migrate()
        broker = await opened.enter_async_context(_broker(settings))
        form = PublicJson(settings.base_url)
        hub = _hub(settings, store, broker, form, html_renderer, clock)
        services = Services(
            store=store,
            broker=broker,
            hub=hub,
            figure_tables=FigureTables(hub.follower),
            form=form,
            html_renderer=html_renderer,
            now=clock,
            limits=_content_limits(settings),
            safety_delay=settings.safety_delay,
            keep_retracted=settings.keep_retracted,
            keep_audit=settings.keep_audit,
            write_limiter=WriteLimiter(settings.writes_per_minute),
            stream_limiter=_stream_limiter(settings, settings.stream_capacity),
            desk_stream_limiter=_stream_limiter(settings, settings.desk_capacity),
            provider=_provider(settings),
            sign_in_limiter=SignInLimiter(settings.trusted_proxies),
            challenge_key=await read_server_key(store, CHALLENGES),
            log_signer=NoteSigner(await read_server_key(store, LOG)),
            refusals=RefusalLog(store, clock),
            sessions=SessionConfig(settings.session_idle, settings.session_lifetime),
            media=await opened.enter_async_context(_media_ingest(settings, store, clock)),
            second_factor=settings.second_factor,
            frame_ancestors=settings.frame_ancestors,
            third_parties=settings.third_parties,
            security_contacts=settings.security_contact,
        )
        opened.push_async_callback(services.refusals.flush)
        await opened.enter_async_context(hub.running())
        tasks = (run_scheduler(services), asyncio.to_thread(html_renderer.compile_templates))
        opened.push_async_callback(end_tasks, [asyncio.create_task(task) for task in tasks])
        yield services


@asynccontextmanager
async def _broker(settings: Settings) -> AsyncIterator[Broker]:
    broker = open_broker(settings.broker_url)
    try:
        await broker.open()
        yield broker
    finally:
        await broker.close()


def _media_ingest(
    settings: Settings, store: Store, clock: Clock
) -> AbstractAsyncContextManager[MediaIngest]:
    library = open_library(settings.media_url, settings.media_dir)
    incoming = settings.media_dir / "incoming"
    limits = MediaLimits(
        bytes=settings.media_limit,
        video=settings.video_limit,
        pixels=settings.media_pixels,
        frames=settings.media_frames,
        memory=settings.media_memory,
        duration=settings.video_duration.total_seconds(),
        conversion=settings.conversion_duration.total_seconds(),
    )
    cards = EmbedCards() if settings.embed_cards else None
    return open_media_ingest(library, store, clock, incoming, limits, cards)


def _stream_limiter(settings: Settings, capacity: int) -> StreamLimiter:
    return StreamLimiter(
        capacity=capacity,
        per_address=settings.streams_per_address,
        per_person=settings.streams_per_person,
        connects_per_second=settings.connects_per_second,
        trusted=settings.trusted_proxies,
    )


def _hub(
    settings: Settings,
    store: Store,
    broker: Broker,
    form: PublicJson,
    html_renderer: HtmlRenderer,
    clock: Clock,
) -> Hub:
    slices = TimeSlices()

    async def heads(slugs: Collection[str]) -> Mapping[str, Cursor]:
        async with store.reading() as session:
            return await read_heads(session, slugs)

    async def notifications() -> AsyncIterator[tuple[str, int]]:
        async for notification in broker.notifications():
            yield notification.topic, notification.seq

    return Hub(
        read_since=_journal_reader(store, slices),
        read_heads=heads,
        notifications=notifications,
        is_connected=lambda: broker.is_connected,
        encoders=encoders(form, html_renderer.event),
        config=HubConfig(
            heartbeat=settings.heartbeat.total_seconds(),
            lifetime=settings.stream_lifetime.total_seconds(),
            stall=settings.stall.total_seconds(),
            replay_limit=settings.replay_limit,
            # The rest of the drain time is for the last connections to close.
            drain=settings.drain.total_seconds() * 0.8,
        ),
        now=clock,
        render=long_poll_renderer(
            form, html_renderer.event, transport_security(form.base_url, settings.hsts)
        ),
        report_reach=_reach_reporter(store, clock),
        slices=slices,
    )


def _reach_reporter(store: Store, clock: Clock) -> Report:
    process = secrets.token_hex(8)

    async def report(slug: str, seq: int, reach: Reach) -> None:
        row = ReachRow(
            coverage=slug,
            seq=seq,
            process=process,
            reached=reach.reached,
            open=reach.open,
            at=clock(),
        )
        async with store.writing() as session:
            await save_reach(session, row)

    return report


def _journal_reader(store: Store, slices: TimeSlices) -> ReadSince:
    async def since(slug: str, after: Cursor, limit: int) -> Reading:
        async with store.reading() as session:
            heads = await read_heads(session, [slug])
            if slug not in heads:
                return Reading([], after.seq, is_withdrawn=True)
            rows = await read_rows(session, slug, after.seq, limit)
        # Events that were just published must not wait for a replay.
        events = await slices.map(lambda row: row_event(row, slug, after.epoch), rows, at_once=_FEW)
        return Reading(events, heads[slug].seq)

    return since


def _provider(settings: Settings) -> Provider | None:
    secret = settings.oidc_client_secret
    if settings.oidc_issuer is None or settings.oidc_client_id is None or secret is None:
        return None
    return Provider(settings.oidc_issuer, settings.oidc_client_id, secret.get_secret_value())


def _content_limits(settings: Settings) -> ContentLimits:
    return ContentLimits(
        headline=settings.headline_limit,
        body=settings.body_limit,
        request=settings.request_limit,
        journal=settings.import_limit,
        tags=settings.tags_limit,
    )
