"""The blog of the imported posts, converted into a coverage.

The API returns posts without their blog: most name its id only. Missing properties are noted in the
report.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from app.intake.document import IntakeError, Part
from app.intake.html.embeds import web_address
from app.intake.html.plain_text import ADDRESS_LIMIT, plain_words, printed_name
from app.intake.picture import MediaFile, MediaTexts, make_media
from app.intake.report import Report
from app.intake.slugs import is_slug, make_slug
from app.intake.sourcefabric.post import person_name
from app.timeline.coverage import Coverage, Related
from app.timeline.cursor import Cursor


def read_slug(posts: list[Part], slug: str | None) -> str:
    """Return the requested slug, or one made from the blog's title or id.

    Raises:
        IntakeError: the slug is invalid.
    """
    if slug is None:
        return make_slug(_title(_blog(posts))) or "live-blog"
    if not is_slug(slug):
        raise IntakeError("slug", "expected 1 to 100 of a to z, 0 to 9 and the hyphen")
    return slug


def read_people(posts: Iterable[Part]) -> dict[str, str]:
    """Return the names of the users in any of the posts, by user id."""
    people: dict[str, str] = {}
    for post in posts:
        for key in ("publisher", "original_creator"):
            person = post.at(key)
            user_id = person.peek("_id").text_if_any()
            if user_id:
                people.setdefault(user_id, person_name(person, {}))
    return people


def read_coverage(
    posts: list[Part], slug: str, starts_at: datetime, languages: Iterable[str], report: Report
) -> Coverage:
    """Return the coverage in its final state.

    Args:
        posts: all of them.
        slug: of the coverage.
        starts_at: the publication time of the first post.
        languages: of each entry; the most frequent becomes the coverage's.
        report: collects the notes.

    Raises:
        IntakeError: the blog has the wrong type.
    """
    blog = _blog(posts)
    by_frequency = [language for language, _ in Counter(languages).most_common()]
    is_over = blog.peek("blog_status").value == "closed"
    _note_missing_fields(posts, blog, report)
    picture = web_address(blog.peek("picture_url").text_if_any())
    address = web_address(blog.peek("public_url").text_if_any())
    return Coverage(
        slug=slug,
        title=_title(blog),
        status="closed" if is_over else "live",
        language=by_frequency[0],
        languages=tuple(by_frequency),
        created_at=starts_at,
        updated_at=starts_at,
        cursor=Cursor("0", 0),
        standfirst=plain_words(blog.peek("description").text_if_any()) or None,
        starts_at=starts_at,
        lead_image=make_media("image", [MediaFile(picture)] if picture else [], MediaTexts()),
        related=(Related("Original page", address),) if 0 < len(address) <= ADDRESS_LIMIT else (),
    )


def _blog(posts: list[Part]) -> Part:
    """Return the blog as an object if any post contains it in full, else as its id."""
    blogs = [post.at("blog") for post in posts if post.at("blog").is_there]
    whole = [blog for blog in blogs if isinstance(blog.value, dict)]
    return next(iter([*whole, *blogs]), Part(None))


def _blog_id(blog: Part) -> str:
    return blog.text_if_any() or blog.peek("_id").text_if_any()


def _title(blog: Part) -> str:
    title = printed_name(blog.peek("title").text_if_any())
    return title or printed_name(f"Live blog {_blog_id(blog)}")


def _note_missing_fields(posts: list[Part], blog: Part, report: Report) -> None:
    ids = {_blog_id(post.at("blog")) for post in posts}
    report.count("blogs", len(ids))
    if len(ids) > 1:
        report.note(f"The posts are of {len(ids)} blogs; all went into one coverage.")
    if not blog.peek("title").is_there:
        report.note("The posts name neither the blog's title nor its standfirst: add them.")
    if not blog.peek("blog_status").is_there:
        report.note("The posts do not say whether the blog has ended, so the coverage is live.")
