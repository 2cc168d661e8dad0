"""Promises of what other programs are told of a picture."""

from dataclasses import replace

import pytest

from app.formats.pictures import fitting_size, media_type
from tests.formats.samples import PICTURE


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("/media/p1-800.avif", "image/avif"),
        ("/x.JPG?v=1.5", "image/jpeg"),
        ("/x.mp4", "video/mp4"),
        ("/x", None),
        ("/x.exe", None),
    ],
)
def test_the_type_is_told_where_it_is_known(url, told):
    """By the rendition of that address, else by the address's end, else not at all."""
    assert media_type(replace(PICTURE, url=url)) == told


def test_the_largest_size_that_fits_is_chosen():
    """Among those that every program shows; the picture itself is one of them."""
    alone = replace(PICTURE, renditions=())
    assert fitting_size(alone, None, None).url == "/media/p1.jpg"
    assert fitting_size(PICTURE, 900, None).url == "/media/p1-800.jpg"
    assert fitting_size(PICTURE, None, 599) is None


def test_a_picture_of_unknown_size_fits_nowhere():
    """Whoever shows it has to know its size."""
    assert fitting_size(replace(PICTURE, renditions=(), width=None), None, None) is None
