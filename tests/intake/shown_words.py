"""What readers can read of HTML, by a parser that is not ours."""

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
_TOLD = {"href", "src", "alt", "title", "cite"}


class Shown(html.parser.HTMLParser):
    """The text of HTML, parted where a block or a line ends, and what its attributes tell."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text = ""
        self.told = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Part what a block parts."""
        self.text += "" if tag in _PHRASING else " "
        self.told += " ".join(f" {value}" for name, value in attrs if name in _TOLD)

    def handle_endtag(self, tag: str) -> None:
        """Part what a block parts."""
        self.text += "" if tag in _PHRASING else " "

    def handle_data(self, data: str) -> None:
        """Take down text."""
        self.text += data


def text_of(markup: str) -> str:
    """The text of HTML on one line."""
    return " ".join(Shown(markup).text.split())


def missing(said: list[str], markup: str) -> list[str]:
    """Those of the words that are not in the text of HTML, in the order in which they were said."""
    text = text_of(markup)
    lost: list[str] = []
    at = 0
    for word in said:
        found = text.find(word, at)
        if found < 0:
            lost.append(word)
        else:
            at = found + len(word)
    return lost
