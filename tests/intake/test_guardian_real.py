"""A real Guardian page loses nothing on its way in."""

import itertools
from datetime import UTC, datetime

import pytest

from app.formats.public_json import format_time
from app.intake import Intake, journal_from_guardian
from tests.intake.foreign import Json, Seen, check_journal, entries, html_of, real_document, times

FILE = "guardian_single_contributor.json"


def all_blocks(document: Json) -> dict[str, Json]:
    """Every block of a page, once."""
    blocks = [*document["keyEvents"], document["pinnedPost"], *document["blocks"]]
    return {block["id"]: block for block in blocks}


@pytest.fixture(scope="module")
def real() -> tuple[dict[str, Json], Intake]:
    """A real page's blocks, and what became of them."""
    document = real_document(FILE)
    intake = journal_from_guardian(document)
    check_journal(intake)
    return all_blocks(document), intake


def test_every_block_of_a_real_page_is_there_and_counted(
    real: tuple[dict[str, Json], Intake],
) -> None:
    """11 blocks, 12 key events beyond them, one of these pinned; the counts add up."""
    blocks, intake = real
    counts = intake.counts
    assert set(entries(intake)) == set(blocks)
    assert (counts["blocks"], counts["key_events_beyond_blocks"]) == (11, 12)
    assert counts["entries"] == len(blocks) == 23
    assert counts["pinned"] == len(entries(intake, "entry.pinned")) == 1
    assert counts["amendments"] == len(entries(intake, "entry.amended"))
    assert counts["elements"] == sum(len(block["elements"]) for block in blocks.values())
    assert counts["elements"] == sum(
        n for what, n in counts.items() if what.startswith("elements.")
    )
    assert counts["skipped"] == 0


def test_every_word_of_a_real_page_is_in_its_entry(real: tuple[dict[str, Json], Intake]) -> None:
    """In the order in which it stood, by a parser that is not ours."""
    blocks, intake = real
    for block_id, entry in entries(intake).items():
        elements = blocks[block_id]["elements"]
        said = itertools.chain.from_iterable(map(_words, elements))
        assert list(said) == Seen(html_of(entry)).words
        assert entry["headline"] == blocks[block_id].get("title")


def _words(shown: Json) -> list[str]:
    return Seen(shown.get("html") or f"{shown.get('prefix', '')}{shown.get('text', '')}").words


def test_every_link_of_a_real_page_is_in_its_entry(real: tuple[dict[str, Json], Intake]) -> None:
    """Those of posts elsewhere as the source of the quotation, too."""
    blocks, intake = real
    for block_id, entry in entries(intake).items():
        elements = blocks[block_id]["elements"]
        seen = Seen(html_of(entry))
        said = [link for e in elements for link in Seen(e.get("html", "")).links]
        own = {e.get("url") for e in elements}
        assert [link for link in said if link.startswith("http")] == [
            link for link in seen.links if link not in own
        ]
        lost = [link for link in said if not link.startswith("http")]
        assert all(any(link in note for note in intake.notes) for link in lost)
        assert {e["url"] for e in elements if "url" in e} <= {*seen.links, *seen.cites}


def test_every_picture_of_a_real_page_is_in_its_entry(real: tuple[dict[str, Json], Intake]) -> None:
    """Every file of it, its size and its words."""
    blocks, intake = real
    for block_id, entry in entries(intake).items():
        images = [e for e in blocks[block_id]["elements"] if "media" in e]
        assert len(images) == len(entry["media"])
        for shown, media in zip(images, entry["media"], strict=True):
            assert {f["url"] for f in shown["media"]["allImages"]} == {
                r["url"] for r in media["renditions"]
            }
            assert {key: media[key] for key in shown["data"]} == shown["data"]


def test_the_times_of_a_real_page_are_kept(real: tuple[dict[str, Json], Intake]) -> None:
    """To the millisecond."""
    blocks, intake = real
    published, amended = times(intake, "entry.published"), times(intake, "entry.amended")
    for block_id, block in blocks.items():
        first, last = block["blockFirstPublished"], block["blockLastUpdated"]
        assert published[block_id] == _moment(first)
        assert amended.get(block_id) == (_moment(last) if last > first else None)


def _moment(millis: int) -> str:
    return format_time(datetime.fromtimestamp(millis / 1000, UTC))


def test_a_real_page_that_is_over_is_closed(real: tuple[dict[str, Json], Intake]) -> None:
    """Its title says that it happened."""
    _, intake = real
    assert intake.lines[-1]["type"] == "coverage.closed"
    assert intake.lines[-1]["details"]["lead_image"]
