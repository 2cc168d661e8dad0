"""Map links: addresses of a place at the operator's map service, or for the reader's own map.

Source: RFC 5870 (`geo:`).
"""

from app.formats.embeds.address import host_of
from app.timeline.entry import Place

OWN_MAP = "geo:{lat},{lon}"  # what the reader's device has for it
_NAMES = ("lat", "lon")


def check_map_link(template: str) -> str:
    """Return the template of a map service's addresses, if it is one.

    Raises:
        ValueError: it makes no addresses of a single host, or lacks one of its two placeholders.
    """
    hosts = {host_of(_fill(template, number, number)) for number in "01"}
    if len(hosts) > 1 or "" in hosts or not all(f"{{{name}}}" in template for name in _NAMES):
        raise ValueError(
            "expected an address with {lat} and {lon} such as https://osm.org/#map=12/{lat}/{lon}"
        )
    return template


def map_site(template: str) -> str:
    """Return the host of a map service."""
    return host_of(_fill(template, "0", "0"))


def map_address(place: Place, template: str) -> str | None:
    """Return the address of a place on a map; None without coordinates."""
    if place.lat is None or place.lon is None:
        return None
    # Six places are 11 centimetres. Adding zero takes the minus from a zero.
    lat, lon = (
        f"{round(number, 6) + 0.0:.6f}".rstrip("0").rstrip(".") for number in (place.lat, place.lon)
    )
    return _fill(template, lat, lon)


def format_coordinates(place: Place) -> str | None:
    """Return the coordinates as maps take them, in degrees; None without any."""
    return map_address(place, "{lat}, {lon}")


def _fill(template: str, *values: str) -> str:
    for name, value in zip(_NAMES, values, strict=True):
        template = template.replace(f"{{{name}}}", value)
    return template
