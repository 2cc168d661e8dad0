"""Schemas of pictures and videos."""

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


class UploadProgress(Shape):
    """The progress of a video's conversion."""

    progress: Annotated[float, Field(ge=0, le=1, description="A fraction; 0 while it waits.")]


class Media(Shape):
    """A picture or a video, with the texts that belong to it."""

    id: str
    kind: MediaKind
    url: Annotated[str, Field(description="Its file; for an embed, its page on the video site.")]
    alt: Annotated[str, Field(description="Alternative text, for people who cannot see it.")]
    caption: str
    credit: str
    width: Annotated[int, Field(ge=1)] | None
    height: Annotated[int, Field(ge=1)] | None
    renditions: Annotated[
        list[Rendition],
        Field(description="Its sizes; for a video, those of its poster image."),
    ]
