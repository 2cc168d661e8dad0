"""Requests that are retried until the server responds, and take effect once only.

A POST carries an `Idempotency-Key`, so that a retry after a lost response (a broken connection, a
restart of the server) does not repeat the action. A response from a proxy in the server's place
does not count.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import httpx

from app.cli.refusal import Refused, is_transient, unreachable

# Seconds of waiting in all: more than the restart of a server behind a proxy takes.
PATIENCE = 30.0
_CONNECTS = 4  # attempts if the connection is refused
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0  # seconds


async def request_with_retries(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    key: str | None = None,
    content: Callable[[], AsyncIterator[bytes]] | None = None,
    patience: float = PATIENCE,
    media_type: str = "application/json",
    **request: Any,
) -> httpx.Response:
    """Retry a request until the server responds.

    Args:
        client: an HTTP client for the server.
        method: GET, PUT or POST.
        path: of the request.
        key: the Idempotency-Key of a POST; None for a new one.
        content: creates the body for each attempt; None if `request` contains it.
        patience: seconds of waiting between all attempts together.
        media_type: of a successful response; one of another type is not the server's.
        request: further arguments for httpx.

    Returns:
        The server's response, or the last response of a proxy once `patience` is used up.

    Raises:
        Refused: no attempt got a response.
    """
    headers = dict(request.pop("headers", {}))
    if method == "POST":
        headers["Idempotency-Key"] = key or secrets.token_hex(16)
    for attempt in count():
        if content is not None:
            request["content"] = content()
        # Exponential back-off with jitter.
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)
        pause = wait * random.uniform(0.5, 1)  # noqa: S311  not a secret
        try:
            answer = await client.request(method, path, headers=headers, **request)
        except httpx.RequestError as error:
            was_refused = isinstance(error, httpx.ConnectError)
            if (was_refused and attempt + 1 >= _CONNECTS) or pause > patience:
                key = None if was_refused else headers.get("Idempotency-Key")
                doubt = f"; it may have been done all the same, with Idempotency-Key {key}"
                raise Refused(f"{unreachable(client, error)}{doubt if key else ''}") from error
        else:
            pause = max(pause, _retry_after(answer))
            if pause > patience or not is_transient(answer, media_type):
                return answer
        patience -= pause
        await asyncio.sleep(pause)
    raise AssertionError


def _retry_after(answer: httpx.Response) -> float:
    """Return the seconds that the response asks the client to wait."""
    seconds = answer.headers.get("retry-after", "")
    return min(float(seconds), _LONGEST_WAIT) if seconds.isascii() and seconds.isdigit() else 0.0
