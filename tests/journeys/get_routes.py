"""Every path that the application answers by GET, read from its router.

A path parameter without given values is an error, so that a new route has to be described in
the journeys.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import product
from string import Formatter

from tests.routes import all_routes


def read_get_paths() -> list[str]:
    """Return the paths, with their parameters in braces."""
    return [path for method, _, path in (r.partition(" ") for r in all_routes()) if method == "GET"]


def fill_paths(paths: Iterable[str], values: Mapping[str, Collection[str]]) -> list[str]:
    """Return each path with every combination of its parameters' values.

    Raises:
        KeyError: A parameter has no values.
    """
    filled = []
    for path in paths:
        template = path.replace(":path}", "}")
        names = [name for _, name, _, _ in Formatter().parse(template) if name]
        filled += [
            template.format(**dict(zip(names, combination, strict=True)))
            for combination in product(*(values[name] for name in names))
        ]
    return filled
