"""Posts of Live Blog become a journal: public posts in order of time, others as drafts."""

import copy

import pytest

from app.intake.foreign import IntakeError, journal_from_sourcefabric
from tests.intake.foreign import coverage_of, entries, html_of, times
from tests.intake.sourcefabric_sample import guid, import_posts, item, post, response, uuid


def test_posts_are_published_in_order_of_time_under_their_own_ids() -> None:
    """Posts are published in order of time, with the UUID of their guid as the id."""
    intake = import_posts(post(3, minute=9), post(1, minute=1), post(2, minute=5))
    assert times(intake, "entry.published") == {
        uuid(1): "2026-03-01T12:01:00.000Z",
        uuid(2): "2026-03-01T12:05:00.000Z",
        uuid(3): "2026-03-01T12:09:00.000Z",
    }


def test_posts_of_one_time_stand_in_the_editors_order() -> None:
    """Posts with the same time are published by ascending `order`."""
    intake = import_posts(post(1, order=2.5), post(2, order=1))
    assert list(entries(intake)) == [uuid(2), uuid(1)]


def test_an_order_that_editors_made_is_noted_where_times_contradict_it() -> None:
    """An editors' order that contradicts the times is noted."""
    note_text = "in order of time again"
    moved = import_posts(post(1, minute=1, order=7), post(2, minute=2, order=3))
    assert any(note_text in note for note in moved.notes)
    assert not any(note_text in note for note in import_posts(post(1), post(2, minute=2)).notes)


def test_a_guid_without_a_uuid_keeps_what_an_id_can_hold() -> None:
    """A guid without a UUID is reduced to a valid id, and duplicates get a suffix and a note."""
    intake = import_posts(post(guid="tag:ä blog/7"), post(guid="tag:blog/7", minute=1))
    assert list(entries(intake)) == ["tag:blog7", "tag:blog7-2"]
    assert any("Two posts" in note for note in intake.notes)


def test_the_items_of_a_post_become_one_entry_in_their_order() -> None:
    """The items of a post become one entry in their order."""
    quote = item("quote", quote="So", credit="Ada")
    intake = import_posts(post(1, item("text", "One"), quote, item("text", "<div>Two<br></div>")))
    assert html_of(entries(intake)[uuid(1)]) == (
        "<p>One</p><blockquote><p>So</p><p><cite>Ada</cite></p></blockquote><p>Two</p>"
    )
    assert (intake.counts["items"], intake.counts["items.text"]) == (3, 2)


def test_a_later_change_is_an_amendment_at_its_own_time() -> None:
    """A later change is an amendment at its own time."""
    intake = import_posts(post(1, _updated="2026-03-01T12:30:00+00:00"), post(2, minute=9))
    assert [line["type"] for line in intake.lines[1:]] == [
        "entry.published",
        "entry.published",
        "entry.amended",
    ]
    amended = entries(intake, "entry.amended")[uuid(1)]
    assert (amended["revision"], amended["updated_at"]) == (2, "2026-03-01T12:30:00.000Z")
    assert intake.counts["amendments"] == 1


def test_a_time_of_another_zone_becomes_utc() -> None:
    """A time with an offset becomes UTC."""
    intake = import_posts(post(published_date="2026-03-01T13:00:00.1239+0100"))
    assert times(intake, "entry.published")[uuid(1)] == "2026-03-01T12:00:00.123Z"


@pytest.mark.parametrize("status", ["submitted", "draft", "comment", "held"])
def test_a_post_that_was_not_public_is_a_draft(status: str) -> None:
    """A post that was not public becomes a draft and is not published."""
    intake = import_posts(post(1), post(2, item("text", "Not yet"), post_status=status))
    assert list(entries(intake)) == [uuid(1)]
    (draft,) = intake.drafts
    assert (draft["id"], draft["status"], html_of(draft)) == (uuid(2), "draft", "<p>Not yet</p>")
    assert draft["updated_at"] == "2026-03-01T12:00:00.000Z"
    assert intake.counts["drafts"] == 1


def test_a_blog_of_drafts_alone_opens_with_the_first_of_them() -> None:
    """A blog without public posts opens at the time of its first draft."""
    intake = import_posts(post(1, post_status="draft", published_date=None, minute=4))
    assert [line["at"] for line in intake.lines] == ["2026-03-01T12:04:00.000Z"]


def test_a_deleted_post_is_counted_and_noted() -> None:
    """A deleted post is not imported; it is counted and noted."""
    intake = import_posts(post(1), post(2, deleted=True))
    assert list(entries(intake)) == [uuid(1)]
    assert (intake.counts["deleted"], intake.counts["skipped"]) == (1, 1)
    assert any("deleted" in note for note in intake.notes)


@pytest.mark.parametrize(
    "fields",
    [
        {"groups": [{"id": "main", "refs": [{"item": item("Advertisement Local", "<p>Buy</p>")}]}]},
        {"groups": [{"id": "main", "refs": [{"item": item("Advertisement Remote", "<b>x</b>")}]}]},
        {"groups": [{"id": "main", "refs": [{"item": item("ad", "<p>Buy</p>")}]}]},
        {"post_status": "ad"},
    ],
)
def test_an_advertisement_is_no_update(fields: dict[str, object]) -> None:
    """An advertisement is neither an entry nor a draft; it is counted and noted."""
    intake = import_posts(post(1), post(2, minute=1, **fields))
    assert list(entries(intake)) == [uuid(1)]
    assert intake.drafts == []
    assert (intake.counts["advertisements"], intake.counts["skipped"]) == (1, 1)
    assert any("/_items/1 is an advertisement" in note for note in intake.notes)


def test_an_advertisement_among_the_items_of_a_post_stays_out() -> None:
    """An advertisement among a post's items is left out of the entry and counted."""
    intake = import_posts(post(1, item("text", "Wet"), item("Advertisement Local", "<p>Buy</p>")))
    assert html_of(entries(intake)[uuid(1)]) == "<p>Wet</p>"
    assert intake.counts["advertisements"] == 1


def test_posts_are_understood_as_pages_are_given_them() -> None:
    """Posts under `posts`, as in a page's data, give the same journal.

    A refusal names the location in that document.
    """
    document = response(post(1), post(2, minute=1))
    assert journal_from_sourcefabric({"posts": document}) == journal_from_sourcefabric(document)
    with pytest.raises(IntakeError) as refusal:
        journal_from_sourcefabric({"posts": {"_items": []}})
    assert refusal.value.where == "/posts/_items"


@pytest.mark.parametrize("key", ["highlight", "lb_highlight"])
def test_a_highlight_is_a_key_event(key: str) -> None:
    """A highlight, under its old or new name, is a key event."""
    assert entries(import_posts(post(1, **{key: True})))[uuid(1)]["key_event"]


def test_the_highest_sticky_post_is_pinned() -> None:
    """Of several sticky posts the latest is pinned, and the others are noted."""
    document = response(post(1, sticky=True, minute=1), post(2, sticky=True, minute=5), post(3))
    intake = journal_from_sourcefabric(document)
    assert coverage_of(intake).pinned == uuid(2)
    assert times(intake, "entry.pinned") == {uuid(2): "2026-03-01T12:05:00.000Z"}
    assert any(uuid(1) in note for note in intake.notes)


@pytest.mark.parametrize(
    ("creator", "publisher", "name"),
    [
        ("u1", {"_id": "u1", "display_name": "Ada"}, "Ada"),
        ({"display_name": "Jo\n Bloggs"}, {"_id": "u1", "display_name": "Ada"}, "Jo Bloggs"),
        ("u9", {"first_name": "Ada", "last_name": "L"}, "Ada L"),
        ("u2", {"_id": "u1", "display_name": "Ada"}, "Jo of another post"),
    ],
)
def test_the_byline_is_who_wrote_it_else_who_published_it(
    creator: object, publisher: object, name: str
) -> None:
    """The byline is the creator, else the publisher.

    A creator's id is resolved by the users that the posts name.
    """
    jo = post(2, publisher={"_id": "u2", "display_name": "Jo of another post"})
    intake = import_posts(jo, post(1, original_creator=creator, publisher=publisher))
    assert entries(intake)[uuid(1)]["bylines"] == [{"name": name}]


def test_a_comments_writer_is_its_byline() -> None:
    """A comment's byline is the commenter, not the publisher."""
    comment = {**item("comment", "Wet here"), "commenter": "A Reader"}
    assert entries(import_posts(post(1, comment)))[uuid(1)]["bylines"] == [{"name": "A Reader"}]


def test_tags_and_place_are_kept() -> None:
    """Tags and place are kept; tags beyond the maximum are noted."""
    tags = [f"tag {n}" for n in range(22)]
    intake = import_posts(post(1, tags=["tag 0", *tags], place=[{"qcode": "X"}, {"name": "Hull"}]))
    entry = entries(intake)[uuid(1)]
    assert entry["tags"] == tags[:20]
    assert entry["place"] == {"name": "Hull", "lat": None, "lon": None}
    assert any("tag 20, tag 21" in note for note in intake.notes)


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        ("quote", [item("quote", quote="So")]),
        ("media", [item("image", '<img src="https://p.example/1.jpg">')]),
        ("media", [item("embed", html="<p>x</p>", type="video")]),
        ("update", [item("text", "x"), item("quote", quote="So")]),
    ],
)
def test_a_posts_kind_is_told_from_what_it_holds(kind: str, items: list[dict[str, object]]) -> None:
    """A post of only quotations or media has that kind; a mixed one is an update."""
    assert entries(import_posts(post(1, *items)))[uuid(1)]["kind"] == kind


def test_an_item_that_is_not_in_the_document_is_noted() -> None:
    """A reference to an item that is missing from the document is skipped and noted."""
    groups = [{"id": "main", "refs": [{"item": item("text", "Wet")}, {"residRef": "gone"}]}]
    intake = import_posts(post(1, groups=groups))
    assert intake.counts["skipped"] == 1
    assert any("/_items/0/groups/0/refs/1" in note for note in intake.notes)


def test_a_post_without_content_is_counted_and_noted() -> None:
    """A post without content makes no entry and is noted."""
    intake = import_posts(post(1), post(2, item("text", "<div><br></div>")))
    assert list(entries(intake)) == [uuid(1)]
    assert any("is empty" in note for note in intake.notes)


def test_the_blogs_id_names_the_coverage_where_nothing_else_does() -> None:
    """Without data on the blog, slug and title come from its id, and notes say so."""
    intake = import_posts(post(1, minute=3))
    details = intake.lines[0]["details"]
    assert (details["slug"], details["title"]) == ("live-blog-5f00", "Live blog 5f00")
    assert (details["status"], details["starts_at"]) == ("live", "2026-03-01T12:03:00.000Z")
    assert len(intake.notes) == 2


def test_a_blog_that_stands_in_its_posts_is_the_coverage() -> None:
    """A blog that is embedded in its posts gives title, standfirst, image, URL and status."""
    blog = {
        "_id": "5f00",
        "title": "Storm &amp; tide",
        "description": "<p>All day</p>",
        "blog_status": "closed",
        "picture_url": "https://p.example/1.png",
        "public_url": "https://b.example/storm",
    }
    intake = import_posts(
        post(1, blog=blog, minute=5), post(2, blog=blog, _updated="2026-03-01T13:00:00Z")
    )
    details = intake.lines[-1]["details"]
    assert (intake.lines[-1]["type"], intake.lines[-1]["at"]) == (
        "coverage.closed",
        "2026-03-01T13:00:00.000Z",
    )
    assert (details["slug"], details["title"]) == ("storm-tide", "Storm & tide")
    assert details["standfirst"] == "All day"
    assert details["lead_image"]["url"] == "https://p.example/1.png"
    assert details["related"] == [{"title": "Original page", "url": "https://b.example/storm"}]
    assert intake.notes == []


def test_the_most_frequent_language_is_the_coverages() -> None:
    """The coverage has the most frequent language, and each entry keeps its own."""
    posts = [post(n, language=tag) for n, tag in enumerate(["en", "de_AT", "de_AT"])]
    intake = import_posts(*posts)
    details = intake.lines[0]["details"]
    assert (details["language"], details["languages"]) == ("de-AT", ["de-AT", "en"])
    assert entries(intake)[uuid(0)]["language"] == "en"


def test_posts_that_are_not_here_are_noted() -> None:
    """Posts that are on other pages of the API are noted."""
    intake = import_posts(post(1), _meta={"total": 80})
    assert any("1 of the blog's 80 posts" in note for note in intake.notes)


def test_a_slug_that_was_asked_for_is_taken() -> None:
    """A slug that is passed in is used in all events."""
    intake = journal_from_sourcefabric(response(), slug="my-storm")
    assert {line["coverage"] for line in intake.lines} == {"my-storm"}


def test_the_same_answer_gives_the_same_journal_and_stays_as_it_was() -> None:
    """The import is deterministic and does not change its document."""
    document = response(post(1), post(2, post_status="draft"))
    before = copy.deepcopy(document)
    assert journal_from_sourcefabric(document) == journal_from_sourcefabric(document)
    assert document == before
    assert guid(1) in str(document)


def test_posts_of_several_blogs_are_noted() -> None:
    """Posts of several blogs go into one coverage, which is noted."""
    intake = import_posts(post(1, blog="5f00"), post(2, blog="5f01"))
    assert intake.counts["blogs"] == 2
    assert any("2 blogs" in note for note in intake.notes)
