"""Tests of `Idempotency-Key`: a repeated request is not executed again."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.contract.newsrooms import client_of, new_key, new_slug
from tests.contract.problem import check_problem
from tests.contract.timeline import Json, Timeline


def idempotency_key(name: str | None = None) -> dict[str, str]:
    """Return the header with this key; None is a new one."""
    return {"Idempotency-Key": name or uuid.uuid4().hex}


def post(
    timeline: Timeline, payload: Json, name: dict[str, str], below: str = "/entries"
) -> httpx.Response:
    """Post as the editor, below the coverage."""
    return timeline.newsroom.editor.post(f"{timeline.path}{below}", json=payload, headers=name)


def test_the_first_answer_comes_again(timeline: Timeline) -> None:
    """A repeated request gets the first response, and there is one entry."""
    name = idempotency_key()
    first, *others = [post(timeline, {"headline": "Once"}, name) for _ in range(3)]
    assert first.status_code == 201
    for repeated in others:
        assert (repeated.status_code, repeated.content) == (first.status_code, first.content)
        for header in ("etag", "location", "content-type"):
            assert repeated.headers[header] == first.headers[header]
    assert timeline.shown() == [first.json()["id"]]


def test_the_first_answer_comes_even_after_changes(timeline: Timeline) -> None:
    """A repeated request gets the first response even if the entry has changed since."""
    name = idempotency_key()
    first = post(timeline, {"headline": "Once"}, name)
    timeline.amend(first.json()["id"], headline="Twice")
    assert post(timeline, {"headline": "Once"}, name).content == first.content
    assert timeline.entry(first.json()["id"])["headline"] == "Twice"


def test_another_payload_is_refused(timeline: Timeline) -> None:
    """Another body under the same key is a 422, and nothing is stored."""
    name = idempotency_key()
    post(timeline, {"headline": "One"}, name)
    head = timeline.head
    check_problem(post(timeline, {"headline": "Two"}, name), 422)
    assert timeline.head == head


def test_another_address_is_another_request(timeline: Timeline) -> None:
    """The same key at another path is another request."""
    name = idempotency_key()
    entry = post(timeline, {"headline": "One"}, name).json()
    payload = {"note": "n", "headline": "x"}
    corrected = post(timeline, payload, name, f"/entries/{entry['id']}/correction")
    assert corrected.json()["revision"] == 2
    repeated = post(timeline, payload, name, f"/entries/{entry['id']}/correction")
    assert repeated.content == corrected.content
    assert timeline.entry(entry["id"])["revision"] == 2


def test_another_caller_is_another_request(timeline: Timeline) -> None:
    """The same key of another caller is another request."""
    name = idempotency_key()
    key = new_key(timeline.newsroom.chief, "editor")
    with client_of(timeline.newsroom.server, key) as other:
        mine = post(timeline, {"headline": "Mine"}, name)
        theirs = other.post(f"{timeline.path}/entries", json={"headline": "Theirs"}, headers=name)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert timeline.shown() == [theirs.json()["id"], mine.json()["id"]]


@pytest.mark.parametrize(
    ("below", "payload"),
    [("correction", {"note": "n", "headline": "x"}), ("retraction", {"note": "n"})],
)
def test_every_action_is_done_once(timeline: Timeline, below: str, payload: Json) -> None:
    """A repeated correction or retraction gets the first response and is one event."""
    name, entry = idempotency_key(), timeline.publish()
    address = f"/entries/{entry['id']}/{below}"
    first, repeated = (post(timeline, payload, name, address) for _ in range(2))
    assert (first.status_code, repeated.status_code) == (200, 200)
    assert repeated.content == first.content
    assert len(timeline.journal()) == 3


def test_a_draft_is_stored_and_published_once(timeline: Timeline) -> None:
    """A draft's creation and its publication are executed once per key."""
    name = idempotency_key()
    form = {"headline": "x", "draft": True}
    draft, repeated = (post(timeline, form, name).json() for _ in range(2))
    assert draft == repeated
    assert len(timeline.drafts) == 1
    address = f"{timeline.path}/entries/{draft['id']}/publication"
    answers = [timeline.newsroom.editor.post(address, headers=name) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert len(timeline.journal()) == 2


def test_a_coverage_is_opened_once(timeline: Timeline) -> None:
    """A repeated opening of a coverage gets the first response, not a 409."""
    form, name = {"slug": new_slug(), "title": "Once"}, idempotency_key()
    chief = timeline.newsroom.chief
    first, repeated = (chief.post("/v1/coverages", json=form, headers=name) for _ in range(2))
    assert (first.status_code, repeated.status_code) == (201, 201)
    assert first.content == repeated.content


def test_a_refused_request_may_be_put_right(timeline: Timeline) -> None:
    """A refused request does not use its key."""
    name = idempotency_key()
    check_problem(post(timeline, {"headline": 5}, name), 422)
    check_problem(post(timeline, {}, name), 422)
    assert post(timeline, {"headline": "Right"}, name).status_code == 201
    assert len(timeline.shown()) == 1


def test_many_at_once_are_done_once(timeline: Timeline) -> None:
    """Of concurrent repeats one is executed; the others get its response or a 409."""
    name = idempotency_key()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(timeline, {"headline": "Once"}, name), range(24)))
    successes = [answer for answer in answers if answer.status_code == 201]
    for answer in answers:
        if answer.status_code != 201:
            check_problem(answer, 409)
    assert successes
    assert len({answer.content for answer in successes}) == 1
    assert len(timeline.shown()) == 1


def test_without_a_key_every_request_counts(timeline: Timeline) -> None:
    """Two equal requests without a key are two entries."""
    assert timeline.publish("Same")["id"] != timeline.publish("Same")["id"]


@pytest.mark.parametrize("name", ["", "x" * 256, "x" * 5000])
def test_a_key_that_is_none_is_refused(timeline: Timeline, name: str) -> None:
    """An empty or too long key is a 422, and nothing is stored."""
    head = timeline.head
    check_problem(post(timeline, {"headline": "x"}, {"Idempotency-Key": name}), 422)
    assert timeline.head == head


@pytest.mark.parametrize("name", ["x", "x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a b"])
def test_keys_of_usual_shapes_are_taken(timeline: Timeline, name: str) -> None:
    """A key may be bare, or quoted as in the IETF draft."""
    assert post(timeline, {"headline": "x"}, idempotency_key(name)).status_code == 201


def test_taking_the_pin_away_is_not_putting_it(timeline: Timeline) -> None:
    """PUT and DELETE of one path do not share a stored response."""
    entry, name = timeline.publish(), idempotency_key()
    editor, address = timeline.newsroom.editor, f"{timeline.path}/entries/{entry['id']}/pin"
    assert editor.put(address, headers=name).json()["pinned"] is True
    assert editor.delete(address, headers=name).json()["pinned"] is False
    assert timeline.read()["pinned"] is None
