"""Head of a Guardian live blog's page, converted into a coverage: title, standfirst, names, status.

Properties of the page for which a coverage has no field are noted in the report.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from app.intake.document import IntakeError, Part
from app.intake.guardian.element import convert_element
from app.intake.html.body import BodyBuilder
from app.intake.html.embeds import web_address
from app.intake.html.plain_text import ADDRESS_LIMIT, plain_words, printed_name
from app.intake.journal import Publication
from app.intake.report import Report
from app.intake.slugs import is_slug, make_slug
from app.timeline.coverage import Coverage, Related
from app.timeline.cursor import Cursor
from app.timeline.entry import Byline, Media

_ENDED = re.compile(r"as it happened\W*$", re.IGNORECASE)  # the Guardian's convention for titles
_SEPARATORS = re.compile(r"^(?:\s|,|;|&|\band\b)+|(?:\s|,|;|&|\band\b)+$")
_DEFAULT_BASE = "https://www.theguardian.com"


def read_slug(page: Part, slug: str | None) -> str:
    """Return the requested slug, or one made from the last part of the page's id.

    Raises:
        IntakeError: the slug is invalid, or the id yields none.
    """
    if slug is not None:
        if not is_slug(slug):
            raise IntakeError("slug", "expected 1 to 100 of a to z, 0 to 9 and the hyphen")
        return slug
    page_id = page.at("pageId")
    slug = make_slug(page_id.text().rstrip("/").rpartition("/")[2])
    if not slug:
        raise IntakeError(page_id.where, "expected a page id that a slug can be made from")
    return slug


def read_base(page: Part) -> str:
    """Return the base address of the page's relative links."""
    return web_address(page.at("guardianBaseURL").text_or_blank()) or _DEFAULT_BASE


def read_coverage(
    page: Part, slug: str, entries: list[Publication], created_at: datetime | None, report: Report
) -> Coverage:
    """Return the coverage in its final state.

    Args:
        page: the whole document.
        slug: of the coverage.
        entries: its entries, which tell when it began and ended; without any, the page must.
        created_at: the creation time of its first block; None to use that of its publication.
        report: collects the notes.

    Raises:
        IntakeError: a field of the head is missing or has the wrong type.
    """
    language = page.at("lang").language("en")
    starts_at = min((a.published_at for a in entries), default=None)
    starts_at = starts_at or page.at("webPublicationDate").time_from_text()
    lead, linked = _main_media(page, report)
    is_over = _is_over(page)
    standfirst = BodyBuilder(read_base(page))
    standfirst.add_html(page.at("standfirst").text_or_blank())
    _note_omissions(page, report)
    return Coverage(
        slug=slug,
        title=_title(page, report),
        status="closed" if is_over else "live",
        language=language,
        languages=(language,),
        created_at=min(created_at or starts_at, starts_at),
        updated_at=starts_at,
        cursor=Cursor("0", 0),
        kicker=printed_name(page.at("sectionLabel").text_or_blank()) or None,
        standfirst=standfirst.words or None,
        bylines=read_bylines(page),
        starts_at=starts_at,
        ended_at=_ended_at(page, entries) if is_over else None,
        lead_image=lead,
        related=tuple(dict.fromkeys([*_original_page(page), *linked, *_linked_pages(standfirst)])),
    )


def _title(page: Part, report: Report) -> str:
    headline = page.at("headline")
    title = plain_words(headline.text_or_blank() or page.at("webTitle").text_or_blank())
    if not printed_name(title):
        raise headline.refuse("a title")
    if title != printed_name(title):
        report.note(f"The title is too long and was cut; in full it reads: {title}")
    return printed_name(title)


def _is_over(page: Part) -> bool:
    """Whether the blog has ended; its design, its settings or its title may say so."""
    headline = plain_words(page.at("headline").text_or_blank())
    return (
        page.at("format").at("design").text_or_blank() != "LiveBlogDesign"
        or page.at("config").at("isLive").value is False
        or _ENDED.search(headline) is not None
    )


def _ended_at(page: Part, entries: Iterable[Publication]) -> datetime | None:
    """Return the end in the page's structured data, or the time of the last change if later."""
    ends = [
        time.time_from_text()
        for data in page.at("linkedData").items()
        if (time := data.peek("coverageEndTime")).is_there
    ]
    times = (moment for a in entries for moment in (a.published_at, a.changed_at))
    return max([*ends, *filter(None, times)], default=None)


def _linked_pages(builder: BodyBuilder) -> list[Related]:
    """Return the links of a text as related pages, since plain text cannot hold them."""
    return [
        Related(printed_name(label) or "Related page", address)
        for address, label in builder.labelled_links
        if web_address(address) and len(address) <= ADDRESS_LIMIT
    ]


def _main_media(page: Part, report: Report) -> tuple[Media | None, list[Related]]:
    """Return the first picture as the lead; links in the other main elements are related pages."""
    builder = BodyBuilder(read_base(page))
    element_report = Report()
    for element in page.at("mainMediaElements").items():
        convert_element(element, builder, element_report)
        report.count("main_media")
    for note in element_report.notes:
        report.note(note)
    pictures = [media for media in builder.media if media.kind == "image"]
    for media in builder.media:
        if media not in pictures[:1]:
            report.note(f"A coverage has one lead picture, so {media.url} was left out.")
    if builder.words:
        report.note(f"A coverage's lead is only a picture, so its text was cut: {builder.words}")
    return (pictures[0] if pictures else None), _linked_pages(builder)


def _original_page(page: Part) -> list[Related]:
    addresses = (page.at(key).text_or_blank() for key in ("canonicalUrl", "webURL"))
    address = next(filter(None, map(web_address, addresses)), "")
    return [Related("Original page", address)] if 0 < len(address) <= ADDRESS_LIMIT else []


def read_bylines(page: Part) -> tuple[Byline, ...]:
    """Split the printed byline before each contributor in the page's tags.

    Text beside a name stays with it: *Jo Bloggs (now)*. Without such tags it is one byline.
    """
    byline = plain_words(page.at("byline").text_or_blank())
    names = [
        plain_words(tag.at("title").text_or_blank())
        for tag in page.at("tags").items()
        if tag.at("type").value == "Contributor"
    ]
    starts = sorted({byline.find(name) for name in names if name} - {-1, 0})
    parts = [byline[a:b] for a, b in zip([0, *starts], [*starts, None], strict=True)]
    return tuple(
        Byline(name) for part in parts if (name := printed_name(_SEPARATORS.sub("", part)))
    )


def _note_omissions(page: Part, report: Report) -> None:
    pages = page.at("pagination").at("totalPages").size() or 1
    if pages > 1:
        number = page.at("pagination").at("currentPage").size() or "one"
        report.note(
            f"This is page {number} of {pages}: the blocks of the others are here only where they"
            " are key events or pinned."
        )
    tags = [plain_words(tag.at("title").text_or_blank()) for tag in page.at("tags").items()]
    report.count("page_tags", len(tags))
    if tags:
        report.note(f"A coverage has no tags, so the page's were left out: {', '.join(tags)}.")
