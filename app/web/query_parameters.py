"""Query parameters: the declared parameters of each address; unknown ones are refused under `/v1`.

If they were ignored, a misspelt filter would return everything, and a misspelt cursor the wrong
part of the journal. The declarations are read from the routes themselves: the parameters that
FastAPI declares, and for a route that parses its query itself, those that it adds to the OpenAPI
document. Pages ignore unknown parameters.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from types import UnionType
from typing import Any, Union, get_args, get_origin
from urllib.parse import parse_qsl, urlencode

from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel
from starlette.routing import BaseRoute, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.problems import InvalidQuery, pointer, problem

# The parameter, in any case, of clients that cannot set the header `Last-Event-ID`. They append it
# to an address that may have it already, so it may be repeated, and the last one counts.
LAST_EVENT_ID = "lastEventId"
_LAST_EVENT_ID_NAMES = frozenset({"lasteventid", "last-event-id"})

_PREFIX = "/v1/"
_MOST_ERRORS = 5
_LONGEST_NAME = 40
_ADDRESSES = 4096  # addresses whose route is cached
_LISTS = (list, tuple, set, frozenset, Sequence)


@dataclass(frozen=True, slots=True)
class Declared:
    """The query parameters of one address; those in `lists` may be repeated."""

    names: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()

    def parse(self, query: bytes) -> list[tuple[str, str]]:
        """Return names, with `lastEventId` in its declared case, and values, in the order sent."""
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        if LAST_EVENT_ID not in self.names:
            return pairs
        return [
            (LAST_EVENT_ID if name.casefold() in _LAST_EVENT_ID_NAMES else name, value)
            for name, value in pairs
        ]

    def check(self, query: bytes) -> None:
        """Refuse undeclared parameters, and repeated ones that are not lists.

        Raises:
            InvalidQuery: lists at most the first five of them.
        """
        counts = Counter(name for name, _ in self.parse(query))
        errors: list[tuple[str, str]] = []
        for name, count in counts.items():
            if name not in self.names:
                names = {each.casefold(): each for each in sorted(self.names)}
                near = get_close_matches(name[:_LONGEST_NAME].casefold(), names, n=1)
                there_are = f"there are {', '.join(names.values()) or 'none'}"
                hint = f"did you mean {names[near[0]]}?" if near else there_are
                path = pointer([name[:_LONGEST_NAME]])
                errors.append((path, f"is no query parameter here; {hint}"))
            elif count > 1 and name not in self.lists and name != LAST_EVENT_ID:
                errors.append((pointer([name]), "may stand only once"))
            # A query has room for thousands, and each is compared with every declared name.
            if len(errors) == _MOST_ERRORS:
                break
        if errors:
            raise InvalidQuery(errors)


class QueryParameters:
    """The query parameters of every address.

    Args:
        routes: the application's routes, complete.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes: list[tuple[re.Pattern[str], Collection[str], Declared]] = []
        for route in iter_route_contexts(routes):
            if route.path is not None and route.methods is not None:
                declarations = [*_declarations(route)]
                names = frozenset().union(*(each.names for each in declarations))
                lists = frozenset().union(*(each.lists for each in declarations))
                pattern = compile_path(route.path)[0]
                self._routes.append((pattern, route.methods, Declared(names, lists)))
        self.find = lru_cache(_ADDRESSES)(self._find)

    def _find(self, method: str, path: str) -> Declared | None:
        """Return the parameters of an address with a method; None if there is no such route."""
        for pattern, methods, declared in self._routes:
            if method in methods and pattern.match(path):
                return declared
        return None

    def known(self, path: str, query: bytes) -> bytes:
        """Return the query of a page in canonical order, without parameters that it ignores.

        Args:
            path: the path of a page.
            query: the query string as it was sent.
        """
        declared = self.find("GET", path)
        if declared is None:
            return query
        values = dict(declared.parse(query))  # the last of repeated parameters counts
        return urlencode(
            {name: values[name] for name in sorted(values.keys() & declared.names)}
        ).encode()


class StrictQuery:
    """A middleware that refuses requests under `/v1` with undeclared query parameters.

    Args:
        app: the next application.
        parameters: the parameters of every address.
    """

    def __init__(self, app: ASGIApp, parameters: QueryParameters) -> None:
        self._app = app
        self._parameters = parameters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["query_string"] and scope["path"].startswith(_PREFIX):
            declared = self._parameters.find(scope["method"], scope["path"])
            try:
                if declared is not None:
                    declared.check(scope["query_string"])
            except InvalidQuery as error:
                await problem(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


@cache
def declared_by_model(model: type[BaseModel]) -> Declared:
    """Return the parameters that a model's fields declare, by alias."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    lists = (name for name, field in fields.items() if _is_list(field.annotation))
    return Declared(frozenset(fields), frozenset(lists))


def _declarations(route: RouteContext) -> Iterator[Declared]:
    # A route that parses its query itself adds its parameters to the OpenAPI document.
    document = getattr(route, "openapi_extra", None) or {}
    for parameter in document.get("parameters", ()):
        if parameter["in"] == "query":
            schema, name = parameter["schema"], frozenset({parameter["name"]})
            branches = (schema, *schema.get("anyOf", ()))
            is_list = any(branch.get("type") == "array" for branch in branches)
            yield Declared(name, name if is_list else frozenset())
    # Others, and their dependencies, declare them to FastAPI.
    dependants = [route.dependant] if hasattr(route, "dependant") else []
    while dependants:
        dependant = dependants.pop()
        dependants += dependant.dependencies
        for field in dependant.query_params:
            annotation = field.field_info.annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                yield declared_by_model(annotation)
            else:
                name = frozenset({field.alias})
                yield Declared(name, name if _is_list(annotation) else frozenset())


def _is_list(annotation: Any) -> bool:
    """Return whether a parameter is a list, or an optional list."""
    origin = get_origin(annotation) or annotation
    if origin in _LISTS:
        return True
    return origin in {Union, UnionType} and any(map(_is_list, get_args(annotation)))
