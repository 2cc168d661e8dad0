"""Dateline with a probe of its memory: `python -m bench.probe SOCKET serve`.

Each connection to the Unix socket SOCKET gets one JSON object with the sizes of the process's
structures. No structure is named here: the probe measures every container that an object, a class
or a module holds in an attribute, and every cache of functools, so that it also finds those that
are added later.
"""

import functools
import gc
import json
import socket
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import WeakSet

_SIZED = (dict, set, list, deque, WeakSet)
_Cache = type(functools.lru_cache(int))


@functools.cache
def _slots(kind: type) -> tuple[str, ...]:
    """Return the names of the slots of a class."""
    found = (base.__dict__.get("__slots__", ()) for base in kind.__mro__)
    names = [name for each in found for name in ([each] if isinstance(each, str) else each)]
    return tuple(name for name in names if not name.startswith("__"))


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _attributes(thing: object) -> Iterator[tuple[str, object]]:
    """Yield the attributes of an object, a class or a module, under their full names."""
    kind = thing if isinstance(thing, type) else type(thing)
    held = getattr(thing, "__dict__", None)
    name = _name(kind)
    if isinstance(held, Mapping):
        yield from ((f"{name}.{key}", value) for key, value in tuple(held.items()))
    if kind is not thing:
        for slot in _slots(kind):
            with suppress(AttributeError):
                yield f"{name}.{slot}", getattr(thing, slot)


def take_stock() -> dict[str, Any]:
    """Measure this process.

    Returns:
        The allocated `blocks`, the number of `objects` that the garbage collector tracks, the
        `sizes` of containers and caches by their names, the `bounds` of the caches, and the number
        of objects by their `types`.
    """
    gc.collect()
    blocks = sys.getallocatedblocks()
    objects = gc.get_objects()
    sizes: Counter[str] = Counter()
    types: Counter[str] = Counter()
    bounds: dict[str, int | None] = {}
    for module in tuple(sys.modules.values()):
        for key, value in tuple(getattr(module, "__dict__", {}).items()):
            if isinstance(value, _SIZED) and not key.startswith("__"):
                sizes[f"{getattr(module, '__name__', '')}.{key}"] += len(value)
    for thing in objects:
        with suppress(Exception):  # a weak proxy whose object is gone, or an attribute that fails
            types[_name(type(thing))] += 1
            if isinstance(thing, _Cache):
                info = thing.cache_info()
                sizes[f"{_name(thing)}()"] += info.currsize
                bounds[f"{_name(thing)}()"] = info.maxsize
                continue
            for name, value in _attributes(thing):
                if isinstance(value, _SIZED):
                    sizes[name] += len(value)
    stock = {"blocks": blocks, "objects": len(objects), "bounds": bounds}
    return {**stock, "sizes": dict(sizes), "types": dict(types)}


def answer_forever(address: Path) -> None:
    """Answer each connection to a Unix socket with the present stock."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(json.dumps(take_stock()).encode())


if __name__ == "__main__":
    # The collector would not list objects that the server has frozen.
    gc.freeze = lambda: None
    threading.Thread(target=answer_forever, args=[Path(sys.argv.pop(1))], daemon=True).start()
    from app.cli import main

    main()
