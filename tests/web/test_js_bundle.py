"""Bundling of JavaScript modules."""

from pathlib import Path

import pytest

from app.web.js_bundle import bundle_modules
from tests.scripts.runtime import run_deno


def _write(folder: Path, **parts: str) -> None:
    for name, text in parts.items():
        (folder / f"{name}.js").write_text(text)


def _run(folder: Path, bundle: str) -> str:
    """Run a bundle and return its output."""
    (folder / "bundle.mjs").write_text(bundle)
    completed = run_deno("run", "--no-config", "--no-remote", "bundle.mjs", folder=folder)
    assert not completed.returncode, completed.stderr
    return completed.stdout.strip()


def test_a_bundle_does_what_its_parts_do(tmp_path: Path) -> None:
    """In a bundle a shared module runs once, local names do not collide, and aliases work."""
    _write(
        tmp_path,
        low="""
            console.log("once");
            const own = "low";
            export const name = () => own;
            export async function* count() { yield 1; }
            export class Low {}
        """,
        high="""
            import { name as below, Low } from "./low.js";
            const own = "high";
            export class High extends Low { said = `${below()} ${own}`; }
        """,
    )
    bundle = bundle_modules(
        'import { High } from "./high.js";\nimport { count, name } from "./low.js";\n'
        'const own = "entrance";\n'
        "for await (const n of count()) console.log(new High().said, name(), own, n);\n",
        tmp_path,
    )
    assert _run(tmp_path, bundle).splitlines() == ["once", "low high low entrance 1"]


def test_what_the_entrance_exports_the_bundle_exports(tmp_path: Path) -> None:
    """A bundle exports what its entry module exports."""
    _write(tmp_path, part="export const two = 2;\n")
    text = (
        'import { two } from "./part.js";\nexport const four = two * 2;\nexport function f() {}\n'
    )
    (tmp_path / "bundle.js").write_text(bundle_modules(text, tmp_path))
    assert _run(
        tmp_path, 'import { four, f } from "./bundle.js";\nconsole.log(four, typeof f);'
    ) == ("4 function")


def test_words_are_no_statements(tmp_path: Path) -> None:
    """Text that resembles imports and exports in comments, strings and templates is left alone."""
    words = (
        '/** @type {import("./nowhere.js").Type} */\n'
        '// import { a } from "./nowhere.js";\n'
        'const said = `\nimport { b } from "./nowhere.js";\nexport const c = 1;\n`;\n'
        'const is = /[/"`]import\\("\\.\\/x/.test(said);\n'
        "export const length = said.trim().split(`\n`).length + is;\n"
    )
    _write(tmp_path, words=words)
    bundle = bundle_modules(
        'import { length } from "./words.js";\nconsole.log(length);\n', tmp_path
    )
    assert _run(tmp_path, bundle) == "2"


def test_what_lies_elsewhere_is_imported_as_before(tmp_path: Path) -> None:
    """Modules outside the folder stay external, and are imported once."""
    _write(tmp_path, part='import { step } from "../feed_keys.js";\nexport const go = step;\n')
    text = 'import { step } from "../feed_keys.js";\nimport { go } from "./part.js";\n'
    assert bundle_modules(text, tmp_path).count('import { step } from "../feed_keys.js";') == 1


def test_a_name_from_elsewhere_is_declared_once(tmp_path: Path) -> None:
    """External names that several modules import are merged into one import."""
    _write(
        tmp_path,
        part='import { now, set } from "../clock.js";\nexport const go = () => set(now());\n',
    )
    text = 'import { set } from "../clock.js";\nimport { go } from "./part.js";\n'
    bundle = bundle_modules(text, tmp_path)
    assert bundle.count("import ") == 1
    assert 'import { set, now } from "../clock.js";' in bundle


@pytest.mark.parametrize(
    "text",
    [
        "export default 1;\n",
        "export default class {}\n",
        "export { a };\n",
        'export * from "./a.js";\n',
        "export let a = 1;\n",
        "export const { a } = {};\n",
        'x = import("./a.js");\n',
        'import * as a from "./a.js";\n',
        'import a from "./a.js";\n',
        "const a = ;\n",
    ],
)
def test_what_it_does_not_understand_stops_the_start(tmp_path: Path, text: str) -> None:
    """Unsupported import and export syntax, and a syntax error, stop the start."""
    with pytest.raises(ValueError, match="not understood"):
        bundle_modules(text, tmp_path)


def test_a_circle_is_refused(tmp_path: Path) -> None:
    """Circular imports are refused."""
    _write(tmp_path, a='import "./b.js";\n', b='import "./a.js";\n')
    with pytest.raises(ValueError, match="needs itself"):
        bundle_modules('import "./a.js";\n', tmp_path)
