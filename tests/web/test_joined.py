"""Promises of modules that are served as one."""

from pathlib import Path

import pytest

from app.web.joined import join_modules


def _write(folder: Path, **parts: str) -> None:
    for name, text in parts.items():
        (folder / f"{name}.js").write_text(text)


def test_a_part_comes_once_before_what_needs_it(tmp_path: Path) -> None:
    """Two that need a third one share it; a name taken as another stays that."""
    _write(
        tmp_path,
        low='export const low = 1;\nexport async function deep() {}\nconst own = "low";\n',
        high='import { low as floor } from "./low.js";\nexport class High {}\n',
    )
    joined = join_modules(
        'import { High } from "./high.js";\nimport { low } from "./low.js";\nnew High(low);\n',
        tmp_path,
    )
    assert joined.count("const $low = ") == 1
    assert joined.index("const $low = ") < joined.index("const $high = ")
    assert "const { low: floor } = $low;" in joined
    assert "return { low, deep };" in joined
    assert "export" not in joined
    assert "import" not in joined


def test_what_lies_elsewhere_is_imported_as_before(tmp_path: Path) -> None:
    """A reader's module stays a file of its own, named once."""
    _write(tmp_path, part='import { step } from "../steps.js";\nexport const go = step;\n')
    text = 'import { step } from "../steps.js";\nimport { go } from "./part.js";\n'
    assert join_modules(text, tmp_path).count('import { step } from "../steps.js";') == 1


def test_a_name_from_elsewhere_is_declared_once(tmp_path: Path) -> None:
    """Parts that take different names of one module need them all, and none of them twice."""
    _write(
        tmp_path,
        part='import { now, set } from "../times.js";\nexport const go = () => set(now());\n',
    )
    text = 'import { set } from "../times.js";\nimport { go } from "./part.js";\n'
    joined = join_modules(text, tmp_path)
    assert joined.count("import ") == 1
    assert 'import { set, now } from "../times.js";' in joined


@pytest.mark.parametrize(
    "text",
    [
        "export default 1;\n",
        "export { a };\n",
        'x = import("./a.js");\n',
        'import * as a from "./a.js";\n',
    ],
)
def test_what_it_does_not_understand_stops_the_start(tmp_path: Path, text: str) -> None:
    """A way of importing or exporting that would be lost in silence is named."""
    with pytest.raises(ValueError, match="not understood"):
        join_modules(text, tmp_path)


def test_a_circle_is_refused(tmp_path: Path) -> None:
    """Two that need each other cannot come one after the other."""
    _write(tmp_path, a='import "./b.js";\n', b='import "./a.js";\n')
    with pytest.raises(ValueError, match="needs itself"):
        join_modules('import "./a.js";\n', tmp_path)
