"""The desk's words: no text of a template or script stands outside the catalogues."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import tree_sitter_javascript
from jinja2 import Environment, nodes
from pydantic_core._pydantic_core import list_all_errors
from tree_sitter import Language, Parser

from app.desk.refusals import DETAILS, SENTENCES, media_sentences, problem_sentences
from app.web.problems import KINDS

ROOT = Path(__file__).parents[2]
DESK = ROOT / "app" / "desk"
TEMPLATES = sorted((DESK / "templates").rglob("*.html"))
SCRIPTS = sorted((DESK / "static").rglob("*.js"))

LETTER = re.compile(r"[^\W\d_]")
VALUE = "\N{SECTION SIGN}"  # in the place of what a template computes
LABELS = {"aria-label", "title", "placeholder", "alt", "summary"}
SENTENCE = re.compile(r"^[A-Z][a-z]+|[a-z] [a-z]")  # of the values of `data-`, which are also names
TRANSLATED = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
# Constants of templates that are no words: attributes, names of keys, addresses and codes.
KEYS = re.compile(r"(?:(?:Ctrl|Alt|Shift|Enter|Escape|Delete|PageDown|PageUp|F\d|.)(?: |$))+")
MARKUP = {"checked", "hidden", "selected", " webauthn", " data-suggests", "yes", "no"}
NAMES = {"Markdown", "HTML"}
LISTS = {"data-modes"}  # of names
# Texts of scripts that no one reads: names in the browser's stores, and causes of errors.
UNSEEN = re.compile(r"dateline [a-z -]+|\.[\w. -]+|.*[\[\]=:;#>*(){}]+.*|application/json")
# What a macro adds to a tag stands outside a tag in the macro.
ATTRIBUTE = re.compile(rf"""(?!{"|".join(LABELS)})[\w{VALUE}-]+="[\w\s{VALUE}-]*\"""")


class _Texts(HTMLParser):
    """Collects the texts and labels of a template that are written into it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "kbd":
            self.names.append(tag)
        for name, value in attrs:
            is_label = name in LABELS and LETTER.search(value or "")
            is_message = name.startswith("data-") and name not in LISTS
            if is_label or (is_message and SENTENCE.search(value or "")):
                self.found.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "kbd":
            self.names.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(ATTRIBUTE.sub("", data).split())
        if LETTER.search(text) and not self.names and text not in NAMES:
            self.found.append(text)


def _skeleton(source: str) -> str:
    """A template's own HTML: without comments and what is translated, with a sign for values."""
    html, is_translated, block = "", False, ""
    for _, kind, text in Environment(extensions=["jinja2.ext.i18n"]).lex(source):
        if kind == "block_begin":
            block = ""
        elif kind == "name" and not block:
            block = text
            is_translated = {"trans": True, "endtrans": False}.get(text, is_translated)
        elif kind == "variable_begin":
            html += VALUE
        elif kind == "data" and not is_translated:
            html += text
    return html


def _constants(node: nodes.Node, *, is_shown: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield the texts in a template's expressions that are not translated.

    With each, whether it is the value of an expression that is put into the page.
    """
    if isinstance(node, nodes.Call) and getattr(node.node, "name", "") in TRANSLATED:
        for each in node.kwargs:
            yield from _constants(each)
        return
    if isinstance(node, (nodes.Compare, nodes.Getitem)):
        return  # what a value is compared with, or found by
    if isinstance(node, nodes.Pair):
        yield from _constants(node.value)
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value, is_shown
    parts = {nodes.CondExpr: ("expr1", "expr2"), nodes.Or: ("left", "right")}.get(type(node), ())
    shown = [getattr(node, name) for name in parts] if is_shown else []
    if isinstance(node, nodes.Output):
        shown = node.nodes
    for child in node.iter_child_nodes():
        yield from _constants(child, is_shown=any(child is each for each in shown))


def _is_word(text: str, *, is_shown: bool) -> bool:
    if text in MARKUP or KEYS.fullmatch(text):
        return False
    return bool(
        LETTER.search(text) if is_shown else re.search(r"^[A-Z]|[a-z][.?!…]? [A-Za-z]", text)
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_has_no_text_outside_the_catalogues(template: Path) -> None:
    """Every visible text, label and message of the desk's templates comes from a catalogue."""
    source = template.read_text()
    texts = _Texts()
    texts.feed(_skeleton(source))
    assert texts.found == []
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(source)
    # In the syntax tree a template's own HTML is `TemplateData`, which is no constant.
    words = [text for text, shown in _constants(tree) if _is_word(text, is_shown=shown)]
    assert words == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_has_no_text_of_its_own(script: Path) -> None:
    """What the desk's scripts say stands in the page: no string of theirs is made of words."""
    parser = Parser(Language(tree_sitter_javascript.language()))
    pending, strings = [parser.parse(script.read_bytes()).root_node], []
    while pending:
        node = pending.pop()
        pending.extend(node.children)
        if node.type == "string_fragment":
            strings.append((node.text or b"").decode())
    words = [text for text in strings if re.search(r"[A-Za-z]{2,} [a-z]{2,}|^[A-Z][a-z]+ ", text)]
    assert [text for text in words if not UNSEEN.fullmatch(text)] == []


def _program_sentences() -> list[re.Pattern[str]]:
    """A pattern for each text in the program's source; an f-string's values may be anything."""
    patterns = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(
            ast.parse(path.read_text()) if path.stem != "refusals" else ast.Pass()
        ):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
                for part in parts
            ]
            if isinstance(node, (ast.JoinedStr, ast.Constant)) and set(texts) != {".+"}:
                patterns.append(re.compile("".join(texts)))
    for error in list_all_errors():
        template = re.escape(error["message_template_python"])
        patterns.append(re.compile(re.sub(r"\\\{\w+\\\}", ".*", template)))
    return patterns


def test_the_desk_translates_what_the_program_says() -> None:
    """Each English sentence that the desk translates is one that the program can say."""
    sentences = _program_sentences()
    unsaid = [
        message
        for message in (*SENTENCES, *DETAILS)
        if not any(p.fullmatch(re.sub(r"%\(\w+\)s", "5", message)) for p in sentences)
    ]
    assert unsaid == []


def test_the_desk_has_a_sentence_for_every_problem_of_its_scripts() -> None:
    """Each type of problem that a desk's script can get has a sentence in the page's language.

    Others are of readers' requests and of broken HTTP, or show the page's own sentence.
    """
    own = {"unknown-cursor", "unknown-key", "unknown-person", "unknown-invitation"}
    own |= {"unknown-template", "too-many-templates"}
    own |= {
        "invalid-datetime",
        "unknown-passkey",
        "email-taken",
        "invitation-ended",
        "no-such-upload",
        "no-such-file",
    }
    broken = {"invalid-payload", "invalid-query", "not-json", "not-multipart", "wrong-media-type"}
    broken |= {"range-not-satisfiable", "precondition-required", "idempotency-key-reused"}
    broken |= {"not-http", "head-too-large", "request-too-slow"}
    known = (problem_sentences(str) | media_sentences(str)).keys() - {"internal-error", "other"}
    assert known == {kind.slug for kind in KINDS.values()} - own - broken
