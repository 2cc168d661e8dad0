"""Coverages whose events have chosen times: a journal is imported with other times."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.formats.rfc3339 import format_time
from app.intake.archive import archive_line, write_archive
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug
from tests.contract.timeline import Timeline

Json = dict[str, Any]


def import_retimed(newsroom: Newsroom, events: list[Json], times: Iterable[datetime]) -> Timeline:
    """Import a journal as a new coverage.

    Args:
        newsroom: the newsroom.
        events: the journal, as read from the events pages.
        times: the times of the events, ascending; an entry is published at the time of its event.
    """
    published: dict[str, str] = {}
    retimed = []
    for event, time in zip(events, times, strict=True):
        at = format_time(time)
        changed = {**event, "at": at}
        if entry := event.get("entry"):
            published.setdefault(entry["id"], at)
            changed["entry"] = {**entry, "published_at": published[entry["id"]], "updated_at": at}
        retimed.append(archive_line(changed))
    slug = new_slug()
    answer = newsroom.chief.post(
        f"/v1/imports?slug={slug}",
        content=b"".join(write_archive(retimed)),
        headers={"Content-Type": "application/jsonl"},
    )
    assert answer.status_code == 201, answer.text
    return Timeline(newsroom, slug)
