"""A real answer of Live Blog's API loses nothing on its way in."""

import re

import pytest

from app.formats.public_json import format_time, parse_time
from app.intake import Intake, journal_from_sourcefabric
from app.intake.html.embeds import original_address
from tests.intake.foreign import Json, Seen, check_journal, entries, html_of, real_document, times

MARKUP = {"p", "b", "a", "blockquote", "cite", "time"}
PRINTED = {"Credit:"}  # what Live Blog prints between a caption and its credit


@pytest.fixture(scope="module")
def real() -> tuple[dict[str, Json], Intake]:
    """A real blog's posts by the ids of their entries, and what became of them."""
    document = real_document("sourcefabric_posts.json")
    intake = journal_from_sourcefabric(document)
    check_journal(intake)
    return {post["guid"].rpartition(":")[2]: post for post in document["_items"]}, intake


def _told(intake: Intake) -> dict[str, Json]:
    return entries(intake) | {draft["id"]: draft for draft in intake.drafts}


def _items(post: Json) -> list[Json]:
    return [ref["item"] for group in post["groups"] for ref in group["refs"] if "item" in ref]


def test_every_post_of_a_real_blog_is_there_and_counted(
    real: tuple[dict[str, Json], Intake],
) -> None:
    """15 posts: 14 public, one submitted and so a draft; the counts add up."""
    posts, intake = real
    counts = intake.counts
    assert set(_told(intake)) == set(posts)
    assert (counts["posts"], counts["entries"], counts["drafts"]) == (15, 14, 1)
    assert counts["items"] == sum(len(_items(post)) for post in posts.values())
    assert counts["items"] == sum(n for what, n in counts.items() if what.startswith("items."))
    assert counts["skipped"] == 0


def test_every_word_of_a_real_blog_is_in_its_entry(real: tuple[dict[str, Json], Intake]) -> None:
    """What is shown, by a parser that is not ours; of a picture beside it."""
    posts, intake = real
    for entry_id, entry in _told(intake).items():
        beside = [m[key] for m in entry["media"] for key in ("caption", "credit", "alt")]
        found = " ".join([*Seen(html_of(entry)).words, *" ".join(beside).split()])
        for item in _items(posts[entry_id]):
            said = set(Seen(item["text"]).words) - PRINTED
            assert {word for word in said if word not in found} == set()


def test_every_link_and_frame_of_a_real_blog_is_in_its_entry(
    real: tuple[dict[str, Json], Intake],
) -> None:
    """A frame as the page that it shows."""
    posts, intake = real
    for entry_id, entry in _told(intake).items():
        found = Seen(html_of(entry)).links
        for item in _items(posts[entry_id]):
            seen = Seen(item["text"])
            assert set(seen.links) <= set(found)
            assert {original_address(frame) for frame in seen.frames} <= set(found)
            told = (item.get("meta") or {}).get("original_url")
            assert told is None or told in found


def test_every_picture_of_a_real_blog_is_in_its_entry(real: tuple[dict[str, Json], Intake]) -> None:
    """Every rendition, and the words beside it."""
    posts, intake = real
    seen = 0
    for entry_id, entry in _told(intake).items():
        for item in _items(posts[entry_id]):
            if item["item_type"] == "image":
                (media,) = entry["media"]
                given = item["meta"]["media"]["renditions"]
                assert {r["url"] for r in media["renditions"]} == {
                    r["href"] for r in given.values()
                }
                assert media["url"] == given["original"]["href"]
                assert media["caption"] == item["meta"]["caption"]
                assert media["credit"] == item["meta"]["credit"]
                seen += 1
    assert seen == intake.counts["images"] == 1


def test_the_times_of_a_real_blog_are_kept(real: tuple[dict[str, Json], Intake]) -> None:
    """Of publication and of the last change."""
    posts, intake = real
    published, amended = times(intake, "entry.published"), times(intake, "entry.amended")
    for entry_id in entries(intake):
        first, last = posts[entry_id]["published_date"], posts[entry_id]["_updated"]
        assert published[entry_id] == format_time(parse_time(first))
        assert amended.get(entry_id) == (format_time(parse_time(last)) if last > first else None)


def test_a_real_blog_leaves_no_script_and_no_editors_markup(
    real: tuple[dict[str, Json], Intake],
) -> None:
    """Only what a body is made of."""
    _, intake = real
    html = "".join(html_of(entry) for entry in _told(intake).values())
    assert set(re.findall(r"</?([a-z0-9]+)", html)) <= MARKUP
    assert "XFBML" not in html
    assert "style=" not in html
