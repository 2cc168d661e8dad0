"""The configured address of an identity provider, and the requirements for using one."""

from importlib.util import find_spec
from urllib.parse import urlsplit

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def is_installed() -> bool:
    """Whether the extra `dateline[oidc]` is installed."""
    return find_spec("authlib") is not None and find_spec("joserfc") is not None


def is_safe(address: str) -> bool:
    """Whether the connection to it cannot be intercepted: it uses TLS, or stays on this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
