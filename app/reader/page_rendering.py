"""Coverage pages, entry pages, the index and the error page as HTML."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from app.formats.html import HtmlRenderer
from app.formats.json_ld import live_blog_posting, render_structured_data
from app.formats.log.signed_note import encode_base64
from app.formats.mementos import memento_address
from app.formats.public_json import PublicJson
from app.reader.editions import (
    alternate_pages,
    list_switches,
)
from app.reader.page_content import PageContent, is_newest
from app.reader.page_query import PageQuery
from app.timeline.coverage import Coverage
from app.timeline.memento import end_of_second

_LONGEST_VISIT = timedelta(days=31)  # that a page of a live coverage stays open
_LAST_VISIT = datetime.max.replace(tzinfo=UTC) - 2 * _LONGEST_VISIT
_ROOT = 8  # characters of the log's root hash that are shown
_NONE: Mapping[str, str] = MappingProxyType({})


def render_coverage(
    html_renderer: HtmlRenderer,
    content: PageContent,
    query: PageQuery,
    form: PublicJson,
    nonce: str,
    silence: float = 45,
    *,
    articles: Mapping[str, str] = _NONE,
) -> str:
    """Render the page of a coverage, or of one of its entries.

    Args:
        html_renderer: the newsroom's HTML renderer.
        content: what the page shows.
        query: the page's query.
        form: the JSON encoder, which has the address of the pages.
        nonce: the CSP nonce of the inline scripts.
        silence: seconds without a heartbeat after which the client reconnects.
        articles: entries that are rendered already, by id.
    """
    coverage = content.shown or content.coverage
    entry, entries = content.entry, content.slice.entries
    path = f"/coverages/{coverage.slug}"
    own = f"{path}/entries/{entry.id}" if entry else path
    context: dict[str, Any] = {
        "coverage": coverage,
        "cursor": str(content.coverage.cursor),
        "entry": entry,
        "view": query,
        "page": path,
        "own": own,
        "base_url": form.base_url,
        "canonical": form.base_url + query.canonical(own),
        # The time of the last event, not the clock's: an unchanged page has to stay the same.
        "now": content.coverage.updated_at,
        "newest": entry is None and is_newest(query, content.slice),
        "head": html_renderer.head(coverage),
        "pinned": html_renderer.pinned(content.pinned) if content.pinned else "",
        "held": content.pinned,
        "summary": content.summary,
        "render_copy": html_renderer.pinned,
        "shown": {e.id for e in entries},
        "days": list(html_renderer.by_day(entries)),
        "render_entry": lambda entry: articles.get(entry.id) or html_renderer.entry(entry),
        "silence": round(silence * 1000),
        **_paging(path, query, content),
        **_beside(html_renderer, content, query, form, nonce),
        **_moments(own, query, content),
    }
    template = "lite.html" if query.lite else "coverage.html"
    return html_renderer.render(template, coverage.language, **context)


def _beside(
    html_renderer: HtmlRenderer,
    content: PageContent,
    query: PageQuery,
    form: PublicJson,
    nonce: str,
) -> dict[str, Any]:
    """Return what a page shows beside its entries, and what it tells machines."""
    coverage, entry = content.shown or content.coverage, content.entry
    figures, structured_data = "", ""
    if entry is None and query.has_figures:
        address = query.figures_address(f"/coverages/{coverage.slug}")
        seq, lite = content.coverage.cursor.seq, query.lite
        figures = html_renderer.figures(coverage, content.figures, address, seq, lite=lite)
    if not query.lite:
        posting = live_blog_posting(
            coverage,
            [entry] if entry else content.slice.entries,
            form.base_url,
            html_renderer.name,
            figures=content.figures,
            translations=content.versions.entries.values(),
        )
        structured_data = render_structured_data(posting, nonce)
    return {
        "figures": figures,
        "structured_data": structured_data,
        "switches": list_switches(coverage, entry, lite=query.lite),
        "alternates": alternate_pages(coverage, entry, content.versions) if query.is_whole else [],
        "has_places": any(each.place for each in content.slice.entries),
        "log_size": content.log and content.log.size,
        # As it begins in the checkpoint, to which it is a link.
        "log_root": content.log and encode_base64(content.log.root)[:_ROOT],
    }


def _paging(page: str, query: PageQuery, content: PageContent) -> dict[str, str | None]:
    """Return the links to the next and previous page in the order shown, and to the newest."""
    entries = content.slice.entries
    newer = older = latest = None
    first, last = (entries[0], entries[-1]) if entries else (None, None)
    if query.order == "oldest":
        first, last = last, first
    if last and content.slice.has_older:
        older = query.change(before=last.id).address(page)
    if first and content.slice.has_newer:
        newer = query.change(after=first.id).address(page)
    if content.entry or query.before or query.after or (newer and query.order == "newest"):
        latest = query.change().address(page)
    return {"newer": newer, "older": older, "latest": latest}


def _moments(page: str, query: PageQuery, content: PageContent) -> dict[str, Any]:
    """Return the links of a past page to the changes around it, and where a playback starts.

    `earlier` and `later` are the time of a change and the address of the page as of then.
    """
    mementos = content.mementos
    context: dict[str, Any] = {"earlier": None, "later": None, "playback": None}
    if mementos is None:
        return context
    if query.at is not None:
        for name, second in (("earlier", mementos.previous), ("later", mementos.next)):
            if second is not None:
                address = query.change(at=end_of_second(second)).address(page)
                context[name] = {"at": second, "address": address}
    if query.is_unfiltered and content.entry is None and not query.lite:
        following = mementos.next if query.at else None
        context["playback"] = {
            "address": memento_address(page, following or mementos.first),
            "from_here": following is not None and mementos.current is not None,
            "cursor": content.shown and str(content.shown.cursor),
            "mementos": mementos,
            "clocks_until": min(mementos.last, _LAST_VISIT) + _LONGEST_VISIT,
        }
    return context


def render_index(
    html_renderer: HtmlRenderer,
    language: str,
    live: list[Coverage],
    closed: list[Coverage],
    older: str | None,
    base_url: str,
    now: datetime,
    *,
    languages: Sequence[str] = (),
    chosen: str | None = None,
) -> str:
    """Render the index.

    Args:
        html_renderer: the newsroom's HTML renderer.
        language: the reader's language (BCP 47).
        live: coverages that are not closed, newest first.
        closed: closed coverages, newest first.
        older: the address of the next page; None at the end of the list.
        base_url: the address of the pages, without a slash at its end.
        now: the current time, which decides the time zone's present name.
        languages: the languages of all coverages, the reader's first.
        chosen: the one that is shown; None for all.
    """
    shown: dict[str, Any] = {
        "live": live,
        "closed": closed,
        "older": older,
        "base_url": base_url,
        "now": now,
        "languages": languages,
        "chosen": chosen,
    }
    return html_renderer.render("index.html", language, **shown)


def render_error(
    html_renderer: HtmlRenderer,
    language: str,
    status: int,
    detail: str,
    note: str | None = None,
    *,
    is_framed: bool = False,
) -> str:
    """Render the error page.

    Args:
        html_renderer: the newsroom's HTML renderer.
        language: the reader's language (BCP 47).
        status: the HTTP status (RFC 9110), which decides the title.
        detail: the reason, in English.
        note: the newsroom's note on a coverage that it has withdrawn.
        is_framed: whether other sites show it in a frame, which its links must leave.
    """
    shown: dict[str, Any] = {
        "status": status,
        "detail": detail,
        "note": note,
        "is_framed": is_framed,
    }
    return html_renderer.render("error.html", language, **shown)
