"""Editions: coverages of one story in several languages, and translated entries.

The original edition is the coverage of which the others are editions. A translation names the
revision of the entry that it translates. It is outdated once a later revision has corrected or
assessed that entry.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

OutdatedReason = Literal["corrected", "assessed", "retracted"]


@dataclass(frozen=True, slots=True)
class Edition:
    """A public coverage among the editions of a story."""

    slug: str
    language: str
    title: str


@dataclass(frozen=True, slots=True)
class Outdated:
    """Why a translation no longer says what the original says.

    `revision`, `note`, `language` and `at` are those of the correction, assessment or retraction of
    the original.
    """

    because: OutdatedReason
    revision: int
    note: str | None
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Translation:
    """The entry that an entry translates, in its language, as of one of its revisions."""

    coverage: str
    entry_id: str
    revision: int
    language: str
    outdated: Outdated | None = None


def list_alternates(editions: Iterable[Edition], slug: str) -> tuple[Edition, ...]:
    """Return the editions that search engines may be told of as each other's alternates.

    They accept one page in a language, and only if all of the pages name the same ones.

    Args:
        editions: editions with a page, the original first.
        slug: the edition whose page names the others.

    Returns:
        The first edition of each language, in order; none if `slug` is not among them, or alone.
    """
    by_language: dict[str, Edition] = {}
    for edition in editions:
        by_language.setdefault(edition.language.lower(), edition)
    alternates = tuple(by_language.values())
    is_listed = any(edition.slug == slug for edition in alternates)
    return alternates if is_listed and len(alternates) > 1 else ()
