"""JSON bodies, validated against a form.

The form is read by a dependency and not by FastAPI's own body parameter, so that a caller without
permission is refused before the body is parsed, and invalid JSON is distinguished from JSON of the
wrong shape.
"""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.intake.text_types import validation_message
from app.web.body_limit import read_body
from app.web.problems import (
    InvalidPayload,
    NotJson,
    pointer,
)
from app.web.services import services_of

Form = TypeVar("Form", bound=BaseModel)

_DIGESTED_IN_LINE = 1024 * 1024  # bytes whose SHA-256 takes a millisecond; more go to a thread
_MOST_VALUES = 2000  # values of a document; a form has some hundreds
_MOST_ERRORS = 100  # errors that a problem lists
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)', re.DOTALL)


def is_json(request: Request) -> bool:
    """Return whether a request declares its body as JSON."""
    return (
        request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    )


def json_body(form: type[Form]) -> Callable[[Request], Awaitable[Form]]:
    """Return a dependency that reads the body into a form."""

    async def read(request: Request) -> Form:
        limits = services_of(request).limits
        body = await read_body(request, limits.request, ("application/json",))
        return parse_form(form, body, limits)

    return read


def parse_form(form: type[Form], body: bytes, context: Any) -> Form:
    """Validate a JSON document against a form.

    Raises:
        NotJson: the document is not JSON.
        InvalidPayload: the document has another shape; lists where and what.
    """
    # Half a million values of the wrong type would each be an error of its own, and together hold
    # the event loop for seconds. Commas in strings are text and do not count.
    if body.count(b",") >= _MOST_VALUES and _STRING.sub(b"", body).count(b",") >= _MOST_VALUES:
        raise InvalidPayload([("", f"must have fewer than {_MOST_VALUES} values")])
    try:
        return form.model_validate_json(body, context=context)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        if errors[0]["type"] == "json_invalid":
            raise NotJson(f"The body is not JSON: {errors[0]['msg']}.") from None
        # pydantic accepts NaN and Infinity, which are not JSON; no form has a field for them, so
        # they are refused here. Integers are read as floats, since Python refuses integers of too
        # many digits.
        document = json.loads(body, parse_constant=_refuse_constant, parse_int=float)
        listed = [
            (_locate(document, e), validation_message(e["msg"])) for e in errors[:_MOST_ERRORS]
        ]
        raise InvalidPayload(listed) from None


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"The body is not JSON: {name} is not a JSON number.")


def _locate(document: Any, error: ErrorDetails) -> str:
    # pydantic's location also names the branches of a union; a pointer names only members of the
    # document, and the missing member.
    steps: list[int | str] = []
    for step in error["loc"]:
        is_index = isinstance(document, list) and isinstance(step, int)
        if is_index or (isinstance(document, dict) and step in document):
            document = document[step]
            steps.append(step)
    if error["type"] == "missing":
        steps.append(error["loc"][-1])
    return pointer(steps)
