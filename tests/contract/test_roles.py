"""Who may do what: each role at each of the newsroom's doors."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.contract.newsrooms import client_of
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline

Ask = Callable[[httpx.Client, Timeline], httpx.Response]
ALL = {"contributor", "editor", "chief"}
EDITORS = {"editor", "chief"}
CHIEFS = {"chief"}


def post(below: str, payload: Any = None) -> Ask:
    """How to post there."""
    return lambda client, timeline: client.post(below.format(timeline), json=payload)


def on_entry(method: str, below: str = "", payload: Any = None) -> Ask:
    """How to act on a newly published entry."""

    def ask(client: httpx.Client, timeline: Timeline) -> httpx.Response:
        entry_id = timeline.publish()["id"]
        address = f"{timeline.path}/entries/{entry_id}{below}"
        return client.request(method, address, json=payload, headers={"If-Match": "*"})

    return ask


def publication(client: httpx.Client, timeline: Timeline) -> httpx.Response:
    """Publish a newly stored draft."""
    return client.post(f"{timeline.path}/entries/{timeline.draft()['id']}/publication")


DOORS: dict[str, tuple[set[str], Ask]] = {
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
# What a chief's request comes to where it is not simply done.
BEYOND = {"open coverage": 422, "make key": 422, "revoke key": 404}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("role", ["contributor", "editor", "chief"])
def test_a_role_goes_as_far_as_the_contract_says(timeline: Timeline, role: str, door: str) -> None:
    """Whoever may is let in; whoever may not gets a 403 and changes nothing."""
    allowed, ask = DOORS[door]
    answer = ask(getattr(timeline.newsroom, role), timeline)
    if role in allowed:
        assert answer.status_code in {200, 201, BEYOND.get(door)}, answer.text
        return
    check_problem(answer, 403)
    assert {event["type"] for event in timeline.journal()} <= {"coverage.opened", "entry.published"}
    assert timeline.read()["kicker"] is None


@pytest.mark.parametrize("door", DOORS)
def test_without_a_key_every_newsroom_door_is_shut(timeline: Timeline, door: str) -> None:
    """401, and `WWW-Authenticate` says how to come in."""
    answer = DOORS[door][1](timeline.newsroom.reader, timeline)
    check_problem(answer, 401)
    assert answer.headers["www-authenticate"].lower().startswith("bearer")


WORTHLESS = [
    "Bearer",
    "Bearer garbage",
    "Bearer dateline_00000000_" + "0" * 48,
    "Basic Y2hpZWY6Y2hpZWY=",
    "KEY",
    "",
    "Bearer " + "x" * 5000,
    "Bearer \xff\xfe",
]


@pytest.mark.parametrize("credentials", WORTHLESS)
def test_what_is_no_key_opens_nothing(timeline: Timeline, credentials: str) -> None:
    """401 for each, with `WWW-Authenticate`, and nothing is stored."""
    head = timeline.head
    answer = timeline.newsroom.reader.post(
        f"{timeline.path}/entries",
        json={"headline": "x"},
        headers={b"Authorization": credentials.encode("latin-1")},
    )
    check_problem(answer, 401)
    assert answer.headers["www-authenticate"].lower().startswith("bearer")
    assert timeline.head == head


@pytest.mark.parametrize("place", [0, 9, 20, -9, -1])
def test_a_mistyped_key_is_none(timeline: Timeline, place: int) -> None:
    """One wrong character shuts the door."""
    key = timeline.newsroom.chief.headers["authorization"].removeprefix("Bearer ")
    wrong = list(key)
    wrong[place] = "1" if wrong[place] != "1" else "2"
    with client_of(timeline.newsroom.server, "".join(wrong)) as client:
        check_problem(client.get("/v1/keys"), 401)


def test_the_scheme_is_read_in_any_case(timeline: Timeline) -> None:
    """`bearer` is `Bearer` (RFC 9110, section 11.1)."""
    key = timeline.newsroom.chief.headers["authorization"].removeprefix("Bearer ")
    for scheme in ("bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {key}"}
        assert timeline.newsroom.reader.get("/v1/keys", headers=headers).status_code == 200


def test_who_may_not_is_told_so_before_what_they_sent_is_read(timeline: Timeline) -> None:
    """Neither a bad body nor an unknown address tells a stranger more than 401."""
    reader = timeline.newsroom.reader
    for address in (timeline.path, "/v1/coverages/nobody-took-this"):
        check_problem(reader.post(f"{address}/entries", content=b"{", headers={}), 401)
        check_problem(reader.patch(address, content=b"{"), 401)
        check_problem(reader.get(f"{address}/drafts"), 401)


def test_reading_needs_no_key_and_takes_one(timeline: Timeline) -> None:
    """Every role reads what readers read."""
    timeline.publish()
    for below in ("", "/entries", "/events"):
        public = timeline.get(below)
        for role in ALL:
            answer = getattr(timeline.newsroom, role).get(f"{timeline.path}{below}")
            assert answer.json() == public.json()
