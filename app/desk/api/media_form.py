"""Forms for what is said of a picture or a video, sent alone or with the file."""

from typing import Annotated, Any

from pydantic import Field

from app.desk.api import examples
from app.formats.embeds.address import ADDRESS, LONGEST
from app.newsroom.form import Form
from app.web.openapi.responses import reference
from app.web.text_types import AltText, Credit, Paragraph


class MediaForm(Form):
    """What is said of a picture or video; members that are left out stay as they are."""

    alt: Annotated[
        AltText | None, Field(description="What it shows, for people who cannot see it.")
    ] = None
    caption: Paragraph | None = None
    credit: Annotated[Credit | None, Field(description="Who made it.")] = None
    graphic: Annotated[
        bool | None,
        Field(description="Whether pages cover it until a reader asks for it."),
    ] = None

    def words(self) -> dict[str, Any]:
        """Return the members that were sent, by name."""
        return {name: text for name, text in self.model_dump().items() if text is not None}


class EmbedForm(MediaForm):
    """Content of another site: a post, a video, a recording or a document."""

    url: Annotated[
        str,
        Field(
            max_length=LONGEST,
            description="Its address, on a site that DATELINE_EMBEDS names.",
            # Only documented: the check for a known site also refuses what is no address.
            json_schema_extra={"pattern": f"^{ADDRESS}$"},
        ),
    ]

    def words(self) -> dict[str, Any]:
        """Return the members that were sent beside the address, by name."""
        return {name: text for name, text in super().words().items() if name != "url"}


WORDS = tuple(MediaForm.model_fields)


# The same members as parts of a multipart form, where none can be null.
_PARTS = {
    name: next(schema for schema in member["anyOf"] if schema["type"] != "null")
    for name, member in MediaForm.model_json_schema()["properties"].items()
}
_FILE = {"type": "string", "format": "binary"}
_UPLOAD = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": _FILE | {"description": "The picture or video."},
        "poster": _FILE | {"description": "Only with a video: the picture shown before it plays."},
        **_PARTS,
    },
}
# The bodies of `POST /v1/media`: a multipart form with files, or an address as JSON.
BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": _UPLOAD},
        "application/json": {"schema": reference(EmbedForm), "examples": examples.EMBED},
    },
}
