"""Patterns ignore the case of ASCII letters alone: a long s is no s, a Kelvin sign no k."""

import ast
from pathlib import Path

APP = Path(__file__).parents[2] / "app"
# They look for words in prose, or for secrets, of which more matches do no harm.
IN_EVERY_SCRIPT = {
    *("web/log_redaction.py", "desk/rendering.py"),
    *("intake/guardian/head.py", "intake/links.py"),
}


def test_no_pattern_of_ascii_takes_other_letters_for_it() -> None:
    """A pattern that ignores case is restricted to ASCII, unless its module reads prose."""
    found = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                flags = {
                    part.attr
                    for argument in arguments
                    for part in ast.walk(argument)
                    if isinstance(part, ast.Attribute) and ast.unparse(part.value) == "re"
                }
                if "IGNORECASE" in flags and "ASCII" not in flags:
                    found.add(str(path.relative_to(APP)))
    assert found == IN_EVERY_SCRIPT
