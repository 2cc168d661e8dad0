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
    shelf, answer = ResponseStore(10**6), kept()
    shelf.put("one", answer)
    assert shelf.find("one") is answer
    assert shelf.find("two") is None


def test_what_was_asked_for_longest_ago_goes_first():
    """As soon as there is not enough room."""
    shelf = ResponseStore(3 * kept(size=1000).weight)
    for key in ("one", "two", "three"):
        shelf.put(key, kept(size=1000))
    shelf.find("one")
    shelf.put("four", kept(size=1000))
    assert [key for key in ("one", "two", "three", "four") if shelf.find(key)] == [
        "one",
        "three",
        "four",
    ]


def test_what_is_larger_than_all_room_pushes_nothing_out():
    """It is not kept, and its older form neither."""
    shelf = ResponseStore(10_000)
    shelf.put("one", kept())
    shelf.put("two", kept(size=20_000))
    shelf.put("one", kept(size=20_000))
    assert len(shelf) == shelf.weight == 0


PUTS = st.tuples(st.integers(0, 9), st.sampled_from("abc"), st.integers(0, 5000))


@given(st.lists(PUTS | st.sampled_from("abc")), st.integers(0, 30_000))
def test_it_never_holds_more_than_it_may_and_nothing_of_what_was_dropped(deeds, capacity: int):
    """In any order of keeping and dropping; its weight is that of what it holds."""
    shelf = ResponseStore(capacity)
    held: dict[int, StoredResponse] = {}
    for deed in deeds:
        if isinstance(deed, str):
            shelf.drop(deed)
            held = {key: one for key, one in held.items() if one.slug != deed}
        else:
            key, slug, size = deed
            held[key] = kept(slug, size)
            shelf.put(key, held[key])
        found = {key: shelf.find(key) for key in range(10)}
        assert all(one is held.get(key) for key, one in found.items() if one)
        assert shelf.weight == sum(one.weight for one in found.values() if one) <= capacity
        assert len(shelf) == sum(one is not None for one in found.values())
