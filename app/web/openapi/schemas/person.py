"""The shapes of people and of invitations."""

from typing import Annotated

from pydantic import Field

from app.access.roles import Role
from app.web import params as addresses
from app.web.openapi.schemas.key import Ended
from app.web.openapi.schemas.shape import Shape, Time, Url

_OF_ONE = Field(description="The only coverage where the role holds, by slug; null for all.")


class Person(Shape):
    """Somebody of the newsroom."""

    id: Annotated[str, Field(pattern=addresses.PERSON_ID)]
    email: str
    name: str
    role: Annotated[Role | None, Field(description="In the newsroom; null for coverages only.")]
    coverages: Annotated[
        dict[str, Role],
        Field(
            description="Roles in single coverages, by slug, where they go further.",
            json_schema_extra={"propertyNames": {"pattern": addresses.SLUG}},
        ),
    ]
    invited_by: Annotated[
        str | None,
        Field(description="The caller whose link brought them; null of the first chief."),
    ]
    second_factor: Annotated[
        bool, Field(description="Whether signing in asks them for one: an app or a passkey.")
    ]
    totp: Annotated[bool, Field(description="Whether they have set up an authenticator app.")]
    passkeys: Annotated[int, Field(ge=0, description="How many passkeys they have.")]
    created_at: Time
    disabled_at: Annotated[Time | None, Field(description="When they lost their access.")]


class ChangedPerson(Person):
    """Somebody as a change leaves them."""

    ended: Ended


class People(Shape):
    """Everybody, also those who lost their access, by name."""

    people: list[Person]


class Invitation(Shape):
    """An invitation without its link."""

    id: Annotated[str, Field(pattern=addresses.INVITATION_ID)]
    role: Role | None
    coverage: Annotated[str | None, _OF_ONE]
    email: Annotated[
        str | None, Field(description="With which they will sign in; null leaves it to them.")
    ]
    person: Annotated[str | None, Field(description="Whom it lets back in; null for somebody new.")]
    invited_by: Annotated[str | None, Field(description="The caller who made it.")]
    created_at: Time
    ends_at: Annotated[Time, Field(description="From then on it is of no use.")]
    used_at: Time | None


class NewInvitation(Invitation):
    """An invitation as it is made."""

    link: Annotated[
        Url | None,
        Field(description="Works once. Shown this once: a repeated request answers null."),
    ]


class Invitations(Shape):
    """All invitations of the last month, used and ended ones too, oldest first."""

    invitations: list[Invitation]
