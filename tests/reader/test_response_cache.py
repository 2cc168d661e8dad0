"""The response cache: stored answers are byte-identical, never stale, and limited in number."""

import asyncio
import gc
import gzip
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.web.response_store import StoredResponse
from tests.reader.newsroom_app import NewsroomApp, ask, header, open_newsroom_app

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATHS = [
    "/v1/coverages/SLUG",
    "/v1/coverages/SLUG/entries",
    "/v1/coverages/SLUG/entries?limit=1",
    "/v1/coverages/SLUG/entries?order=oldest&key_events=true",
    "/v1/coverages/SLUG/entries?at=2100-01-01T00:00:00Z",
    "/v1/coverages/SLUG/entries/ID",
    "/v1/coverages/SLUG/entries/ID/revisions",
    "/v1/coverages/SLUG/events",
    "/v1/coverages/SLUG/events?limit=2",
    "/v1/coverages/SLUG/events?after=CURSOR",
    "/coverages/SLUG",
    "/coverages/SLUG?key_events=true",
    "/coverages/SLUG/entries/ID",
    "/coverages/SLUG/timemap",
    "/coverages/SLUG/entries/ID/timemap",
    "/coverages/SLUG/feed.atom",
    "/coverages/SLUG/feed.json?key_events=true",
]
REQUEST_HEADERS = [{}, {"accept_encoding": "gzip"}, {"origin": "https://reader.example"}]
# A method, or the If-None-Match of a GET.
METHODS_OR_CONDITIONS = ["GET", "HEAD", "{etag}", '{weak}, "x"', "{compressed}", "*", '"x"']
WRITES_IN_ORDER: list[tuple[str, str, dict[str, object] | None]] = [
    ("PATCH", "/entries/ID", {"headline": "Amended"}),
    ("POST", "/entries/ID/correction", {"note": "It was two.", "body": "Two."}),
    ("PUT", "/entries/ID/pin", None),
    ("POST", "/entries", {"headline": "Another", "key_event": True}),
    ("DELETE", "/entries/ID/pin", None),
    ("PATCH", "", {"title": "Another day"}),
    ("PATCH", "", {"status": "closed"}),
    ("PATCH", "", {"status": "live"}),
    ("POST", "/entries/ID/retraction", {"note": "Not so."}),
]


async def publish(
    newsroom_app: NewsroomApp, slug: str, headline: str = "One", body: str = "Some words."
) -> str:
    """Publish an entry and return its id."""
    entry = await newsroom_app.write(
        "POST", f"/{slug}/entries", {"headline": headline, "body": body}
    )
    return str(entry["id"])


def addresses(slug: str, entry_id: str, cursor: str = "0") -> list[str]:
    """Return the addresses of a coverage and of one of its entries."""
    filled = (below.replace("SLUG", slug).replace("ID", entry_id) for below in PATHS)
    return [address.replace("CURSOR", cursor) for address in filled]


async def check(
    newsroom_app: NewsroomApp, address: str, headers: dict[str, str], method_or_condition: str
) -> None:
    """Compare the answers with and without the cache for one method or condition."""
    if method_or_condition in {"GET", "HEAD"}:
        assert (await newsroom_app.ask_both(address, method_or_condition, **headers))[0] == 200
        return
    etag = header(await ask(newsroom_app.cached, address, **headers), "etag")
    assert etag is not None
    plain = etag.replace("-gzip", "")
    condition = method_or_condition.format(
        etag=etag, weak=f"W/{plain}", compressed=f'{plain[:-1]}-gzip"'
    )
    answer = await newsroom_app.ask_both(address, **headers, if_none_match=condition)
    if etag in condition or condition == "*":
        assert (answer[0], answer[2]) == (304, b"")


@pytest.mark.full("all ways after every step", but=["an-eighth"])
@pytest.mark.parametrize("apart", [1, 8], ids=["all", "an-eighth"])
async def test_a_kept_answer_is_what_is_made_anew_to_the_byte(
    newsroom_app: NewsroomApp, apart: int
) -> None:
    """A cached answer equals a newly computed one in status, headers and body after every write.

    This is checked for each combination of address, request headers, and method or condition; with
    `apart` 8, for an eighth of the combinations after each write.
    """
    slug = await newsroom_app.open_coverage()
    entry_id = await publish(newsroom_app, slug)
    cursor = (await newsroom_app.chief.get(f"/v1/coverages/{slug}")).json()["cursor"]
    combinations = list(
        itertools.product(addresses(slug, entry_id, cursor), REQUEST_HEADERS, METHODS_OR_CONDITIONS)
    )
    for number, step in enumerate([None, *WRITES_IN_ORDER]):
        if step is not None:
            method, below, document = step
            await newsroom_app.write(method, f"/{slug}{below}".replace("ID", entry_id), document)
        for address, headers, method_or_condition in combinations[number % apart :: apart]:
            await check(newsroom_app, address, headers, method_or_condition)


@pytest.mark.parametrize("below", PATHS)
async def test_an_answer_is_made_once(newsroom_app: NewsroomApp, below: str) -> None:
    """An answer is computed once until the journal grows, also for a 304 and a HEAD."""
    slug = await newsroom_app.open_coverage()
    entry_id = await publish(newsroom_app, slug)
    cursor = (await newsroom_app.chief.get(f"/v1/coverages/{slug}")).json()["cursor"]
    (address,) = addresses(slug, entry_id, cursor)[PATHS.index(below) :][:1]
    for _ in range(2):
        before = newsroom_app.uncached.request_count
        etag = header(await ask(newsroom_app.cached, address), "etag")
        assert newsroom_app.uncached.request_count == before + 1
        assert etag is not None
        assert (await ask(newsroom_app.cached, address))[0] == 200
        assert (await ask(newsroom_app.cached, address, "HEAD"))[0] == 200
        assert (await ask(newsroom_app.cached, address, if_none_match=etag))[0] == 304
        assert newsroom_app.uncached.request_count == before + 1
        await newsroom_app.write("PATCH", f"/{slug}", {"kicker": f"After {before}"})


async def test_what_a_page_ignores_makes_no_other_answer(newsroom_app: NewsroomApp) -> None:
    """Query parameters that a page ignores, such as tracking parameters, add no stored answer."""
    slug = await newsroom_app.open_coverage()
    await publish(newsroom_app, slug)
    for page in (f"/coverages/{slug}", f"/coverages/{slug}/embed", f"/coverages/{slug}/feed.atom"):
        before = newsroom_app.uncached.request_count
        stored_before = len(newsroom_app.cached.response_store)
        for query in ("utm_source=1", "utm_source=2&fbclid=x", "x=", "x&Key_Events=true"):
            address = f"{page}?{query}"
            uncached = await ask(newsroom_app.uncached.app, address)
            assert await ask(newsroom_app.cached, address) == uncached
        assert (newsroom_app.uncached.request_count, len(newsroom_app.cached.response_store)) == (
            before + 1,
            stored_before + 1,
        )
        filtered = await ask(newsroom_app.cached, f"{page}?key_events=true&utm_source=1")
        assert filtered == await ask(newsroom_app.cached, f"{page}?x=1&key_events=true")
        assert (newsroom_app.uncached.request_count, len(newsroom_app.cached.response_store)) == (
            before + 2,
            stored_before + 2,
        )


async def test_who_asks_together_is_answered_by_one_making(newsroom_app: NewsroomApp) -> None:
    """Concurrent requests for one address of a new coverage are answered by one computation."""
    slug = await newsroom_app.open_coverage()
    before = newsroom_app.uncached.request_count
    address = f"/v1/coverages/{slug}/entries"
    answers = await asyncio.gather(*(ask(newsroom_app.cached, address) for _ in range(50)))
    assert newsroom_app.uncached.request_count == before + 1
    assert all(answer == answers[0] for answer in answers)


async def test_a_reader_is_not_held_up_by_one_who_does_not_read(newsroom_app: NewsroomApp) -> None:
    """A client that does not read its answer does not delay another request for that address."""
    slug = await newsroom_app.open_coverage()
    address = f"/v1/coverages/{slug}/entries"
    is_sending = asyncio.Event()

    async def never_send(_message: object) -> None:
        is_sending.set()
        await asyncio.Event().wait()

    class Stalled:
        async def __call__(self, scope, receive, _send) -> None:
            await newsroom_app.cached(scope, receive, never_send)

    for path in (address, f"/v1/coverages/{slug}/entries/nothing"):
        is_sending.clear()
        task = asyncio.create_task(ask(Stalled(), path))
        await is_sending.wait()
        async with asyncio.timeout(30):
            assert (await ask(newsroom_app.cached, path))[0] in {200, 404}
        task.cancel()


def _stored_bodies() -> list[bytes]:
    responses = [instance for instance in gc.get_objects() if isinstance(instance, StoredResponse)]
    bodies = [response.body["body"] for response in responses]
    return [gzip.decompress(b) if b.startswith(b"\x1f\x8b") else b for b in bodies]


async def test_retracted_words_are_gone_from_memory_before_the_newsroom_is_answered(
    newsroom_app: NewsroomApp,
) -> None:
    """Stored answers of a coverage are dropped before a retraction is acknowledged.

    They are dropped in every representation and without another request; answers of other coverages
    stay.
    """
    slug = await newsroom_app.open_coverage()
    entry_id = await publish(newsroom_app, slug, "Sesquipedalian")
    other = await newsroom_app.open_coverage()
    await ask(newsroom_app.cached, f"/coverages/{other}")
    stored_before = len(newsroom_app.cached.response_store)
    for address in addresses(slug, entry_id):
        for headers in REQUEST_HEADERS:
            await ask(newsroom_app.cached, address, **headers)
    gc.collect()
    assert sum(b"Sesquipedalian" in body for body in _stored_bodies()) > len(PATHS)
    await newsroom_app.write("POST", f"/{slug}/entries/{entry_id}/retraction", {"note": "Not so."})
    assert not any(b"Sesquipedalian" in body for body in _stored_bodies())
    assert len(newsroom_app.cached.response_store) == stored_before, (
        "another coverage's answers stay"
    )


async def test_only_plain_answers_for_everybody_are_kept(newsroom_app: NewsroomApp) -> None:
    """Refusals, planned coverages and lists of coverages are not stored.

    Nor are answers to HEAD and to requests with credentials or our session cookie. Foreign cookies
    do not prevent storing.
    """
    slug = await newsroom_app.open_coverage()
    plan = await newsroom_app.open_coverage(status="planned")
    draft = await newsroom_app.write(
        "POST", f"/{slug}/entries", {"headline": "Not yet", "draft": True}
    )
    path = f"/v1/coverages/{slug}"
    key = newsroom_app.chief.headers["Authorization"]
    stored_before = len(newsroom_app.cached.response_store)
    refused = ["/v1/coverages/nobody", f"/coverages/{plan}", f"{path}/entries/{draft['id']}"]
    refused += [f"{path}/entries?limit=0", f"{path}/events?after=garbage", f"/v1/coverages/{plan}"]
    for address in refused:
        assert (await newsroom_app.ask_both(address))[0] >= 400
    for address in ("/", "/v1/coverages", "/healthz"):
        assert (await ask(newsroom_app.cached, address))[0] == 200
    for address in (path, f"/v1/coverages/{plan}"):
        assert (await newsroom_app.ask_both(address, authorization=key))[0] == 200
    # The answer contains the current time.
    assert (await ask(newsroom_app.cached, f"{path}/drafts", authorization=key))[0] == 200
    assert (await newsroom_app.ask_both(path, authorization="Bearer nonsense"))[0] == 401
    assert (await newsroom_app.ask_both(path, cookie="a=b; dateline_session=c"))[0] == 200
    assert (await newsroom_app.ask_both(path, "HEAD"))[0] == 200
    stream = await newsroom_app.ask_both(f"{path}/events", "HEAD", accept="text/event-stream")
    assert stream[0] == 200
    assert len(newsroom_app.cached.response_store) == stored_before
    # A foreign cookie, such as a tracker's or a consent banner's, does not bypass the cache.
    assert (await newsroom_app.ask_both(path, cookie="a=b"))[0] == 200
    assert len(newsroom_app.cached.response_store) == stored_before + 1


async def test_who_waits_is_not_given_a_page_that_is_kept_empty(newsroom_app: NewsroomApp) -> None:
    """A long-poll is not answered from a stored empty page: each waits in the application."""
    slug = await newsroom_app.open_coverage()
    cursor = (await newsroom_app.chief.get(f"/v1/coverages/{slug}")).json()["cursor"]
    address = f"/v1/coverages/{slug}/events?after={cursor}&wait=0.05"
    before = newsroom_app.uncached.request_count
    for _ in range(2):
        assert b'"events":[]' in (await ask(newsroom_app.cached, address))[2]
    assert newsroom_app.uncached.request_count == before + 2
    long_poll = address.replace("0.05", "60")
    waiting = [asyncio.create_task(ask(newsroom_app.cached, long_poll)) for _ in range(2)]
    async with asyncio.timeout(30):
        # The second request must not wait for the first.
        while newsroom_app.uncached.request_count < before + 4:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    await publish(newsroom_app, slug, "Something new")
    for answer in await asyncio.gather(*waiting):
        assert b"Something new" in answer[2]


@pytest.mark.parametrize("repeated", ["accept", "if-none-match", "accept-encoding"])
async def test_headers_that_come_twice_are_left_to_the_application(
    newsroom_app: NewsroomApp, repeated: str
) -> None:
    """A request that repeats a selecting header bypasses the cache."""
    slug = await newsroom_app.open_coverage()
    address = f"/v1/coverages/{slug}/events"
    await ask(newsroom_app.cached, address)

    class RepeatingHeader:
        async def __call__(self, scope, receive, send) -> None:
            repeated_headers = [
                (repeated.encode(), b"gzip"),
                (repeated.encode(), b"text/event-stream"),
            ]
            await newsroom_app.cached(
                scope | {"headers": [*scope["headers"], *repeated_headers]}, receive, send
            )

    before = newsroom_app.uncached.request_count
    # HEAD, because a GET of the stream would not end.
    assert (await ask(RepeatingHeader(), address, "HEAD"))[0] == 200
    assert newsroom_app.uncached.request_count == before + 1


async def test_with_no_room_everything_is_made_anew(tmp_path: Path) -> None:
    """A capacity of 0 disables the cache."""
    async with open_newsroom_app(tmp_path, capacity=0) as newsroom_app:
        slug = await newsroom_app.open_coverage()
        before = newsroom_app.uncached.request_count
        for _ in range(2):
            assert (await ask(newsroom_app.cached, f"/coverages/{slug}"))[0] == 200
        assert newsroom_app.uncached.request_count == before + 2
        assert len(newsroom_app.cached.response_store) == 0


Write = Callable[[NewsroomApp, str, list[str], int], Awaitable[object]]


async def _publish(newsroom_app: NewsroomApp, slug: str, ids: list[str], number: int) -> None:
    ids.append(await publish(newsroom_app, slug, f"Number {number}"))


def _on(method: str, below: str, **document: object) -> Write:
    async def act(newsroom_app: NewsroomApp, slug: str, ids: list[str], number: int) -> None:
        address = f"/v1/coverages/{slug}{below}".replace("ID", ids[number % len(ids)])
        # A refused write (a tombstone cannot be changed) is ignored: it changes nothing.
        await newsroom_app.chief.request(
            method, address, json=document or None, headers={"If-Match": "*"}
        )

    return act


WRITES: dict[str, Write] = {
    "publish": _publish,
    "amend": _on("PATCH", "/entries/ID", headline="Amended"),
    "correct": _on("POST", "/entries/ID/correction", note="Otherwise.", body="Otherwise."),
    "pin": _on("PUT", "/entries/ID/pin"),
    "retract": _on("POST", "/entries/ID/retraction", note="Not so."),
    "rename": _on("PATCH", "", title="Renamed"),
}
SCRIPTS = st.lists(
    st.tuples(
        st.sampled_from(sorted(WRITES)),
        st.integers(0, 50),
        st.lists(st.tuples(st.sampled_from(PATHS), st.integers(0, 60)), max_size=4),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=settings.default.max_examples // 8)  # each example requests every address
@given(script=SCRIPTS)
async def test_a_read_after_an_acknowledged_write_shows_it(
    newsroom_app: NewsroomApp, script
) -> None:
    """After a write is acknowledged, cached and newly computed answers are equal.

    Other readers start at random turns of the loop before and during each write, so that their
    answers are being computed when it is acknowledged.
    """
    async with asyncio.TaskGroup() as readers:
        slug = await newsroom_app.open_coverage()
        ids = [await publish(newsroom_app, slug)]

        async def read_after(address: str, turns: int) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await ask(newsroom_app.cached, address)

        for write, number, reads in script:
            for below, turns in reads:
                read_address = addresses(slug, ids[number % len(ids)])[PATHS.index(below)]
                readers.create_task(read_after(read_address, turns))
            await WRITES[write](newsroom_app, slug, ids, number)
            for address in addresses(slug, ids[-1]):
                assert await ask(newsroom_app.cached, address) == await ask(
                    newsroom_app.uncached.app, address
                )
