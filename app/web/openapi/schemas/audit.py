"""The shapes of the audit."""

from typing import Annotated, Any

from pydantic import Field

from app.web.openapi.schemas.shape import Shape, Slug, Time, Url


class AuditLine(Shape):
    """One thing that somebody did."""

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
            description="By the operation's name; also `signIn`, `signOut`, and what was refused: "
            "`refuseSignIn`, `refuseCode`, `refuseAction`, `refuseKey`, `refuseInvitation`."
        ),
    ]
    coverage: Slug | None
    thing: Annotated[str | None, Field(description="The id of an entry, a key, a person, …")]
    detail: Annotated[dict[str, Any], Field(description="Small facts; never words of an entry.")]


class Audit(Shape):
    """Who did what, newest first."""

    audit: list[AuditLine]
    next: Url | None
