"""Schemas of problems and of the health endpoints."""

from typing import Annotated, Literal

from pydantic import Field

from app.web.openapi.schemas.entry import Draft, Entry
from app.web.openapi.schemas.shape import Shape


class FieldError(Shape):
    """One error in the document sent."""

    pointer: Annotated[str, Field(description="Its place in the document sent (RFC 6901).")]
    detail: str


class Problem(Shape):
    """A refusal (RFC 9457)."""

    type: Annotated[
        str,
        Field(
            pattern="^/problems/[a-z-]+$",
            description="The kind of refusal: the address of its explanation.",
        ),
    ]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str, Field(description="The reason in this case, for people.")]
    errors: Annotated[
        list[FieldError] | None, Field(description="The errors in the document sent.")
    ] = None
    current: Annotated[
        Entry | Draft | None, Field(description="For a stale revision: the current entry.")
    ] = None


class Health(Shape):
    """The state of the process."""

    status: Literal["ok", "ready"]
