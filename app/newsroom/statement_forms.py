"""Forms of claims, figures and their assessments."""

from typing import Annotated, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.config import JsonDict

from app.intake.figure_value import (
    Number,
    UnknownValue,
    Value,
    check_one_value,
    parse_value,
)
from app.intake.text_types import Integral
from app.newsroom.form import Form
from app.timeline.claim import AssessmentStatus, ClaimFields, Source
from app.timeline.figure import LARGEST_FIGURE_COUNT, Figure
from app.web.problems import InvalidPayload
from app.web.text_types import AsOf, Name, PublicNote, Statement, WebAddress

_ONE_TARGET: JsonDict = {
    "oneOf": [
        {"required": ["claim"], "properties": {"claim": {"type": "string"}}},
        {"required": ["figure"], "properties": {"figure": {"type": "integer"}}},
    ],
    "anyOf": [
        {"properties": {"status": {"const": "reported"}}},
        {"required": ["note"], "properties": {"note": {"type": "string"}}},
    ],
}
_ONE_VALUE: JsonDict = {
    "allOf": [
        {
            "anyOf": [
                {"properties": {"value": {"type": "null"}}},
                {"properties": dict.fromkeys(("low", "high", "about", "text"), False)},
            ]
        },
        {
            "anyOf": [
                {"properties": {"text": {"type": "null"}}},
                {"properties": {"low": {"type": "null"}, "high": {"type": "null"}}},
            ]
        },
    ]
}


class SourceForm(Form):
    """Who said something, and where it can be read."""

    name: Name
    url: WebAddress | None = None


# Told apart before validation, so that an error is one of the form that was sent.
AnySource = Annotated[
    Annotated[Name, Tag("name")] | Annotated[SourceForm, Tag("form")],
    Discriminator(lambda sent: "name" if isinstance(sent, str) else "form"),
]


def _source(sent: str | SourceForm) -> Source:
    return Source(sent) if isinstance(sent, str) else Source(sent.name, sent.url)


Index = Annotated[int, Field(ge=0, lt=LARGEST_FIGURE_COUNT), Integral]
Status = Annotated[
    AssessmentStatus,
    Field(
        description="`reported`: somebody says so; `confirmed`: the newsroom has established it;"
        " `disputed`: a named other denies it; `false`; `withdrawn` by its source."
    ),
]


class ClaimForm(Form):
    """A statement of a source."""

    id: Annotated[
        Name | None,
        Field(
            description="The claim to keep and change; without it, a new one. A claim that is kept"
            " keeps its text and its assessment too, if these are left out."
        ),
    ] = None
    source: AnySource
    text: Annotated[
        Statement | None, Field(description="What is claimed; null for the whole entry.")
    ] = None
    status: Status = "reported"
    note: PublicNote | None = None

    def fields(self) -> ClaimFields:
        """Return the members that were sent, to merge into the claims of the entry."""
        sent: ClaimFields = self.sent("text", "status", "note")  # type: ignore[assignment]
        if self.id is not None:
            sent["id"] = self.id
        return sent | {"source": _source(self.source)}


class FigureForm(Form):
    """A number that a source gives, as a `value` in words or by its bounds."""

    model_config = ConfigDict(json_schema_extra=_ONE_VALUE)

    metric: Annotated[Name, Field(description="What is counted, such as `killed`.")]
    group: Annotated[Name | None, Field(description="Of whom; null for everybody.")] = None
    value: Annotated[
        str | None,
        Field(
            max_length=100,
            description="As typed: `107`, `>150`, `about 60`, `11-13`, `dozens`, `not reported`."
            " Instead of `low`, `high`, `about` and `text`.",
        ),
    ] = None
    low: Annotated[Number | None, Field(description="Null is unbounded.")] = None
    high: Annotated[Number | None, Field(description="Null is unbounded.")] = None
    about: bool = False
    text: Annotated[Name | None, Field(description="Words such as `dozens`.")] = None
    source: AnySource
    as_of: Annotated[
        AsOf | None, Field(description="The time of the number; by default its publication.")
    ] = None
    status: Status = "reported"
    note: PublicNote | None = None

    @model_validator(mode="after")
    def _one_value(self) -> Self:
        if self.value is not None and self.model_fields_set & {"low", "high", "about", "text"}:
            raise ValueError("has a value and also the numbers that it stands for: send one")
        check_one_value(self.low, self.high, self.text)
        return self

    def figure(self, language: str, pointer: str) -> Figure:
        """Return the figure.

        Args:
            language: the language (BCP 47) of the value.
            pointer: the place of the figure in the request, for errors.

        Raises:
            InvalidPayload: the value is not understood.
        """
        value = Value(self.low, self.high, self.about, self.text)
        if self.value is not None:
            try:
                value = parse_value(self.value, language)
            except UnknownValue as error:
                raise InvalidPayload([(f"{pointer}/value", str(error))]) from error
        return Figure(
            metric=self.metric,
            source=_source(self.source),
            group=self.group,
            low=value.low,
            high=value.high,
            about=value.about,
            text=value.text,
            as_of=self.as_of,
            status=self.status,
            note=self.note,
        )


class AssessmentForm(Form):
    """How far the newsroom has established a claim or a figure."""

    model_config = ConfigDict(json_schema_extra=_ONE_TARGET)

    claim: Annotated[str | None, Field(description="The id of a claim of the entry.")] = None
    figure: Annotated[
        Index | None, Field(description="The index of a figure of the entry, from 0.")
    ] = None
    status: Status
    note: Annotated[
        PublicNote | None, Field(description="How it was established, or who denies it.")
    ] = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.claim is None) == (self.figure is None):
            raise ValueError("name either a claim or a figure")
        if self.status != "reported" and self.note is None:
            raise ValueError(f"needs a note that says why it is {self.status}")
        return self

    @property
    def target(self) -> str | int:
        """The claim's id, or the figure's index."""
        if self.claim is not None:
            return self.claim
        assert self.figure is not None
        return self.figure
