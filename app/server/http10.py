"""HTTP/1.0 streams: sent without chunked encoding.

uvicorn sends every body without a Content-Length in chunks, which HTTP/1.0 does not support
(RFC 9112, section 6.1). If uvicorn believes that a length was sent, it writes the body as it is and
closes the connection at its end.
"""

import re
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENDLESS = 2**62


class Unchunked:
    """The outermost middleware: needs uvicorn's own `send`, and does nothing on other servers.

    Args:
        app: the next application.
        offered_targets: the targets of requests that it may take from an offer; None if it takes
            no offers (see `offers.py`).
    """

    def __init__(self, app: ASGIApp, *, offered_targets: re.Pattern[bytes] | None = None) -> None:
        self._app = app
        self.offered_targets = offered_targets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        cycle: Any = getattr(send, "__self__", None)
        if scope.get("http_version") != "1.0" or not hasattr(cycle, "expected_content_length"):
            await self._app(scope, receive, send)
            return

        async def send_unchunked(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                if b"content-length" not in names:
                    cycle.chunked_encoding = False
                    cycle.expected_content_length = ENDLESS
            elif not message.get("more_body") and cycle.expected_content_length > ENDLESS // 2:
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, send_unchunked)
