"""Visible text: whether a text has a visible character, by one rule for all input.

White space, controls, format characters, blank letters (Hangul fillers, the Braille blank) and
combining marks without a letter are invisible on a page. They may occur in a visible text, and some
scripts need them (zero-width joiners); a text of nothing else is empty.

Source: Unicode, `Default_Ignorable_Code_Point` and UAX #44, section 5.7.1.
"""

import regex

# Blank, though Unicode classifies them as letters and symbols.
_BLANK = "\u2800\U0001d159"
# Format characters that are drawn: signs that enclose the following number (Arabic, Syriac).
_DRAWN = r"\p{Prepended_Concatenation_Mark}"
_VISIBLE = regex.compile(
    rf"[^\s\p{{M}}\p{{Cc}}\p{{Cf}}\p{{Cs}}\p{{Default_Ignorable_Code_Point}}{_BLANK}]|{_DRAWN}"
)


def is_visible(text: str) -> bool:
    """Whether at least one character of the text can be seen."""
    return _VISIBLE.search(text) is not None
