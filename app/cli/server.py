"""The configuration of uvicorn for Dateline."""

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
from app.server.descriptors import set_close_on_exec
from app.server.http_config import HttpConfig
from app.server.websocket_protocol import SocketProtocol
from app.settings import Settings
from app.web.security_headers import transport_security

_log = logging.getLogger(__name__)

_LARGEST_FRAME = 4096  # bytes in the largest frame that a WebSocket client may send
_PEER_TIMEOUT = 30_000  # milliseconds for which sent data may stay unacknowledged


def listen(settings: Settings) -> socket.socket:
    """Bind the address, before anything is opened that would have to be closed again.

    Raises:
        Refused: the address is not available.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # A peer that vanished times out with the next heartbeats; otherwise the kernel would
            # retransmit for a quarter of an hour. Accepted connections inherit the option.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _PEER_TIMEOUT)
        listener.bind((settings.host, settings.port))
        # From here on, connections wait in the backlog instead of being refused.
        listener.listen(plan_descriptors().backlog)
    except OSError as error:
        listener.close()
        raise Refused(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}"
            " (choose with DATELINE_HOST and DATELINE_PORT)"
        ) from error
    return listener


def run_server(
    app: ASGIApp | str, settings: Settings, listener: socket.socket, warnings: Iterable[str] = ()
) -> bool:
    """Serve until the process is stopped.

    Args:
        app: the application, or with several workers the import path of its factory.
        settings: the operator's settings.
        listener: the listening socket.
        warnings: logged before anything else.

    Returns:
        Whether the server started.
    """
    plan = plan_descriptors()
    config = uvicorn.Config(
        app,
        http=http_protocol(_http_config(settings, plan)),
        factory=isinstance(app, str),
        workers=settings.workers,
        backlog=plan.backlog,
        ws=SocketProtocol,
        ws_max_size=_LARGEST_FRAME,
        log_config=log_config(settings.log_level),
        log_level=settings.log_level,
        access_log=settings.log_level == "debug",
        proxy_headers=False,  # `ForwardedHeaders` does this, and checks them
        headers=transport_security(settings.base_url, settings.hsts),
        timeout_graceful_shutdown=round(settings.drain.total_seconds()),
        server_header=False,
    )
    for warning in warnings:
        _log.warning(warning)
    _log_descriptors(settings, plan)
    if settings.workers > 1:
        Multiprocess(config, sockets=[listener]).run()
        return True
    set_close_on_exec()
    gc.freeze()
    # Ten thousand streams create little garbage, but take long to scan, so full collections are
    # rare. Young objects are collected often and a few at a time, to keep pauses short.
    gc.set_threshold(2_000, 5, 2_000)
    server = uvicorn.Server(config)
    # At its end, uvicorn raises the signal that stopped it once more; an orderly end is no failure.
    # It becomes an exception, so that callers clean up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with suppress(KeyboardInterrupt):
        server.run([listener])
    return server.started


def _log_descriptors(settings: Settings, plan: DescriptorPlan) -> None:
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


def _http_config(settings: Settings, plan: DescriptorPlan) -> HttpConfig:
    return HttpConfig(
        head_limit=settings.head_limit,
        head_patience=settings.head_patience.total_seconds(),
        data_rate=MinDataRate(settings.min_data_rate, settings.body_patience.total_seconds()),
        descriptors=plan.connections,
        connections_per_address=settings.connections_per_address,
        connections_per_second=settings.connections_per_second,
        trusted=settings.trusted_proxies,
    )
