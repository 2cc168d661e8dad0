"""Importer for posts of Sourcefabric's Live Blog, from a response of its API.

Every post becomes one entry, its items in order the body; posts that were not public become drafts.
Advertisements are left out. Refuses a response without posts, and a post without an id or a time.
Only the latest text of a post is known, so a later change becomes an amendment that keeps its time.

Source: liveblog/liveblog, `server/liveblog/posts/posts.py`.
"""

from dataclasses import dataclass, field, replace

from app.intake.document import IntakeError, Part
from app.intake.journal import Intake, Publication, make_intake
from app.intake.report import Report
from app.intake.slugs import unique_id
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
    response = Part(document).required("an object", dict)
    if not response.at("_items").is_there and response.at("posts").is_there:
        response = response.at("posts").required("an object", dict)
    posts = response.at("_items").required("a list", list).items()
    posts = [post.required("an object", dict) for post in posts]
    reader = _PostReader(read_slug(posts, slug), read_people(posts))
    reader.read_posts(posts)
    entries = [entry for _, entry in reader.entries]
    if not entries:
        raise IntakeError(
            response.at("_items").where, "expected a post that is not deleted and not empty"
        )
    public = [post.at for post, _ in reader.entries if post.is_public]
    starts_at = min(public or [entry.updated_at for entry in entries])
    languages = [entry.language for entry in entries]
    coverage = read_coverage(posts, reader.slug, starts_at, languages, reader.report)
    total = response.peek("_meta").peek("total").size() or len(posts)
    if total > len(posts):
        reader.report.note(
            f"These are {len(posts)} of the blog's {total} posts; the others are not here."
        )
    return make_intake(
        coverage, reader.publications(), reader.pinned(), reader.report, reader.drafts()
    )


@dataclass(slots=True)
class _PostReader:
    """The state of reading one blog's posts; `entries` in order of time."""

    slug: str
    user_names: dict[str, str]
    report: Report = field(default_factory=Report)
    entries: list[tuple[Post, Entry]] = field(default_factory=list)

    def read_posts(self, parts: list[Part]) -> None:
        """Read every post that is not deleted."""
        self.report.count("posts", len(parts))
        for part in parts:
            if is_deleted(part):
                self.report.count("deleted")
                self.report.skip(f"The post at {part.where} is deleted.")
            elif is_only_advertisement(part):
                self.report.count("advertisements")
                self.report.skip(f"The post at {part.where} is an advertisement.")
            else:
                post = read_post(part, self.report)
                entry_id = unique_id(post.entry_id, {other.entry_id for other, _ in self.entries})
                if entry_id != post.entry_id:
                    self.report.note(
                        f"Two posts have the id {post.entry_id}; the second is {entry_id} here."
                    )
                post = replace(post, entry_id=entry_id)
                # The name in the post itself takes precedence, since names change.
                user_names = self.user_names | read_people([post.part])
                entry = make_entry(post, self.slug, user_names, self.report)
                if entry:
                    self.entries.append((post, entry))
        self.entries.sort(key=lambda pair: (pair[0].at, pair[0].order))

    def publications(self) -> list[Publication]:
        """The public entries, in order of publication."""
        public = [(post, entry) for post, entry in self.entries if post.is_public]
        orders = [post.order for post, _ in public]
        if orders != sorted(orders):
            self.report.note(
                "Editors had reordered posts by hand; here they are in order of time again."
            )
        return [Publication(entry, post.at, post.changed_at) for post, entry in public]

    def drafts(self) -> list[Entry]:
        """The entries that were not public, oldest first."""
        return [entry for post, entry in self.entries if not post.is_public]

    def pinned(self) -> str | None:
        """Return the topmost sticky post; a coverage has one pin."""
        sticky = [post for post, _ in self.entries if post.is_public and post.is_sticky]
        pinned = max(sticky, key=lambda post: (post.order, post.at), default=None)
        for post in sticky:
            if post is not pinned:
                self.report.note(
                    f"A coverage has one pinned entry, so {post.entry_id} is not pinned."
                )
        return pinned.entry_id if pinned else None
