"""The Host of a request: one, and well-formed, before anything else looks at the request.

Which host it names decides nothing: every address in an answer is made of the public URL, so that a
made-up Host cannot lead anybody elsewhere, and a health check may come by an IP address. But two
Hosts, or a malformed one, are read differently by a proxy and by the server behind it, which is how
requests are smuggled past the one and answers of one site are kept for another.

Source: RFC 9112, section 3.2 (400 where there is none, or more than one, or an invalid one);
RFC 3986, section 3.2.2.
"""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address

from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.problems import NotHttp, problem

_LONGEST = 261  # characters: a name of the DNS, a colon and a port
_NAME = r"(?:[A-Za-z0-9._~!$&'()*+;=-]|%[0-9A-Fa-f]{2})+"
_HOST = re.compile(rf"(?:{_NAME}|\[(?P<v6>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{{0,5}}))?")
_LAST_PORT = 65535


class HostCheck:
    """Refuses a request that has no Host, more than one, or one that is none.

    HTTP/1.0 knows no Host, and what watches over servers often speaks it: it may lack there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan" or (complaint := _complaint(scope)) is None:
            await self._app(scope, receive, send)
            return
        answer = problem(NotHttp(complaint))
        if scope["type"] == "http":
            answer.headers["Connection"] = "close"
        # Behind a WebSocket's upgrade it goes out as the denial of it.
        await answer(scope, receive, send)


def _complaint(scope: Scope) -> str | None:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) > 1:
        return "A request has one Host, and this one has more."
    if hosts and not is_host(hosts[0].decode("latin-1")):
        return "The Host of this request is malformed."
    if hosts or scope.get("http_version") == "1.0":
        return None
    return "A request has one Host, and this one has none."


@lru_cache(1024)
def is_host(text: str) -> bool:
    """Whether a text is a host with or without a port, as in the header `Host`."""
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
