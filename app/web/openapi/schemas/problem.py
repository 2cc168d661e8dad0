"""The shapes of refusals, and of how the process is."""

from typing import Annotated, Literal

from pydantic import Field

from app.web.openapi.schemas.entry import Draft, Entry
from app.web.openapi.schemas.shape import Shape


class FieldError(Shape):
    """What is wrong at one place."""

    pointer: Annotated[str, Field(description="Where, in the document sent (RFC 6901).")]
    detail: str


class Problem(Shape):
    """A refusal (RFC 9457)."""

    type: Annotated[
        str,
        Field(
            pattern="^/problems/[a-z-]+$",
            description="What kind of refusal: the address that tells what it means.",
        ),
    ]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str, Field(description="What was refused this time, for people.")]
    errors: Annotated[
        list[FieldError] | None, Field(description="What is wrong where, in what was sent.")
    ] = None
    current: Annotated[
        Entry | Draft | None, Field(description="Of a stale revision: the entry as it is now.")
    ] = None


class Health(Shape):
    """How the process is."""

    status: Literal["ok", "ready"]
