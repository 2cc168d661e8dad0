"""The visible text of HTML by the standard library's parser, independent of the importers."""

import html.parser

_PHRASING = {
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "cite",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "kbd",
    "mark",
    "q",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
    "u",
}
_TEXT_ATTRIBUTES = {"href", "src", "alt", "title", "cite"}


class VisibleText(html.parser.HTMLParser):
    """The text of HTML with spaces at block and line ends, and its textual attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text = ""
        self.attribute_text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add a space before a block, and collect the attributes."""
        self.text += "" if tag in _PHRASING else " "
        self.attribute_text += " ".join(
            f" {value}" for name, value in attrs if name in _TEXT_ATTRIBUTES
        )

    def handle_endtag(self, tag: str) -> None:
        """Add a space after a block."""
        self.text += "" if tag in _PHRASING else " "

    def handle_data(self, data: str) -> None:
        """Append text."""
        self.text += data


def text_of(markup: str) -> str:
    """Return the text of HTML with white space collapsed."""
    return " ".join(VisibleText(markup).text.split())


def missing(words: list[str], markup: str) -> list[str]:
    """Return the words that are not in the text of HTML in the order given."""
    text = text_of(markup)
    absent: list[str] = []
    start = 0
    for word in words:
        position = text.find(word, start)
        if position < 0:
            absent.append(word)
        else:
            start = position + len(word)
    return absent
