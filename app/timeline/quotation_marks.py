"""Quotation marks by language, as browsers put them around `<q>`.

Source: Unicode CLDR, `delimiters`; CSS Generated Content 3, `quotes: auto`.
"""

_DEFAULT = "“”‘’"
# The outer pair and the pair of a quotation inside it, and the languages that have them.
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
    """The text in the quotation marks of a language.

    Args:
        text: what was said.
        language: of what stands around the quotation (BCP 47).
        depth: how many quotations it stands in; 0 for none. Deeper ones have the inner pair too.
    """
    tag = language.lower().replace("_", "-")
    found = _BY_LANGUAGE.get(tag)
    while found is None and "-" in tag:
        tag = tag.rpartition("-")[0]
        found = _BY_LANGUAGE.get(tag)
    marks = found or _DEFAULT
    place = 2 if depth else 0
    return f"{marks[place]}{text}{marks[place + 1]}"
