"""The shapes of pictures and video."""

from typing import Annotated, Literal

from pydantic import Field

from app.web.schemas.shape import Shape


class Rendition(Shape):
    """One size of a picture; pixels."""

    url: str
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    type: Annotated[str, Field(description="The media type: `image/webp`.")]


class Media(Shape):
    """A picture or a video, with what has to be printed beside it."""

    id: str
    kind: Literal["image", "video"]
    url: str
    alt: Annotated[str, Field(description="What it shows, for those who do not see it.")]
    caption: str
    credit: str
    width: Annotated[int, Field(ge=1)] | None
    height: Annotated[int, Field(ge=1)] | None
    renditions: list[Rendition]
