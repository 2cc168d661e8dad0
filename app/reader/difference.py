"""The difference page: what has changed on a coverage between two positions, for readers.

It is the coverage's page with `from` and `to` in its query. It needs no script.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from itertools import groupby

from fastapi import Request, Response

from app.formats.html import HtmlRenderer
from app.reader.net_changes import Changes, read_changes
from app.reader.page_query import PageQuery
from app.store.net_changes import Page, read_times
from app.timeline.net_change import NetChange
from app.timeline.word_diff import Piece, word_diff
from app.web.conditional import FRESH, answer_if_changed, depends_on, head_etag
from app.web.csp import page_headers
from app.web.services import Services

_LIMIT = 50
# What is new comes after the figures, and what a reader has to know before them.
_NEWS = ("key_event", "published", "amended")


@dataclass(frozen=True, slots=True)
class Difference:
    """A net change as the page shows it: empty where the words are the same, or all new."""

    change: NetChange
    headline: Sequence[Piece] = ()
    text: Sequence[Piece] = ()


def compare(change: NetChange) -> Difference:
    """Compare the words of an entry before and after a change."""
    before, after = change.before, change.after
    if before is None:
        return Difference(change)
    pairs = ((before.headline or "", after.headline or ""), (before.text, after.text))
    headline, text = ([*word_diff(old, new)] if old != new else () for old, new in pairs)
    return Difference(change, headline, text)


async def show_difference(
    request: Request, services: Services, slug: str, query: PageQuery
) -> Response:
    """Show what has changed between the positions `from` and `to` of a page's query.

    Raises:
        UnknownCoverage: there is no public coverage of that slug.
        UnknownCursor: a position is no cursor of the journal.
        InvalidQuery: the second position is before the first.
    """
    assert query.from_ is not None
    page = Page(query.offset, _LIMIT)
    changes = await read_changes(request, services, slug, None, (query.from_, query.to), page)
    async with services.store.reading() as session:
        ends = [changes.after.seq, changes.until.seq]
        times = await read_times(session, slug, ends)
    given = (query.from_, query.to)
    since, until = (
        position if isinstance(position, datetime) else times.get(seq)
        for position, seq in zip(given, ends, strict=True)
    )
    depends_on(request, changes.coverage)

    async def body() -> bytes:
        differences = await services.hub.slices.map(compare, changes.changes)
        shown = render_difference(
            services.html_renderer,
            changes,
            differences,
            query,
            (since, until),
            services.form.base_url,
        )
        return shown.encode()

    coverage = changes.coverage
    modified = {"Last-Modified": format_datetime(coverage.updated_at, usegmt=True)}
    headers = modified | page_headers(third_parties=services.third_parties)
    etag = head_etag(coverage.cursor)
    return await answer_if_changed(request, etag, FRESH, body, "text/html", headers)


def render_difference(
    html_renderer: HtmlRenderer,
    changes: Changes,
    differences: Sequence[Difference],
    query: PageQuery,
    times: tuple[datetime | None, datetime | None],
    base_url: str,
) -> str:
    """Render the difference page.

    Args:
        html_renderer: the newsroom's HTML renderer.
        changes: what has changed.
        differences: the same changes, compared.
        query: the page's query.
        times: the times of the two positions; None before the first event.
        base_url: the address of the pages, without a slash at its end.
    """
    coverage = changes.coverage
    path = f"/coverages/{coverage.slug}"
    fixed = query.change(from_=str(changes.after), to=str(changes.until))
    following = fixed.change(offset=query.offset + _LIMIT).address(path)
    groups = [(name, [*group]) for name, group in groupby(differences, _group)]
    news = (number for number, (name, _) in enumerate(groups) if name in _NEWS)
    return html_renderer.render(
        "difference.html",
        coverage.language,
        coverage=coverage,
        page=path,
        canonical=f"{base_url}{path}",
        lite=query.lite,
        other=fixed.change(lite=not query.lite).address(path),
        since=times[0],
        until=times[1],
        groups=groups,
        figures=changes.figures,
        fault_count=next(news, len(groups)),
        older=following if changes.more else None,
        now=coverage.updated_at,
    )


def _group(difference: Difference) -> str:
    change = difference.change
    return "key_event" if change.kind == "published" and change.after.key_event else change.kind
