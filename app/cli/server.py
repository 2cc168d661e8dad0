"""uvicorn, as Dateline runs it."""

import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from app.cli.logs import log_config
from app.cli.refusal import Refused
from app.settings import Settings
from app.web.door import DoorTerms, open_door
from app.web.security_headers import transport_security
from app.web.upgrade import SocketProtocol

_log = logging.getLogger(__name__)

_LARGEST_FRAME = 4096  # bytes that a WebSocket client may send in one frame
_BACKLOG = 2048  # connections that wait to be taken
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
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise Refused(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}"
            " (choose with DATELINE_HOST and DATELINE_PORT)"
        ) from error
    listener.set_inheritable(True)  # for the workers
    return listener


def raise_file_limit() -> None:
    """Let this process and its workers have as many connections as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # a system may say "unlimited" and not mean it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


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
    raise_file_limit()
    config = uvicorn.Config(
        app,
        http=open_door(_door_terms(settings)),
        factory=isinstance(app, str),
        workers=settings.workers,
        backlog=_BACKLOG,
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
    if settings.workers > 1:
        Multiprocess(config, sockets=[listener]).run()
        return True
    gc.freeze()
    gc.set_threshold(
        20_000, 20, 50
    )  # ten thousand streams make little garbage, and much to look at
    server = uvicorn.Server(config)
    # uvicorn raises what stopped it once more at its end; that it ended in order is no failure.
    # As an exception, so that callers clean up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with suppress(KeyboardInterrupt):
        server.run([listener])
    return server.started


def _door_terms(settings: Settings) -> DoorTerms:
    return DoorTerms(
        head_limit=settings.head_limit,
        head_patience=settings.head_patience.total_seconds(),
        body_patience=settings.body_patience.total_seconds(),
    )
