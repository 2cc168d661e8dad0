"""Requests that are repeated until they are answered, and done once all the same.

A POST carries an `Idempotency-Key`, so that an answer that was lost on the way (a cut line, a new
start of the server) is asked for again without doing the thing twice.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from itertools import count
from typing import Any

import httpx

from app.cli.refusal import Refused, problem_of, unreachable

RETRIES = 3
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0  # seconds
_PASSING = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


async def ask_surely(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    key: str | None = None,
    content: Callable[[], AsyncIterator[bytes]] | None = None,
    **request: Any,
) -> httpx.Response:
    """Ask, up to four times, until there is an answer.

    Args:
        client: whom to ask.
        method: GET, PUT or POST.
        path: where.
        key: the Idempotency-Key of a POST; None for a fresh one.
        content: makes the body anew for each attempt; None if `request` has it.
        request: what else httpx takes.

    Raises:
        Refused: there was no answer to any of them.
    """
    headers = dict(request.pop("headers", {}))
    if method == "POST":
        headers["Idempotency-Key"] = key or secrets.token_hex(16)
    for attempt in count():
        wish = ""
        if content is not None:
            request["content"] = content()
        try:
            answer = await client.request(method, path, headers=headers, **request)
        except httpx.TransportError as error:
            if attempt == RETRIES:
                raise _unanswered(client, error, headers.get("Idempotency-Key")) from error
        else:
            if attempt == RETRIES or not _is_passing(answer):
                return answer
            wish = answer.headers.get("retry-after", "")
        await asyncio.sleep(_wait(attempt, wish))
    raise AssertionError


def _unanswered(client: httpx.AsyncClient, error: Exception, key: str | None) -> Refused:
    failure = unreachable(client, error)
    if key is None or isinstance(error, httpx.ConnectError):
        return failure
    return Refused(f"{failure}; it may have been done all the same, with Idempotency-Key {key}")


def _is_passing(answer: httpx.Response) -> bool:
    under_way = problem_of(answer).get("type") == "/problems/request-in-progress"
    return answer.status_code in _PASSING or under_way


def _wait(attempt: int, wish: str) -> float:
    """Seconds until the next attempt: what the server wishes, else longer each time."""
    if wish.isdigit():
        return min(float(wish), _LONGEST_WAIT)
    return float(_FIRST_WAIT * 2**attempt * random.uniform(0.5, 1))  # noqa: S311  not a secret
