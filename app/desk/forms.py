"""What the newsroom sends: its shape, and nothing of what may be done with it.

A form's `fields()` are those that were sent, ready for `timeline/change.py`.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from app.access.roles import Role
from app.desk.words import Headline, Source, bounds_of
from app.framing.markup import body_from_html, body_from_markdown
from app.intake.words import Language, Line, Moment, Name, Paragraph, PublicNote, Tag, WebAddress
from app.timeline.change import CoverageFields, EntryFields
from app.timeline.coverage import CoverageStatus, Related
from app.timeline.entry import Body, Byline, EntryKind, Place


class Form(BaseModel):
    """A JSON object without unknown members."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    def sent(self, *names: str) -> dict[str, Any]:
        """Those of the members `names` that were sent."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


class BylineForm(Form):
    """A printed name."""

    name: Name


class PlaceForm(Form):
    """A place; coordinates in degrees, both or neither."""

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


class RelatedForm(Form):
    """Another page on the story."""

    title: Name
    url: WebAddress


Bylines = Annotated[list[Name | BylineForm], Field(max_length=50)]


def _bylines(given: list[str | BylineForm]) -> tuple[Byline, ...]:
    return tuple(Byline(b if isinstance(b, str) else b.name) for b in given)


class EntryForm(Form):
    """The members of an entry that the newsroom sets."""

    headline: Headline | None = None
    body: Source | HtmlForm | None = None
    kind: EntryKind = "update"
    key_event: bool = False
    bylines: Bylines = []
    tags: list[Tag] = []
    place: PlaceForm | None = None
    happened_at: Moment | None = None
    media: Annotated[list[str], Field(max_length=50)] = []
    language: Language | None = None

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
            fields["body"] = self._body()
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

    def _body(self) -> Body | None:
        if isinstance(self.body, HtmlForm):
            return body_from_html(self.body.html)
        return body_from_markdown(self.body) if self.body else None


class NewEntryForm(EntryForm):
    """A new entry."""

    draft: bool = False
    embargo_until: Moment | None = None


class AmendmentForm(EntryForm):
    """What to change in an entry; `embargo_until` only while it is not public."""

    embargo_until: Moment | None = None


class CorrectionForm(EntryForm):
    """A public correction: the note, and what to change."""

    note: PublicNote


class RetractionForm(Form):
    """A retraction: the note that stays in the entry's place."""

    note: PublicNote


class CoverageForm(Form):
    """The members of a coverage that the newsroom sets."""

    kicker: Annotated[Line, Field(max_length=100)] | None = None
    standfirst: Paragraph | None = None
    language: Language = "en"
    languages: Annotated[list[Language], Field(max_length=50)] = []
    bylines: Bylines = []
    starts_at: Moment | None = None
    lead_image: str | None = None
    related: Annotated[list[RelatedForm], Field(max_length=50)] = []

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

    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,100}$")]
    title: Headline
    status: Literal["planned", "live"] = "live"

    @field_validator("title")
    @classmethod
    def _has_title(cls, title: str) -> str:
        return _required(title)


class CoverageChangeForm(CoverageForm):
    """What to change in a coverage."""

    title: Headline = ""
    status: CoverageStatus | None = None
    ended_at: Moment | None = None

    @field_validator("title")
    @classmethod
    def _has_title(cls, title: str) -> str:
        return _required(title)


def _required(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


class KeyForm(Form):
    """A new API key."""

    name: Name
    role: Role


FORMS: tuple[type[Form], ...] = (
    NewCoverageForm,
    CoverageChangeForm,
    NewEntryForm,
    AmendmentForm,
    CorrectionForm,
    RetractionForm,
    KeyForm,
)
