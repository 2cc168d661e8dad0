"""HTML as a browser's eye has it: elements with attributes and text, every one of them closed."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_START = re.compile(r"""<!?[\w-]+(\s+[\w:-]+(="[^"]*")?)*\s*>""")
VOID = {"br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element, its attributes, and what is in it, in order."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words on one line."""
        return " ".join(self.raw_text.split())

    @property
    def raw_text(self) -> str:
        """Its words as they stand."""
        return "".join(c if isinstance(c, str) else c.raw_text for c in self.children)

    @property
    def classes(self) -> set[str]:
        """The names in its class attribute."""
        return set((self.attributes.get("class") or "").split())

    def all(self, tag: str = "", cls: str = "", **attributes: str) -> list["Element"]:
        """The elements inside it that fit; `data_x` stands for `data-x`."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                wanted = {k.replace("_", "-"): v for k, v in attributes.items()}
                fits = all(child.attributes.get(k) == v for k, v in wanted.items())
                if fits and tag in {"", child.tag} and (not cls or cls in child.classes):
                    found.append(child)
                found += child.all(tag, cls, **attributes)
        return found

    def one(self, tag: str = "", cls: str = "", **attributes: str) -> "Element":
        """The only such element."""
        found = self.all(tag, cls, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag}.{cls} {attributes}"
        return found[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element; its attributes must be parted and stand once."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        text = self.get_starttag_text() or ""
        assert _START.fullmatch(text), f"attributes that are not parted by spaces: {text}"
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open."""
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        self.open[-1].children.append(data)


def parse(markup: str) -> Element:
    """The whole; fails where an element is not closed or is closed twice."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is not closed"
    return reader.open[0]
