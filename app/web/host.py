"""Host check: a request must have one well-formed Host; checked before any other processing.

The host's name decides nothing: every address in an answer is built from the public URL, so a
forged Host cannot redirect anybody, and a health check may use an IP address. But a proxy and the
server behind it can interpret two Hosts, or a malformed one, differently. Attackers use that to
smuggle requests past the proxy, and to have one site's answers cached for another.

Source: RFC 9112, section 3.2 (400 where there is none, or more than one, or an invalid one);
RFC 3986, section 3.2.2.
"""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address

from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.problems import NotHttp, problem

_LONGEST = 261  # characters: a DNS name, a colon and a port
_NAME = r"(?:[A-Za-z0-9._~!$&'()*+;=-]|%[0-9A-Fa-f]{2})+"
_HOST = re.compile(rf"(?:{_NAME}|\[(?P<v6>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{{0,5}}))?")
_LAST_PORT = 65535


class HostCheck:
    """A middleware that refuses a request with no Host, more than one, or a malformed one.

    HTTP/1.0 has no Host header, and monitoring tools often use it, so there it may be missing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) > 1:
            answer = problem(NotHttp("A request must have one Host header; this one has several."))
        elif hosts and not is_host(hosts[0].decode("latin-1")):
            answer = problem(NotHttp("The Host of this request is malformed."))
        elif hosts or scope.get("http_version") == "1.0":
            await self._app(scope, receive, send)
            return
        else:
            answer = problem(NotHttp("A request must have one Host header; this one has none."))
        if scope["type"] == "http":
            answer.headers["Connection"] = "close"
        # On a WebSocket's upgrade request this sends the denial response.
        await answer(scope, receive, send)


@lru_cache(1024)
def is_host(text: str) -> bool:
    """Return whether a text is a valid value of `Host`: a host with an optional port."""
    parts = _HOST.fullmatch(text) if len(text) <= _LONGEST else None
    if parts is None or int(parts["port"] or 0) > _LAST_PORT:
        return False
    if parts["v6"] is None:
        return True
    try:
        IPv6Address(parts["v6"])
    except AddressValueError:
        return False
    return True
