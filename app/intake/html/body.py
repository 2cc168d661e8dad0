"""Builder for the body of one entry: simple HTML blocks in reading order, and its media.

Refuses nothing: whatever is added is laid out as blocks that every channel can show.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.intake.html.blocks import simplify
from app.intake.html.editor_html import read_html
from app.intake.html.embeds import post_address, readable_address, web_address
from app.intake.html.parser import (
    Node,
    Tag,
    format_fragment,
    parse_fragment,
    resolve_address,
    tags,
    words,
)
from app.intake.html.plain_text import HEADLINE_LIMIT, one_line, plain_words
from app.intake.report import Report
from app.timeline.entry import Body, Media
from app.timeline.plain_text import has_markup, plain_text, shows_anything
from app.timeline.truncation import truncate


@dataclass(slots=True)
class BodyBuilder:
    """The part of a body that has been read.

    `base` is the base address of relative links; `dropped_links` those that cannot be resolved;
    `media_positions` holds the number of blocks before each picture.
    """

    base: str = ""
    blocks: list[Tag] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    dropped_links: list[str] = field(default_factory=list)
    media_positions: list[int] = field(default_factory=list)

    @property
    def body(self) -> Body | None:
        """Return the blocks as a body; None if nothing in them is visible."""
        markup = format_fragment(self.blocks)
        return Body(markup) if shows_anything(markup) else None

    @property
    def words(self) -> str:
        """Return the plain text of all blocks, on one line."""
        return plain_text(format_fragment(self.blocks))

    @property
    def links(self) -> list[str]:
        """Return every link's address, in reading order."""
        return [tag.attributes["href"] for tag in tags(self.blocks, "a")]

    @property
    def labelled_links(self) -> list[tuple[str, str]]:
        """Return every link's address and its text, or else the address in readable form."""
        return [
            (href, words(tag.children) or readable_address(href))
            for tag in tags(self.blocks, "a")
            if (href := tag.attributes["href"])
        ]

    @property
    def pictures_between_blocks(self) -> int:
        """Return how many pictures were between blocks, which Media cannot express."""
        return sum(0 < position < len(self.blocks) for position in self.media_positions)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added."""
        return not self.blocks and not self.media

    def add_to_report(self, entry_id: str, report: Report) -> None:
        """Count the contents of an entry's body, and note what could not be kept as it was."""
        for media in self.media:
            report.count(f"{media.kind}s")
        if self.pictures_between_blocks:
            report.note(
                f"In the entry {entry_id}, {self.pictures_between_blocks} picture(s) stood"
                " between paragraphs; they are beside its text now."
            )
        if self.dropped_links:
            report.note(
                f"In the entry {entry_id}, links cannot be resolved and are plain text now:"
                f" {', '.join(dict.fromkeys(self.dropped_links))}"
            )

    def add_headline(self, title: str, entry_id: str, report: Report) -> str | None:
        """Return as much of a title as fits a headline; a longer one also begins the text in full.

        Returns:
            None if the title is blank.
        """
        line = plain_words(title)
        if len(line) > HEADLINE_LIMIT:
            report.note(
                f"The headline of the entry {entry_id} is too long and was cut; it begins the text."
            )
            self.blocks.append(Tag("p", {}, [line]))
        return truncate(line, HEADLINE_LIMIT) or None

    def extend(self, other: "BodyBuilder") -> None:
        """Append the blocks, media and dropped links of another builder."""
        self.media_positions += [len(self.blocks) + position for position in other.media_positions]
        self.blocks += other.blocks
        self.media += [media for media in other.media if media not in self.media]
        self.dropped_links += other.dropped_links

    def add_blocks(self, blocks: Iterable[Tag]) -> None:
        """Add blocks as they are."""
        self.blocks += blocks

    def add_html(self, html: str, wrap: str = "p", frame_address: str = "") -> None:
        """Add HTML; `frame_address` is the page that its frames show, if the document states it."""
        self.add_blocks(self._read(html, wrap, frame_address))

    def _read(self, html: str, wrap: str = "p", frame_address: str = "") -> list[Tag]:
        return simplify(
            read_html(html, self.base, self.dropped_links), wrap, web_address(frame_address)
        )

    def add_words(self, text: str, wrap: str = "p") -> None:
        """Add text, parsed as HTML only if it contains any; blank text adds nothing."""
        if has_markup(text):
            self.add_html(text, wrap)
        elif line := one_line(text):
            self.blocks.append(Tag(wrap, {}, [line]))

    def add_missing_words(self, text: str, wrap: str = "p") -> None:
        """Add text unless the body contains it already."""
        if " ".join(plain_words(text).split()) not in self.words:
            self.add_words(text, wrap)

    def add_code(self, html: str) -> None:
        """Add source code, with its line ends."""
        if code := _plain_lines(parse_fragment(html)):
            self.blocks.append(Tag("pre", {}, [Tag("code", {}, [code])]))

    def add_link(self, address: str, label: str = "", prefix: str = "") -> None:
        """Add a paragraph with a link; without a label, its text is the address."""
        href = self._absolute(address)
        text = plain_words(label) or readable_address(href)
        before = plain_words(prefix)
        if not href:
            self.add_words(f"{before} {text}")
            return
        link: list[Node] = [Tag("a", {"href": href}, [text])]
        self.blocks.append(Tag("p", {}, [f"{before} ", *link] if before else link))

    def add_missing_link(self, address: str, label: str = "") -> None:
        """Add a link unless the body has one to the same page, ignoring tracking parameters."""
        href = self._absolute(address)
        page = post_address(href).rstrip("/")
        if href and all(post_address(link).rstrip("/") != page for link in self.links):
            self.add_link(href, label)

    def add_quote(self, html: str, source: str = "", credit: str = "") -> None:
        """Add a quotation.

        Args:
            html: the quoted text; wrapped unless it is a `blockquote` already.
            source: the address of the source, blank if unknown.
            credit: the speaker, as HTML; blank if unknown.
        """
        quotes = self._read(html)
        if not any(block.name == "blockquote" for block in quotes):
            quotes = [Tag("blockquote", {}, list(quotes))] if quotes else []
        source = self._absolute(source)
        for quote in (block for block in quotes if block.name == "blockquote"):
            if source:
                quote.attributes.setdefault("cite", post_address(source))
        credit_line = [
            Tag("p", block.attributes, [Tag("cite", {}, block.children)])
            if block.name == "p"
            else block
            for block in self._read(credit)
        ]
        if credit_line and quotes and quotes[-1].name == "blockquote":
            quotes[-1].children.extend(credit_line)
        elif credit_line:
            quotes.append(Tag("blockquote", {}, [*credit_line]))
        self.add_blocks(quotes)

    def _absolute(self, address: str) -> str:
        resolved = resolve_address(address.strip(), self.base) if address.strip() else None
        absolute = web_address(resolved or "")
        if address.strip() and not absolute:
            self.dropped_links.append(address)
        return absolute

    def add_media(self, media: Media | None) -> bool:
        """Add a picture or video; return False if there is none."""
        if media is None:
            return False
        self.media_positions.append(len(self.blocks))
        if media not in self.media:
            self.media.append(media)
        return True


def _plain_lines(nodes: Iterable[Node]) -> str:
    return "".join(
        node
        if isinstance(node, str)
        else "\n"
        if node.name == "br"
        else _plain_lines(node.children)
        for node in nodes
    ).strip("\n")
