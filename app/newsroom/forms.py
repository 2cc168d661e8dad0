"""Forms: the JSON bodies of the newsroom's requests. They check shapes, never permissions.

`fields()` returns only the members that were sent, in the form that `timeline/change.py` takes.
"""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from app.newsroom.form import CHANGE, Form
from app.newsroom.statement_forms import AssessmentForm, ClaimForm, FigureForm
from app.newsroom.text_types import Headline, Source, Title, limits_of
from app.timeline.claim import LARGEST_CLAIM_COUNT
from app.timeline.coverage import MOST_LINKS, CoverageFields, CoverageStatus, EntryBylines, Related
from app.timeline.entry import Body, Byline, EntryFields, EntryKind, Place
from app.timeline.figure import LARGEST_FIGURE_COUNT
from app.web.identifiers import ENTRY_ID, SLUG, CoverageRef
from app.web.openapi.limits import LIMIT
from app.web.text_types import (
    VISIBLE_LINE,
    Language,
    MediaId,
    Moment,
    Name,
    Paragraph,
    PublicNote,
    Revision,
    ShortLine,
    Tag,
    WebAddress,
)


class BylineForm(Form):
    """A name as it is printed in a byline."""

    name: Name


class PlaceForm(Form):
    """A place; the coordinates, in degrees, are both given or both left out."""

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
    """A body sent as HTML."""

    html: Source


class TextForm(Form):
    """A body sent as plain text: no character in it is markup."""

    text: Source


class RelatedForm(Form):
    """A link to another page on the story."""

    title: Name
    url: WebAddress


Bylines = Annotated[list[Name | BylineForm], Field(max_length=50)]


def _bylines(names: list[str | BylineForm]) -> tuple[Byline, ...]:
    return tuple(Byline(name if isinstance(name, str) else name.name) for name in names)


class TranslationForm(Form):
    """The original of a translation; a change may leave out what stays."""

    coverage: Annotated[
        Annotated[str, Field(pattern=SLUG)] | None, Field(description="The slug of its edition.")
    ] = None
    entry_id: Annotated[str, Field(pattern=ENTRY_ID)] | None = None
    revision: Annotated[Revision | None, Field(description="By default its present revision.")] = (
        None
    )


class TranslationCheckForm(Form):
    """The revision of the original that a translation was compared with."""

    revision: Revision


class EntryForm(Form):
    """The members of an entry that the newsroom sets."""

    headline: Annotated[
        Headline | None, Field(description="Plain text; markup is shown as typed.")
    ] = None
    body: Annotated[
        Source | HtmlForm | TextForm | None,
        Field(
            description="Markdown, or an object with `html`, which is sanitised, or with `text`,"
            " which is plain text: paragraphs and line breaks are kept. Every word is shown;"
            " control characters become spaces or line ends. Limited in bytes."
        ),
    ] = None
    kind: EntryKind = "update"
    key_event: Annotated[
        bool, Field(description="A turning point, listed in the page's navigation.")
    ] = False
    bylines: Bylines = []
    tags: Annotated[list[Tag], Field(json_schema_extra={LIMIT: "tags"})] = []
    place: PlaceForm | None = None
    happened_at: Annotated[
        Moment | None, Field(description="When the event took place, if that is not now.")
    ] = None
    media: Annotated[list[MediaId], Field(max_length=50, description="Ids of uploaded media.")] = []
    language: Annotated[
        Language | None, Field(description="BCP 47; by default the coverage's.")
    ] = None

    claims: Annotated[
        list[ClaimForm],
        Field(
            max_length=LARGEST_CLAIM_COUNT,
            description="Who says so. A change keeps the claims whose `id` it names.",
        ),
    ] = []
    figures: Annotated[
        list[FigureForm],
        Field(max_length=LARGEST_FIGURE_COUNT, description="Numbers, each with its source."),
    ] = []

    translation_of: Annotated[
        TranslationForm | None,
        Field(description="The entry of another edition that this one translates."),
    ] = None

    _body: Body | None = None  # the rendered body, once `take_body` was called

    @field_validator("tags")
    @classmethod
    def _few_and_distinct(cls, tags: list[str], info: ValidationInfo) -> list[str]:
        limit = limits_of(info).tags
        if len(tags) > limit:
            raise ValueError(f"must be {limit} at most")
        return list(dict.fromkeys(tags))

    def fields(self) -> EntryFields:
        """Return the members that were sent, except those that need more than the form.

        Media and the original of a translation have to be looked up, claims merged into the
        present ones, and the values of figures parsed in the language of the entry.
        """
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
        """Return the format of the body and its text; None if no body was sent."""
        if isinstance(self.body, HtmlForm):
            return "html", self.body.html
        if isinstance(self.body, TextForm):
            return "text", self.body.text
        return ("markdown", self.body) if self.body else None

    def take_body(self, body: Body | None) -> None:
        """Store the body that `source` was rendered to; `fields` returns it from now on."""
        self._body = body


class NewEntryForm(EntryForm):
    """A new entry; it needs a headline, a body, media or figures."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {
                    "required": ["headline"],
                    "properties": {"headline": {"type": "string", "pattern": VISIBLE_LINE}},
                },
                {"required": ["body"], "properties": {"body": {"type": ["string", "object"]}}},
                {"required": ["media"], "properties": {"media": {"minItems": 1}}},
                {"required": ["figures"], "properties": {"figures": {"minItems": 1}}},
            ]
        }
    )

    draft: Annotated[bool, Field(description="Store it for the newsroom only.")] = False
    embargo_until: Annotated[
        Moment | None,
        Field(description="When to publish it. A past time is ignored; `draft` takes precedence."),
    ] = None


class AmendmentForm(EntryForm):
    """Changes to an entry; `embargo_until` only while the entry is not public."""

    model_config = CHANGE

    embargo_until: Annotated[
        Moment | None, Field(description="When to publish it; null makes it a draft.")
    ] = None
    draft: Annotated[
        bool, Field(description="Save only if it is still a draft, and not scheduled or public.")
    ] = False


class CorrectionForm(EntryForm):
    """A public correction: the note, and the members to change."""

    model_config = CHANGE

    note: Annotated[PublicNote, Field(description="The note that readers see.")]


class RetractionForm(Form):
    """A retraction: the note that takes the entry's place."""

    note: Annotated[PublicNote, Field(description="The note that readers see.")]
    translations: Annotated[
        Literal["retract", "mark"],
        Field(description="What becomes of its translations; marked ones stay, as outdated."),
    ] = "retract"


class WithdrawalForm(Form):
    """The withdrawal of a coverage."""

    note: Annotated[PublicNote, Field(description="The note that readers see in its place.")]


class CoverageForm(Form):
    """The members of a coverage that the newsroom sets."""

    kicker: Annotated[ShortLine | None, Field(description="The label above the title.")] = None
    standfirst: Annotated[Paragraph | None, Field(description="A summary below the title.")] = None
    language: Annotated[Language, Field(description="The page's language (BCP 47).")] = "en"
    languages: Annotated[
        list[Language], Field(max_length=50, description="The languages of its entries.")
    ] = []
    bylines: Bylines = []
    entry_bylines: Annotated[
        EntryBylines,
        Field(
            description="Whose name the desk puts into a new entry: nobody's, the coverage's"
            " `bylines`, or the writer's. Entries sent by the API are not affected."
        ),
    ] = "none"
    starts_at: Moment | None = None
    lead_image: Annotated[MediaId | None, Field(description="The id of uploaded media.")] = None
    edition_of: Annotated[
        CoverageRef | None,
        Field(description="The coverage of which this is an edition in another language."),
    ] = None
    related: Annotated[
        list[RelatedForm], Field(max_length=MOST_LINKS, description="The previous day's page, say.")
    ] = []

    def fields(self) -> CoverageFields:
        """Return the members that were sent, except the lead image, whose id needs a look-up."""
        sent = self.model_fields_set
        names = ("title", "language", "entry_bylines", "starts_at", "ended_at", "edition_of")
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

    slug: Annotated[str, Field(pattern=SLUG, description="Its permanent address.")]
    title: Title
    status: Annotated[
        Literal["planned", "live"], Field(description="Only the newsroom sees a `planned` one.")
    ] = "live"


class SuccessorForm(Form):
    """The coverage that follows another one."""

    slug: Annotated[str, Field(pattern=SLUG, description="Its permanent address.")]
    title: Title


class CoverageChangeForm(CoverageForm):
    """Changes to a coverage."""

    model_config = CHANGE

    title: Title = ""
    status: Annotated[
        CoverageStatus | None,
        Field(description="Opens, pauses, closes or reopens it; a public coverage stays public."),
    ] = None
    ended_at: Moment | None = None


FORMS: tuple[type[Form], ...] = (
    NewCoverageForm,
    CoverageChangeForm,
    SuccessorForm,
    NewEntryForm,
    AmendmentForm,
    CorrectionForm,
    AssessmentForm,
    RetractionForm,
    WithdrawalForm,
    TranslationCheckForm,
)
