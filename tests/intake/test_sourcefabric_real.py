"""The import of a real response of Live Blog's API loses no content."""

import re

import pytest

from app.formats.rfc3339 import format_time, parse_time
from app.intake.foreign import Intake, journal_from_sourcefabric
from app.intake.html.embeds import original_address
from tests.intake.foreign import (
    Json,
    ParsedHtml,
    check_journal,
    entries,
    html_of,
    real_document,
    times,
)

MARKUP = {"p", "b", "a", "blockquote", "cite", "time"}
PRINTED = {"Credit:"}  # Live Blog prints this between a caption and its credit


@pytest.fixture(scope="module")
def real_blog() -> tuple[dict[str, Json], Intake]:
    """Return a real blog's posts by entry id, and their import."""
    document = real_document("sourcefabric_posts.json")
    intake = journal_from_sourcefabric(document)
    check_journal(intake)
    return {post["guid"].rpartition(":")[2]: post for post in document["_items"]}, intake


def _all_entries(intake: Intake) -> dict[str, Json]:
    return entries(intake) | {draft["id"]: draft for draft in intake.drafts}


def _items(post: Json) -> list[Json]:
    return [ref["item"] for group in post["groups"] for ref in group["refs"] if "item" in ref]


def test_every_post_of_a_real_blog_is_there_and_counted(
    real_blog: tuple[dict[str, Json], Intake],
) -> None:
    """Each of the 15 posts is an entry or, if submitted, a draft, and the counts add up."""
    posts, intake = real_blog
    counts = intake.counts
    assert set(_all_entries(intake)) == set(posts)
    assert (counts["posts"], counts["entries"], counts["drafts"]) == (15, 14, 1)
    assert counts["items"] == sum(len(_items(post)) for post in posts.values())
    assert counts["items"] == sum(n for name, n in counts.items() if name.startswith("items."))
    assert counts["skipped"] == 0


def test_every_word_of_a_real_blog_is_in_its_entry(
    real_blog: tuple[dict[str, Json], Intake],
) -> None:
    """An entry has every word of its post in order, by an independent parser.

    Words of a picture are in the entry's media, after those of its body.
    """
    posts, intake = real_blog
    for entry_id, entry in _all_entries(intake).items():
        media_texts = [m[key] for m in entry["media"] for key in ("caption", "credit")]
        shown = iter([*ParsedHtml(html_of(entry)).words, *" ".join(media_texts).split()])
        source = [
            word for item in _items(posts[entry_id]) for word in ParsedHtml(item["text"]).words
        ]
        # Each search goes on behind the word that was found last.
        assert [word for word in source if word not in PRINTED and word not in shown] == []


def test_every_link_and_frame_of_a_real_blog_is_in_its_entry(
    real_blog: tuple[dict[str, Json], Intake],
) -> None:
    """An entry has every link of its post, and for each frame the page it shows."""
    posts, intake = real_blog
    for entry_id, entry in _all_entries(intake).items():
        links = ParsedHtml(html_of(entry)).links
        for item in _items(posts[entry_id]):
            source = ParsedHtml(item["text"])
            assert set(source.links) <= set(links)
            assert {original_address(frame) for frame in source.frames} <= set(links)
            url = (item.get("meta") or {}).get("original_url")
            assert url is None or url in links


def test_every_picture_of_a_real_blog_is_in_its_entry(
    real_blog: tuple[dict[str, Json], Intake],
) -> None:
    """An entry has every rendition, the caption and the credit of its post's picture."""
    posts, intake = real_blog
    pictures = 0
    for entry_id, entry in _all_entries(intake).items():
        for item in _items(posts[entry_id]):
            if item["item_type"] == "image":
                (media,) = entry["media"]
                renditions = item["meta"]["media"]["renditions"]
                assert {r["url"] for r in media["renditions"]} == {
                    r["href"] for r in renditions.values()
                }
                assert media["url"] == renditions["original"]["href"]
                assert media["caption"] == item["meta"]["caption"]
                assert media["credit"] == item["meta"]["credit"]
                pictures += 1
    assert pictures == intake.counts["images"] == 1


def test_the_times_of_a_real_blog_are_kept(real_blog: tuple[dict[str, Json], Intake]) -> None:
    """Publication and amendment have the times of the post."""
    posts, intake = real_blog
    published, amended = times(intake, "entry.published"), times(intake, "entry.amended")
    for entry_id in entries(intake):
        first, last = posts[entry_id]["published_date"], posts[entry_id]["_updated"]
        assert published[entry_id] == format_time(parse_time(first))
        assert amended.get(entry_id) == (format_time(parse_time(last)) if last > first else None)


def test_a_real_blog_leaves_no_script_and_no_editors_markup(
    real_blog: tuple[dict[str, Json], Intake],
) -> None:
    """Bodies have only allowed elements, no scripts and no inline styles."""
    _, intake = real_blog
    html = "".join(html_of(entry) for entry in _all_entries(intake).values())
    assert set(re.findall(r"</?([a-z0-9]+)", html)) <= MARKUP
    assert "XFBML" not in html
    assert "style=" not in html
