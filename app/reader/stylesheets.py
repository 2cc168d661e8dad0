"""The style sheets, and the parts that each is made of, in the order in which they count.

Few and small: a page waits for its sheets before it shows anything. What an entry looks like knows
nothing of a page: another site's page takes it too, with the entries in it.
"""

import re

_ENTRY = (
    "entry/variables.css",
    "entry/ground.css",
    "entry/entry.css",
    "entry/body.css",
    "entry/media.css",
)
SHEETS = {
    "entry.css": _ENTRY,
    "page.css": (
        "page/page.css",
        "page/head.css",
        "page/key-events.css",
        "page/bar.css",
        "page/days.css",
        "page/since.css",
        "page/viewer.css",
        "page/index.css",
        "page/print.css",
    ),
    "embed.css": (*_ENTRY, "embed/embed.css"),
}
OF_A_PAGE = ("entry.css", "page.css")

# A length in the root's units, anywhere but in the condition of a rule.
_ROOT_UNITS = re.compile(r"(?m)(?<![\w.-])(-?\d*\.?\d+)rem\b(?!.*\{$)")


def in_own_units(sheet: str) -> str:
    """A style sheet for another site's page, whose root may have letters of any size.

    Args:
        sheet: with lengths in `rem`, which come out as parts of the variable `--rem`.
    """
    return _ROOT_UNITS.sub(r"calc(\1 * var(--rem))", sheet)
