"""Schemas of pictures and videos."""

from datetime import date as Day  # noqa: N812  `date` is the name of a member
from typing import Annotated

from pydantic import Field

from app.timeline.entry import MediaKind
from app.web.openapi.schemas.shape import Shape


class Rendition(Shape):
    """One size of a picture, in pixels."""

    url: str
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    type: Annotated[str, Field(description="The media type: `image/webp`.")]


class Card(Shape):
    """What another site says of its content, as plain text; it was read once, at the upload."""

    site: Annotated[str, Field(description="The site's name.")]
    author: Annotated[str, Field(description="Who published it there; empty if unknown.")]
    text: Annotated[str, Field(description="The words of a post, or the title of a video.")]
    date: Annotated[Day | None, Field(description="When it was published there.")]


class UploadProgress(Shape):
    """The progress of a video's conversion."""

    progress: Annotated[float, Field(ge=0, le=1, description="A fraction; 0 while it waits.")]


class Media(Shape):
    """A picture, a video or content of another site, with the texts that belong to it."""

    id: str
    kind: MediaKind
    url: Annotated[str, Field(description="Its file; for an embed, its page on the other site.")]
    alt: Annotated[str, Field(description="Alternative text, for people who cannot see it.")]
    caption: str
    credit: str
    width: Annotated[int, Field(ge=1)] | None
    height: Annotated[int, Field(ge=1)] | None
    renditions: Annotated[
        list[Rendition],
        Field(
            description="Its sizes; for a video, those of its poster image, and for an embed those"
            " of the picture of its card."
        ),
    ]
    card: Annotated[
        Card | None,
        Field(description="Of an embed, if its site describes it (oEmbed); otherwise null."),
    ]
    graphic: Annotated[
        bool,
        Field(description="Whether pages cover it until a reader asks; absent if not."),
    ] = False
