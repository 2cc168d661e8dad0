"""Promises of kept answers: a repeated request brings no retracted word back."""

from app.intake.archive import write_archive
from tests.conftest import Newsroom
from tests.contract.timeline import Timeline
from tests.desk.desks import Json

WORD = "Zarquon"


def test_a_repeated_request_is_told_of_the_tombstone(newsroom: Newsroom, slug: str) -> None:
    """Whichever of the entry's requests it is: made as a draft, published, amended, corrected."""
    timeline = Timeline(newsroom, slug)
    editor = newsroom.editor
    asked: list[tuple[str, str, Json | None]] = []

    def ask(method: str, address: str, payload: Json | None = None) -> Json:
        asked.append((method, address, payload))
        told: Json = _ask(newsroom, method, address, payload).json()
        return told

    entries = f"{timeline.path}/entries"
    other = ask("POST", entries, {"headline": f"Another {WORD}", "body": "Stays."})
    draft = ask("POST", entries, {"headline": WORD, "draft": True, "key_event": True})
    entry = f"{entries}/{draft['id']}"
    ask("POST", f"{entry}/publication")
    ask("PATCH", entry, {"body": f"{WORD} again"})
    ask("POST", f"{entry}/correction", {"note": WORD, "body": f"{WORD} at last"})
    ask("PUT", f"{entry}/pin")
    coverage = newsroom.chief.patch(
        timeline.path, json={"kicker": "Live"}, headers={"Idempotency-Key": "coverage"}
    )
    assert WORD in coverage.text
    timeline.retract(draft["id"])
    for method, address, payload in asked[1:]:
        again = _ask(newsroom, method, address, payload)
        assert again.is_success
        assert WORD not in again.text
        assert again.json()["status"] == "retracted"
        assert again.headers["etag"].endswith('-retracted"')
    kept = newsroom.chief.patch(
        timeline.path, json={"kicker": "Live"}, headers={"Idempotency-Key": "coverage"}
    ).json()
    assert (kept["key_events"], kept["pinned"], kept["kicker"]) == ([], None, "Live")
    assert _ask(newsroom, *asked[0]).json() == other
    assert editor.get(f"{entries}/{other['id']}").json()["headline"] == f"Another {WORD}"


def test_a_copy_of_the_coverage_keeps_its_answers(newsroom: Newsroom, slug: str) -> None:
    """Its entries have the same ids, and are others."""
    timeline = Timeline(newsroom, slug)
    entry = timeline.publish(WORD)
    archive = b"".join(write_archive(timeline.journal(), []))
    answer = newsroom.chief.post(
        f"/v1/imports?slug={slug}-copy",
        content=archive,
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 201, answer.text
    address = f"/v1/coverages/{slug}-copy/entries/{entry['id']}"
    made = _ask(newsroom, "PATCH", address, {"body": WORD})
    assert made.is_success
    timeline.retract(entry["id"])
    assert _ask(newsroom, "PATCH", address, {"body": WORD}).json() == made.json()


def _ask(newsroom: Newsroom, method: str, address: str, payload: Json | None):
    headers = {"Idempotency-Key": "the same", "If-Match": "*"}
    if payload and payload.get("draft"):
        headers["Idempotency-Key"] = "the draft"
    return newsroom.editor.request(method, address, json=payload, headers=headers)
