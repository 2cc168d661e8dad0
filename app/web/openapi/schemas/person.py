"""Schemas of people and invitations."""

from typing import Annotated

from pydantic import Field

from app.access.roles import Role
from app.web import identifiers as addresses
from app.web.openapi.schemas.key import Ended
from app.web.openapi.schemas.shape import Shape, Time, Url

_OF_ONE = Field(description="The only coverage for which the role is valid, by slug; null for all.")


class Person(Shape):
    """A person of the newsroom."""

    id: Annotated[str, Field(pattern=addresses.PERSON_ID)]
    email: str
    name: str
    role: Annotated[Role | None, Field(description="In the newsroom; null if in coverages only.")]
    coverages: Annotated[
        dict[str, Role],
        Field(
            description="Higher roles in single coverages, by slug.",
            json_schema_extra={"propertyNames": {"pattern": addresses.SLUG}},
        ),
    ]
    invited_by: Annotated[
        str | None,
        Field(description="The caller whose link they used; null for the first chief."),
    ]
    second_factor: Annotated[
        bool, Field(description="Whether they sign in with a second factor: an app or a passkey.")
    ]
    totp: Annotated[bool, Field(description="Whether they have set up an authenticator app.")]
    passkeys: Annotated[int, Field(ge=0, description="How many passkeys they have.")]
    created_at: Time
    disabled_at: Annotated[Time | None, Field(description="When they lost their access.")]


class ChangedPerson(Person):
    """A person after a change."""

    ended: Ended


class People(Shape):
    """All people, including those who lost their access, by name."""

    people: list[Person]


class Invitation(Shape):
    """An invitation without its link."""

    id: Annotated[str, Field(pattern=addresses.INVITATION_ID)]
    role: Role | None
    coverage: Annotated[str | None, _OF_ONE]
    email: Annotated[
        str | None, Field(description="The address for their sign-in; null if they choose it.")
    ]
    person: Annotated[str | None, Field(description="Whose access it restores; null if new.")]
    invited_by: Annotated[str | None, Field(description="The caller who created it.")]
    created_at: Time
    ends_at: Annotated[Time, Field(description="When it expires.")]
    used_at: Time | None


class NewInvitation(Invitation):
    """A newly created invitation."""

    link: Annotated[
        Url | None,
        Field(description="Works once. Shown only once: a repeated request returns null."),
    ]


class Invitations(Shape):
    """All invitations of the last month, including used and expired ones, oldest first."""

    invitations: list[Invitation]
