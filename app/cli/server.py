"""uvicorn, as Dateline runs it."""

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from app.settings import Settings

_LARGEST_FRAME = 4096  # bytes that a WebSocket client may send in one frame


def run_server(app: ASGIApp | str, settings: Settings) -> bool:
    """Serve until told to stop.

    Args:
        app: the application, or with several workers the place of its factory.
        settings: the operator's.

    Returns:
        Whether it started at all.
    """
    config = uvicorn.Config(
        app,
        factory=isinstance(app, str),
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        ws="websockets-sansio",
        ws_max_size=_LARGEST_FRAME,
        log_level=settings.log_level,
        access_log=settings.log_level == "debug",
        timeout_graceful_shutdown=round(settings.drain.total_seconds()),
        server_header=False,
    )
    if settings.workers > 1:
        Multiprocess(config, sockets=[config.bind_socket()]).run()
        return True
    server = uvicorn.Server(config)
    server.run()
    return server.started
