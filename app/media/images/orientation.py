"""Which way a picture is held up: EXIF's orientation, in whatever type of file.

Source: EXIF 2.32, tag 274.
"""

from PIL import Image

_TAG = 274
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = 5  # from here on


def read_turn(picture: Image.Image) -> int:
    """The orientation, 1 to 8; 1 where none is said, or nothing that can be read."""
    try:
        turn = int(picture.getexif().get(_TAG, 1))
    except Exception:  # noqa: BLE001  a damaged EXIF ends in whatever Pillow stumbles over
        return 1
    return turn if turn in _TURNS else 1


def lies_on_its_side(turn: int) -> bool:
    """Whether width and height change places."""
    return turn >= _ON_ITS_SIDE


def upright(picture: Image.Image, turn: int) -> Image.Image:
    """The picture as it was held; itself where there is nothing to turn."""
    return picture.transpose(_TURNS[turn]) if turn in _TURNS else picture
