"""Allowed methods: the methods of an address, collected from all routers that have a route for it.

A router that has a route for an address, but not for the requested method, reports only its own
route's methods; another router may have more.

Source: RFC 9110, sections 10.2.1 (Allow) and 15.5.6 (405).
"""

from starlette.requests import Request
from starlette.routing import Match

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(request: Request) -> str:
    """Return the methods of the request's address, for the header `Allow`."""
    allowed = [method for method in _METHODS if _is_allowed(request, method)]
    if _is_allowed(request, ""):
        # Mounted static files match every method and refuse most themselves; they are read-only.
        allowed = ["GET"]
    if "GET" in allowed:
        allowed.insert(1, "HEAD")
    return ", ".join(allowed)


def _is_allowed(request: Request, method: str) -> bool:
    requested = request.scope
    # A mounted application changes `root_path` to its own address.
    root = requested.get("app_root_path", requested.get("root_path", ""))
    names = ("type", "path", "headers", "app")
    scope = {name: requested[name] for name in names} | {"method": method, "root_path": root}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
