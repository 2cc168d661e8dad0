"""The bare answer: an ASGI application that sends the same bytes for every request.

It measures uvicorn itself, the lower bound for any application on it. The environment variable
CONSTANT names the folder with the parts of the response: head (one `name: value` a line) and body.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["CONSTANT"])
BODY = (FOLDER / "body").read_bytes()
HEADERS = [
    (name.encode(), value.encode())
    for line in (FOLDER / "head").read_text().splitlines()
    for name, value in [line.split(": ", 1)]
]
WHOLE = {"type": "http.response.start", "status": 200, "headers": HEADERS}
UNCHANGED = {
    "type": "http.response.start",
    "status": 304,
    "headers": [header for header in HEADERS if header[0] != b"content-length"],
}
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], _receive: object, send: Send) -> None:
    """Send the response; 304 to any conditional request."""
    if scope["type"] != "http":
        return
    known = any(name == b"if-none-match" for name, _ in scope["headers"])
    await send(UNCHANGED if known else WHOLE)
    await send({"type": "http.response.body", "body": b"" if known else BODY})
