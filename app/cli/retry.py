"""Requests that are repeated until they are answered, and done once all the same.

A POST carries an `Idempotency-Key`, so that an answer that was lost on the way (a cut line, a new
start of the server) is asked for again without doing the thing twice. What somebody between here
and the server answers in its place is no answer.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import httpx

from app.cli.refusal import Refused, is_passing, unreachable

# Seconds of waiting altogether: longer than a server behind a proxy takes to start anew.
PATIENCE = 30.0
_CONNECTS = 4  # attempts where nobody listens at all
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0  # seconds


async def ask_surely(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    key: str | None = None,
    content: Callable[[], AsyncIterator[bytes]] | None = None,
    patience: float = PATIENCE,
    **request: Any,
) -> httpx.Response:
    """Ask until there is an answer.

    Args:
        client: whom to ask.
        method: GET, PUT or POST.
        path: where.
        key: the Idempotency-Key of a POST; None for a fresh one.
        content: makes the body anew for each attempt; None if `request` has it.
        patience: seconds of waiting between all attempts together.
        request: what else httpx takes.

    Returns:
        The server's answer; the last of somebody else's once patience is at its end.

    Raises:
        Refused: there was no answer to any of the attempts.
    """
    headers = dict(request.pop("headers", {}))
    if method == "POST":
        headers["Idempotency-Key"] = key or secrets.token_hex(16)
    for attempt in count():
        if content is not None:
            request["content"] = content()
        pause = _wait(attempt)
        try:
            answer = await client.request(method, path, headers=headers, **request)
        except httpx.RequestError as error:
            nobody = isinstance(error, httpx.ConnectError) and attempt + 1 >= _CONNECTS
            if nobody or pause > patience:
                raise _unanswered(client, error, headers.get("Idempotency-Key")) from error
        else:
            pause = max(pause, _wish(answer))
            if pause > patience or not is_passing(answer):
                return answer
        patience -= pause
        await asyncio.sleep(pause)
    raise AssertionError


def _unanswered(client: httpx.AsyncClient, error: Exception, key: str | None) -> Refused:
    failure = unreachable(client, error)
    if key is None or isinstance(error, httpx.ConnectError):
        return failure
    return Refused(f"{failure}; it may have been done all the same, with Idempotency-Key {key}")


def _wait(attempt: int) -> float:
    """Seconds until the next attempt: longer each time, and not the same for everybody."""
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)
    return float(wait * random.uniform(0.5, 1))  # noqa: S311  not a secret


def _wish(answer: httpx.Response) -> float:
    """Seconds that whoever answered wants us to wait."""
    wish = answer.headers.get("retry-after", "")
    return min(float(wish), _LONGEST_WAIT) if wish.isascii() and wish.isdigit() else 0.0
