"""Forms of requests about people and their keys. They check shapes, never permissions."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from app.access.directory import PersonFields
from app.access.roles import Role
from app.newsroom.form import CHANGE, Form
from app.web.identifiers import PERSON_ID, SLUG, CoverageRef
from app.web.text_types import EmailAddress, Name

_MOST_COVERAGES = 1000


class PersonChangeForm(Form):
    """Changes to a person."""

    model_config = CHANGE

    name: Name = ""
    role: Annotated[
        Role | None, Field(description="In the whole newsroom; null for single coverages only.")
    ] = None
    coverages: Annotated[
        dict[str, Role],
        Field(
            default_factory=dict,
            max_length=_MOST_COVERAGES,
            description="Roles in single coverages, by slug; replaces all present ones.",
            json_schema_extra={"propertyNames": {"pattern": SLUG}},
        ),
    ]
    disabled: Annotated[
        bool, Field(description="`true` revokes their access, and signs them out everywhere.")
    ] = False

    def fields(self) -> PersonFields:
        """Return the members that were sent."""
        return self.sent(*PersonFields.__annotations__)  # type: ignore[return-value]


class PersonForm(Form):
    """A new person, added by a command on the database itself."""

    name: Name
    email: EmailAddress
    role: Role


class InvitationForm(Form):
    """A link that works once: `role` for a new person, `person` for one of the newsroom."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "required": ["role"],
                    "properties": {"role": {"type": "string"}, "person": {"type": "null"}},
                },
                {
                    "required": ["person"],
                    "properties": {
                        "person": {"type": "string"},
                        **{n: {"type": "null"} for n in ("role", "coverage", "email")},
                    },
                },
            ]
        }
    )

    role: Annotated[Role | None, Field(description="The role that it gives.")] = None
    coverage: Annotated[
        CoverageRef | None, Field(description="The only coverage where the role holds, by slug.")
    ] = None
    email: Annotated[
        EmailAddress | None, Field(description="The address they will sign in with, if known.")
    ] = None
    person: Annotated[
        Annotated[str, Field(json_schema_extra={"pattern": PERSON_ID})] | None,
        Field(description="Who has lost their password; the link lets them choose another."),
    ] = None

    @model_validator(mode="after")
    def _either_way(self) -> Self:
        if (self.role is None) == (self.person is None):
            raise ValueError("must have either a role or a person")
        if self.person is not None and (self.coverage or self.email):
            raise ValueError("must have no coverage or email beside a person")
        return self


class KeyForm(Form):
    """A new API key."""

    name: Name
    role: Role
    coverage: Annotated[
        CoverageRef | None, Field(description="The only coverage it opens, by slug; null for all.")
    ] = None


class WelcomeForm(Form):
    """The name and address that a new person enters."""

    name: Name
    email: EmailAddress


PEOPLE_FORMS: tuple[type[Form], ...] = (PersonChangeForm, InvitationForm, KeyForm)
