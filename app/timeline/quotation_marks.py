"""Quotation marks by language, as browsers put them around `<q>` elements.

Source: Unicode CLDR, `delimiters`; CSS Generated Content 3, `quotes: auto`.
"""

_DEFAULT = "“”‘’"
# The outer and the inner pair of marks, and the languages that use them.
_MARKS = {
    "”“’‘": "ar ur",
    "«»„“": "be ky ru uk",
    "«»“”": "ast br ca el es it kk mg pt-pt sq",
    "«»«»": "fr hy",
    "«»‹›": "am fa fr-ch gsw",
    "«»‘’": "nb nn no",
    "„“‚‘": "cs de dsb et hr hsb is lb mk sk sl",
    "„“«»": "ka",
    "„“„“": "bg lt",
    "„“‘‘": "sr",
    "„”‘’": "bs",
    "„”«»": "pl ro",
    "„”»«": "hu",
    "””’’": "fi he sv",
    "‘’“”": "nl",
    "“”“”": "eu tk",
    "「」『』": "ja yue zh-hant zh-hk zh-mo zh-tw",
}
_BY_LANGUAGE = {name: marks for marks, names in _MARKS.items() for name in names.split()}


def quote(text: str, language: str, depth: int) -> str:
    """Put a text in the quotation marks of a language.

    Args:
        text: the quoted text.
        language: the language of the surrounding text (BCP 47).
        depth: the number of enclosing quotations, 0 or more; from 1 on the inner pair is used.
    """
    tag = language.lower().replace("_", "-")
    marks = _BY_LANGUAGE.get(tag)
    while marks is None and "-" in tag:
        tag = tag.rpartition("-")[0]
        marks = _BY_LANGUAGE.get(tag)
    marks = marks or _DEFAULT
    first = 2 if depth else 0
    return f"{marks[first]}{text}{marks[first + 1]}"
