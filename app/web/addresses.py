"""What names a thing in a path. The store knows nothing that cannot be a slug or an id."""

from typing import Annotated

from fastapi import Depends


def _entry_key(slug: str, entry_id: str) -> tuple[str, str]:
    return slug, entry_id


Slug = str
EntryKey = Annotated[tuple[str, str], Depends(_entry_key)]
