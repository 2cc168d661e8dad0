"""A Guardian live blog becomes a journal with every block once, in order of time."""

import pytest

from app.intake.foreign import journal_from_guardian
from tests.intake.foreign import Json, coverage_of, entries, html_of, times
from tests.intake.guardian_sample import (
    MINUTE,
    NOON,
    block,
    element,
    image,
    import_page,
    page,
    text,
)


def test_blocks_are_published_in_order_of_time_whatever_their_order_on_the_page() -> None:
    """Blocks are published in order of time, whatever their order on the page."""
    intake = import_page(block("c", minute=9), block("a", minute=1), block("b", minute=5))
    assert times(intake, "entry.published") == {
        "a": "2026-03-01T12:01:00.000Z",
        "b": "2026-03-01T12:05:00.000Z",
        "c": "2026-03-01T12:09:00.000Z",
    }
    assert intake.lines[0]["at"] == "2026-03-01T12:01:00.000Z"


def test_of_two_blocks_of_one_time_the_lower_on_the_page_comes_first() -> None:
    """Of two blocks with the same time, the lower one on the page is published first."""
    assert list(entries(import_page(block("a"), block("b")))) == ["b", "a"]


def test_a_later_change_is_an_amendment_at_its_own_time() -> None:
    """A later change is an amendment at its own time.

    Both revisions have the latest body, because earlier ones are unknown.
    """
    changed = block("a", blockLastUpdated=NOON + 7 * MINUTE)
    intake = import_page(block("b", minute=3), changed)
    assert [line["type"] for line in intake.lines[1:]] == [
        "entry.published",
        "entry.published",
        "entry.amended",
    ]
    first, last = entries(intake)["a"], entries(intake, "entry.amended")["a"]
    assert (first["revision"], first["updated_at"]) == (1, "2026-03-01T12:00:00.000Z")
    assert (last["revision"], last["updated_at"]) == (2, "2026-03-01T12:07:00.000Z")
    assert last["published_at"] == first["published_at"]
    assert last["body"] == first["body"]


def test_a_change_before_publication_is_no_amendment() -> None:
    """A change dated before publication is not an amendment."""
    assert import_page(block("a", blockLastUpdated=NOON - 1000)).counts["amendments"] == 0


def test_key_events_and_the_pinned_post_beyond_the_page_are_entries_too() -> None:
    """Key events and a pinned post outside the page's blocks become entries once."""
    early, earliest = block("k", minute=-60), block("p", minute=-90)
    intake = import_page(block("a"), keyEvents=[block("a"), early], pinnedPost=earliest)
    assert {i: e["key_event"] for i, e in entries(intake).items()} == {
        "p": False,
        "k": True,
        "a": True,
    }
    assert intake.counts["entries"] == 3
    assert intake.counts["key_events_beyond_blocks"] == 1


def test_a_block_can_call_itself_a_key_event() -> None:
    """A block with the attribute `keyEvent` is a key event."""
    intake = import_page(block("a", attributes={"keyEvent": True}))
    assert entries(intake)["a"]["key_event"]


def test_the_pinned_post_is_pinned_after_its_last_change() -> None:
    """The pinned post is pinned at the time of its last change."""
    pinned = block("a", minute=1, blockLastUpdated=NOON + 4 * MINUTE)
    intake = journal_from_guardian(page(block("b", minute=9), pinned, pinnedPost=pinned))
    assert times(intake, "entry.pinned") == {"a": "2026-03-01T12:04:00.000Z"}
    assert [line["type"] for line in intake.lines].index("entry.pinned") == 3
    assert coverage_of(intake).pinned == "a"


def test_a_block_that_calls_itself_pinned_is_pinned() -> None:
    """A block with the attribute `pinned` is pinned if the page has no pinned post."""
    intake = import_page(block("a", attributes={"pinned": True}), block("b"))
    assert list(entries(intake, "entry.pinned")) == ["a"]


@pytest.mark.parametrize(
    ("kind", "given_block"),
    [
        ("roundup", block("a", attributes={"summary": True})),
        ("quote", block("a", element("BlockquoteBlockElement", html="<p>So.</p>"))),
        ("media", block("a", image())),
        ("update", block("a", text(), image())),
    ],
)
def test_a_blocks_kind_is_told_from_what_it_holds(kind: str, given_block: Json) -> None:
    """A summary is a round-up; a block of only quotations or pictures has that kind."""
    assert entries(import_page(given_block))["a"]["kind"] == kind


def test_a_blocks_title_and_writers_are_headline_and_bylines() -> None:
    """A block's title, without markup, and contributors become headline and bylines."""
    intake = import_page(
        block("a", title="Waves <em>x<y</em> R&amp;D", contributors=[{"name": "Ada O"}])
    )
    entry = entries(intake)["a"]
    assert entry["headline"] == "Waves x<y R&D"
    assert entry["bylines"] == [{"name": "Ada O"}]


def test_a_title_too_long_for_a_headline_begins_the_text_whole() -> None:
    """A title that is too long is truncated, precedes the text in full, and is noted."""
    title = "wave " * 80
    entry = entries(intake := import_page(block("a", title=title)))["a"]
    assert entry["headline"].endswith("wave…")
    assert html_of(entry).startswith(f"<p>{title.strip()}</p>")
    assert any("too long" in note for note in intake.notes)


def test_a_block_without_content_is_counted_and_noted() -> None:
    """A block without content makes no entry and is noted."""
    intake = import_page(block("a"), block("b", text("<p> </p>")))
    assert list(entries(intake)) == ["a"]
    assert any("block b" in note for note in intake.notes)


def test_two_blocks_with_one_id_are_both_kept() -> None:
    """Two blocks with the same id make two entries, and a note."""
    intake = import_page(block("a", text("<p>One</p>")), block("a", text("<p>Two</p>")))
    assert {html_of(entry) for entry in entries(intake).values()} == {"<p>One</p>", "<p>Two</p>"}
    assert any("Two blocks" in note for note in intake.notes)
