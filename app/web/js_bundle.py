"""Bundles: ES modules that are written in parts and served as one.

Thirty small files cost a third more than one, since each is compressed for itself, and a browser
learns of each only when it has read the one before (docs/decisions/0037). In a bundle each part
keeps its own names, in a function of its own, and gives out what it exports. Import and export
statements are found by a parser, so that comments and strings may say what they like. Refuses parts
that need each other in a circle, and ways of exporting that nobody here uses.

What is fetched later, by `import()`, stays a file of its own and has to be named: what that imports
comes as a second copy, which knows nothing of the state of the first.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_javascript.language()))
_DECLARATIONS = {
    "function_declaration",
    "generator_function_declaration",
    "class_declaration",
    "lexical_declaration",
}


def bundle_modules(entrance: str, folder: Path, later: Collection[str] = ()) -> str:
    """A module with all that it imports from its own folder.

    Args:
        entrance: the module's source.
        folder: where it and its parts are.
        later: the files beside it that may be fetched later.

    Raises:
        ValueError: the source is no JavaScript, or exports or imports in a way that is not known
            here, or its parts need each other in a circle.
    """
    return _Bundle(folder, later).build(entrance)


class _Bundle:
    def __init__(self, folder: Path, later: Collection[str]) -> None:
        self._folder = folder
        self._later = later
        self._parts: dict[str, str] = {}  # by address, in the order in which they are needed
        self._names: dict[str, str] = {}  # by address: what a part is called in the bundle
        self._outside: dict[str, dict[str, None]] = {}  # by address: the names that are taken

    def build(self, entrance: str) -> str:
        own, exported = self._rewrite(entrance, ())
        imports = [
            f'import {{ {", ".join(names)} }} from "{address}";'
            for address, names in self._outside.items()
        ]
        given = [f"export {{ {', '.join(exported)} }};\n"] if exported else []
        return "\n".join([*imports, *self._parts.values(), own, *given])

    def _rewrite(self, text: str, way: tuple[str, ...]) -> tuple[str, list[str]]:
        """A module's text without its imports and exports, and the names that it exports."""
        source = text.encode()
        root = _PARSER.parse(source).root_node
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
        """What stands in the place of an import."""
        address = _address(statement.child_by_field_name("source"))
        names = [
            (_text(each.child_by_field_name("name")), _text(each.child_by_field_name("alias")))
            for each in _imported(statement)
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
            given = f"return {{ {', '.join(exported)} }};\n"
            self._names[address] = f"${len(self._names)}"
            self._parts[address] = (
                f"// {address}\nconst {self._names[address]} = (() => {{\n{own}{given}}})();"
            )
        taken = (f"{name}: {alias}" if alias else name for name, alias in names)
        return f"const {{ {', '.join(taken)} }} = {self._names[address]};"

    def _check_later(self, node: Node) -> None:
        """Refuses what would be looked for beside the bundle, and is only in it."""
        for call in _calls(node):
            arguments = call.child_by_field_name("arguments")
            first = arguments.named_children[0] if arguments else None
            if first is None or first.type != "string":
                continue  # an address that is known only when it runs
            address = _address(first)
            if address.startswith("./") and address.removeprefix("./") not in self._later:
                raise ValueError(f"not understood: {_text(call)}")


def _calls(node: Node) -> Iterator[Node]:
    """The calls of `import()`, however deep."""
    called = node.child_by_field_name("function") if node.type == "call_expression" else None
    if called is not None and called.type == "import":
        yield node
    for child in node.named_children:
        yield from _calls(child)


def _imported(statement: Node) -> list[Node]:
    clause = next((each for each in statement.children if each.type == "import_clause"), None)
    if clause is None:
        return []
    (names, *others) = clause.named_children
    if others or names.type != "named_imports":
        raise ValueError(f"not understood: {_text(statement)}")
    return [each for each in names.named_children if each.type == "import_specifier"]


def _declared(statement: Node, declaration: Node | None) -> list[str]:
    """The names that an export declares."""
    if declaration is None or declaration.type not in _DECLARATIONS or _is_default(statement):
        raise ValueError(f"not understood: {_text(statement)}")
    if declaration.type != "lexical_declaration":
        return [_text(declaration.child_by_field_name("name"))]
    names = [
        each.child_by_field_name("name")
        for each in declaration.named_children
        if each.type == "variable_declarator"
    ]
    kind = _text(declaration.child_by_field_name("kind"))
    # What a `let` becomes later would not be seen from outside its function.
    if kind != "const" or any(name is None or name.type != "identifier" for name in names):
        raise ValueError(f"not understood: {_text(statement)}")
    return [_text(name) for name in names]


def _is_default(statement: Node) -> bool:
    return any(each.type == "default" for each in statement.children)


def _address(string: Node | None) -> str:
    return _text(string)[1:-1]


def _text(node: Node | None) -> str:
    return (node.text or b"").decode() if node else ""
