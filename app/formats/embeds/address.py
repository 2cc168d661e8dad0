"""Addresses that contributors send: split once, by rules that leave nothing to interpretation."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

LONGEST = 2048  # characters of an address
# No backslash and no invisible character: programs interpret these in different ways.
ADDRESS = r"[Hh][Tt][Tt][Pp][Ss]?://[!#-;=?-\[\]_A-Za-z~]+"
_ADDRESS = re.compile(ADDRESS, re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address.

    Args:
        host: in lower case, without `www.`; with a port or a user if the address has one.
        path: the path.
        query: the first value of each parameter.
    """

    host: str
    path: str
    query: dict[str, str]


def split_address(address: str) -> Address | None:
    """Split an address; None if it is not a valid one."""
    if len(address) > LONGEST or not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        query = parse_qs(parts.query)  # raises for too many fields
    except ValueError:
        return None
    host = parts.netloc.lower().removeprefix("www.")
    return Address(host, parts.path, {name: values[0] for name, values in query.items()})


def host_of(address: str) -> str:
    """The host of an address, without `www.`; empty if it is not a valid address."""
    parts = split_address(address)
    return parts.host if parts else ""


def is_host_name(host: str) -> bool:
    """Whether a host is a name in the domain name system, without a port: no IP address."""
    return _HOST.fullmatch(host) is not None
