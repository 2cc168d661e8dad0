"""Feed: the content of a coverage's feed in any format; `atom.py` and `json_feed.py` render it.

A feed is read outside of the site, so every address in it is absolute. A retracted entry stays as a
tombstone with the same id, so that feed readers replace the words that they stored. Ids do not
depend on the server's address (`identity.py`): otherwise every item would appear again after a
move.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.formats.bidi import isolate
from app.formats.identity import coverage_urn
from app.formats.summary import summarise
from app.formats.urls import complete_entry, coverage_address
from app.timeline.coverage import Coverage
from app.timeline.entry import Byline, Entry, Media
from app.timeline.visible_text import is_visible


@dataclass(frozen=True, slots=True)
class Item:
    """An entry in a feed: `id` is a URN, `summary` plain text, `content` HTML.

    `media` are those that a feed reader may show unasked. `original` is the address of the entry
    that it translates, and the language of that.
    """

    id: str
    url: str
    title: str
    summary: str
    content: str
    published_at: datetime
    updated_at: datetime
    language: str
    authors: list[str]
    tags: list[str]
    media: tuple[Media, ...]
    original: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A coverage's feed.

    Args:
        coverage: a public coverage.
        entries: public entries, in the order of the feed.
        base_url: the base URL of the pages, without a trailing slash.
        publisher: the newsroom's name.
        title: the feed's title, isolated.
        render: renders the HTML of an entry, or tombstone, whose addresses are absolute.
        retracted: returns the title of a tombstone.
        key_events: whether the feed has key events only.
    """

    coverage: Coverage
    entries: tuple[Entry, ...]
    base_url: str
    publisher: str
    title: str
    render: Callable[[Entry], str]
    retracted: Callable[[Entry], str]
    key_events: bool = False

    @property
    def id(self) -> str:
        """The feed's id, the same in every format."""
        return coverage_urn(self.coverage, "feed/key-events" if self.key_events else "feed")

    @property
    def page(self) -> str:
        """The address of the page that belongs to the feed."""
        return self._with_query(coverage_address(self.base_url, self.coverage.slug))

    def address(self, name: str) -> str:
        """The feed's own address: `name` below that of the page."""
        return self._with_query(f"{coverage_address(self.base_url, self.coverage.slug)}/{name}")

    @property
    def authors(self) -> list[str]:
        """The feed's authors: the coverage's bylines, else the newsroom."""
        return _names(self.coverage.bylines) or [self.publisher]

    def items(self) -> Iterator[Item]:
        """Yield the items, in order."""
        for relative in self.entries:
            entry = complete_entry(relative, self.base_url)
            assert entry.published_at is not None
            # A picture without words has no title of its own.
            title = (
                self.retracted(entry) if entry.retraction else isolate(entry.title) or self.title
            )
            page = coverage_address(self.base_url, entry.coverage)
            original = None
            if (source := entry.translation_of) is not None:
                address = coverage_address(self.base_url, source.coverage)
                original = f"{address}/entries/{source.entry_id}", source.language
            yield Item(
                id=coverage_urn(self.coverage, f"entry/{entry.id}"),
                url=f"{page}/entries/{entry.id}",
                title=title,
                summary=isolate(summarise(entry)),
                content=self.render(entry),
                published_at=entry.published_at,
                updated_at=entry.updated_at,
                language=entry.language,
                authors=_names(entry.bylines),
                tags=[isolate(tag) for tag in entry.tags if is_visible(tag)],
                media=tuple(media for media in entry.media if not media.graphic),
                original=original,
            )

    def _with_query(self, address: str) -> str:
        return f"{address}?key_events=true" if self.key_events else address


def _names(bylines: Iterable[Byline]) -> list[str]:
    return [isolate(byline.name) for byline in bylines if is_visible(byline.name)]
