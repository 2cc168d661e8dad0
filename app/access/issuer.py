"""The address of an identity provider, as the operator writes it, and what it takes to use one."""

from importlib.util import find_spec
from urllib.parse import urlsplit

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("authlib") is not None and find_spec("joserfc") is not None


def is_safe(address: str) -> bool:
    """Whether nobody on the way can listen or answer: TLS, or this very machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
