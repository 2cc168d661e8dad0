"""Schemas of the audit."""

from typing import Annotated, Any

from pydantic import Field

from app.web.openapi.schemas.shape import Shape, Slug, Time, Url


class AuditLine(Shape):
    """One action of a caller."""

    id: str
    at: Time
    caller: Annotated[
        str,
        Field(description="`key:…`, `person:…`, `operator`, `schedule`, or `nobody` signed in."),
    ]
    name: str
    action: Annotated[
        str,
        Field(
            description="The operation's name; also `signIn`, `signOut`, and refused actions: "
            "`refuseSignIn`, `refuseCode`, `refuseAction`, `refuseKey`, `refuseInvitation`."
        ),
    ]
    coverage: Slug | None
    thing: Annotated[str | None, Field(description="The id of an entry, a key, a person, …")]
    detail: Annotated[dict[str, Any], Field(description="Further facts; never an entry's text.")]


class Audit(Shape):
    """The actions of callers, newest first."""

    audit: list[AuditLine]
    next: Url | None
