"""The style sheets, and the files that each is made of, in the order of the cascade.

They are few and small, since a browser shows nothing before a page's style sheets are loaded. The
style of an entry does not depend on that of a page, since pages of other sites embed entries too.
"""

import re

_ENTRY = (
    "entry/variables.css",
    "entry/ground.css",
    "entry/entry.css",
    "entry/body.css",
    "entry/media.css",
    "entry/statements.css",
)
STYLESHEETS = {
    "entry.css": (*_ENTRY, "entry/posts.css", "entry/graphic.css"),
    "page.css": (
        "page/page.css",
        "page/head.css",
        "page/statements.css",
        "page/figures.css",
        "page/key-events.css",
        "page/bar.css",
        "page/days.css",
        "page/since.css",
        "page/viewer.css",
        "page/playback.css",
        "page/index.css",
        "page/changes.css",
        "page/search.css",
        "page/print.css",
    ),
    "embed.css": (*_ENTRY, "embed/embed.css"),
}
PAGE_STYLESHEETS = ("entry.css", "page.css")

# A length in rem, except in the condition of an at-rule.
_ROOT_UNITS = re.compile(r"(?m)(?<![\w.-])(-?\d*\.?\d+)rem\b(?!.*\{$)")


# The rule with the variables for readers who prefer a dark scheme.
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{\s*:root,\s*:host \{([^}]*)\}\s*\}")
_VARIABLE = re.compile(r"(--[\w-]+): ([^;]+);")


def for_other_sites(stylesheet: str) -> str:
    """Adapt a style sheet to another site's page, with its own root and colour scheme.

    A browser that does not know `light-dark()` shows the colours of that page.

    Args:
        stylesheet: a style sheet; lengths in `rem` become multiples of the variable `--rem`, and
            the colours follow the scheme of the element, not the reader's.
    """
    if dark := _DARK.search(stylesheet):
        values = dict(_VARIABLE.findall(dark[1]))
        variables = _VARIABLE.sub(
            lambda light: (
                f"{light[1]}: light-dark({light[2]}, {values[light[1]]});"
                if light[1] in values
                else light[0]
            ),
            stylesheet[: dark.start()],
        )
        stylesheet = variables + stylesheet[dark.end() :]
    return _ROOT_UNITS.sub(r"calc(\1*var(--rem))", stylesheet)
