"""What is sent is of the type that its head says, whatever it looks like.

Without that word a browser would take JSON or text for a script wherever a page names it as one,
and whoever may write would have a script of this site: its words, at the address of a document.

Source: WHATWG, Fetch, section 3.6 (X-Content-Type-Options).
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NAME = b"x-content-type-options"

NOSNIFF = {"X-Content-Type-Options": "nosniff"}


class NoSniff:
    """Says so with every answer that does not say it itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_typed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if all(name.lower() != _NAME for name, _ in headers):
                    headers.append((_NAME, b"nosniff"))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_typed)
