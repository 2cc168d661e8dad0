"""The import of a real Guardian page loses no content."""

import itertools
from datetime import UTC, datetime

import pytest

from app.formats.rfc3339 import format_time
from app.intake.foreign import Intake, journal_from_guardian
from tests.intake.foreign import (
    Json,
    ParsedHtml,
    check_journal,
    entries,
    html_of,
    real_document,
    times,
)

FILE = "guardian_single_contributor.json"


def all_blocks(document: Json) -> dict[str, Json]:
    """Return every block of a page by id."""
    blocks = [*document["keyEvents"], document["pinnedPost"], *document["blocks"]]
    return {block["id"]: block for block in blocks}


@pytest.fixture(scope="module")
def real_page() -> tuple[dict[str, Json], Intake]:
    """Return a real page's blocks and their import."""
    document = real_document(FILE)
    intake = journal_from_guardian(document)
    check_journal(intake)
    return all_blocks(document), intake


def test_every_block_of_a_real_page_is_there_and_counted(
    real_page: tuple[dict[str, Json], Intake],
) -> None:
    """Each of the 11 blocks and 12 earlier key events is an entry, and the counts add up."""
    blocks, intake = real_page
    counts = intake.counts
    assert set(entries(intake)) == set(blocks)
    assert (counts["blocks"], counts["key_events_beyond_blocks"]) == (11, 12)
    assert counts["entries"] == len(blocks) == 23
    assert counts["pinned"] == len(entries(intake, "entry.pinned")) == 1
    assert counts["amendments"] == len(entries(intake, "entry.amended"))
    assert counts["elements"] == sum(len(block["elements"]) for block in blocks.values())
    assert counts["elements"] == sum(
        n for name, n in counts.items() if name.startswith("elements.")
    )
    assert counts["skipped"] == 0


def test_every_word_of_a_real_page_is_in_its_entry(
    real_page: tuple[dict[str, Json], Intake],
) -> None:
    """An entry has the words of its block in order, by an independent parser."""
    blocks, intake = real_page
    for block_id, entry in entries(intake).items():
        elements = blocks[block_id]["elements"]
        expected = itertools.chain.from_iterable(map(_words, elements))
        assert list(expected) == ParsedHtml(html_of(entry)).words
        assert entry["headline"] == blocks[block_id].get("title")


def _words(element: Json) -> list[str]:
    return ParsedHtml(
        element.get("html") or f"{element.get('prefix', '')}{element.get('text', '')}"
    ).words


def test_every_link_of_a_real_page_is_in_its_entry(
    real_page: tuple[dict[str, Json], Intake],
) -> None:
    """An entry has the links of its block; the URLs of embeds are links or citations.

    A link that is not an HTTP URL is in the notes.
    """
    blocks, intake = real_page
    for block_id, entry in entries(intake).items():
        elements = blocks[block_id]["elements"]
        seen = ParsedHtml(html_of(entry))
        expected = [link for e in elements for link in ParsedHtml(e.get("html", "")).links]
        embeds = {e.get("url") for e in elements}
        assert [link for link in expected if link.startswith("http")] == [
            link for link in seen.links if link not in embeds
        ]
        not_web = [link for link in expected if not link.startswith("http")]
        assert all(any(link in note for note in intake.notes) for link in not_web)
        assert {e["url"] for e in elements if "url" in e} <= {*seen.links, *seen.cites}


def test_every_picture_of_a_real_page_is_in_its_entry(
    real_page: tuple[dict[str, Json], Intake],
) -> None:
    """An entry has every file, alternative text, caption and credit of its block's pictures."""
    blocks, intake = real_page
    for block_id, entry in entries(intake).items():
        images = [e for e in blocks[block_id]["elements"] if "media" in e]
        assert len(images) == len(entry["media"])
        for image, media in zip(images, entry["media"], strict=True):
            assert {f["url"] for f in image["media"]["allImages"]} == {
                r["url"] for r in media["renditions"]
            }
            assert {key: media[key] for key in image["data"]} == image["data"]


def test_the_times_of_a_real_page_are_kept(real_page: tuple[dict[str, Json], Intake]) -> None:
    """Publication and amendment have the block's times to the millisecond."""
    blocks, intake = real_page
    published, amended = times(intake, "entry.published"), times(intake, "entry.amended")
    for block_id, block in blocks.items():
        first, last = block["blockFirstPublished"], block["blockLastUpdated"]
        assert published[block_id] == _time(first)
        assert amended.get(block_id) == (_time(last) if last > first else None)


def _time(millis: int) -> str:
    return format_time(datetime.fromtimestamp(millis / 1000, UTC))


def test_a_real_page_that_is_over_is_closed(real_page: tuple[dict[str, Json], Intake]) -> None:
    """The real page is finished, and its coverage is closed and has a lead image."""
    _, intake = real_page
    assert intake.lines[-1]["type"] == "coverage.closed"
    assert intake.lines[-1]["details"]["lead_image"]
