"""What stops a tool: told to whoever runs it in one line, never as a traceback."""

from http import HTTPStatus
from typing import Any

import httpx
import orjson

_IN_PROGRESS = "/problems/request-in-progress"
_PASSING = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
}
# For good: asking again would not help, and the new address has to be told.
_MOVED = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}


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
    """The problem document (RFC 9457) of a refusal; empty if it carries none of Dateline's."""
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return {}
    try:
        document = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    is_ours = isinstance(document, dict) and str(document.get("type")).startswith("/problems/")
    return {"title": "Refused", "detail": "", **document} if is_ours else {}


def is_passing(answer: httpx.Response) -> bool:
    """Whether to ask again: the server is busy, or it was not the server that answered.

    What stands between a tool and the server answers in its place while it starts anew: a 404, a
    502, a page that says so with a 200. None of that says anything about what was asked for.

    Args:
        answer: read whole.
    """
    problem = problem_of(answer)
    if problem:
        return answer.status_code in _PASSING or problem["type"] == _IN_PROGRESS
    if answer.status_code in _MOVED:
        return False
    return not (answer.is_success and _holds_json(answer))


def describe_answer(answer: httpx.Response) -> str:
    """The address and the status of an answer that is not Dateline's."""
    location = answer.headers.get("location")
    told = f"{answer.url}: {answer.status_code} {answer.reason_phrase}".rstrip()
    return f"{told}, {location}" if location else f"{told}, which is no answer of Dateline's"


def _holds_json(answer: httpx.Response) -> bool:
    media_type: str = answer.headers.get("content-type", "")
    return media_type.startswith("application/json")


def _complaint(answer: httpx.Response) -> str:
    problem = problem_of(answer)
    if not problem:
        return describe_answer(answer)
    found = [_place(error) for error in problem.get("errors") or []]
    return f"{problem['title']}: {'; '.join(found) or problem['detail']}"


def _place(error: dict[str, str]) -> str:
    return f"{error['pointer']}: {error['detail']}" if error["pointer"] else error["detail"]
