"""Tests of saving a draft that may have been published or scheduled meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import Newsroom

_FORCE = {"If-Match": "*"}


@pytest.mark.parametrize("role", ["contributor", "editor"])
def test_a_draft_is_saved_as_one(newsroom: Newsroom, slug: str, role: str) -> None:
    """A save with `draft: true` changes an entry that is a draft."""
    writer = getattr(newsroom, role)
    path = f"/v1/coverages/{slug}/entries"
    draft = writer.post(path, json={"body": "One", "draft": True}).json()
    saved = writer.patch(
        f"{path}/{draft['id']}", json={"body": "Two", "draft": True}, headers=_FORCE
    )
    assert saved.status_code == 200, saved.text
    assert saved.json()["body"]["markdown"] == "Two"


def test_what_was_published_or_scheduled_since_is_left_alone(newsroom: Newsroom, slug: str) -> None:
    """A save with `draft: true` does not change a published or scheduled entry (409)."""
    editor, path = newsroom.editor, f"/v1/coverages/{slug}/entries"
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for fields, refusal in ({}, "entry-published"), ({"embargo_until": later}, "entry-scheduled"):
        entry = editor.post(path, json={"body": "Whole", **fields}).json()
        answer = editor.patch(
            f"{path}/{entry['id']}", json={"body": "Hal", "draft": True}, headers=_FORCE
        )
        assert answer.status_code == 409, answer.text
        assert answer.json()["type"] == f"/problems/{refusal}"
        amended = editor.patch(f"{path}/{entry['id']}", json={"tags": ["x"]}, headers=_FORCE)
        assert amended.json()["body"]["markdown"] == "Whole"
