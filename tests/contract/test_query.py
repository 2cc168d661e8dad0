"""Tests of queries: an unknown parameter is refused under `/v1` and ignored by pages."""

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
    """A coverage with three entries for the module."""
    timeline = new_timeline(newsroom, new_slug())
    for number in range(3):
        timeline.publish(f"Number {number}")
    return timeline


def pointers(answer: httpx.Response) -> dict[str, str]:
    """Return the pointers and details of an `invalid-query` problem."""
    check_problem(answer, 422)
    assert answer.json()["type"] == "/problems/invalid-query"
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


def test_no_operation_takes_what_it_does_not_know(timeline: Timeline) -> None:
    """Every operation under `/v1` answers an unknown parameter with a 422 that names it."""
    chief = timeline.newsroom.chief
    paths: dict[str, dict[str, Any]] = chief.get("/openapi.json").json()["paths"]
    entry_id = timeline.publish("Stays as it is")["id"]
    before = timeline.head
    requests = 0
    for path, method in itertools.chain(*([(p, m) for m in paths[p]] for p in paths)):
        if path.startswith("/v1/"):
            address = path.replace("{slug}", timeline.slug).replace("{entry_id}", entry_id)
            address = re.sub(r"\{\w+\}", "0123456789abcdef", address)
            answer = chief.request(method, f"{address}?nonsense=1", json={"note": "x"})
            assert list(pointers(answer)) == ["/nonsense"], (method, path)
            requests += 1
    assert requests > 20
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
    """The refusal of a misspelt parameter suggests the nearest one."""
    answer = timeline.newsroom.reader.get(f"{timeline.path}{below}?{name}=5")
    assert f"did you mean {nearest}?" in pointers(answer)[f"/{name}"]


def test_what_is_like_nothing_is_told_what_there_is(timeline: Timeline) -> None:
    """The refusal of any other unknown parameter lists the valid ones."""
    reader = timeline.newsroom.reader
    details = pointers(reader.get(f"{timeline.path}/events?utm_source=x&limit=1"))
    assert "after, format, lastEventId, limit, wait" in details["/utm_source"]
    assert list(details) == ["/utm_source"]
    assert "none" in pointers(reader.get(f"{timeline.path}?fields=title"))["/fields"]


def test_a_stream_with_an_unknown_parameter_does_not_begin(timeline: Timeline) -> None:
    """A stream with an unknown parameter is refused before it begins."""
    stream = {"Accept": "text/event-stream", "Origin": "https://reader.example"}
    answer = timeline.newsroom.reader.get(f"{timeline.path}/events?afer=0", headers=stream)
    assert "did you mean after?" in pointers(answer)["/afer"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_socket_with_an_unknown_parameter_does_not_begin(timeline: Timeline) -> None:
    """A WebSocket with an unknown parameter is refused with a 422 at the handshake."""
    with (
        pytest.raises(InvalidStatus) as error,
        open_socket(timeline.newsroom.server, timeline.slug, "0&afer=1"),
    ):
        pass
    assert error.value.response.status_code == 422
    assert b"did you mean after?" in error.value.response.body


def test_what_may_stand_once_is_not_chosen_from(timeline: Timeline) -> None:
    """A repeated parameter is a 422, since clients disagree on which value counts."""
    address = f"{timeline.path}/entries?limit=1&order=oldest&limit=2"
    assert pointers(timeline.newsroom.reader.get(address)) == {"/limit": "may stand only once"}


@pytest.mark.parametrize("name", LAST_EVENT_ID)
@pytest.mark.parametrize("order", ["{name}={cursor}&after=0", "after=0&{name}={cursor}"])
def test_the_last_event_id_may_stand_in_the_query(
    timeline: Timeline, name: str, order: str
) -> None:
    """The last event id may be a query parameter, and takes precedence over `after`.

    This holds for JSON, SSE and WebSocket, for clients that cannot set the header.
    """
    journal = timeline.journal("0")
    cursor = journal[1]["cursor"]
    query = order.format(name=name, cursor=cursor)
    page = timeline.newsroom.reader.get(f"{timeline.path}/events?{query}&wait=0").json()
    assert page["events"] == journal[2:]
    params = dict(part.split("=") for part in query.split("&"))
    with open_stream(timeline.newsroom.server, timeline.slug, **params) as stream:
        assert stream.until(timeline.head) == journal[2:]
    with open_socket(
        timeline.newsroom.server,
        timeline.slug,
        query.replace("after=", "", 1) if query.startswith("after=") else f"0&{name}={cursor}",
    ) as socket:
        assert socket.frame() == {"type": "hello", "cursor": cursor}
        assert socket.until(timeline.head) == journal[2:]


def test_the_header_wins_over_the_query(timeline: Timeline) -> None:
    """The `Last-Event-ID` header takes precedence over the query parameter."""
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
    """Of several `lastEventId` parameters the last counts, since libraries append it."""
    journal = timeline.journal("0")
    query = f"lastEventId={journal[0]['cursor']}&&lastEventId={journal[1]['cursor']}"
    page = timeline.newsroom.reader.get(f"{timeline.path}/events?{query}").json()
    assert page["events"] == journal[2:]


def test_an_empty_last_event_id_is_none(timeline: Timeline) -> None:
    """An empty `lastEventId` is ignored, and `after` counts."""
    page = timeline.newsroom.reader.get(f"{timeline.path}/events?lastEventId=&after=0").json()
    assert page["events"] == timeline.journal("0")


@pytest.mark.parametrize("name", ["since", "until", "at"])
@pytest.mark.parametrize(
    "time", ["2000-01-01T00:00:00", "2000-01-01T00:00:00.5", "2000-01-01 00:00"]
)
def test_a_plus_that_was_not_escaped_is_one(timeline: Timeline, name: str, time: str) -> None:
    """An unescaped `+` in a time's offset is accepted, although it decodes to a space."""
    reader, address = timeline.newsroom.reader, f"{timeline.path}/entries"
    as_sent = reader.get(f"{address}?{name}={time}+01:00")
    assert as_sent.status_code == 200
    escaped = reader.get(address, params={name: f"{time}+01:00"}).json()
    assert as_sent.json()["entries"] == escaped["entries"]


@pytest.mark.parametrize(
    "time", ["2000-01-01 00:00", "2000-01-01T00:00:00 0100", "2000-01-01 01:00:00"]
)
def test_a_time_without_an_offset_stays_refused(timeline: Timeline, time: str) -> None:
    """A space that is not in place of the offset's sign is refused."""
    answer = timeline.newsroom.reader.get(f"{timeline.path}/entries", params={"since": time})
    assert list(pointers(answer)) == ["/since"]


@pytest.mark.parametrize("requested", ["de-CH", "de-ch", "DE-CH", "De-cH"])
@pytest.mark.parametrize("at", ["", "&at=2199-01-01T00:00:00Z"])
def test_languages_are_compared_without_case(timeline: Timeline, requested: str, at: str) -> None:
    """Languages are compared without case (RFC 5646), in the API and on pages."""
    headline = f"Auf Deutsch {requested}"
    timeline.publish(headline, language="de-CH")
    reader = timeline.newsroom.reader
    entries = reader.get(f"{timeline.path}/entries?lang={requested}{at}&limit=100").json()[
        "entries"
    ]
    assert headline in {entry["headline"] for entry in entries}
    assert {entry["language"] for entry in entries} == {"de-CH"}
    page = reader.get(f"/coverages/{timeline.slug}?lang={requested}{at}").text
    assert headline in page
    assert "Number 0" not in page


def test_pages_ignore_what_they_do_not_know(timeline: Timeline) -> None:
    """A page ignores unknown parameters such as `utm_source`: body and ETag are the same."""
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
    """An unknown path stays a 404, and an unknown method a 405, with any query."""
    reader = timeline.newsroom.reader
    check_problem(reader.get("/v1/nowhere?x=1"), 404)
    check_problem(reader.post(f"{timeline.path}/events?x=1"), 405)


def test_a_page_of_events_tells_of_the_stream(timeline: Timeline) -> None:
    """Without `Accept` the journal is JSON, with a `Link` to the stream from its cursor."""
    journal = timeline.journal("0")
    address = f"{timeline.newsroom.server.url}{timeline.path}/events"
    for query, cursor in {"?limit=2": journal[1]["cursor"], "": journal[-1]["cursor"]}.items():
        request = httpx.Request("GET", f"{address}{query}", headers={"Host": "x"})
        with httpx.Client() as client:
            answer = client.send(request)
        assert answer.json()["cursor"] == cursor
        link = answer.links["alternate"]
        assert (link["url"], link["type"]) == (f"?after={cursor}", "text/event-stream")
