"""Schemas of templates."""

from typing import Annotated

from pydantic import Field

from app.web import identifiers as addresses
from app.web.openapi.schemas.shape import Shape, Time


class Template(Shape):
    """A template of entries."""

    id: Annotated[
        Annotated[str, Field(pattern=addresses.TEMPLATE_ID)] | None,
        Field(description="Null for a template of the program, which cannot be changed."),
    ]
    coverage: Annotated[
        str | None, Field(description="The only coverage where it is offered; null for all.")
    ]
    name: str
    language: Annotated[
        str | None, Field(description="The language of the entries it is for; null for all.")
    ]
    headline: str | None
    body: Annotated[str, Field(description="Markdown with placeholders in braces: `{source}`.")]
    key_event: bool
    default_key: Annotated[
        str | None,
        Field(
            description="The template of the program that it is or in whose place it is offered:"
            " `score`, `minute`, `figures` or `known`; null for none."
        ),
    ]
    created_at: Time | None
    updated_at: Time | None


class Templates(Shape):
    """The templates that are offered, in their order."""

    templates: list[Template]
