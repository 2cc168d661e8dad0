"""Media types and sizes of pictures for other programs."""

from dataclasses import replace

import pytest

from app.formats.pictures import fitting_size, media_type
from tests.formats.samples import PICTURE


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/media/p1-800.avif", "image/avif"),
        ("/x.JPG?v=1.5", "image/jpeg"),
        ("/x.mp4", "video/mp4"),
        ("/x", None),
        ("/x.exe", None),
    ],
)
def test_the_type_is_told_where_it_is_known(url, expected):
    """The media type comes from the rendition, else from the URL's extension, else it is None."""
    assert media_type(replace(PICTURE, url=url)) == expected


def test_the_largest_size_that_fits_is_chosen():
    """The largest rendition of a widely supported type that fits is chosen."""
    without_renditions = replace(PICTURE, renditions=())
    assert fitting_size(without_renditions, None, None).url == "/media/p1.jpg"
    assert fitting_size(PICTURE, 900, None).url == "/media/p1-800.jpg"
    assert fitting_size(PICTURE, None, 599) is None


def test_a_picture_of_unknown_size_fits_nowhere():
    """A picture of unknown size does not fit even without a maximum."""
    assert fitting_size(replace(PICTURE, renditions=(), width=None), None, None) is None
