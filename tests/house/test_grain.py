"""The number of private helpers with a single call is limited, as each makes readers jump."""

import ast
from collections import Counter
from pathlib import Path

_APP = Path(__file__).parents[2] / "app"
_LARGEST_SHARE = 0.08  # of all functions
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def test_few_functions_are_private_helpers_that_are_called_once() -> None:
    """Fewer than 8 % of all functions are private helpers with a single call."""
    helpers: list[str] = []
    functions = 0
    for path in sorted(_APP.rglob("*.py")):
        tree = ast.parse(path.read_text())
        names = [n.name for n in ast.walk(tree) if isinstance(n, _FUNCTION)]
        functions += len(names)
        used = Counter(name for name in map(_name_of, ast.walk(tree)) if name)
        called = Counter(_name_of(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call))
        # A function that is decorated or passed as an argument cannot be inlined.
        helpers += [
            f"{path.relative_to(_APP)}: {n.name}"
            for n in ast.walk(tree)
            if isinstance(n, _FUNCTION)
            and n.name.startswith("_")
            and not n.name.startswith("__")
            and not n.decorator_list
            and used[n.name] == called[n.name] == 1
        ]
    assert functions > 2_000
    assert len(helpers) < _LARGEST_SHARE * functions, "\n".join(helpers)


def _name_of(node: ast.AST) -> str | None:
    """Return the name that a name or an attribute node refers to."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
            return name
        case _:
            return None
