"""Rendering worker: a separate process that renders the bodies of entries to HTML.

It reads a body as a line of JSON and answers with another line, until its input ends. Markdown
takes up to 20 µs of processor time a byte, all of it in Python: a thread beside the event loop
would hold the GIL, and every reader would wait.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.intake.body import body_from_html, body_from_markdown, body_from_text
from app.intake.html.markdown_writer import markdown_from_html
from app.media.worker_jobs import answer_jobs, lower_limits
from app.timeline.entry import Body

_TAG = re.compile(r"""<(/?)([a-z][a-z0-9]*)(?:[^>"]|"[^"]*")*>""")  # as the sanitiser writes it
_EMPTY = frozenset({"br", "hr", "img"})  # elements without an end tag

# The function that renders each format of a body; it returns None if nothing is left to show.
FORMS: dict[str, Callable[[str], Body | None]] = {
    "markdown": body_from_markdown,
    "html": body_from_html,
    "text": body_from_text,
}

MARKDOWN = "markdown of html"  # the job that converts HTML for an editor


class BodyTooLarge(Exception):
    """The rendered HTML of a body exceeds a limit; the message says which."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The limits of a body's HTML, which exist because a page shows twenty bodies to every reader.

    Args:
        html: bytes of HTML.
        elements: the number of elements.
        depth: the depth of nested elements.
    """

    html: int = 256 * 1024
    elements: int = 10_000
    depth: int = 100


def render(form: str, source: str, limits: BodyLimits) -> Body | None:
    """Render a body.

    Args:
        form: the body's format, one of `FORMS`.
        source: the body as it was sent.
        limits: the limits of the rendered HTML.

    Returns:
        The body, or None if nothing is left to show.

    Raises:
        BodyTooLarge: the HTML exceeds a limit.
    """
    body = FORMS[form](source)
    if body is not None:
        check_limits(body.html, limits)
    return body


def check_limits(html: str, limits: BodyLimits) -> None:
    """Refuse sanitised HTML that is too large.

    Raises:
        BodyTooLarge: the HTML exceeds a limit.
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
    """Render bodies until standard input ends."""
    lower_limits(int(sys.argv[1]), int(sys.argv[2]))
    limits = BodyLimits(*map(int, sys.argv[3:]))
    answer_jobs(lambda job: _answer(job, limits))


def _answer(job: dict[str, Any], limits: BodyLimits) -> dict[str, Any]:
    if job["form"] == MARKDOWN:
        return {"markdown": markdown_from_html(job["source"])}
    try:
        body = render(job["form"], job["source"], limits)
    except BodyTooLarge as refusal:
        return {"refused": str(refusal)}
    return {"html": body.html, "markdown": body.markdown} if body else {"html": None}


if __name__ == "__main__":
    main()
