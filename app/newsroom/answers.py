"""What a change answers: the thing as it now is, and whom to ring."""

from http import HTTPStatus

from app.framing.history import PublicForm, dump_json
from app.newsroom.write import Answer
from app.timeline.change import Change
from app.web.caching import entry_etag


def entry_answer(form: PublicForm, change: Change, status: int = HTTPStatus.OK) -> Answer:
    """The entry with the cursor of its event: null for a draft, which has none."""
    entry = change.entry
    cursor = str(change.coverage.cursor) if entry.is_public else None
    body = dump_json({**form.entry(entry), "cursor": cursor})
    headers = {"ETag": entry_etag(entry)}
    if status == HTTPStatus.CREATED:
        shelf = "entries" if entry.is_public else "drafts"
        headers["Location"] = f"/v1/coverages/{entry.coverage}/{shelf}/{entry.id}"
    desk = entry.coverage if _touches_drafts(change) else None
    return Answer(
        status,
        body,
        headers,
        _ring(change),
        entry_id=entry.id,
        desk=desk,
        detail={"revision": entry.revision, "status": entry.status},
        often=status == HTTPStatus.OK and not entry.is_public,
    )


def _touches_drafts(change: Change) -> bool:
    published = any(event.type == "entry.published" for event in change.events)
    return published or not change.entry.is_public


def coverage_answer(form: PublicForm, change: Change, status: int = HTTPStatus.OK) -> Answer:
    """The coverage."""
    headers = {}
    if status == HTTPStatus.CREATED:
        headers["Location"] = f"/v1/coverages/{change.coverage.slug}"
    body = dump_json(form.coverage(change.coverage))
    return Answer(status, body, headers, _ring(change), detail={"status": change.coverage.status})


def _ring(change: Change) -> tuple[str, int] | None:
    return (change.coverage.slug, change.events[-1].seq) if change.events else None
