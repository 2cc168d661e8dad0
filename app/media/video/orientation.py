"""Video orientation: the display matrix of a track.

Source: ISO/IEC 14496-12, section 6.2.2; FFmpeg, libavutil/display.h.
"""

import math
import struct
from dataclasses import dataclass

from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from PIL import Image

_MATRIX = struct.Struct("=9i")
_TRANSPOSES = {
    1: Image.Transpose.ROTATE_270,  # Pillow rotates counter-clockwise
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
    """One of the eight orientations of a picture.

    Args:
        quarters: clockwise rotations by 90 degrees, 0 to 3.
        is_mirrored: it is mirrored from left to right before the rotation.
    """

    quarters: int = 0
    is_mirrored: bool = False

    @property
    def is_turned(self) -> bool:
        """Whether the picture has to be mirrored or rotated."""
        return self != Orientation()

    @property
    def swaps_dimensions(self) -> bool:
        """Whether width and height are swapped."""
        return self.quarters % 2 == 1

    @property
    def filters(self) -> list[str]:
        """Return the FFmpeg filters that make a video upright."""
        return ["hflip"] * self.is_mirrored + _FILTERS[self.quarters]

    def upright(self, picture: Image.Image) -> Image.Image:
        """Return a frame, upright."""
        if self.is_mirrored:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return picture.transpose(_TRANSPOSES[self.quarters]) if self.quarters else picture


def read_orientation(frame: VideoFrame) -> Orientation:
    """Return the orientation of a decoded frame, to the nearest quarter turn."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData) or matrix.buffer_size != _MATRIX.size:
        return Orientation()
    right, down, _, across, along, *_ = _MATRIX.unpack(bytes(matrix))
    is_mirrored = right * along - down * across < 0
    if is_mirrored:
        right, down = -right, -down
    return Orientation(round(math.atan2(down, right) / (math.pi / 2)) % 4, is_mirrored)
