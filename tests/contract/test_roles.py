"""Tests of roles: which role may do what in the API."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.contract.newsrooms import client_of
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline

SendRequest = Callable[[httpx.Client, Timeline], httpx.Response]
ALL = {"contributor", "editor", "chief"}
EDITORS = {"editor", "chief"}
CHIEFS = {"chief"}


def post(below: str, payload: Any = None) -> SendRequest:
    """Return a function that posts to a path."""
    return lambda client, timeline: client.post(below.format(timeline), json=payload)


def on_entry(method: str, below: str = "", payload: Any = None) -> SendRequest:
    """Return a function that sends a request to a newly published entry."""

    def send(client: httpx.Client, timeline: Timeline) -> httpx.Response:
        entry_id = timeline.publish()["id"]
        address = f"{timeline.path}/entries/{entry_id}{below}"
        return client.request(method, address, json=payload, headers={"If-Match": "*"})

    return send


def publication(client: httpx.Client, timeline: Timeline) -> httpx.Response:
    """Publish a new draft."""
    return client.post(f"{timeline.path}/entries/{timeline.draft()['id']}/publication")


ACTIONS: dict[str, tuple[set[str], SendRequest]] = {
    "draft": (ALL, post("{0.path}/entries", {"headline": "x", "draft": True})),
    "list drafts": (ALL, lambda client, timeline: client.get(f"{timeline.path}/drafts")),
    "publish": (EDITORS, post("{0.path}/entries", {"headline": "x"})),
    "publish undrafted": (EDITORS, post("{0.path}/entries", {"headline": "x", "draft": False})),
    "publish draft": (EDITORS, publication),
    "amend": (EDITORS, on_entry("PATCH", payload={"headline": "y"})),
    "correct": (EDITORS, on_entry("POST", "/correction", {"note": "n", "headline": "y"})),
    "retract": (EDITORS, on_entry("POST", "/retraction", {"note": "n"})),
    "pin": (EDITORS, on_entry("PUT", "/pin")),
    "unpin": (EDITORS, on_entry("DELETE", "/pin")),
    "open coverage": (CHIEFS, post("/v1/coverages", {"slug": "x", "title": ""})),
    "change coverage": (
        CHIEFS,
        lambda client, timeline: client.patch(timeline.path, json={"kicker": "x"}),
    ),
    "list keys": (CHIEFS, lambda client, _: client.get("/v1/keys")),
    "make key": (CHIEFS, post("/v1/keys", {"name": "x", "role": "nobody"})),
    "revoke key": (CHIEFS, lambda client, _: client.delete("/v1/keys/00000000")),
}
# A chief's requests that are allowed, but do not succeed.
CHIEF_STATUS = {"open coverage": 422, "make key": 422, "revoke key": 404}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ["contributor", "editor", "chief"])
def test_a_role_goes_as_far_as_the_contract_says(
    timeline: Timeline, role: str, action: str
) -> None:
    """A permitted action succeeds; any other is a 403 and changes nothing."""
    allowed, send = ACTIONS[action]
    answer = send(getattr(timeline.newsroom, role), timeline)
    if role in allowed:
        assert answer.status_code in {200, 201, CHIEF_STATUS.get(action)}, answer.text
        return
    check_problem(answer, 403)
    assert {event["type"] for event in timeline.journal()} <= {"coverage.opened", "entry.published"}
    assert timeline.read()["kicker"] is None


@pytest.mark.parametrize("action", ACTIONS)
def test_without_a_key_every_newsroom_door_is_shut(timeline: Timeline, action: str) -> None:
    """Without a key each action is a 401 with `WWW-Authenticate`."""
    answer = ACTIONS[action][1](timeline.newsroom.reader, timeline)
    check_problem(answer, 401)
    assert answer.headers["www-authenticate"].lower().startswith("bearer")


INVALID_CREDENTIALS = [
    "Bearer",
    "Bearer garbage",
    "Bearer dateline_00000000_" + "0" * 48,
    "Basic Y2hpZWY6Y2hpZWY=",
    "KEY",
    "",
    "Bearer " + "x" * 5000,
    "Bearer \xff\xfe",
]


@pytest.mark.parametrize("credentials", INVALID_CREDENTIALS)
def test_what_is_no_key_opens_nothing(timeline: Timeline, credentials: str) -> None:
    """Invalid credentials are a 401 with `WWW-Authenticate`, and nothing is stored."""
    head = timeline.head
    answer = timeline.newsroom.reader.post(
        f"{timeline.path}/entries",
        json={"headline": "x"},
        headers={b"Authorization": credentials.encode("latin-1")},
    )
    check_problem(answer, 401)
    assert answer.headers["www-authenticate"].lower().startswith("bearer")
    assert timeline.head == head


@pytest.mark.parametrize("index", [0, 9, 20, -9, -1])
def test_a_mistyped_key_is_none(timeline: Timeline, index: int) -> None:
    """A key with one wrong character is a 401."""
    key = timeline.newsroom.chief.headers["authorization"].removeprefix("Bearer ")
    mistyped = list(key)
    mistyped[index] = "1" if mistyped[index] != "1" else "2"
    with client_of(timeline.newsroom.server, "".join(mistyped)) as client:
        check_problem(client.get("/v1/keys"), 401)


def test_the_scheme_is_read_in_any_case(timeline: Timeline) -> None:
    """The authentication scheme is case-insensitive (RFC 9110, section 11.1)."""
    key = timeline.newsroom.chief.headers["authorization"].removeprefix("Bearer ")
    for scheme in ("bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {key}"}
        assert timeline.newsroom.reader.get("/v1/keys", headers=headers).status_code == 200


def test_who_may_not_is_told_so_before_what_they_sent_is_read(timeline: Timeline) -> None:
    """A reader gets a 401 before the body or the coverage is looked at."""
    reader = timeline.newsroom.reader
    for address in (timeline.path, "/v1/coverages/nobody-took-this"):
        check_problem(reader.post(f"{address}/entries", content=b"{", headers={}), 401)
        check_problem(reader.patch(address, content=b"{"), 401)
        check_problem(reader.get(f"{address}/drafts"), 401)


def test_reading_needs_no_key_and_takes_one(timeline: Timeline) -> None:
    """Every role reads the same as readers do."""
    timeline.publish()
    for below in ("", "/entries", "/events"):
        public = timeline.get(below)
        for role in ALL:
            answer = getattr(timeline.newsroom, role).get(f"{timeline.path}{below}")
            assert answer.json() == public.json()
