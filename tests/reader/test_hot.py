"""Promises of the answers that are kept ready: the same to the byte, never old, never too many."""

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
from tests.reader.doors import Doors, ask, header, open_doors

pytestmark = pytest.mark.asyncio(loop_scope="module")

BELOW = [
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
    "/coverages/SLUG/feed.atom",
    "/coverages/SLUG/feed.json?key_events=true",
]
TASTES = [{}, {"accept_encoding": "gzip"}, {"origin": "https://reader.example"}]
WAYS = ["GET", "HEAD", "{etag}", '{weak}, "x"', "{compressed}", "*", '"x"']  # or a condition
STEPS: list[tuple[str, str, dict[str, object] | None]] = [
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


async def publish(doors: Doors, slug: str, headline: str = "One", body: str = "Some words.") -> str:
    """Publish an entry; gives its id."""
    entry = await doors.write("POST", f"/{slug}/entries", {"headline": headline, "body": body})
    return str(entry["id"])


def addresses(slug: str, entry_id: str, cursor: str = "0") -> list[str]:
    """The addresses of a coverage and one of its entries."""
    named = (below.replace("SLUG", slug).replace("ID", entry_id) for below in BELOW)
    return [address.replace("CURSOR", cursor) for address in named]


async def check(doors: Doors, address: str, taste: dict[str, str], way: str) -> None:
    """Ask for something in a way at both doors."""
    if way in {"GET", "HEAD"}:
        assert (await doors.both(address, way, **taste))[0] == 200
        return
    etag = header(await ask(doors.hot, address, **taste), "etag")
    assert etag is not None
    plain = etag.replace("-gzip", "")
    condition = way.format(etag=etag, weak=f"W/{plain}", compressed=f'{plain[:-1]}-gzip"')
    known = await doors.both(address, **taste, if_none_match=condition)
    if etag in condition or condition == "*":
        assert (known[0], known[2]) == (304, b"")


@pytest.mark.full("all ways after every step", but=["an-eighth"])
@pytest.mark.parametrize("apart", [1, 8], ids=["all", "an-eighth"])
async def test_a_kept_answer_is_what_is_made_anew_to_the_byte(doors: Doors, apart: int) -> None:
    """Status, headers and body; for every taste and condition, through all that can happen.

    Of an eighth of all ways after each step, each comes after one of the steps at least.
    """
    slug = await doors.open_coverage()
    entry_id = await publish(doors, slug)
    cursor = (await doors.chief.get(f"/v1/coverages/{slug}")).json()["cursor"]
    ways = list(itertools.product(addresses(slug, entry_id, cursor), TASTES, WAYS))
    for number, step in enumerate([None, *STEPS]):
        if step is not None:
            method, below, document = step
            await doors.write(method, f"/{slug}{below}".replace("ID", entry_id), document)
        for address, taste, way in ways[number % apart :: apart]:
            await check(doors, address, taste, way)


@pytest.mark.parametrize("below", BELOW)
async def test_an_answer_is_made_once(doors: Doors, below: str) -> None:
    """Until the journal grows; a 304 and a HEAD need none of their own."""
    slug = await doors.open_coverage()
    entry_id = await publish(doors, slug)
    cursor = (await doors.chief.get(f"/v1/coverages/{slug}")).json()["cursor"]
    (address,) = addresses(slug, entry_id, cursor)[BELOW.index(below) :][:1]
    for _ in range(2):
        before = doors.made.asked
        etag = header(await ask(doors.hot, address), "etag")
        assert doors.made.asked == before + 1
        assert etag is not None
        assert (await ask(doors.hot, address))[0] == 200
        assert (await ask(doors.hot, address, "HEAD"))[0] == 200
        assert (await ask(doors.hot, address, if_none_match=etag))[0] == 304
        assert doors.made.asked == before + 1
        await doors.write("PATCH", f"/{slug}", {"kicker": f"After {before}"})


async def test_what_a_page_ignores_makes_no_other_answer(doors: Doors) -> None:
    """Links carry counters of all kinds; a page is made and kept once for all of them."""
    slug = await doors.open_coverage()
    await publish(doors, slug)
    for page in (f"/coverages/{slug}", f"/coverages/{slug}/embed", f"/coverages/{slug}/feed.atom"):
        before, held = doors.made.asked, len(doors.hot.response_store)
        for query in ("utm_source=1", "utm_source=2&fbclid=x", "key_events=", "x&key_events=0"):
            made = await ask(doors.made.app, f"{page}?{query.replace('key_events=', 'x=')}")
            assert await ask(doors.hot, f"{page}?{query.replace('key_events=', 'x=')}") == made
        assert (doors.made.asked, len(doors.hot.response_store)) == (before + 1, held + 1)
        shown = await ask(doors.hot, f"{page}?key_events=true&utm_source=1")
        assert shown == await ask(doors.hot, f"{page}?x=1&key_events=true")
        assert (doors.made.asked, len(doors.hot.response_store)) == (before + 2, held + 2)


async def test_who_asks_together_is_answered_by_one_making(doors: Doors) -> None:
    """Also when nobody has asked for that coverage before."""
    slug = await doors.open_coverage()
    before = doors.made.asked
    address = f"/v1/coverages/{slug}/entries"
    answers = await asyncio.gather(*(ask(doors.hot, address) for _ in range(50)))
    assert doors.made.asked == before + 1
    assert all(answer == answers[0] for answer in answers)


async def test_a_reader_is_not_held_up_by_one_who_does_not_read(doors: Doors) -> None:
    """Whose answer is made waits for his line; whoever wants the same does not."""
    slug = await doors.open_coverage()
    address = f"/v1/coverages/{slug}/entries"
    stuck = asyncio.Event()

    async def never(_message: object) -> None:
        stuck.set()
        await asyncio.Event().wait()

    class Stalled:
        async def __call__(self, scope, receive, _send) -> None:
            await doors.hot(scope, receive, never)

    for place in (address, f"/v1/coverages/{slug}/entries/nothing"):
        stuck.clear()
        task = asyncio.create_task(ask(Stalled(), place))
        await stuck.wait()
        async with asyncio.timeout(30):
            assert (await ask(doors.hot, place))[0] in {200, 404}
        task.cancel()


def _kept_words() -> list[bytes]:
    responses = [thing for thing in gc.get_objects() if isinstance(thing, StoredResponse)]
    bodies = [response.body["body"] for response in responses]
    return [gzip.decompress(b) if b.startswith(b"\x1f\x8b") else b for b in bodies]


async def test_retracted_words_are_gone_from_memory_before_the_newsroom_is_answered(
    doors: Doors,
) -> None:
    """From every answer that is kept, in whatever form, and without anybody asking for them."""
    slug = await doors.open_coverage()
    entry_id = await publish(doors, slug, "Sesquipedalian")
    other = await doors.open_coverage()
    await ask(doors.hot, f"/coverages/{other}")
    held = len(doors.hot.response_store)
    for address in addresses(slug, entry_id):
        for taste in TASTES:
            await ask(doors.hot, address, **taste)
    gc.collect()
    assert sum(b"Sesquipedalian" in words for words in _kept_words()) > len(BELOW)
    await doors.write("POST", f"/{slug}/entries/{entry_id}/retraction", {"note": "Not so."})
    assert not any(b"Sesquipedalian" in words for words in _kept_words())
    assert len(doors.hot.response_store) == held, "another coverage's answers stay"


async def test_only_plain_answers_for_everybody_are_kept(doors: Doors) -> None:
    """No refusal, no plan, nothing for who signs in or brings our cookie, no list of coverages."""
    slug = await doors.open_coverage()
    plan = await doors.open_coverage(status="planned")
    draft = await doors.write("POST", f"/{slug}/entries", {"headline": "Not yet", "draft": True})
    path = f"/v1/coverages/{slug}"
    key, held = doors.chief.headers["Authorization"], len(doors.hot.response_store)
    refused = ["/v1/coverages/nobody", f"/coverages/{plan}", f"{path}/entries/{draft['id']}"]
    refused += [f"{path}/entries?limit=0", f"{path}/events?after=garbage", f"/v1/coverages/{plan}"]
    for address in refused:
        assert (await doors.both(address))[0] >= 400
    for address in ("/", "/v1/coverages", "/healthz"):
        assert (await ask(doors.hot, address))[0] == 200
    for address in (path, f"/v1/coverages/{plan}"):
        assert (await doors.both(address, authorization=key))[0] == 200
    assert (await ask(doors.hot, f"{path}/drafts", authorization=key))[0] == 200  # tells the time
    assert (await doors.both(path, authorization="Bearer nonsense"))[0] == 401
    assert (await doors.both(path, cookie="a=b; dateline_session=c"))[0] == 200
    assert (await doors.both(path, "HEAD"))[0] == 200
    assert (await doors.both(f"{path}/events", "HEAD", accept="text/event-stream"))[0] == 200
    assert len(doors.hot.response_store) == held
    # A counter's or a banner's cookie is none of ours.
    assert (await doors.both(path, cookie="a=b"))[0] == 200
    assert len(doors.hot.response_store) == held + 1


async def test_who_waits_is_not_given_a_page_that_is_kept_empty(doors: Doors) -> None:
    """With `wait` and nothing new, each is held; with something new, the page may be kept."""
    slug = await doors.open_coverage()
    cursor = (await doors.chief.get(f"/v1/coverages/{slug}")).json()["cursor"]
    address = f"/v1/coverages/{slug}/events?after={cursor}&wait=0.05"
    before = doors.made.asked
    for _ in range(2):
        assert b'"events":[]' in (await ask(doors.hot, address))[2]
    assert doors.made.asked == before + 2
    long = address.replace("0.05", "60")
    held = [asyncio.create_task(ask(doors.hot, long)) for _ in range(2)]
    async with asyncio.timeout(30):
        while doors.made.asked < before + 4:  # noqa: ASYNC110  the second does not wait for the first
            await asyncio.sleep(0.001)
    await publish(doors, slug, "Something new")
    for answer in await asyncio.gather(*held):
        assert b"Something new" in answer[2]


@pytest.mark.parametrize("repeated", ["accept", "if-none-match", "accept-encoding"])
async def test_headers_that_come_twice_are_left_to_the_application(
    doors: Doors, repeated: str
) -> None:
    """What they mean together is not decided twice."""
    slug = await doors.open_coverage()
    address = f"/v1/coverages/{slug}/events"
    await ask(doors.hot, address)

    class Doubling:
        async def __call__(self, scope, receive, send) -> None:
            twice = [(repeated.encode(), b"gzip"), (repeated.encode(), b"text/event-stream")]
            await doors.hot(scope | {"headers": [*scope["headers"], *twice]}, receive, send)

    before = doors.made.asked
    # A HEAD, since a stream's GET would not end.
    assert (await ask(Doubling(), address, "HEAD"))[0] == 200
    assert doors.made.asked == before + 1


async def test_with_no_room_everything_is_made_anew(tmp_path: Path) -> None:
    """A capacity of 0 turns it off."""
    async with open_doors(tmp_path, capacity=0) as doors:
        slug = await doors.open_coverage()
        before = doors.made.asked
        for _ in range(2):
            assert (await ask(doors.hot, f"/coverages/{slug}"))[0] == 200
        assert doors.made.asked == before + 2
        assert len(doors.hot.response_store) == 0


Write = Callable[[Doors, str, list[str], int], Awaitable[object]]


async def _publish(doors: Doors, slug: str, ids: list[str], number: int) -> None:
    ids.append(await publish(doors, slug, f"Number {number}"))


def _on(method: str, below: str, **document: object) -> Write:
    async def act(doors: Doors, slug: str, ids: list[str], number: int) -> None:
        address = f"/v1/coverages/{slug}{below}".replace("ID", ids[number % len(ids)])
        # The rules may refuse it (a tombstone cannot be changed), and then nothing has happened.
        await doors.chief.request(method, address, json=document or None, headers={"If-Match": "*"})

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
        st.lists(st.tuples(st.sampled_from(BELOW), st.integers(0, 60)), max_size=4),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=settings.default.max_examples // 8)  # each asks for every address
@given(script=SCRIPTS)
async def test_a_read_after_an_acknowledged_write_shows_it(doors: Doors, script) -> None:
    """Whatever else is being read, at whatever point its making is when the write is acknowledged.

    Readers come in at random turns of the loop before and during each write and are not waited for.
    """
    async with asyncio.TaskGroup() as readers:
        slug = await doors.open_coverage()
        ids = [await publish(doors, slug)]

        async def come(address: str, turns: int) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await ask(doors.hot, address)

        for deed, number, comers in script:
            for below, turns in comers:
                place = addresses(slug, ids[number % len(ids)])[BELOW.index(below)]
                readers.create_task(come(place, turns))
            await WRITES[deed](doors, slug, ids, number)
            for address in addresses(slug, ids[-1]):
                assert await ask(doors.hot, address) == await ask(doors.made.app, address)
