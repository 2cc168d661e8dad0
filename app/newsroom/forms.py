"""What the newsroom sends: its shape, and nothing of what may be done with it.

A form's `fields()` are those that were sent, ready for `timeline/change.py`.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic.config import JsonDict

from app.access.roles import Role
from app.newsroom.text_types import Headline, Source, Title, bounds_of
from app.timeline.coverage import CoverageFields, CoverageStatus, Related
from app.timeline.entry import Body, Byline, EntryFields, EntryKind, Place
from app.web.openapi.limits import LIMIT
from app.web.params import SLUG, CoverageRef
from app.web.text_types import (
    VISIBLE_LINE,
    Language,
    MediaId,
    Moment,
    Name,
    Paragraph,
    PublicNote,
    ShortLine,
    Tag,
    WebAddress,
)


class Form(BaseModel):
    """A JSON object without unknown members."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    def sent(self, *names: str) -> dict[str, Any]:
        """Those of the members `names` that were sent."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


def _drop_defaults(schema: JsonDict) -> None:
    # In a change, what is left out stays as it is.
    properties = schema["properties"]
    assert isinstance(properties, dict)
    for member in properties.values():
        assert isinstance(member, dict)
        member.pop("default", None)


CHANGE = ConfigDict(json_schema_extra=_drop_defaults)


class BylineForm(Form):
    """A printed name."""

    name: Name


class PlaceForm(Form):
    """A place; coordinates in degrees, both or neither."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {
                    "required": ["lat", "lon"],
                    "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}},
                },
                {"properties": {"lat": {"type": "null"}, "lon": {"type": "null"}}},
            ]
        }
    )

    name: Name
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon belong together")
        return self


class HtmlForm(Form):
    """A body that comes as HTML."""

    html: Source


class TextForm(Form):
    """A body that comes as prose: nothing in it is a mark."""

    text: Source


class RelatedForm(Form):
    """Another page on the story."""

    title: Name
    url: WebAddress


Bylines = Annotated[list[Name | BylineForm], Field(max_length=50)]


def _bylines(given: list[str | BylineForm]) -> tuple[Byline, ...]:
    return tuple(Byline(b if isinstance(b, str) else b.name) for b in given)


class EntryForm(Form):
    """The members of an entry that the newsroom sets."""

    headline: Annotated[
        Headline | None, Field(description="Plain text; markup is shown as typed.")
    ] = None
    body: Annotated[
        Source | HtmlForm | TextForm | None,
        Field(
            description="Markdown, or an object with `html`, which is sanitised, or with `text`, in"
            " which nothing is a mark: paragraphs and line breaks are kept. Every word is shown;"
            " control characters become spaces or line ends. Limited in bytes."
        ),
    ] = None
    kind: EntryKind = "update"
    key_event: Annotated[
        bool, Field(description="A turning point: listed in the page's navigation.")
    ] = False
    bylines: Bylines = []
    tags: Annotated[list[Tag], Field(json_schema_extra={LIMIT: "tags"})] = []
    place: PlaceForm | None = None
    happened_at: Annotated[
        Moment | None, Field(description="When it took place, if that is not now.")
    ] = None
    media: Annotated[list[MediaId], Field(max_length=50, description="Ids of uploaded media.")] = []
    language: Annotated[
        Language | None, Field(description="BCP 47; by default the coverage's.")
    ] = None

    _body: Body | None = None  # rendered, once there is one

    @field_validator("tags")
    @classmethod
    def _few_and_distinct(cls, tags: list[str], info: ValidationInfo) -> list[str]:
        most = bounds_of(info).tags
        if len(tags) > most:
            raise ValueError(f"must be {most} at most")
        return list(dict.fromkeys(tags))

    def fields(self) -> EntryFields:
        """What was sent, but for media, whose ids have to be looked up."""
        fields: EntryFields = self.sent("kind", "key_event", "happened_at")  # type: ignore[assignment]
        sent = self.model_fields_set
        if "headline" in sent:
            fields["headline"] = self.headline or None
        if "body" in sent:
            fields["body"] = self._body
        if "bylines" in sent:
            fields["bylines"] = _bylines(self.bylines)
        if "tags" in sent:
            fields["tags"] = tuple(self.tags)
        if "place" in sent:
            p = self.place
            fields["place"] = None if p is None else Place(p.name, p.lat, p.lon)
        if self.language is not None:
            fields["language"] = self.language
        return fields

    def source(self) -> tuple[str, str] | None:
        """The form in which the body came, and the body; None if none was sent."""
        if isinstance(self.body, HtmlForm):
            return "html", self.body.html
        if isinstance(self.body, TextForm):
            return "text", self.body.text
        return ("markdown", self.body) if self.body else None

    def take_body(self, body: Body | None) -> None:
        """Take what `source` was rendered to, which `fields` gives from now on."""
        self._body = body


class NewEntryForm(EntryForm):
    """A new entry; a headline, a body or media must be there."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {
                    "required": ["headline"],
                    "properties": {"headline": {"type": "string", "pattern": VISIBLE_LINE}},
                },
                {"required": ["body"], "properties": {"body": {"type": ["string", "object"]}}},
                {"required": ["media"], "properties": {"media": {"minItems": 1}}},
            ]
        }
    )

    draft: Annotated[bool, Field(description="Keep it for the newsroom.")] = False
    embargo_until: Annotated[
        Moment | None,
        Field(description="When to publish it. In the past it is ignored; `draft` wins over it."),
    ] = None


class AmendmentForm(EntryForm):
    """What to change in an entry; `embargo_until` only while it is not public."""

    model_config = CHANGE

    embargo_until: Annotated[
        Moment | None, Field(description="When to publish it; null makes it a draft.")
    ] = None
    draft: Annotated[
        bool, Field(description="Only while it is a draft: it may be scheduled or public by now.")
    ] = False


class CorrectionForm(EntryForm):
    """A public correction: the note, and what to change."""

    model_config = CHANGE

    note: Annotated[PublicNote, Field(description="What readers are told.")]


class RetractionForm(Form):
    """A retraction: the note that stays in the entry's place."""

    note: Annotated[PublicNote, Field(description="What readers are told.")]


class CoverageForm(Form):
    """The members of a coverage that the newsroom sets."""

    kicker: Annotated[ShortLine | None, Field(description="The label above the title.")] = None
    standfirst: Annotated[Paragraph | None, Field(description="The summary below it.")] = None
    language: Annotated[Language, Field(description="The page's language (BCP 47).")] = "en"
    languages: Annotated[
        list[Language], Field(max_length=50, description="The languages of its entries.")
    ] = []
    bylines: Bylines = []
    starts_at: Moment | None = None
    lead_image: Annotated[MediaId | None, Field(description="The id of uploaded media.")] = None
    related: Annotated[
        list[RelatedForm], Field(max_length=50, description="The previous day's page, say.")
    ] = []

    def fields(self) -> CoverageFields:
        """What was sent, but for the lead image, whose id has to be looked up."""
        sent = self.model_fields_set
        names = ("title", "language", "starts_at", "ended_at")
        fields: CoverageFields = self.sent(*names)  # type: ignore[assignment]
        if "kicker" in sent:
            fields["kicker"] = self.kicker or None
        if "standfirst" in sent:
            fields["standfirst"] = self.standfirst or None
        if "languages" in sent:
            fields["languages"] = tuple(dict.fromkeys(self.languages))
        if "bylines" in sent:
            fields["bylines"] = _bylines(self.bylines)
        if "related" in sent:
            fields["related"] = tuple(Related(r.title, r.url) for r in self.related)
        return fields


class NewCoverageForm(CoverageForm):
    """A new coverage."""

    slug: Annotated[str, Field(pattern=SLUG, description="Its address, for ever.")]
    title: Title
    status: Annotated[
        Literal["planned", "live"], Field(description="A `planned` one is for the newsroom only.")
    ] = "live"


class CoverageChangeForm(CoverageForm):
    """What to change in a coverage."""

    model_config = CHANGE

    title: Title = ""
    status: Annotated[
        CoverageStatus | None,
        Field(description="Opens, pauses, closes or reopens it; what is public stays public."),
    ] = None
    ended_at: Moment | None = None


class KeyForm(Form):
    """A new API key."""

    name: Name
    role: Role
    coverage: Annotated[
        CoverageRef | None, Field(description="The only one that it opens, by slug; null for all.")
    ] = None


FORMS: tuple[type[Form], ...] = (
    NewCoverageForm,
    CoverageChangeForm,
    NewEntryForm,
    AmendmentForm,
    CorrectionForm,
    RetractionForm,
    KeyForm,
)
