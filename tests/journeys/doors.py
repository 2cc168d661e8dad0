"""Every address at which the program answers a GET, taken from its router.

Refuses a parameter that it does not know: whoever adds an address says here what stands in it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import product
from string import Formatter

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Route

from app.main import create_app
from app.settings import Settings

# Has no end; without a key it is shut like any other of the newsroom's.
ENDLESS = "/v1/coverages/{slug}/desk"


def read_doors() -> list[str]:
    """The paths, with their parameters in braces."""
    return list(dict.fromkeys(_readable(create_app(Settings()).routes)))


def _readable(routes: Iterable[BaseRoute]) -> Iterator[str]:
    for route in routes:
        if isinstance(route, APIRoute | Route):
            if "GET" in (route.methods or ()):
                yield route.path
        elif (included := getattr(route, "original_router", None)) is not None:
            yield from _readable(included.routes)


def fill_doors(doors: Iterable[str], values: Mapping[str, Collection[str]]) -> list[str]:
    """Each path with each of its parameters' values.

    Raises:
        KeyError: a parameter has none.
    """
    filled = []
    for door in doors:
        plain = door.replace(":path}", "}")
        names = [name for _, name, _, _ in Formatter().parse(plain) if name]
        filled += [
            plain.format(**dict(zip(names, chosen, strict=True)))
            for chosen in product(*(values[name] for name in names))
        ]
    return filled
