"""The words beside a picture or a video, as the newsroom sends them: alone or with the file."""

from typing import Annotated, Any

from pydantic import Field

from app.desk.api import examples
from app.formats.video_embeds import ADDRESS, LONGEST
from app.newsroom.forms import Form
from app.web.openapi.responses import reference
from app.web.text_types import AltText, Credit, Paragraph


class MediaForm(Form):
    """What is printed beside it; what is left out stays as it is."""

    alt: Annotated[
        AltText | None, Field(description="What it shows, for those who do not see it.")
    ] = None
    caption: Paragraph | None = None
    credit: Annotated[Credit | None, Field(description="Who made it.")] = None

    def words(self) -> dict[str, Any]:
        """Those that were given, by their names."""
        return {name: text for name, text in self.model_dump().items() if text is not None}


class EmbedForm(MediaForm):
    """A video of another site, which pages load from there when a reader asks for it."""

    url: Annotated[
        str,
        Field(
            max_length=LONGEST,
            description="Where people watch it: an address of a site that DATELINE_EMBEDS names.",
            # Told and not checked: what is no address is no address of a video either.
            json_schema_extra={"pattern": f"^{ADDRESS}$"},
        ),
    ]

    def words(self) -> dict[str, Any]:
        """Those that were given beside it."""
        return {name: text for name, text in super().words().items() if name != "url"}


WORDS = tuple(MediaForm.model_fields)


def _as_parts() -> dict[str, Any]:
    """The same words as parts of a form, of which none is null."""
    told = MediaForm.model_json_schema()["properties"]
    return {name: next(b for b in told[name]["anyOf"] if b["type"] == "string") for name in WORDS}


_FILE = {"type": "string", "format": "binary"}
_UPLOAD = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": _FILE | {"description": "The picture or video."},
        "poster": _FILE | {"description": "With a video alone: the picture in its place."},
        **_as_parts(),
    },
}
# What `POST /v1/media` reads: files in a form, or the address of a video elsewhere.
BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": _UPLOAD},
        "application/json": {"schema": reference(EmbedForm), "examples": examples.EMBED},
    },
}
