"""The shapes of pictures and video."""

from typing import Annotated

from pydantic import Field

from app.timeline.entry import MediaKind
from app.web.openapi.schemas.shape import Shape


class Rendition(Shape):
    """One size of a picture; pixels."""

    url: str
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    type: Annotated[str, Field(description="The media type: `image/webp`.")]


class UploadProgress(Shape):
    """How far a video is that is being made playable."""

    progress: Annotated[float, Field(ge=0, le=1, description="Of the whole; 0 while it waits.")]


class Media(Shape):
    """A picture or a video, with what has to be printed beside it."""

    id: str
    kind: MediaKind
    url: Annotated[str, Field(description="Its file; of an embed, its page at its own site.")]
    alt: Annotated[str, Field(description="What it shows, for those who do not see it.")]
    caption: str
    credit: str
    width: Annotated[int, Field(ge=1)] | None
    height: Annotated[int, Field(ge=1)] | None
    renditions: Annotated[
        list[Rendition],
        Field(description="Its sizes; of a video, those of the picture that stands for it."),
    ]
