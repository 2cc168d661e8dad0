"""Editions: coverages of one story in several languages, and translated entries.

The original edition is the coverage of which the others are editions. A translation names the
revision of the entry that it translates. It is outdated once a later revision has corrected or
assessed that entry.
"""

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
