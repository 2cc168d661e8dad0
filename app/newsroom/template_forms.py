"""Forms: the JSON bodies of requests about templates. They check shapes, never permissions."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from app.intake.text_types import check_text, check_visible
from app.newsroom.default_templates import DefaultKey
from app.newsroom.form import CHANGE, Form
from app.newsroom.text_types import Headline, Source
from app.web.identifiers import CoverageRef
from app.web.openapi.limits import LIMIT
from app.web.text_types import VISIBLE_TEXT, Language, Name

TemplateBody = Annotated[
    Source,
    AfterValidator(check_text),
    AfterValidator(check_visible),
    WithJsonSchema({"type": "string", "pattern": VISIBLE_TEXT, "minLength": 1, LIMIT: "body"}),
    Field(description="Markdown; what somebody is to fill in stands in braces: `{source}`."),
]


class TemplateFields(Form):
    """What a template may have besides its name and its text."""

    headline: Annotated[Headline | None, Field(description="Set in an empty entry.")] = None
    language: Annotated[
        Language | None,
        Field(description="Offered for entries in this language only; null for all languages."),
    ] = None
    key_event: Annotated[
        bool, Field(description="Whether an empty entry becomes a key event with it.")
    ] = False
    default_key: Annotated[
        DefaultKey | None,
        Field(
            description="The template of the program in whose place it is offered, in its own"
            " language, or in all if it has none."
        ),
    ] = None


class TemplateForm(TemplateFields):
    """A new template."""

    name: Name
    body: TemplateBody
    coverage: Annotated[
        CoverageRef | None,
        Field(description="The only coverage where it is offered, by slug; null for all."),
    ] = None


class TemplateChangeForm(TemplateFields):
    """Changes to a template."""

    model_config = CHANGE

    name: Name = ""
    body: TemplateBody = ""


TEMPLATE_FORMS: tuple[type[Form], ...] = (TemplateForm, TemplateChangeForm)
