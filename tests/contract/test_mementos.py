"""Memento (RFC 7089): the page's TimeGate, its TimeMap, and its mementos."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import unescape
from itertools import accumulate
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memento_client import MementoClient

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.retimed import import_retimed
from tests.contract.timeline import Json, Timeline, fold_events

_START = datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
# The client takes and returns times in UTC without a zone.
_ASKED = datetime.fromisoformat("1969-07-20T22:30:00")
_MUCH_LATER = datetime.fromisoformat("2030-01-01T00:00:00")
_IDS = re.compile(r'<article[^>]*?\bid="entry-([^"]+)"')

Links = dict[str, dict[str, list[str]]]


def http_date(time: datetime) -> str:
    """Return a time as HTTP writes it."""
    return format_datetime(time, usegmt=True)


def parse_links(text: str) -> Links:
    """Parse a Link header or a TimeMap as archives' own client does."""
    links: Links = MementoClient.parse_link_header(text)
    return links


def by_relation(text: str) -> dict[str, str]:
    """Return the address of each relation, from a Link header or a TimeMap."""
    links = parse_links(text)
    return {name: address for address, link in links.items() for name in link["rel"]}


def mementos(text: str) -> dict[str, datetime]:
    """Return the datetime of each memento's address in a TimeMap, in its order."""
    return {
        address: MementoClient.convert_to_datetime(link["datetime"][0]).replace(tzinfo=UTC)
        for address, link in parse_links(text).items()
        if "memento" in link["rel"]
    }


def time_of(event: Json) -> datetime:
    """Return an event's time."""
    return datetime.fromisoformat(event["at"])


def gate(timeline: Timeline, time: datetime | None, below: str = "") -> httpx.Response:
    """Ask the TimeGate of a coverage's page, or of a page below it, for a time."""
    headers = {} if time is None else {"Accept-Datetime": http_date(time)}
    path = f"/coverages/{timeline.slug}{below}/timegate"
    return timeline.newsroom.reader.get(path, headers=headers, follow_redirects=False)


def get(timeline: Timeline, address: str) -> httpx.Response:
    """Read an address, absolute or below the coverage's page."""
    path = address if "://" in address else f"/coverages/{timeline.slug}{address}"
    return timeline.newsroom.reader.get(path).raise_for_status()


@pytest.fixture(scope="module")
def journal(newsroom: Newsroom) -> list[Json]:
    """The journal of a coverage with changes of every kind."""
    timeline = new_timeline(newsroom, new_slug())
    first = timeline.publish("First", body="With *quaggas*.")
    second = timeline.publish("Second", key_event=True)
    timeline.pin(first["id"])
    timeline.amend(second["id"], headline="Second, longer")
    timeline.correct(first["id"], "It was the 21st.", body="On the 21st.")
    third = timeline.publish("Third")
    timeline.retract(third["id"])
    timeline.change(title="Another title", status="closed")
    return timeline.journal()


@given(gaps=st.lists(st.integers(0, 1500), min_size=12, max_size=12))
@settings(max_examples=8)
def test_each_memento_is_the_fold_of_the_journal_until_then(
    newsroom: Newsroom, journal: list[Json], gaps: list[int]
) -> None:
    """The TimeMap has one memento for each second with events, and each shows all until then."""
    milliseconds = accumulate(gaps[: len(journal)])
    times = [_START + timedelta(milliseconds=each) for each in milliseconds]
    timeline = import_retimed(newsroom, journal, times)
    events = timeline.journal()
    listed = mementos(get(timeline, "/timemap").text)
    assert list(listed.values()) == sorted({time.replace(microsecond=0) for time in times})
    for address, second in listed.items():
        until = [event for event in events if time_of(event) < second + _SECOND]
        (at,) = parse_qs(urlsplit(address).query)["at"]
        shown = {entry["id"]: entry for entry in timeline.page(at=at, limit=100)["entries"]}
        assert shown == fold_events(until)
        page = get(timeline, address)
        assert page.headers["memento-datetime"] == http_date(second)
        assert {*_IDS.findall(page.text)} == shown.keys()


@given(st.integers(-3, 15), st.lists(st.integers(0, 9000), min_size=12, max_size=12))
@settings(max_examples=8)
def test_the_timegate_finds_what_the_page_showed_at_that_second(
    newsroom: Newsroom, journal: list[Json], wanted: int, gaps: list[int]
) -> None:
    """The TimeGate redirects to the last memento up to the second, or else to the first one."""
    milliseconds = accumulate(gaps[: len(journal)])
    times = [_START + timedelta(milliseconds=each) for each in milliseconds]
    timeline = import_retimed(newsroom, journal, times)
    seconds = sorted({time.replace(microsecond=0) for time in times})
    asked = _START + timedelta(seconds=wanted)
    expected = max([second for second in seconds if second <= asked], default=seconds[0])
    listed = mementos(get(timeline, "/timemap").text)
    location = gate(timeline, asked).headers["location"]
    assert listed[location] == expected
    links = by_relation(get(timeline, location).headers["link"])
    place = seconds.index(expected)
    neighbours = {"first": 0, "prev": place - 1, "next": place + 1, "last": len(seconds) - 1}
    for name, number in neighbours.items():
        if 0 <= number < len(seconds):
            assert listed[links[name]] == seconds[number]
        else:
            assert name not in links


@pytest.fixture
def hours(newsroom: Newsroom, journal: list[Json]) -> Timeline:
    """A coverage with an event every hour."""
    return import_retimed(
        newsroom, journal, (_START + timedelta(hours=hour) for hour in range(len(journal)))
    )


@pytest.fixture
def entry_path(hours: Timeline) -> str:
    """The path of the first entry's page below the coverage's, with three revisions and a pin."""
    (entry_id,) = {e["entry"]["id"] for e in hours.journal()[1:2]}
    return f"/entries/{entry_id}"


def test_memento_client_walks_timegate_and_timemap(hours: Timeline, entry_path: str) -> None:
    """The client of the Memento project finds gate and mementos from the page's address alone."""
    for below, present in (("", "Third"), (entry_path, "On the 21st")):
        page = f"{hours.newsroom.server.url}/coverages/{hours.slug}{below}"
        with MementoClient() as client:
            early = client.get_memento_info(page, _ASKED)
            late = client.get_memento_info(page, _MUCH_LATER)
        assert early["timegate_uri"] == f"{page}/timegate"
        assert early["original_uri"] == page
        closest = early["mementos"]["closest"]
        assert closest["http_status_code"] == 200
        assert closest["datetime"] <= _ASKED
        (address,) = closest["uri"]
        text = get(hours, address).text
        assert "First" in text
        assert present not in text
        assert early["mementos"]["first"]["datetime"] <= closest["datetime"]
        assert early["mementos"]["next"]["datetime"] > _ASKED
        assert early["mementos"]["last"]["uri"] == late["mementos"]["closest"]["uri"]
        # From a memento, too, it finds its way back to the original.
        assert MementoClient().get_original_uri(address) == page
        listed = mementos(get(hours, f"{below}/timemap").text)
        assert address in listed
        for memento in listed:
            assert MementoClient.is_memento(memento)


def test_the_timegate_answers_as_the_rfc_says(hours: Timeline) -> None:
    """A TimeGate redirects with 302, varies by the header, and is no memento itself."""
    answer = gate(hours, _START + timedelta(hours=2, minutes=5))
    assert answer.status_code == 302
    assert "accept-datetime" in answer.headers["vary"].lower()
    assert "memento-datetime" not in answer.headers
    links = by_relation(answer.headers["link"])
    assert links["original"] == f"{hours.newsroom.server.url}/coverages/{hours.slug}"
    assert links["timemap"] == f"{links['original']}/timemap"
    assert "timegate" not in links
    place = [*mementos(get(hours, "/timemap").text)].index(answer.headers["location"])
    assert place == 2


def test_without_a_date_the_timegate_leads_to_the_last_memento(hours: Timeline) -> None:
    """Without `Accept-Datetime` the TimeGate redirects to the last memento."""
    assert gate(hours, None).headers["location"] == [*mementos(get(hours, "/timemap").text)][-1]


@pytest.mark.parametrize(
    "date", ["", "yesterday", "2026-11-30T04:00:00Z", "Sun, 30 Feb 2020 00:00:00 GMT", "1"]
)
def test_a_malformed_date_is_refused(timeline: Timeline, date: str) -> None:
    """An `Accept-Datetime` that is no date of HTTP is a 400."""
    path = f"/coverages/{timeline.slug}/timegate"
    answer = timeline.newsroom.reader.get(path, headers={"Accept-Datetime": date})
    check_problem(answer, 400)


def test_the_present_page_names_gate_and_map(timeline: Timeline) -> None:
    """The pages of coverage and entry link to their gate and map, and are no mementos."""
    entry = timeline.publish()
    for below in ("", f"/entries/{entry['id']}"):
        answer = get(timeline, below)
        links = by_relation(answer.headers["link"])
        page = f"{timeline.newsroom.server.url}/coverages/{timeline.slug}{below}"
        assert links == {
            "original": page,
            "timegate": f"{page}/timegate",
            "timemap": f"{page}/timemap",
        }
        assert "memento-datetime" not in answer.headers
        assert "accept-datetime" not in answer.headers["vary"].lower()
        assert (
            get(timeline, f"{below}/timemap").headers["content-type"] == "application/link-format"
        )


def test_a_page_of_a_time_to_come_is_no_memento(timeline: Timeline) -> None:
    """A page as of the future can still change, and one before the opening has nothing."""
    timeline.publish()
    for at in ("2999-01-01T00:00:00Z", "1969-07-20T20:17:40Z"):
        answer = get(timeline, f"?at={at}")
        assert "memento-datetime" not in answer.headers
        assert by_relation(answer.headers["link"])["last"]


def test_a_part_of_the_page_is_no_memento_of_it(hours: Timeline) -> None:
    """Filtered and further pages have no links to gate and map, since these lead to whole pages."""
    for query in ("key_events=true", "order=oldest", "tag=x", "lang=en"):
        for address in (f"?{query}", f"?{query}&at=1969-07-20T22:00:00Z"):
            answer = get(hours, address)
            assert "link" not in answer.headers
            assert "memento-datetime" not in answer.headers


def test_an_entry_is_shown_as_it_was(hours: Timeline, entry_path: str) -> None:
    """An entry's memento has its words of then; before its publication there is no page."""
    texts = [
        get(hours, address).text for address in mementos(get(hours, f"{entry_path}/timemap").text)
    ]
    assert "With <em>quaggas</em>." in texts[0]
    assert "On the 21st." not in texts[0]
    assert "On the 21st." in texts[-1]
    path = f"/coverages/{hours.slug}{entry_path}?at=1969-07-20T20:17:40Z"
    check_problem(hours.newsroom.reader.get(path), 404)


def test_mementos_show_what_the_journal_says_now(hours: Timeline, entry_path: str) -> None:
    """After a retraction no memento has the words, neither the coverage's nor the entry's own."""
    pages = [get(hours, below) for below in ("/timemap", f"{entry_path}/timemap")]
    addresses = [address for page in pages for address in mementos(page.text)]
    assert any("With <em>quaggas</em>." in get(hours, address).text for address in addresses)
    hours.retract(entry_path.rpartition("/")[2], "It was not so.")
    for address in addresses:
        text = get(hours, address).text
        assert "quagga" not in text
        assert "First" not in text


def test_scripts_of_other_sites_may_use_them(hours: Timeline) -> None:
    """The header with the date is exposed, and a script may send the one that asks for it."""
    address = gate(hours, None).headers["location"]
    origin = {"Origin": "https://archive.example"}
    exposed = hours.newsroom.reader.get(address, headers=origin)
    assert "memento-datetime" in exposed.headers["access-control-expose-headers"].lower()
    preflight = hours.newsroom.reader.options(
        f"/coverages/{hours.slug}/timegate",
        headers={
            **origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "accept-datetime",
        },
    )
    assert preflight.status_code == 200
    assert "accept-datetime" in preflight.headers["access-control-allow-headers"].lower()


def _long_journal(events: list[Json], number: int) -> Iterator[Json]:
    opened, published = events[:2]
    yield opened
    yield published
    for seq in range(3, number + 1):
        yield {**published, "seq": seq, "type": "entry.amended"}


def test_a_long_timemap_has_pages(newsroom: Newsroom, journal: list[Json]) -> None:
    """A TimeMap of more than a thousand events is an index of pages that list each second once.

    Pages end with each thousandth event, also within a second.
    """
    events = [*_long_journal(journal, 2100)]
    own = [number if number not in range(990, 1010) else 990 for number in range(2100)]
    times = [_START + timedelta(seconds=number) for number in own]
    timeline = import_retimed(newsroom, events, times)
    index = parse_links(get(timeline, "/timemap").text)
    pages: dict[str, dict[str, Any]] = {a: v for a, v in index.items() if v["rel"] == ["timemap"]}
    assert not [each for each in index.values() if "memento" in each["rel"]]
    seconds: list[datetime] = []
    for address, link in pages.items():
        text = get(timeline, address).text
        listed = [*mementos(text).values()]
        assert len(listed) <= 1000
        assert (link["from"], link["until"]) == ([http_date(listed[0])], [http_date(listed[-1])])
        assert by_relation(text)["self"] == address
        seconds += listed
    assert seconds == sorted(set(times))
    reader, path = newsroom.reader, f"/coverages/{timeline.slug}/timemap"
    for number in ("0", "4"):
        check_problem(reader.get(path, params={"page": number}), 404)


def test_nothing_of_a_planned_coverage_is_told(newsroom: Newsroom) -> None:
    """Gate and map of a planned coverage are those of an unknown one: 404."""
    timeline = new_timeline(newsroom, new_slug(), status="planned")
    for below in ("/timegate", "/timemap"):
        check_problem(newsroom.reader.get(f"/coverages/{timeline.slug}{below}"), 404)


def test_links_lead_from_change_to_change_without_a_script(hours: Timeline) -> None:
    """From the first moment, the links to later ones visit each memento; those to earlier, back."""
    listed = [*mementos(get(hours, "/timemap").text)]
    present = get(hours, "").text
    address = unescape(re.findall(r'class="playback"\s+href="([^"]+)"', present)[0])
    for name, addresses in (("later", listed), ("earlier", listed[::-1])):
        visited = []
        while True:
            page = get(hours, f"?{urlsplit(address).query}").text
            visited.append(address)
            found = re.findall(rf'class="{name}"\s+href="([^"]+)"', page)
            if not found:
                break
            address = unescape(found[0])
        assert [urlsplit(each).query for each in visited] == [urlsplit(a).query for a in addresses]
