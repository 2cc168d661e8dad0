"""A Live Blog post, converted into an entry.

Refuses a post without an id, and a public one without a time.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.intake.document import IntakeError, Part
from app.intake.entry_kind import entry_kind
from app.intake.html.body import BodyBuilder
from app.intake.html.plain_text import TAG_LIMIT, one_line, printed_name
from app.intake.report import Report
from app.intake.slugs import make_entry_id
from app.intake.sourcefabric.item import convert_item, is_advertisement, is_media, is_quote
from app.timeline.entry import Byline, Entry, Place

TAGS = 20  # of one entry

_PUBLIC = "open"
_ADVERTISEMENT = "ad"
_UNPUBLISHED = ("draft", "submitted", "comment")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")


@dataclass(frozen=True, slots=True)
class Post:
    """The fields of a post that decide how it is imported.

    `at` is the time of publication, or of the last save if it was not published; `changed_at` is
    the time of the last change, None if unknown. `order` is its place in Live Blog's timeline,
    highest on top.
    """

    part: Part
    entry_id: str
    status: str
    at: datetime
    changed_at: datetime | None
    order: float
    is_sticky: bool

    @property
    def is_public(self) -> bool:
        """Whether readers could see it."""
        return self.status == _PUBLIC


def is_deleted(post: Part) -> bool:
    """Whether the newsroom has deleted the post."""
    return post.at("deleted").flag()


def is_only_advertisement(post: Part) -> bool:
    """Whether a post is an advertisement: its status says so, or all of its items are."""
    items = _items(post, Report())
    is_marked = post.at("post_status").text_or_blank() == _ADVERTISEMENT
    return is_marked or (bool(items) and all(map(is_advertisement, items)))


def read_post(part: Part, report: Report) -> Post:
    """Read a post's own fields and count it by its status.

    Its id is the UUID at the guid's end, or else as much of the guid as an id can hold.

    Raises:
        IntakeError: a field is missing or has the wrong type.
    """
    status = part.at("post_status").text_or_blank() or _PUBLIC
    if status not in (_PUBLIC, *_UNPUBLISHED):
        report.note(f"The post at {part.where} has an unknown status, so it became a draft.")
        status = "other"
    report.count(f"posts.{status}")
    changed = part.at("_updated")
    changed_at = changed.time_from_text() if changed.is_there else None
    first = ("published_date", "firstcreated", "_created")
    keys = first if status == _PUBLIC else ("_updated", "versioncreated", *reversed(first))
    id_part = part.at("guid" if part.at("guid").is_there else "_id")
    guid = id_part.text().strip()
    uuid = _UUID.search(guid)
    entry_id = make_entry_id(uuid[0] if uuid else guid)
    if not entry_id:
        raise IntakeError(id_part.where, "expected an id with letters or digits in it")
    time = next((part.at(key) for key in keys if part.at(key).is_there), part.at(keys[0]))
    at = time.time_from_text()
    place = part.at("order").value
    order = place if isinstance(place, int | float) and not isinstance(place, bool) else 0
    if not -math.inf < order < math.inf:  # NaN is not between them either
        order = 0
    return Post(part, entry_id, status, at, changed_at, order, part.at("sticky").flag())


def make_entry(
    post: Post, coverage: str, people: Mapping[str, str], report: Report
) -> Entry | None:
    """Return the entry for a post.

    Args:
        post: its own fields.
        coverage: the slug of its coverage.
        people: users' names, by id.
        report: collects counts and notes.

    Returns:
        None if nothing of it can be shown; the report then has a note.

    Raises:
        IntakeError: an item or a field has the wrong type.
    """
    items = [item for item in _items(post.part, report) if not _skip_advertisement(item, report)]
    builder = BodyBuilder()
    title = post.part.at("headline").text_or_blank()
    headline = builder.add_headline(title, post.entry_id, report)
    for item in items:
        convert_item(item, builder, report)
    builder.add_to_report(post.entry_id, report)
    entry = Entry(
        id=post.entry_id,
        coverage=coverage,
        status="published" if post.is_public else "draft",
        updated_at=post.at,
        language=post.part.at("language").language("en"),
        headline=headline,
        body=builder.body,
        kind=entry_kind(items, is_quote, is_media),
        key_event=any(post.part.at(key).flag() for key in ("lb_highlight", "highlight")),
        bylines=_bylines(post.part, items, people),
        tags=_tags(post, report),
        place=_place(post.part),
        media=tuple(builder.media),
    )
    if entry.is_empty:
        report.skip(f"The post {post.entry_id} at {post.part.where} is empty.")
        return None
    return entry


def _items(post: Part, report: Report) -> list[Part]:
    """Return the items of all groups but the root, which only refers to the others."""
    items = []
    for group in post.at("groups").items():
        refs = group.at("refs").items() if group.at("id").value != "root" else []
        for ref in refs:
            item = ref.at("item")
            if not item.is_there:
                report.skip(f"The item that {ref.where} names is not in the document.")
            elif item.at("deleted").flag():
                report.skip(f"The item at {item.where} is deleted.")
            else:
                items.append(item)
    return items


def _skip_advertisement(item: Part, report: Report) -> bool:
    if is_advertisement(item):
        report.count("advertisements")
        report.skip(f"The item at {item.where} is an advertisement.")
        return True
    return False


def _bylines(post: Part, items: list[Part], people: Mapping[str, str]) -> tuple[Byline, ...]:
    """Return the author, or the publisher if there is no name; for a comment, its commenter."""
    writers = [item.at("commenter").text_or_blank() for item in items]
    users = [person_name(post.at(key), people) for key in ("original_creator", "publisher")]
    name = next(filter(None, map(printed_name, [*writers, *users])), "")
    return (Byline(name),) if name else ()


def person_name(person: Part, people: Mapping[str, str]) -> str:
    """Return a user's name, from a user object or from the id of a user named elsewhere."""
    if isinstance(person.value, str):
        return people.get(person.value, "")
    whole = person.peek("display_name").text_if_any()
    parts = [person.peek(key).text_if_any() for key in ("first_name", "last_name")]
    return one_line(whole or " ".join(parts) or person.peek("username").text_if_any())


def _tags(post: Post, report: Report) -> tuple[str, ...]:
    names = [printed_name(tag.text_or_blank(), TAG_LIMIT) for tag in post.part.at("tags").items()]
    tags = tuple(dict.fromkeys(filter(None, names)))
    if len(tags) > TAGS:
        left_out = ", ".join(tags[TAGS:])
        report.note(f"The post {post.entry_id} has too many tags; left out: {left_out}.")
    return tags[:TAGS]


def _place(post: Part) -> Place | None:
    names = [printed_name(p.peek("name").text_if_any()) for p in post.at("place").items_if_any()]
    name = next(filter(None, names), "")
    return Place(name) if name else None
