"""uvicorn, as Dateline runs it."""

import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from app.cli.descriptors import DescriptorPlan, plan_descriptors
from app.cli.logs import log_config
from app.cli.refusal import Refused
from app.server.acceptor import http_protocol
from app.server.data_rate import MinDataRate
from app.server.http_config import HttpConfig
from app.server.websocket_protocol import SocketProtocol
from app.settings import Settings
from app.web.security_headers import transport_security

_log = logging.getLogger(__name__)

_LARGEST_FRAME = 4096  # bytes that a WebSocket client may send in one frame
_PEER_TIMEOUT = 30_000  # milliseconds that what was sent may stay unacknowledged


def listen(settings: Settings) -> socket.socket:
    """Take the address, before anything else is made ready that would have to be undone.

    Raises:
        Refused: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Whoever vanished without a word ends with the next heartbeats; else the system would
            # try for a quarter of an hour. Accepted connections inherit it.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _PEER_TIMEOUT)
        listener.bind((settings.host, settings.port))
        # From here on whoever comes waits, and is not turned away.
        listener.listen(plan_descriptors().backlog)
    except OSError as error:
        listener.close()
        raise Refused(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}"
            " (choose with DATELINE_HOST and DATELINE_PORT)"
        ) from error
    listener.set_inheritable(True)  # for the workers
    return listener


def run_server(
    app: ASGIApp | str, settings: Settings, listener: socket.socket, warnings: Iterable[str] = ()
) -> bool:
    """Serve until told to stop.

    Args:
        app: the application, or with several workers the place of its factory.
        settings: the operator's.
        listener: where readers come in.
        warnings: what the operator has to know first.

    Returns:
        Whether it started at all.
    """
    plan = plan_descriptors()
    config = uvicorn.Config(
        app,
        http=http_protocol(_door_terms(settings, plan)),
        factory=isinstance(app, str),
        workers=settings.workers,
        backlog=plan.backlog,
        ws=SocketProtocol,
        ws_max_size=_LARGEST_FRAME,
        log_config=log_config(settings.log_level),
        log_level=settings.log_level,
        access_log=settings.log_level == "debug",
        proxy_headers=False,  # `ForwardedHeaders` does it, and looks at them
        headers=transport_security(settings.base_url, settings.hsts),
        timeout_graceful_shutdown=round(settings.drain.total_seconds()),
        server_header=False,
    )
    for warning in warnings:
        _log.warning(warning)
    _tell(settings, plan)
    if settings.workers > 1:
        Multiprocess(config, sockets=[listener]).run()
        return True
    gc.freeze()
    # Ten thousand streams make little garbage, and much to look at: they are seldom looked at. The
    # young objects are, a few at a time, lest everybody waits while many are.
    gc.set_threshold(2_000, 5, 2_000)
    server = uvicorn.Server(config)
    # uvicorn raises what stopped it once more at its end; that it ended in order is no failure.
    # As an exception, so that callers clean up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with suppress(KeyboardInterrupt):
        server.run([listener])
    return server.started


def _tell(settings: Settings, plan: DescriptorPlan) -> None:
    log = logging.getLogger("uvicorn.error")
    log.info(
        "%d file descriptors: %d for connections and the files that they read, %d for the rest",
        plan.limit,
        plan.connections,
        plan.limit - plan.connections,
    )
    if plan.connections < settings.stream_capacity + settings.desk_capacity:
        log.warning(
            "DATELINE_STREAM_CAPACITY is %d and DATELINE_DESK_CAPACITY %d, but %d file descriptors"
            " allow fewer (ulimit -n)",
            settings.stream_capacity,
            settings.desk_capacity,
            plan.limit,
        )


def _door_terms(settings: Settings, plan: DescriptorPlan) -> HttpConfig:
    return HttpConfig(
        head_limit=settings.head_limit,
        head_patience=settings.head_patience.total_seconds(),
        data_rate=MinDataRate(settings.min_data_rate, settings.body_patience.total_seconds()),
        descriptors=plan.connections,
        connections_per_address=settings.connections_per_address,
        connections_per_second=settings.connections_per_second,
        trusted=settings.trusted_proxies,
    )
