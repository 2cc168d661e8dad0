"""Tests of claims: who says what, and how far the newsroom has established it."""

from typing import Any

import pytest

from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem, pointers
from tests.contract.statements import (
    CLAIM,
    FIGURE,
    MINISTRY,
    assess,
    try_to_assess,
)
from tests.contract.timeline import Json, Timeline


def listed(timeline: Timeline, **query: Any) -> list[Json]:
    """Return the coverage's claims."""
    claims: list[Json] = timeline.read("/claims", **query)["claims"]
    return claims


def test_a_claim_names_its_source_and_is_only_reported(timeline: Timeline) -> None:
    """A claim gets an id and the time of its publication, and is `reported` by default."""
    entry = timeline.publish("Madagiz", claims=[CLAIM])
    (claim,) = entry["claims"]
    assert claim == {
        "id": claim["id"],
        "text": CLAIM["text"],
        "source": {"name": MINISTRY, "url": None},
        "status": "reported",
        "note": None,
        "at": entry["published_at"],
        "history": [],
    }
    assert claim["id"]
    del entry["cursor"]
    assert timeline.entry(entry["id"]) == entry == timeline.journal()[-1]["entry"]


def test_a_source_may_be_an_address_too(timeline: Timeline) -> None:
    """A source is a name, or a name with the address of the statement."""
    source = {"name": MINISTRY, "url": "https://mod.example/statements/1"}
    entry = timeline.publish("Madagiz", claims=[{"source": source}, {"source": " The\u00a0army "}])
    assert [claim["source"] for claim in entry["claims"]] == [
        source,
        {"name": "The\u00a0army", "url": None},
    ]
    assert entry["claims"][0]["text"] is None
    assert len({claim["id"] for claim in entry["claims"]}) == 2


def test_an_assessment_is_an_event_and_a_revision(timeline: Timeline) -> None:
    """An assessment is one event with the entry; the earlier assessment goes to the history."""
    entry = timeline.publish("Madagiz", claims=[CLAIM, {"source": "A witness"}])
    before, other = entry["claims"]
    note = "Armenia's Defence Ministry denies it."
    answer = try_to_assess(
        timeline, entry["id"], {"claim": before["id"], "status": "disputed", "note": note}
    )
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assessed = answer.json()
    (event,) = timeline.journal(entry["cursor"])
    assert (event["type"], event["cursor"]) == ("entry.assessed", assessed.pop("cursor"))
    assert event["entry"] == assessed == timeline.entry(entry["id"])
    assert assessed["claims"] == [
        {
            **before,
            "status": "disputed",
            "note": note,
            "at": event["at"],
            "history": [{"status": "reported", "note": None, "at": before["at"]}],
        },
        other,
    ]
    assert (assessed["revision"], assessed["updated_at"]) == (2, event["at"])
    assert assessed["correction"] is None


def test_revisions_show_how_a_claim_was_assessed(timeline: Timeline) -> None:
    """Each revision has the claims as they were; an assessment's note is none of a correction."""
    entry = timeline.publish("Madagiz", claims=[CLAIM])
    assess(timeline, entry, claim=entry["claims"][0]["id"], status="confirmed", note="Seen.")
    first, second = timeline.revisions(entry["id"])
    assert [first["claims"][0]["status"], second["claims"][0]["status"]] == [
        "reported",
        "confirmed",
    ]
    assert (second["revision"], second["note"]) == (2, None)


def test_a_closed_coverage_takes_assessments(timeline: Timeline) -> None:
    """What turns out later can be said after the coverage has closed."""
    entry = timeline.publish("Madagiz", claims=[CLAIM], figures=[{**FIGURE}])
    timeline.change(status="closed")
    form = {"status": "false", "note": "It was another village."}
    assert assess(timeline, entry, claim=entry["claims"][0]["id"], **form)["revision"] == 2
    assert assess(timeline, entry, figure=0, **form)["figures"][0]["status"] == "false"


def test_a_figure_is_assessed_by_its_index(timeline: Timeline) -> None:
    """The same request assesses a figure; its value stays."""
    entry = timeline.publish("Losses", figures=[FIGURE, {**FIGURE, "metric": "injured"}])
    assessed = assess(timeline, entry, figure=1, status="withdrawn", note="Taken back at noon.")
    first, second = assessed["figures"]
    assert (first, second["low"]) == (entry["figures"][0], 107)
    assert (second["status"], second["note"]) == ("withdrawn", "Taken back at noon.")
    assert timeline.journal()[-1]["type"] == "entry.assessed"


def test_the_same_assessment_again_is_no_event(timeline: Timeline) -> None:
    """An assessment that changes nothing appends nothing and answers with the entry."""
    entry = timeline.publish("Madagiz", claims=[CLAIM], figures=[FIGURE])
    head = timeline.head
    again = assess(timeline, entry, claim=entry["claims"][0]["id"], status="reported")
    assert (again["revision"], again["cursor"]) == (1, head)
    assert assess(timeline, entry, figure=0, status="reported")["revision"] == 1
    assert timeline.head == head


def test_an_assessment_is_conditional_and_idempotent(timeline: Timeline) -> None:
    """`If-Match` is honoured when it is sent, and a repeated key answers with the first result."""
    entry = timeline.publish("Madagiz", claims=[CLAIM])
    form = {"claim": entry["claims"][0]["id"], "status": "confirmed", "note": "Seen."}
    stale = try_to_assess(timeline, entry["id"], form, **{"If-Match": '"7"'})
    assert check_problem(stale, 412)["current"]["revision"] == 1
    headers = {"If-Match": '"1"', "Idempotency-Key": new_slug()}
    first, again = (try_to_assess(timeline, entry["id"], form, **headers) for _ in range(2))
    assert (first.status_code, first.content) == (200, again.content)
    assert len(timeline.journal(entry["cursor"])) == 1
    other = try_to_assess(timeline, entry["id"], {**form, "note": "Heard."}, **headers)
    check_problem(other, 422, "idempotency-key-reused")


def test_only_editors_assess(timeline: Timeline) -> None:
    """A contributor's assessment is a 403, a reader's a 401."""
    entry = timeline.publish("Madagiz", claims=[CLAIM])
    address = f"{timeline.path}/entries/{entry['id']}/assessment"
    form = {"claim": entry["claims"][0]["id"], "status": "reported"}
    check_problem(timeline.newsroom.contributor.post(address, json=form), 403)
    check_problem(timeline.newsroom.reader.post(address, json=form), 401)


def test_a_draft_is_assessed_by_saving_it(timeline: Timeline) -> None:
    """A draft takes no assessment; what was saved in it has no history once it is published."""
    draft = timeline.draft(claims=[CLAIM])
    claim_id = draft["claims"][0]["id"]
    form = {"claim": claim_id, "status": "confirmed", "note": "Seen."}
    check_problem(try_to_assess(timeline, draft["id"], form), 409, "entry-not-published")
    changed = {"id": claim_id, "source": MINISTRY, "status": "disputed"}
    for number in range(22):  # as often as a desk saves what is being typed
        saved = timeline.amend(draft["id"], claims=[{**changed, "note": f"Denied{'.' * number}"}])
        assert saved["claims"][0]["history"] == []
    timeline.amend(draft["id"], claims=[{**changed, "note": "Denied."}])
    assert listed(timeline) == []
    published = timeline.act(draft["id"], "publication")
    (claim,) = published["claims"]
    assert (claim["id"], claim["text"]) == (claim_id, CLAIM["text"])
    assert (claim["status"], claim["note"], claim["history"]) == ("disputed", "Denied.", [])
    assert claim["at"] == published["published_at"]


def test_a_restored_claim_begins_anew(timeline: Timeline) -> None:
    """The draft that is made from a retracted entry has its claims, without their history."""
    entry = timeline.publish("Madagiz", claims=[CLAIM])
    claim_id = entry["claims"][0]["id"]
    assess(timeline, entry, claim=claim_id, status="disputed", note="Denied.")
    timeline.retract(entry["id"])
    answer = timeline.newsroom.editor.post(f"{timeline.path}/entries/{entry['id']}/restoration")
    (claim,) = answer.json()["claims"]
    assert (claim["text"], claim["status"], claim["history"]) == (CLAIM["text"], "disputed", [])
    assert listed(timeline) == []


def test_an_embargoed_claim_begins_when_it_is_published(timeline: Timeline) -> None:
    """No list has the claims of a scheduled entry; their time is that of the publication."""
    entry = timeline.publish(claims=[CLAIM], embargo_until="2199-01-01T00:00:00Z")
    assert (entry["status"], listed(timeline)) == ("scheduled", [])
    published = timeline.act(entry["id"], "publication")
    assert [claim["at"] for claim in listed(timeline)] == [published["published_at"]]


@pytest.mark.parametrize("door", ["amendment", "correction"])
def test_a_change_keeps_the_claims_that_it_names(timeline: Timeline, door: str) -> None:
    """A change keeps the claims whose id it sends, adds those without, and removes the others."""
    entry = timeline.publish("Two", claims=[CLAIM, {"source": "A witness"}])
    kept, _removed = entry["claims"]
    assess(timeline, entry, claim=kept["id"], status="disputed", note="Denied.")
    written = [{"source": "New", "text": "Third"}, {"id": kept["id"], "source": "The Ministry"}]
    change = timeline.amend if door == "amendment" else timeline.correct
    changed = change(entry["id"], claims=written)
    new, same = changed["claims"]
    assert new["source"]["name"] == "New"
    assert new["id"] not in {claim["id"] for claim in entry["claims"]}
    assert (same["id"], same["source"]["name"]) == (kept["id"], "The Ministry")
    assert (same["text"], same["status"], same["note"]) == (CLAIM["text"], "disputed", "Denied.")
    assert len(same["history"]) == 1
    assert changed["revision"] == 3
    removed = {"claims": [], "headline": "None"}
    assert change(entry["id"], **removed)["claims"] == []


def test_a_change_may_assess(timeline: Timeline) -> None:
    """A claim that a change sends with another status was assessed by it."""
    entry = timeline.publish("Two", claims=[CLAIM])
    written = {"id": entry["claims"][0]["id"], "source": MINISTRY, "status": "withdrawn"}
    changed = timeline.amend(entry["id"], claims=[written])
    (claim,) = changed["claims"]
    assert (claim["status"], claim["note"], claim["at"]) == (
        "withdrawn",
        None,
        changed["updated_at"],
    )
    assert [past["status"] for past in claim["history"]] == ["reported"]


def test_the_list_begins_with_the_last_assessment(timeline: Timeline) -> None:
    """The list of claims names their entries, the claim that was assessed last first."""
    first = timeline.publish("One", claims=[CLAIM])
    second = timeline.publish("Two", claims=[{"source": "A witness"}])
    timeline.draft("Three", claims=[CLAIM])
    assess(timeline, first, claim=first["claims"][0]["id"], status="disputed", note="Denied.")
    document = timeline.read("/claims")
    assert document["cursor"] == timeline.head
    newest, older = document["claims"]
    assert newest == {
        **timeline.entry(first["id"])["claims"][0],
        "entry_id": first["id"],
        "published_at": first["published_at"],
        "url": first["url"],
    }
    assert older["entry_id"] == second["id"]


def test_the_list_is_selected_by_status_and_source(timeline: Timeline) -> None:
    """A source is found without regard to case and white space, a status as it is."""
    entry = timeline.publish(
        "Two", claims=[{"source": "The  ARMY"}, {"source": "A witness", "status": "confirmed"}]
    )
    army, witness = (claim["id"] for claim in entry["claims"])
    assert [claim["id"] for claim in listed(timeline, source=" the army ")] == [army]
    assert [claim["id"] for claim in listed(timeline, status="confirmed")] == [witness]
    assert listed(timeline, status="confirmed", source="the army") == []
    assert pointers(check_problem(timeline.get("/claims", status="sure"), 422)) == {"/status"}
    check_problem(timeline.get("/claims", sauce="x"), 422)
    check_problem(timeline.get("/claims", at="yesterday"), 422)


def test_the_list_at_a_time_is_what_then_stood(timeline: Timeline) -> None:
    """`at` gives the claims with the assessments that readers saw at that time."""
    entry = timeline.publish("One", claims=[CLAIM])
    assert listed(timeline, at="1969-07-20T20:17:40Z") == []
    claim_id = entry["claims"][0]["id"]
    states = {}
    for status in ("disputed", "confirmed", "false"):
        assessed = assess(timeline, entry, claim=claim_id, status=status, note="So it is.")
        states[assessed["updated_at"]] = assessed["claims"]
    for at, claims in states.items():
        names = claims[0].keys()
        assert [{n: c[n] for n in names} for c in listed(timeline, at=at)] == claims


def test_a_retraction_takes_the_claims_with_it(timeline: Timeline) -> None:
    """Neither a list, now or at a time, nor an event or a stored answer has a retracted claim."""
    marked = "quetzalcoatl"
    key = {"Idempotency-Key": new_slug()}
    entry = timeline.publish("One", claims=[{"source": marked, "text": marked, "note": marked}])
    form = {"claim": entry["claims"][0]["id"], "status": "disputed", "note": f"{marked}!"}
    assessed = try_to_assess(timeline, entry["id"], form, **key)
    assert marked in assessed.text
    timeline.retract(entry["id"])
    at = assessed.json()["updated_at"]
    assert (listed(timeline), listed(timeline, at=at)) == ([], [])
    again = try_to_assess(timeline, entry["id"], form, **key)
    documents = [timeline.get(path).text for path in ("/events", "/entries", "/claims")]
    assert not any(marked in text for text in (*documents, again.text))
    check_problem(try_to_assess(timeline, entry["id"], form), 409, "entry-retracted")


def test_a_planned_coverage_has_no_claims_for_readers(timeline: Timeline) -> None:
    """The lists of a planned coverage are those of an unknown slug, to the letter."""
    planned = new_timeline(timeline.newsroom, new_slug(), status="planned")
    planned.draft(claims=[CLAIM], figures=[FIGURE])
    for name in ("claims", "figures", "figures.csv"):
        answers = (
            timeline.newsroom.reader.get(f"/v1/coverages/{slug}/{name}")
            for slug in (planned.slug, "no-such-coverage")
        )
        first, second = (check_problem(answer, 404) for answer in answers)
        assert first == second
    editors = timeline.newsroom.editor.get(f"{planned.path}/claims")
    assert editors.json()["claims"] == []


def test_a_list_is_cached_until_the_next_event(timeline: Timeline) -> None:
    """The lists have an ETag that changes with the journal, and answer 304 until then."""
    timeline.publish("One", claims=[CLAIM], figures=[FIGURE])
    for name in ("/claims", "/figures", "/figures.csv"):
        first = timeline.get(name)
        assert "s-maxage=1" in first.headers["cache-control"]
        known = {"If-None-Match": first.headers["etag"]}
        address = f"{timeline.path}{name}"
        assert timeline.newsroom.reader.get(address, headers=known).status_code == 304
        timeline.publish()
        assert timeline.newsroom.reader.get(address, headers=known).status_code == 200
