"""Picture orientation: the EXIF tag, in whatever file format.

Source: EXIF 2.32, tag 274.
"""

from PIL import Image

_TAG = 274
_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FIRST_SWAPPED = 5  # from this value on, width and height are swapped


def read_orientation(picture: Image.Image) -> int:
    """Return the orientation, 1 to 8; 1 if none is stated or it cannot be read."""
    try:
        orientation = int(picture.getexif().get(_TAG, 1))
    except Exception:  # noqa: BLE001  damaged EXIF makes Pillow raise almost anything
        return 1
    return orientation if orientation in _TRANSPOSES else 1


def swaps_dimensions(orientation: int) -> bool:
    """Whether width and height are swapped."""
    return orientation >= _FIRST_SWAPPED


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Return the picture upright; the same object if there is nothing to rotate."""
    return picture.transpose(_TRANSPOSES[orientation]) if orientation in _TRANSPOSES else picture
