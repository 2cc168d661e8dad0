"""Which methods an address takes, over all the routers that know it.

A router that knows an address, but not with the method asked for, tells only of its own route;
another one may hold the rest.

Source: RFC 9110, sections 10.2.1 (Allow) and 15.5.6 (405).
"""

from starlette.requests import Request
from starlette.routing import Match

_ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(request: Request) -> str:
    """The methods that this request's address takes, for the header `Allow`."""
    taken = [method for method in _ASKED if _is_taken(request, method)]
    if _is_taken(request, ""):
        # Files take whatever comes and refuse it themselves; they are only to be read.
        taken = ["GET"]
    if "GET" in taken:
        taken.insert(1, "HEAD")
    return ", ".join(taken)


def _is_taken(request: Request, method: str) -> bool:
    asked = request.scope
    # What is mounted below an address moves the root there.
    root = asked.get("app_root_path", asked.get("root_path", ""))
    names = ("type", "path", "headers", "app")
    scope = {name: asked[name] for name in names} | {"method": method, "root_path": root}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
