"""The renderer's worker: a process of its own that turns the bodies of entries into HTML.

It is told a body by a line of JSON and answers with one, until its input ends. Markdown takes up to
20 µs a byte of a processor, all of it in Python: in a thread beside the loop it would hold the
interpreter's lock, and every reader would wait.
"""

import json
import os
import re
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.intake.body import body_from_html, body_from_markdown, body_from_text
from app.timeline.entry import Body

_TAG = re.compile(r"""<(/?)([a-z][a-z0-9]*)(?:[^>"]|"[^"]*")*>""")  # as the sanitiser writes it
_EMPTY = frozenset({"br", "hr", "img"})  # elements without an end tag

# How each form in which a body may come is rendered; None if nothing is left to show.
FORMS: dict[str, Callable[[str], Body | None]] = {
    "markdown": body_from_markdown,
    "html": body_from_html,
    "text": body_from_text,
}


class BodyTooLarge(Exception):
    """What a body is rendered to is over a limit; the message says which."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much HTML a body may become: a page shows twenty of them, to everybody.

    Args:
        html: bytes.
        elements: in all.
        depth: elements within each other.
    """

    html: int = 256 * 1024
    elements: int = 10_000
    depth: int = 100


def render(form: str, source: str, limits: BodyLimits) -> Body | None:
    """Render a body.

    Args:
        form: in which it comes, one of `FORMS`.
        source: as it came.
        limits: of what it becomes.

    Returns:
        The body, or None if nothing is left to show.

    Raises:
        BodyTooLarge: it becomes more than that.
    """
    body = FORMS[form](source)
    if body is not None:
        check_limits(body.html, limits)
    return body


def check_limits(html: str, limits: BodyLimits) -> None:
    """Refuse sanitised HTML that is too large.

    Raises:
        BodyTooLarge: it is.
    """
    if len(html.encode()) > limits.html:
        raise BodyTooLarge(f"becomes more than {limits.html} bytes of HTML")
    elements = depth = 0
    for end, name in _TAG.findall(html):
        elements += not end
        if name not in _EMPTY:
            depth += -1 if end else 1
        if elements > limits.elements:
            raise BodyTooLarge(f"has more than {limits.elements} elements")
        if depth > limits.depth:
            raise BodyTooLarge(f"has more than {limits.depth} elements within each other")


def main() -> None:
    """Work until nobody asks any more."""
    os.setpgid(0, 0)  # the keyboard's interrupt is the server's alone
    memory, niceness = int(sys.argv[1]), int(sys.argv[2])
    limits = BodyLimits(*map(int, sys.argv[3:]))
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line), limits)), flush=True)  # noqa: T201


def _answer(job: dict[str, Any], limits: BodyLimits) -> dict[str, Any]:
    try:
        body = render(job["form"], job["source"], limits)
    except BodyTooLarge as refusal:
        return {"refused": str(refusal)}
    return {"html": body.html, "markdown": body.markdown} if body else {"html": None}


if __name__ == "__main__":
    main()
