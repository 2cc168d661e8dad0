"""Errors that end a command: printed in one line, never as a traceback."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import httpx  # which takes 0.2 s to import

_IN_PROGRESS = "/problems/request-in-progress"
_TRANSIENT = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
}
# Permanent redirects: a retry would not help, and the message has to name the new address.
_MOVED = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}


class Refused(Exception):
    """The command failed; the message is one line that says why."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def unreachable(client: "httpx.AsyncClient", error: Exception) -> Refused:
    """Return the error for a server that does not respond: its address, and advice."""
    reason = str(error) or type(error).__name__
    return Refused(
        f"no answer from {str(client.base_url).rstrip('/')} ({reason}): start it with"
        " `dateline serve`, or name another server with --url or DATELINE_URL"
    )


def read_answer(answer: "httpx.Response") -> Any:
    """Return the JSON of a response.

    Raises:
        Refused: the server refused the request, or is not Dateline.
    """
    if not answer.is_success:
        problem = problem_of(answer)
        if not problem:
            raise Refused(describe_answer(answer))
        errors = [
            f"{error['pointer']}: {error['detail']}" if error["pointer"] else error["detail"]
            for error in problem.get("errors") or []
        ]
        raise Refused(f"{problem['title']}: {'; '.join(errors) or problem['detail']}")
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise Refused(f"{answer.url} does not answer as Dateline does") from error


def problem_of(answer: "httpx.Response") -> dict[str, Any]:
    """Return the problem document (RFC 9457) of a response; empty if it is none of Dateline's."""
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return {}
    try:
        document = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    is_ours = isinstance(document, dict) and str(document.get("type")).startswith("/problems/")
    return {"title": "Refused", "detail": "", **document} if is_ours else {}


def is_transient(answer: "httpx.Response", media_type: str = "application/json") -> bool:
    """Whether to retry: the server is busy, or the response is not the server's.

    While the server restarts, a proxy responds in its place with a 404, a 502, or a notice with
    status 200. Such a response says nothing about the request.

    Args:
        answer: a response whose body has been read.
        media_type: of the server's successful response.
    """
    problem = problem_of(answer)
    if problem:
        return answer.status_code in _TRANSIENT or problem["type"] == _IN_PROGRESS
    if answer.status_code in _MOVED:
        return False
    is_expected = answer.headers.get("content-type", "").startswith(media_type)
    return not (answer.is_success and is_expected)


def describe_answer(answer: "httpx.Response") -> str:
    """Describe a response that is not Dateline's, by its address and status."""
    location = answer.headers.get("location")
    status = f"{answer.url}: {answer.status_code} {answer.reason_phrase}".rstrip()
    return f"{status}, {location}" if location else f"{status}, which is no answer of Dateline's"
