"""Every address at which the program answers a GET, taken from its router.

Refuses a parameter that it does not know: whoever adds an address says in a journey what stands
in it.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import product
from string import Formatter

from tests.routes import all_routes


def read_doors() -> list[str]:
    """The paths, with their parameters in braces."""
    return [path for method, _, path in (r.partition(" ") for r in all_routes()) if method == "GET"]


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
