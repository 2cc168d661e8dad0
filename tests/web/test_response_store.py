"""The store of responses."""

from hypothesis import given
from hypothesis import strategies as st

from app.timeline.cursor import Cursor
from app.web.response_store import ResponseStore, StoredResponse


def response_of(slugs: str = "a", size: int = 0) -> StoredResponse:
    """A response with a body of that size, which depends on the coverages of these letters."""
    body = {"type": "http.response.body", "body": bytes(size)}
    heads = tuple((slug, Cursor("e", 1)) for slug in slugs)
    return StoredResponse(heads, (b'"1"',), {}, body, {})


def test_what_is_kept_is_found():
    """A stored response is found by its key only."""
    store, response = ResponseStore(10**6), response_of()
    store.put("one", response)
    assert store.find("one") is response
    assert store.find("two") is None


def test_what_was_asked_for_longest_ago_goes_first():
    """The least recently used response is evicted first."""
    store = ResponseStore(3 * response_of(size=1000).weight)
    for key in ("one", "two", "three"):
        store.put(key, response_of(size=1000))
    store.find("one")
    store.put("four", response_of(size=1000))
    assert [key for key in ("one", "two", "three", "four") if store.find(key)] == [
        "one",
        "three",
        "four",
    ]


def test_what_is_larger_than_all_room_pushes_nothing_out():
    """A response larger than the store is not stored, and its older version is removed."""
    store = ResponseStore(10_000)
    store.put("one", response_of())
    store.put("two", response_of(size=20_000))
    store.put("one", response_of(size=20_000))
    assert len(store) == store.weight == 0


SLUGS = st.sampled_from(["a", "b", "c", "ab", "abc"])
PUTS = st.tuples(st.integers(0, 9), SLUGS, st.integers(0, 5000))


@given(st.lists(PUTS | st.sampled_from("abc")), st.integers(0, 30_000))
def test_it_never_holds_more_than_it_may_and_nothing_of_what_was_dropped(steps, capacity: int):
    """In any order of puts and drops the store's weight is that of its responses and bounded."""
    store = ResponseStore(capacity)
    expected: dict[int, StoredResponse] = {}
    for step in steps:
        if isinstance(step, str):
            store.drop(step)
            expected = {
                key: response
                for key, response in expected.items()
                if step not in dict(response.heads)
            }
        else:
            key, slugs, size = step
            expected[key] = response_of(slugs, size)
            store.put(key, expected[key])
        stored = {key: store.find(key) for key in range(10)}
        assert all(response is expected.get(key) for key, response in stored.items() if response)
        assert (
            store.weight
            == sum(response.weight for response in stored.values() if response)
            <= capacity
        )
        assert len(store) == sum(response is not None for response in stored.values())
