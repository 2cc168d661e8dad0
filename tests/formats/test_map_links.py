"""Addresses of places on maps."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.map_links import (
    OWN_MAP,
    check_map_link,
    format_coordinates,
    map_address,
    map_site,
)
from app.timeline.entry import Place

SERVICE = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=12/{lat}/{lon}"


def test_both_numbers_stand_wherever_the_template_has_them():
    """Each placeholder is replaced, as often as it occurs; without numbers there is no address."""
    pier = Place("Pier 4", 53.54, -9.98)
    assert map_address(pier, check_map_link(SERVICE)) == (
        "https://www.openstreetmap.org/?mlat=53.54&mlon=-9.98#map=12/53.54/-9.98"
    )
    assert map_site(SERVICE) == "openstreetmap.org"
    assert map_address(pier, OWN_MAP) == "geo:53.54,-9.98"
    assert format_coordinates(pier) == "53.54, -9.98"
    assert map_address(Place("Pier 4"), SERVICE) is format_coordinates(Place("Pier 4")) is None


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_the_numbers_are_decimal_and_exact_to_six_places(lat: float, lon: float):
    """Coordinates have no exponent and no negative zero, and are those of the place."""
    shown = format_coordinates(Place("x", lat, lon))
    assert shown is not None
    for text, number in zip(shown.split(", "), (lat, lon), strict=True):
        assert set(text) <= set("-.0123456789")
        assert text != "-0"
        assert abs(float(text) - number) < 1e-6
    address = map_address(Place("x", lat, lon), SERVICE)
    assert urlsplit(address or "").hostname == "www.openstreetmap.org"


@pytest.mark.parametrize(
    "template",
    [
        "",
        "https://osm.org/",
        "https://osm.org/{lat}",
        "osm.org/{lat}/{lon}",
        "javascript:alert({lat},{lon})",
        "https://{lat}.example/{lon}",
        "https://osm.org/{lat}/{lon}/{zoom}",
        "https://osm.org/{lat} {lon}",
        "https://osm.org/{lat}/{lon}\n",
    ],
)
def test_what_makes_no_address_is_refused(template: str):
    """A template needs a fixed host and both placeholders; other braces and spaces are refused."""
    with pytest.raises(ValueError, match="expected an address with"):
        check_map_link(template)
