"""Tests of stored responses: a repeated request returns no retracted text."""

from app.intake.archive import archive_line, write_archive
from tests.conftest import Newsroom
from tests.contract.timeline import Timeline
from tests.desk.desks import Json

WORD = "Zarquon"


def test_a_repeated_request_is_told_of_the_tombstone(newsroom: Newsroom, slug: str) -> None:
    """A repeated write of a retracted entry is answered with its tombstone.

    This holds for its creation, publication, amendment, correction and pin; another entry's stored
    response is unchanged.
    """
    timeline = Timeline(newsroom, slug)
    editor = newsroom.editor
    requests: list[tuple[str, str, Json | None]] = []

    def send(method: str, address: str, payload: Json | None = None) -> Json:
        requests.append((method, address, payload))
        document: Json = _send(newsroom, method, address, payload).json()
        return document

    entries = f"{timeline.path}/entries"
    other = send("POST", entries, {"headline": f"Another {WORD}", "body": "Stays."})
    draft = send("POST", entries, {"headline": WORD, "draft": True, "key_event": True})
    entry = f"{entries}/{draft['id']}"
    send("POST", f"{entry}/publication")
    send("PATCH", entry, {"body": f"{WORD} again"})
    send("POST", f"{entry}/correction", {"note": WORD, "body": f"{WORD} at last"})
    send("PUT", f"{entry}/pin")
    coverage = newsroom.chief.patch(
        timeline.path, json={"kicker": "Live"}, headers={"Idempotency-Key": "coverage"}
    )
    assert WORD in coverage.text
    timeline.retract(draft["id"])
    for method, address, payload in requests[1:]:
        repeated = _send(newsroom, method, address, payload)
        assert repeated.is_success
        assert WORD not in repeated.text
        assert repeated.json()["status"] == "retracted"
        assert repeated.headers["etag"].endswith('-retracted"')
    stored = newsroom.chief.patch(
        timeline.path, json={"kicker": "Live"}, headers={"Idempotency-Key": "coverage"}
    ).json()
    assert (stored["key_events"], stored["pinned"], stored["kicker"]) == ([], None, "Live")
    assert _send(newsroom, *requests[0]).json() == other
    assert editor.get(f"{entries}/{other['id']}").json()["headline"] == f"Another {WORD}"


def test_a_copy_of_the_coverage_keeps_its_answers(newsroom: Newsroom, slug: str) -> None:
    """A copied coverage keeps its stored responses, although its entries have the same ids."""
    timeline = Timeline(newsroom, slug)
    entry = timeline.publish(WORD)
    archive = b"".join(write_archive(map(archive_line, timeline.journal())))
    answer = newsroom.chief.post(
        f"/v1/imports?slug={slug}-copy",
        content=archive,
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 201, answer.text
    address = f"/v1/coverages/{slug}-copy/entries/{entry['id']}"
    amendment = _send(newsroom, "PATCH", address, {"body": WORD})
    assert amendment.is_success
    timeline.retract(entry["id"])
    assert _send(newsroom, "PATCH", address, {"body": WORD}).json() == amendment.json()


def _send(newsroom: Newsroom, method: str, address: str, payload: Json | None):
    headers = {"Idempotency-Key": "the same", "If-Match": "*"}
    if payload and payload.get("draft"):
        headers["Idempotency-Key"] = "the draft"
    return newsroom.editor.request(method, address, json=payload, headers=headers)
