"""Types of settings: what a setting may be, and how its text is read."""

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from app.access.issuer import is_installed, is_safe
from app.formats.embeds.sites import EmbedSites
from app.formats.map_links import check_map_link
from app.media.storage.address import check_media_url
from app.web.csp import check_ancestors
from app.web.third_parties import check_origins, parse_third_parties


def _seconds(text: object) -> object:
    # pydantic reads a number as seconds, but not as text, and all settings are text.
    if not isinstance(text, str) or text.upper().startswith("P"):
        return text
    try:
        return float(text)
    except ValueError:
        raise ValueError("expected seconds, or a duration such as PT1M30S") from None


def _bounded(span: timedelta) -> timedelta:
    if not timedelta(0) < span <= timedelta(days=1):
        raise ValueError("expected more than 0 seconds, and a day at most")
    return span


def _long_bounded(span: timedelta) -> timedelta:
    if not timedelta(0) < span <= timedelta(days=365):
        raise ValueError("expected more than 0 seconds, and a year at most")
    return span


# RFC 9116 requires URIs; a line end in one would begin another field.
_CONTACT = re.compile(
    r"mailto:[!-~]+@[!-~]+|https://[A-Za-z0-9.-]+(?::\d+)?(?:/[!-~]*)?|tel:\+[0-9-]+", re.ASCII
)

Span = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_bounded)]
LongSpan = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_long_bounded)]


def _short(span: timedelta) -> timedelta:
    if not timedelta(0) <= span <= timedelta(hours=1):
        raise ValueError("expected 0 to 3600 seconds")
    return span


def _retention(span: timedelta) -> timedelta:
    if not timedelta(0) <= span <= timedelta(days=3650):
        raise ValueError("expected 0, or up to ten years, such as P30D")
    return span


Delay = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_short)]
Retention = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_retention)]


def _database_url(url: str) -> str:
    from app.store.database_url import parse_database_url  # noqa: PLC0415  it takes 0.3 s to import

    parse_database_url(url)
    return url


def _public_url(url: str) -> str:
    expected = "expected an address such as https://live.example.org"
    if not url.startswith(("http://", "https://")) or any(c.isspace() for c in url):
        raise ValueError(expected)
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None:
        raise ValueError(expected)
    if parts.path.strip("/") or parts.query or parts.fragment or url.endswith(("?", "#")):
        raise ValueError(f"{expected}, without a path: Dateline needs a host of its own")
    return url.rstrip("/")


def _issuer(address: str) -> str:
    if not is_safe(address) or not urlsplit(address).hostname:
        raise ValueError("expected an address such as https://id.example.org")
    if not is_installed():
        raise ValueError("an identity provider needs the extra dateline[oidc]")
    return address


def _proxies(text: str) -> str:
    if text.strip() != "*":
        for part in text.split(","):
            ip_network(part.strip())
    return text.strip()


def _zone(name: object) -> ZoneInfo:
    if isinstance(name, ZoneInfo):
        return name
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected a time zone such as Europe/London or UTC") from None


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError("expected an existing folder")
    return path


def _sites(text: object) -> object:
    if not isinstance(text, str):
        return text
    return () if text.strip() == "none" else [part.strip() for part in text.split(",")]


def _contacts(text: object) -> object:
    return [part.strip() for part in text.split(",")] if isinstance(text, str) else text


def _reachable(contacts: tuple[str, ...]) -> tuple[str, ...]:
    for contact in contacts:
        if not _CONTACT.fullmatch(contact):
            raise ValueError(
                "expected mailto:ADDRESS, https://… or tel:+NUMBER, with commas between them"
            )
    return contacts


def _known_sites(names: tuple[str, ...]) -> tuple[str, ...]:
    EmbedSites(names)
    return names


def _third_parties(names: tuple[str, ...]) -> tuple[str, ...]:
    parse_third_parties(names)
    return names


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
MediaUrl = Annotated[str, AfterValidator(check_media_url)]
Issuer = Annotated[str, AfterValidator(_issuer)]
Proxies = Annotated[str, AfterValidator(_proxies)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Folder = Annotated[Path, AfterValidator(_folder)]
_Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_sites)]
Sites = Annotated[_Names, AfterValidator(_known_sites)]
Ancestors = Annotated[_Names, AfterValidator(check_ancestors)]
ThirdPartyHosts = Annotated[_Names, AfterValidator(_third_parties)]
Origins = Annotated[_Names, AfterValidator(check_origins)]
MapLink = Annotated[str, AfterValidator(check_map_link)]
Contacts = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_contacts), AfterValidator(_reachable)
]
