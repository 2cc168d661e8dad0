"""Modules that are written in parts and served as one.

Thirty small files cost a third more than one, since each is compressed for itself, and a browser
learns of each only when it has read the one before. What is joined stays apart: each part keeps
its own names, and gives out what it exports. Refuses parts that need each other in a circle, and
ways of exporting that nobody here uses.

What is fetched later, by `import()`, stays a file of its own and has to be named: what that imports
comes as a second copy, which knows nothing of the state of the first.
"""

import re
from collections.abc import Collection
from pathlib import Path

_IMPORT = re.compile(r'(?m)^import\s+(?:\{(?P<names>[^}]*)\}\s+from\s+)?"(?P<where>[^"]+)";\n')
_EXPORT = re.compile(
    r"(?m)^export\s+(?P<what>(?:async\s+)?(?:function\*?|class|const)\s+(?P<name>\w+))"
)
_LATER = re.compile(r'(?<!\{)\bimport\("\./([^"]*)"\)')
_STRAY = re.compile(r'(?m)^(?:import|export)\b.*|(?<!\{)\bimport\("\./.*')


def join_modules(entrance: str, folder: Path, later: Collection[str] = ()) -> str:
    """A module with all that it imports from its own folder.

    Args:
        entrance: what it says.
        folder: where it and its parts are.
        later: the files beside it that may be fetched later.

    Raises:
        ValueError: they do not fit together.
    """
    parts: dict[str, str] = {}
    outside: dict[str, dict[str, None]] = {}  # by address: the names that are taken from it
    last = _part(entrance, folder, parts, outside, ())
    joined = "\n".join([*parts.values(), last])
    bare = _LATER.sub(lambda found: "" if found[1] in later else found[0], joined)
    if stray := _STRAY.search(_EXPORT.sub("", bare)):
        raise ValueError(f"not understood: {stray[0]}")
    imports = [
        f'import {{ {", ".join(names)} }} from "{where}";' for where, names in outside.items()
    ]
    return "\n".join([*imports, joined])


def _part(
    text: str,
    folder: Path,
    parts: dict[str, str],
    outside: dict[str, dict[str, None]],
    way: tuple[str, ...],
) -> str:
    taken = []
    for found in _IMPORT.finditer(text):
        where, names = found["where"], found["names"] or ""
        if not where.startswith("./"):
            wanted = map(str.strip, names.split(","))
            outside.setdefault(where, {}).update(dict.fromkeys(filter(None, wanted)))
            continue
        if where in way:
            raise ValueError(f"{where} needs itself: {' → '.join(way)}")
        if where not in parts:
            source = (folder / where).read_text()
            inside = _part(source, folder, parts, outside, (*way, where))
            parts[where] = f"const {_name(where)} = (() => {{\n{inside}}})();"
        taken.append(f"const {{ {names.replace(' as ', ': ').strip()} }} = {_name(where)};")
    given = ", ".join(found["name"] for found in _EXPORT.finditer(text))
    own = _IMPORT.sub("", text)
    if not way:
        return "\n".join([*taken, own])
    plain = _EXPORT.sub(lambda found: found["what"], own)
    return "\n".join([*taken, plain, f"return {{ {given} }};\n"])


def _name(where: str) -> str:
    return "$" + re.sub(r"\W", "_", where.removeprefix("./").removesuffix(".js"))
