"""What stops a tool: told to whoever runs it in one line, never as a traceback."""

from http import HTTPStatus
from typing import Any

import httpx
import orjson


class Refused(Exception):
    """The command cannot be done; the message is one line that says why."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def unreachable(client: httpx.AsyncClient, error: Exception) -> Refused:
    """The refusal where no server answers: which address, and what to do."""
    reason = str(error) or type(error).__name__
    return Refused(
        f"no answer from {str(client.base_url).rstrip('/')} ({reason}): start it with"
        " `dateline serve`, or name another server with --url or DATELINE_URL"
    )


def read_answer(answer: httpx.Response) -> Any:
    """The JSON of an answer.

    Raises:
        Refused: the server refused the request, or is not Dateline.
    """
    if not answer.is_success:
        raise Refused(_complaint(answer))
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise Refused(f"{answer.url} does not answer as Dateline does") from error


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The problem document (RFC 9457) of a refusal; empty if it carries none."""
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        document = orjson.loads(answer.content)
        if isinstance(document, dict):
            return document
    return {}


def _complaint(answer: httpx.Response) -> str:
    problem = problem_of(answer)
    if not problem:
        phrase = HTTPStatus(answer.status_code).phrase
        location = answer.headers.get("location")
        return f"{answer.url}: {answer.status_code} {phrase}" + (
            f", {location}" if location else ""
        )
    found = [_place(error) for error in problem.get("errors") or []]
    return f"{problem['title']}: {'; '.join(found) or problem['detail']}"


def _place(error: dict[str, str]) -> str:
    return f"{error['pointer']}: {error['detail']}" if error["pointer"] else error["detail"]
