"""Importer for a Guardian live blog, from the data that the page's renderer receives.

The blocks of the page, the key events beyond it and the pinned post become entries, published in
order of time. Refuses a document without a title or a list of blocks, and a block without an id,
a list of elements or a time. Only the latest text of a block is known, so a later change becomes an
amendment that keeps its time.

Source: guardian/dotcom-rendering, `dotcom-rendering/src/types/frontend.ts` and `blocks.ts`.
"""

from dataclasses import dataclass, field
from datetime import datetime

from app.intake.document import IntakeError, Part
from app.intake.entry_kind import entry_kind
from app.intake.guardian.element import convert_element, is_media, is_quote
from app.intake.guardian.head import read_base, read_coverage, read_slug
from app.intake.html.body import BodyBuilder
from app.intake.html.plain_text import printed_name
from app.intake.journal import Intake, Publication, make_intake
from app.intake.report import Report
from app.intake.slugs import make_entry_id, unique_id
from app.timeline.entry import Byline, Entry

_PUBLISHED = ("blockFirstPublished", "firstPublished", "blockCreatedOn", "createdOn")
_CHANGED = ("blockLastUpdated", "lastUpdated")
_CREATED = ("blockCreatedOn", "createdOn")


def journal_from_guardian(document: object, slug: str | None = None) -> Intake:
    """Read a live blog's page.

    Args:
        document: the page's JSON, parsed.
        slug: of the coverage; None to make it from the page's id.

    Returns:
        The journal's lines, the counts and the notes. A page has no drafts.

    Raises:
        IntakeError: the document is no such page; the error says where, and what was expected.
    """
    page = Part(document).required("an object", dict)
    reader = _PageReader(page, read_slug(page, slug))
    reader.read_blocks()
    coverage = read_coverage(
        page, reader.slug, reader.publications, reader.created_at, reader.report
    )
    # Pages list the newest block first; of blocks with equal times, the last one is the oldest.
    return make_intake(coverage, reader.publications[::-1], reader.pinned, reader.report)


@dataclass(slots=True)
class _PageReader:
    """The state of reading one page."""

    page: Part
    slug: str
    report: Report = field(default_factory=Report)
    publications: list[Publication] = field(default_factory=list)
    created_at: datetime | None = None
    pinned: str | None = None
    _key_events: set[str] = field(default_factory=set)
    _entry_ids: dict[str, str] = field(default_factory=dict)  # by block id
    _taken: set[str] = field(default_factory=set)

    def read_blocks(self) -> None:
        """Read each block once, even if the page lists it in several places."""
        blocks = self.page.at("blocks").required("a list", list).items()
        key_events = self.page.at("keyEvents").items()
        self._key_events = {_id(block) for block in key_events}
        self.report.count("blocks", len(blocks))
        self.report.count("key_events", len(key_events))
        self.report.count("key_events_beyond_blocks", 0)
        for block in blocks:
            self._read_block(block)
        for block in key_events:
            if _id(block) not in self._entry_ids:
                self.report.count("key_events_beyond_blocks")
                self._read_block(block)
        post = self.page.at("pinnedPost")
        if post.is_there:
            if _id(post) not in self._entry_ids:
                self.report.count("pinned_post_beyond_blocks")
                self._read_block(post)
            self.pinned = self._entry_ids[_id(post)]

    def _read_block(self, block: Part) -> None:
        entry_id = self._entry_id(block)
        builder = BodyBuilder(read_base(self.page))
        elements = block.at("elements").required("a list", list).items()
        title = block.at("title").text_or_blank()
        headline = builder.add_headline(title, entry_id, self.report)
        for element in elements:
            convert_element(element, builder, self.report)
        builder.add_to_report(entry_id, self.report)
        published_at = _time(block, _PUBLISHED) or block.at(_PUBLISHED[0]).time_from_millis()
        entry = Entry(
            id=entry_id,
            coverage=self.slug,
            status="published",
            updated_at=published_at,
            language=self.page.at("lang").language("en"),
            headline=headline,
            body=builder.body,
            kind="roundup"
            if _attribute(block, "summary")
            else entry_kind(elements, is_quote, is_media),
            key_event=_id(block) in self._key_events or _attribute(block, "keyEvent"),
            bylines=tuple(
                Byline(name)
                for person in block.at("contributors").items()
                if (name := printed_name(person.at("name").text_or_blank()))
            ),
            media=tuple(builder.media),
        )
        if entry.is_empty:
            self.report.skip(f"The block {entry_id} at {block.where} is empty.")
            return
        self.publications.append(Publication(entry, published_at, _time(block, _CHANGED)))
        created_at = _time(block, _CREATED) or published_at
        self.created_at = min(self.created_at or created_at, created_at)
        if _attribute(block, "pinned") and self.pinned is None:
            self.pinned = entry_id

    def _entry_id(self, block: Part) -> str:
        base_id = make_entry_id(_id(block))
        if not base_id:
            raise IntakeError(f"{block.where}/id", "expected an id with letters or digits in it")
        entry_id = unique_id(base_id, self._taken)
        if entry_id != base_id:
            self.report.note(f"Two blocks have the id {base_id}; the second is {entry_id} here.")
        self._taken.add(entry_id)
        self._entry_ids.setdefault(_id(block), entry_id)
        return entry_id


def _id(block: Part) -> str:
    return block.required("an object", dict).at("id").text()


def _attribute(block: Part, key: str) -> bool:
    return block.at("attributes").at(key).flag()


def _time(block: Part, keys: tuple[str, ...]) -> datetime | None:
    time = next((block.at(key) for key in keys if block.at(key).is_there), None)
    return time.time_from_millis() if time else None
