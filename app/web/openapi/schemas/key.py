"""Schemas of API keys."""

from typing import Annotated

from pydantic import Field

from app.access.roles import Role
from app.web import identifiers as addresses
from app.web.openapi.schemas.shape import Shape, Time


class Key(Shape):
    """An API key without its secret."""

    id: Annotated[str, Field(pattern=addresses.KEY_ID)]
    name: str
    role: Role
    coverage: Annotated[
        str | None, Field(description="The only coverage it is valid for, by slug; null for all.")
    ]
    made_by: Annotated[
        str | None,
        Field(description="Its creator; `operator` for the command line; null if not recorded."),
    ]
    created_at: Time
    revoked_at: Time | None


class NewKey(Key):
    """A newly created API key."""

    key: Annotated[
        Annotated[str, Field(pattern=r"^dateline_[0-9a-f]{8}_[0-9a-f]{48}$")] | None,
        Field(description="The secret, shown only once: a repeated request returns null."),
    ]


class Ended(Shape):
    """What ended together with a key or a person, by id; empty if that was not requested."""

    keys: list[str]
    invitations: list[str]
    people: list[str]
    signed_out: Annotated[
        list[str],
        Field(description="People who regained access by its links: they need a new password."),
    ]
    unscheduled: Annotated[
        list[str],
        Field(
            description="Scheduled entries that it wrote or acted on, as `COVERAGE/ID`: they are"
            " drafts again."
        ),
    ]


class RevokedKey(Key):
    """A revoked API key."""

    ended: Ended


class Keys(Shape):
    """All API keys, including revoked ones, oldest first."""

    keys: list[Key]
