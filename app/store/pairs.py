"""Conditions on pairs of columns that use an index on both databases."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import and_, or_
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.elements import ColumnElement

First = TypeVar("First")
Second = TypeVar("Second")


def is_pair(
    first: Mapped[First],
    second: Mapped[Second],
    pairs: Iterable[tuple[First, Second]],
) -> ColumnElement[bool]:
    """Whether two columns are one of these pairs; without pairs, do not ask.

    For `(first, second) IN (…)`, SQLite would read the whole table. Here it uses an index on both
    columns, as PostgreSQL does.
    """
    seconds: defaultdict[First, list[Second]] = defaultdict(list)
    for one, other in pairs:
        seconds[one].append(other)
    return or_(*(and_(first == one, second.in_(seconds[one])) for one in seconds))
