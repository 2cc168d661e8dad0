"""A small DOM for assertions on HTML; parsing fails unless every element is closed."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_START = re.compile(r"""<!?[\w-]+(\s+[\w:-]+(="[^"]*")?)*\s*/?>""")
VOID = {"base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element with its attributes and its child nodes in order."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The element's text with white space collapsed."""
        return " ".join(self.raw_text.split())

    @property
    def raw_text(self) -> str:
        """The element's text, unchanged."""
        return "".join(c if isinstance(c, str) else c.raw_text for c in self.children)

    @property
    def classes(self) -> set[str]:
        """The class names of the element."""
        return set((self.attributes.get("class") or "").split())

    def all(self, tag: str = "", cls: str = "", **attributes: str) -> list["Element"]:
        """Return the matching descendants in document order; `data_x` stands for `data-x`."""
        matches = []
        for child in self.children:
            if isinstance(child, Element):
                wanted = {k.replace("_", "-"): v for k, v in attributes.items()}
                matches_attributes = all(child.attributes.get(k) == v for k, v in wanted.items())
                if (
                    matches_attributes
                    and tag in {"", child.tag}
                    and (not cls or cls in child.classes)
                ):
                    matches.append(child)
                matches += child.all(tag, cls, **attributes)
        return matches

    def one(self, tag: str = "", cls: str = "", **attributes: str) -> "Element":
        """Return the only matching descendant; any other number fails the test."""
        matches = self.all(tag, cls, **attributes)
        assert len(matches) == 1, f"{len(matches)} of {tag}.{cls} {attributes}"
        return matches[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element; its attributes must be unique and separated by white space."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        text = self.get_starttag_text() or ""
        assert _START.fullmatch(text), f"attributes that are not parted by spaces: {text}"
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost open element, whose tag must be the same."""
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Append text to the innermost open element."""
        self.open[-1].children.append(data)


def parse(markup: str) -> Element:
    """Return the root of the markup; unclosed or mismatched elements fail the test."""
    parser = _Reader()
    parser.feed(markup)
    parser.close()
    assert len(parser.open) == 1, f"<{parser.open[-1].tag}> is not closed"
    return parser.open[0]
