"""List marker: the marker of an item of an ordered list (`45.`, `c.`, `iv.`), as in browsers.

Source: HTML, section 4.4.5 (`ol`); CSS Counter Styles 3, sections 6 and 7.
"""

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LARGEST_ROMAN = 3999
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def list_marker(number: int, kind: str = "1") -> str:
    """Format a number in the style of a list's `type`, with a dot.

    Args:
        number: any; a number that the style cannot express is shown in digits.
        kind: one of `1`, `a`, `A`, `i`, `I`; any other is treated as `1`.
    """
    text = ""
    if kind in {"a", "A"} and number > 0:
        while number:
            number, index = divmod(number - 1, len(_LETTERS))
            text = _LETTERS[index] + text
    elif kind in {"i", "I"} and 0 < number <= _LARGEST_ROMAN:
        for value, letters in _ROMAN:
            count, number = divmod(number, value)
            text += letters * count
    else:
        text = str(number)
    return f"{text.upper() if kind.isupper() else text}."
