"""Text direction in a body: each block takes the direction of its own first letter.

The outermost blocks with text get `dir="auto"`, so that everything in one (the paragraphs of a
quotation, the list in an item) has the same direction. A block that contains only blocks, or no
letter (a cell with a number), has the entry's direction; a direction set by the author stays, for
the whole block.

Source: HTML, section 3.2.6.4 (`dir`): an element with `auto` ignores children with `dir`.
"""

import re

_TEXT = "p|li|blockquote|td|th|caption|h[1-6]|figcaption|dt|dd|pre|div"
_FRAMES = "ul|ol|dl|table|thead|tbody|tfoot|tr|figure"
_BLOCK = re.compile(rf"""<(/?)({_TEXT}|{_FRAMES})\b((?:[^>"]|"[^"]*")*)>""")
_TEXT_NAME = re.compile(_TEXT)
_HAS_DIR = re.compile(r'''(?:\s+(?!dir=)[\w-]+(?:="[^"]*")?)*\s+dir="''')
# Only signs and digits up to the end of the block.
_NEUTRAL = re.compile(r"(?:[^\w<&]|[\d_]|&[a-z]+;)*</")
_BEGINS_WITH_BLOCK = re.compile(r"\s*<(?:p|[uod]l|blockquote|h[1-6]|table|figure|pre|div)\b")


def set_direction(markup: str) -> str:
    """Add `dir` to the blocks of sanitised HTML."""
    directed: list[bool] = []  # for each open block, whether its direction is set

    def add_dir(tag: re.Match[str]) -> str:
        if tag[1]:
            if directed:
                directed.pop()
            return tag[0]
        if (directed and directed[-1]) or _HAS_DIR.match(tag[3]):
            directed.append(True)
            return tag[0]
        is_text = _TEXT_NAME.fullmatch(tag[2]) and not _NEUTRAL.match(markup, tag.end())
        if tag[2] == "div" and _BEGINS_WITH_BLOCK.match(markup, tag.end()):
            is_text = False
        directed.append(bool(is_text))
        return f'<{tag[2]} dir="auto"{tag[3]}>' if is_text else tag[0]

    return _BLOCK.sub(add_dir, markup)
