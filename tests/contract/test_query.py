"""Queries: what is not known is refused under /v1 and ignored by pages."""

import itertools
import re
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.streams import open_socket, open_stream
from tests.contract.timeline import Timeline

LAST_EVENT_ID = ["lastEventId", "Last-Event-ID", "last-event-id", "LASTEVENTID", "lasteventid"]


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the whole file, with three entries."""
    timeline = new_timeline(newsroom, new_slug())
    for number in range(3):
        timeline.publish(f"Number {number}")
    return timeline


def pointers(answer: httpx.Response) -> dict[str, str]:
    """What a refusal of a query names, and what it says of each."""
    check_problem(answer, 422)
    assert answer.json()["type"] == "/problems/invalid-query"
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


def test_no_operation_takes_what_it_does_not_know(timeline: Timeline) -> None:
    """Reading or writing, whichever address: a parameter that is not declared is named in a 422."""
    chief = timeline.newsroom.chief
    paths: dict[str, dict[str, Any]] = chief.get("/openapi.json").json()["paths"]
    entry_id = timeline.publish("Stays as it is")["id"]
    before = timeline.head
    asked = 0
    for path, method in itertools.chain(*([(p, m) for m in paths[p]] for p in paths)):
        if path.startswith("/v1/"):
            address = path.replace("{slug}", timeline.slug).replace("{entry_id}", entry_id)
            address = re.sub(r"\{\w+\}", "0123456789abcdef", address)
            answer = chief.request(method, f"{address}?nonsense=1", json={"note": "x"})
            assert list(pointers(answer)) == ["/nonsense"], (method, path)
            asked += 1
    assert asked > 20
    assert timeline.head == before


@pytest.mark.parametrize(
    ("below", "name", "nearest"),
    [
        ("/entries", "limti", "limit"),
        ("/entries", "tags", "tag"),
        ("/entries", "Limit", "limit"),
        ("/entries", "key-events", "key_events"),
        ("/entries", "keyEvents", "key_events"),
        ("/entries", "untill", "until"),
        ("/entries", "language", "lang"),
        ("/events", "last_event_id", "lastEventId"),
        ("/events", "lastEvent", "lastEventId"),
        ("/events", "waits", "wait"),
        ("/events", "limits", "limit"),
    ],
)
def test_a_misspelt_parameter_is_told_the_nearest(
    timeline: Timeline, below: str, name: str, nearest: str
) -> None:
    """Ignored, it would answer with everything."""
    answer = timeline.newsroom.reader.get(f"{timeline.path}{below}?{name}=5")
    assert f"did you mean {nearest}?" in pointers(answer)[f"/{name}"]


def test_what_is_like_nothing_is_told_what_there_is(timeline: Timeline) -> None:
    """All parameters of the address are named, or that it takes none."""
    reader = timeline.newsroom.reader
    told = pointers(reader.get(f"{timeline.path}/events?utm_source=x&limit=1"))
    assert "after, format, lastEventId, limit, wait" in told["/utm_source"]
    assert list(told) == ["/utm_source"]
    assert "none" in pointers(reader.get(f"{timeline.path}?fields=title"))["/fields"]


def test_a_stream_with_an_unknown_parameter_does_not_begin(timeline: Timeline) -> None:
    """A stream that begins in the wrong place would be noticed by nobody."""
    stream = {"Accept": "text/event-stream", "Origin": "https://reader.example"}
    answer = timeline.newsroom.reader.get(f"{timeline.path}/events?afer=0", headers=stream)
    assert "did you mean after?" in pointers(answer)["/afer"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_socket_with_an_unknown_parameter_does_not_begin(timeline: Timeline) -> None:
    """The handshake is answered with the problem, which every client library shows."""
    with (
        pytest.raises(InvalidStatus) as refused,
        open_socket(timeline.newsroom.server, timeline.slug, "0&afer=1"),
    ):
        pass
    assert refused.value.response.status_code == 422
    assert b"did you mean after?" in refused.value.response.body


def test_what_may_stand_once_is_not_chosen_from(timeline: Timeline) -> None:
    """Which of two values a proxy or a library would take is anybody's guess."""
    address = f"{timeline.path}/entries?limit=1&order=oldest&limit=2"
    assert pointers(timeline.newsroom.reader.get(address)) == {"/limit": "may stand only once"}


@pytest.mark.parametrize("name", LAST_EVENT_ID)
@pytest.mark.parametrize("order", ["{name}={cursor}&after=0", "after=0&{name}={cursor}"])
def test_the_last_event_id_may_stand_in_the_query(
    timeline: Timeline, name: str, order: str
) -> None:
    """For clients that cannot set the header; whatever `after` says, at every door."""
    journal = timeline.journal("0")
    cursor = journal[1]["cursor"]
    query = order.format(name=name, cursor=cursor)
    page = timeline.newsroom.reader.get(f"{timeline.path}/events?{query}&wait=0").json()
    assert page["events"] == journal[2:]
    given = dict(part.split("=") for part in query.split("&"))
    with open_stream(timeline.newsroom.server, timeline.slug, **given) as stream:
        assert stream.until(timeline.head) == journal[2:]
    with open_socket(
        timeline.newsroom.server,
        timeline.slug,
        query.replace("after=", "", 1) if query.startswith("after=") else f"0&{name}={cursor}",
    ) as socket:
        assert socket.frame() == {"type": "hello", "cursor": cursor}
        assert socket.until(timeline.head) == journal[2:]


def test_the_header_wins_over_the_query(timeline: Timeline) -> None:
    """A browser resumes with the header on an address that a library once gave it."""
    journal = timeline.journal("0")
    first, second = journal[0]["cursor"], journal[1]["cursor"]
    with open_stream(
        timeline.newsroom.server,
        timeline.slug,
        headers={"Last-Event-ID": second},
        lastEventId=first,
        after="0",
    ) as stream:
        assert stream.until(timeline.head) == journal[2:]


def test_the_last_of_several_last_event_ids_counts(timeline: Timeline) -> None:
    """Libraries append it to an address that has it already."""
    journal = timeline.journal("0")
    query = f"lastEventId={journal[0]['cursor']}&&lastEventId={journal[1]['cursor']}"
    page = timeline.newsroom.reader.get(f"{timeline.path}/events?{query}").json()
    assert page["events"] == journal[2:]


def test_an_empty_last_event_id_is_none(timeline: Timeline) -> None:
    """As the header without a value: then `after` counts."""
    page = timeline.newsroom.reader.get(f"{timeline.path}/events?lastEventId=&after=0").json()
    assert page["events"] == timeline.journal("0")


@pytest.mark.parametrize("name", ["since", "until", "at"])
@pytest.mark.parametrize(
    "time", ["2000-01-01T00:00:00", "2000-01-01T00:00:00.5", "2000-01-01 00:00"]
)
def test_a_plus_that_was_not_escaped_is_one(timeline: Timeline, name: str, time: str) -> None:
    """`+` means a blank in a query; in a time's offset there is only one thing it can be."""
    reader, address = timeline.newsroom.reader, f"{timeline.path}/entries"
    as_sent = reader.get(f"{address}?{name}={time}+01:00")
    assert as_sent.status_code == 200
    escaped = reader.get(address, params={name: f"{time}+01:00"}).json()
    assert as_sent.json()["entries"] == escaped["entries"]


@pytest.mark.parametrize(
    "time", ["2000-01-01 00:00", "2000-01-01T00:00:00 0100", "2000-01-01 01:00:00"]
)
def test_a_time_without_an_offset_stays_refused(timeline: Timeline, time: str) -> None:
    """A blank between day and time of day is no sign."""
    answer = timeline.newsroom.reader.get(f"{timeline.path}/entries", params={"since": time})
    assert list(pointers(answer)) == ["/since"]


@pytest.mark.parametrize("asked", ["de-CH", "de-ch", "DE-CH", "De-cH"])
@pytest.mark.parametrize("at", ["", "&at=2199-01-01T00:00:00Z"])
def test_languages_are_compared_without_case(timeline: Timeline, asked: str, at: str) -> None:
    """A tag is the same tag in any case (RFC 5646), on pages too."""
    headline = f"Auf Deutsch {asked}"
    timeline.publish(headline, language="de-CH")
    reader = timeline.newsroom.reader
    found = reader.get(f"{timeline.path}/entries?lang={asked}{at}&limit=100").json()["entries"]
    assert headline in {entry["headline"] for entry in found}
    assert {entry["language"] for entry in found} == {"de-CH"}
    page = reader.get(f"/coverages/{timeline.slug}?lang={asked}{at}").text
    assert headline in page
    assert "Number 0" not in page


def test_pages_ignore_what_they_do_not_know(timeline: Timeline) -> None:
    """Links carry `utm_source` and the like; the page is the same to the byte."""
    reader, page = timeline.newsroom.reader, f"/coverages/{timeline.slug}"
    plain = reader.get(f"{page}?order=oldest")
    for query in (
        "utm_source=x&order=oldest",
        "order=oldest&fbclid=1&fbclid=2",
        "order=oldest&=&x",
    ):
        answer = reader.get(f"{page}?{query}")
        assert (answer.status_code, answer.text) == (200, plain.text)
        assert answer.headers["etag"] == plain.headers["etag"]
    for below in ("/feed.atom", "/feed.json", "/embed", "?lite=true"):
        address = f"{page}{below}"
        tracked = f"{address}{'&' if '?' in address else '?'}utm_source=x"
        assert reader.get(tracked).text == reader.get(address).text


def test_an_address_that_is_not_there_stays_unknown(timeline: Timeline) -> None:
    """A query says nothing of where no route is, or not with that method."""
    reader = timeline.newsroom.reader
    check_problem(reader.get("/v1/nowhere?x=1"), 404)
    check_problem(reader.post(f"{timeline.path}/events?x=1"), 405)


def test_a_page_of_events_tells_of_the_stream(timeline: Timeline) -> None:
    """Who sends no Accept gets JSON, and a Link to where the stream goes on behind it."""
    journal = timeline.journal("0")
    address = f"{timeline.newsroom.server.url}{timeline.path}/events"
    for query, place in {"?limit=2": journal[1]["cursor"], "": journal[-1]["cursor"]}.items():
        request = httpx.Request("GET", f"{address}{query}", headers={"Host": "x"})
        with httpx.Client() as client:
            answer = client.send(request)
        assert answer.json()["cursor"] == place
        link = answer.links["alternate"]
        assert (link["url"], link["type"]) == (f"?after={place}", "text/event-stream")
