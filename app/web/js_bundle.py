"""JavaScript bundles: ES modules that are written in parts and served as one file.

Thirty small files take a third more bytes than one, since each is compressed separately, and a
browser discovers each only after it has read the one before (docs/decisions/0037). In a bundle each
part keeps its own names, in a function of its own that returns the part's exports. A parser finds
the import and export statements, so comments and strings may contain anything. Import cycles, and
forms of export that this project does not use, are refused.

A module that is loaded later, by `import()`, stays a file of its own and has to be declared: its
own imports are loaded as second copies, which share no state with the bundle's.
"""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

_LANGUAGE = Language(tree_sitter_javascript.language())
_PARSER = Parser(_LANGUAGE)
_IMPORT_CALLS = Query(_LANGUAGE, "(call_expression function: (import)) @call")
_DECLARATIONS = {
    "function_declaration",
    "generator_function_declaration",
    "class_declaration",
    "lexical_declaration",
}


def bundle_modules(entrance: str, folder: Path, later: Collection[str] = ()) -> str:
    """Bundle a module with everything that it imports from its own folder.

    Args:
        entrance: the module's source.
        folder: the folder of the module and its parts.
        later: names of files in that folder that may be loaded later by `import()`.

    Raises:
        ValueError: the source is no JavaScript, uses an unsupported form of export or import, or
            has an import cycle.
    """
    return _Bundle(folder, later).build(entrance)


class _Bundle:
    def __init__(self, folder: Path, later: Collection[str]) -> None:
        self._folder = folder
        self._later = later
        self._parts: dict[str, str] = {}  # by address, in the order of dependencies
        self._names: dict[str, str] = {}  # by address: a part's name in the bundle
        self._outside: dict[str, dict[str, None]] = {}  # by address: the imported names

    def build(self, entrance: str) -> str:
        own, exported = self._rewrite(entrance, ())
        imports = [
            f'import {{ {", ".join(names)} }} from "{address}";'
            for address, names in self._outside.items()
        ]
        exports = [f"export {{ {', '.join(exported)} }};\n"] if exported else []
        return "\n".join([*imports, *self._parts.values(), own, *exports])

    def _rewrite(self, text: str, way: tuple[str, ...]) -> tuple[str, list[str]]:
        """Return a module's text without import and export statements, and its exported names."""
        source = text.encode()
        root = _parse(source).root_node
        if root.has_error:
            raise ValueError(f"not understood: {way[-1] if way else 'the entrance'}")
        self._check_later(root)
        pieces, exported, end = [], [], 0
        for node in root.children:
            if node.type == "import_statement":
                pieces += [source[end : node.start_byte], self._take(node, way).encode()]
                end = node.end_byte
            elif node.type == "export_statement":
                declaration = node.child_by_field_name("declaration")
                exported += _declared(node, declaration)
                pieces.append(source[end : node.start_byte])
                end = declaration.start_byte if declaration else node.end_byte
        return b"".join([*pieces, source[end:]]).decode(), exported

    def _take(self, statement: Node, way: tuple[str, ...]) -> str:
        """Return the text that replaces an import."""
        address = _address(statement.child_by_field_name("source"))
        clause = next((each for each in statement.children if each.type == "import_clause"), None)
        specifiers: list[Node] = []
        if clause is not None:
            (named, *others) = clause.named_children
            if others or named.type != "named_imports":
                raise ValueError(f"not understood: {_text(statement)}")
            specifiers = [each for each in named.named_children if each.type == "import_specifier"]
        names = [
            (_text(each.child_by_field_name("name")), _text(each.child_by_field_name("alias")))
            for each in specifiers
        ]
        if not address.startswith("./"):
            wanted = (f"{name} as {alias}" if alias else name for name, alias in names)
            self._outside.setdefault(address, {}).update(dict.fromkeys(wanted))
            return ""
        if address in way:
            raise ValueError(f"{address} needs itself: {' → '.join(way)}")
        if address not in self._parts:
            text = (self._folder / address).read_text()
            own, exported = self._rewrite(text, (*way, address))
            result = f"return {{ {', '.join(exported)} }};\n"
            self._names[address] = f"${len(self._names)}"
            self._parts[address] = (
                f"// {address}\nconst {self._names[address]} = (() => {{\n{own}{result}}})();"
            )
        taken = (f"{name}: {alias}" if alias else name for name, alias in names)
        return f"const {{ {', '.join(taken)} }} = {self._names[address]};"

    def _check_later(self, root: Node) -> None:
        """Refuse an `import()`, at any depth, of a file that exists only inside the bundle."""
        for call in QueryCursor(_IMPORT_CALLS).captures(root).get("call", ()):
            arguments = call.child_by_field_name("arguments")
            first = arguments.named_children[0] if arguments else None
            # Any other address is known only at run time.
            address = _address(first) if first is not None and first.type == "string" else ""
            if address.startswith("./") and address.removeprefix("./") not in self._later:
                raise ValueError(f"not understood: {_text(call)}")


@lru_cache(maxsize=256)  # a module is part of many bundles
def _parse(source: bytes) -> Tree:
    return _PARSER.parse(source)


def _declared(statement: Node, declaration: Node | None) -> list[str]:
    """Return the names that an export declares."""
    is_default = any(each.type == "default" for each in statement.children)
    if declaration is None or declaration.type not in _DECLARATIONS or is_default:
        raise ValueError(f"not understood: {_text(statement)}")
    if declaration.type != "lexical_declaration":
        return [_text(declaration.child_by_field_name("name"))]
    names = [
        each.child_by_field_name("name")
        for each in declaration.named_children
        if each.type == "variable_declarator"
    ]
    kind = _text(declaration.child_by_field_name("kind"))
    # A later assignment to a `let` would not be visible outside the part's function.
    if kind != "const" or any(name is None or name.type != "identifier" for name in names):
        raise ValueError(f"not understood: {_text(statement)}")
    return [_text(name) for name in names]


def _address(string: Node | None) -> str:
    return _text(string)[1:-1]


def _text(node: Node | None) -> str:
    return (node.text or b"").decode() if node else ""
