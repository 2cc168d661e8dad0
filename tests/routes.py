"""Every route of the application, as registered in its router."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from app.main import create_app
from app.settings import Settings


@cache
def all_routes() -> tuple[str, ...]:
    """Return each route with each method, such as `GET /v1/coverages`, without HEAD."""
    return tuple(sorted({name for name, _ in _named_routes()}))


def desk_operations() -> set[str]:
    """Return the ids of the API's operations that the forms of the desk's pages carry out."""
    forms = (route for name, route in _named_routes() if name.startswith("POST /desk"))
    return {route.operation_id for route in forms if route.operation_id}


@cache
def _named_routes() -> tuple[tuple[str, Any], ...]:
    app = create_app(Settings(_env_file=None))
    return tuple(_walk(app.routes, ""))


def _walk(routes: Sequence[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for route in routes:
        if included := getattr(route, "original_router", None):
            yield from _walk(included.routes, prefix + route.include_context.prefix)
        elif inner := getattr(route, "routes", None):
            yield from _walk(inner, prefix + route.path)
        elif (methods := getattr(route, "methods", None)) is not None:
            yield from ((f"{method} {prefix}{route.path}", route) for method in methods - {"HEAD"})
        else:
            assert type(route).__name__ in {"APIWebSocketRoute", "Mount"}, route
            kind = "SOCKET" if "WebSocket" in type(route).__name__ else "MOUNT"
            yield f"{kind} {prefix}{route.path}", route
