"""The shapes of API keys."""

from typing import Annotated

from pydantic import Field

from app.access.roles import Role
from app.web import params as addresses
from app.web.openapi.schemas.shape import Shape, Time


class Key(Shape):
    """An API key without its secret."""

    id: Annotated[str, Field(pattern=addresses.KEY_ID)]
    name: str
    role: Role
    coverage: Annotated[
        str | None, Field(description="The only one that it opens, by slug; null for all.")
    ]
    made_by: Annotated[
        str | None,
        Field(description="The caller who made it, `operator` on the command line; null if old."),
    ]
    created_at: Time
    revoked_at: Time | None


class NewKey(Key):
    """An API key as it is made."""

    key: Annotated[
        Annotated[str, Field(pattern=r"^dateline_[0-9a-f]{8}_[0-9a-f]{48}$")] | None,
        Field(description="The secret. Shown this once: a repeated request answers null."),
    ]


class Ended(Shape):
    """What ended together with a key or a person, by id; empty if that was not asked."""

    keys: list[str]
    invitations: list[str]
    people: list[str]
    signed_out: Annotated[
        list[str],
        Field(description="People who came back in by its links: they need a new password."),
    ]
    unscheduled: Annotated[
        list[str],
        Field(
            description="Scheduled entries in which it had a hand, as `COVERAGE/ID`: they are"
            " drafts again."
        ),
    ]


class RevokedKey(Key):
    """An API key that has ended."""

    ended: Ended


class Keys(Shape):
    """All API keys, revoked ones too, oldest first."""

    keys: list[Key]
