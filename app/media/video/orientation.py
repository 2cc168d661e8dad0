"""How a video is to be turned before it is shown: the display matrix of its track.

Source: ISO/IEC 14496-12, section 6.2.2; FFmpeg, libavutil/display.h.
"""

import math
import struct
from dataclasses import dataclass

from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from PIL import Image

_MATRIX = struct.Struct("=9i")
_TURNS = {
    1: Image.Transpose.ROTATE_270,  # Pillow turns against the clock
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_90,
}
_FILTERS = {
    0: [],
    1: ["transpose=clock"],
    2: ["hflip", "vflip"],
    3: ["transpose=cclock"],
}


@dataclass(frozen=True, slots=True)
class Orientation:
    """One of the eight ways in which a picture can lie.

    Args:
        quarters: turns by 90 degrees, clockwise, 0 to 3.
        is_mirrored: it is mirrored from left to right before it is turned.
    """

    quarters: int = 0
    is_mirrored: bool = False

    @property
    def is_turned(self) -> bool:
        """Whether anything is to be done."""
        return self != Orientation()

    @property
    def lies_on_its_side(self) -> bool:
        """Whether width and height change places."""
        return self.quarters % 2 == 1

    @property
    def filters(self) -> list[str]:
        """FFmpeg's filters that turn it upright."""
        return ["hflip"] * self.is_mirrored + _FILTERS[self.quarters]

    def upright(self, picture: Image.Image) -> Image.Image:
        """A frame, turned as it is shown."""
        if self.is_mirrored:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return picture.transpose(_TURNS[self.quarters]) if self.quarters else picture


def read_orientation(frame: VideoFrame) -> Orientation:
    """The orientation of a decoded frame; an odd angle counts as the nearest quarter."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData) or matrix.buffer_size != _MATRIX.size:
        return Orientation()
    right, down, _, across, along, *_ = _MATRIX.unpack(bytes(matrix))
    is_mirrored = right * along - down * across < 0
    if is_mirrored:
        right, down = -right, -down
    return Orientation(round(math.atan2(down, right) / (math.pi / 2)) % 4, is_mirrored)
