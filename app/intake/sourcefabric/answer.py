"""Importer for posts of Sourcefabric's Live Blog, from a response of its API.

Every post becomes one entry, its items in order the body; posts that were not public become drafts.
Advertisements are left out. Refuses a response without posts, and a post without an id or a time.
Only the latest text of a post is known, so a later change becomes an amendment that keeps its time.

Source: liveblog/liveblog, `server/liveblog/posts/posts.py`.
"""

from dataclasses import dataclass, field, replace

from app.intake.document import IntakeError, Part
from app.intake.journal import Arrival, Intake, intake
from app.intake.report import Account
from app.intake.slugs import untaken
from app.intake.sourcefabric.blog import read_coverage, read_people, read_slug
from app.intake.sourcefabric.post import (
    Post,
    is_deleted,
    is_only_advertisement,
    make_entry,
    read_post,
)
from app.timeline.entry import Entry


def journal_from_sourcefabric(document: object, slug: str | None = None) -> Intake:
    """Read the posts of a blog.

    Args:
        document: the API's response, parsed; its posts are in `_items`, or in that of `posts`,
            as in the data of Live Blog's pages.
        slug: of the coverage; None to make it from the blog's title or id.

    Returns:
        The journal's lines, the drafts, the counts and the notes.

    Raises:
        IntakeError: the document is no such response; the error says where and why.
    """
    answer = Part(document).required("an object", dict)
    if not answer.at("_items").is_there and answer.at("posts").is_there:
        answer = answer.at("posts").required("an object", dict)
    posts = answer.at("_items").required("a list", list).items()
    posts = [post.required("an object", dict) for post in posts]
    reading = _Reading(read_slug(posts, slug), read_people(posts))
    reading.read_posts(posts)
    entries = [entry for _, entry in reading.told]
    if not entries:
        raise IntakeError(
            answer.at("_items").where, "expected a post that is not deleted and not empty"
        )
    public = [post.at for post, _ in reading.told if post.is_public]
    starts_at = min(public or [entry.updated_at for entry in entries])
    languages = [entry.language for entry in entries]
    coverage = read_coverage(posts, reading.slug, starts_at, languages, reading.account)
    total = answer.peek("_meta").peek("total").size() or len(posts)
    if total > len(posts):
        reading.account.note(
            f"These are {len(posts)} of the blog's {total} posts; the others are not here."
        )
    return intake(coverage, reading.arrivals(), reading.pinned(), reading.account, reading.drafts())


@dataclass(slots=True)
class _Reading:
    """The state of reading one blog's posts; `told` in order of time."""

    slug: str
    people: dict[str, str]
    account: Account = field(default_factory=Account)
    told: list[tuple[Post, Entry]] = field(default_factory=list)

    def read_posts(self, parts: list[Part]) -> None:
        """Read every post that is not deleted."""
        self.account.count("posts", len(parts))
        for part in parts:
            if is_deleted(part):
                self.account.count("deleted")
                self.account.skip(f"The post at {part.where} is deleted.")
            elif is_only_advertisement(part):
                self.account.count("advertisements")
                self.account.skip(f"The post at {part.where} is an advertisement.")
            else:
                post = read_post(part, self.account)
                entry_id = untaken(post.entry_id, {other.entry_id for other, _ in self.told})
                if entry_id != post.entry_id:
                    self.account.note(
                        f"Two posts have the id {post.entry_id}; the second is {entry_id} here."
                    )
                post = replace(post, entry_id=entry_id)
                # The name in the post itself takes precedence, since names change.
                people = self.people | read_people([post.part])
                entry = make_entry(post, self.slug, people, self.account)
                if entry:
                    self.told.append((post, entry))
        self.told.sort(key=lambda pair: (pair[0].at, pair[0].order))

    def arrivals(self) -> list[Arrival]:
        """The public entries, in order of publication."""
        public = [(post, entry) for post, entry in self.told if post.is_public]
        orders = [post.order for post, _ in public]
        if orders != sorted(orders):
            self.account.note(
                "Editors had reordered posts by hand; here they are in order of time again."
            )
        return [Arrival(entry, post.at, post.changed_at) for post, entry in public]

    def drafts(self) -> list[Entry]:
        """The entries that were not public, oldest first."""
        return [entry for post, entry in self.told if not post.is_public]

    def pinned(self) -> str | None:
        """Return the topmost sticky post; a coverage has one pin."""
        sticky = [post for post, _ in self.told if post.is_public and post.is_sticky]
        pinned = max(sticky, key=lambda post: (post.order, post.at), default=None)
        for post in sticky:
            if post is not pinned:
                self.account.note(
                    f"A coverage has one pinned entry, so {post.entry_id} is not pinned."
                )
        return pinned.entry_id if pinned else None
