"""The words beside a picture or a video, as the newsroom sends them."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from app.desk.forms import Form
from app.web.words import Paragraph

_Alt = Annotated[Paragraph, StringConstraints(max_length=1000)]
_Credit = Annotated[Paragraph, StringConstraints(max_length=200)]


class MediaForm(Form):
    """What is printed beside it; what is left out stays as it is."""

    alt: Annotated[
        _Alt | None, Field(description="What it shows, for those who do not see it.")
    ] = None
    caption: Paragraph | None = None
    credit: Annotated[_Credit | None, Field(description="Who made it.")] = None

    def words(self) -> dict[str, Any]:
        """Those that were given, by their names."""
        return {name: text for name, text in self.model_dump().items() if text is not None}


class EmbedForm(MediaForm):
    """A video of another site, which pages load from there when a reader asks for it."""

    url: Annotated[
        str,
        Field(
            max_length=2048,
            description="Where people watch it: an address of a site that DATELINE_EMBEDS names.",
        ),
    ]

    def words(self) -> dict[str, Any]:
        """Those that were given beside it."""
        return {name: text for name, text in super().words().items() if name != "url"}
