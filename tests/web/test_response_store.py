"""Promises of the place where answers are kept."""

from hypothesis import given
from hypothesis import strategies as st

from app.timeline.cursor import Cursor
from app.web.response_store import ResponseStore, StoredResponse


def kept(slug: str = "a", size: int = 0) -> StoredResponse:
    """An answer of so many bytes."""
    body = {"type": "http.response.body", "body": bytes(size)}
    return StoredResponse(slug, Cursor("e", 1), (b'"1"',), {}, body, {})


def test_what_is_kept_is_found():
    """Under its key alone."""
    store, answer = ResponseStore(10**6), kept()
    store.put("one", answer)
    assert store.find("one") is answer
    assert store.find("two") is None


def test_what_was_asked_for_longest_ago_goes_first():
    """As soon as there is not enough room."""
    store = ResponseStore(3 * kept(size=1000).weight)
    for key in ("one", "two", "three"):
        store.put(key, kept(size=1000))
    store.find("one")
    store.put("four", kept(size=1000))
    assert [key for key in ("one", "two", "three", "four") if store.find(key)] == [
        "one",
        "three",
        "four",
    ]


def test_what_is_larger_than_all_room_pushes_nothing_out():
    """It is not kept, and its older form neither."""
    store = ResponseStore(10_000)
    store.put("one", kept())
    store.put("two", kept(size=20_000))
    store.put("one", kept(size=20_000))
    assert len(store) == store.weight == 0


PUTS = st.tuples(st.integers(0, 9), st.sampled_from("abc"), st.integers(0, 5000))


@given(st.lists(PUTS | st.sampled_from("abc")), st.integers(0, 30_000))
def test_it_never_holds_more_than_it_may_and_nothing_of_what_was_dropped(deeds, capacity: int):
    """In any order of keeping and dropping; its weight is that of what it holds."""
    store = ResponseStore(capacity)
    held: dict[int, StoredResponse] = {}
    for deed in deeds:
        if isinstance(deed, str):
            store.drop(deed)
            held = {key: one for key, one in held.items() if one.slug != deed}
        else:
            key, slug, size = deed
            held[key] = kept(slug, size)
            store.put(key, held[key])
        found = {key: store.find(key) for key in range(10)}
        assert all(one is held.get(key) for key, one in found.items() if one)
        assert store.weight == sum(one.weight for one in found.values() if one) <= capacity
        assert len(store) == sum(one is not None for one in found.values())
