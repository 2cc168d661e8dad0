"""Path parameters: slugs and ids (`web/identifiers.py`)."""

from typing import Annotated, Any

from fastapi import Depends, Path

from app.web.identifiers import (
    ENTRY_ID,
    INVITATION_ID,
    KEY_ID,
    MEDIA_NAME,
    PERSON_ID,
    SLUG,
    TEMPLATE_ID,
    UPLOAD_KEY,
)

Slug = Annotated[
    str,
    Path(
        description="The coverage's slug: 1 to 100 of `a`-`z`, `0`-`9` and `-`.",
        examples=["moon-landing"],
        json_schema_extra={"pattern": SLUG},
    ),
]
# The same for a route that parses its path itself.
SLUG_PARAMETER: dict[str, Any] = {
    "name": "slug",
    "in": "path",
    "required": True,
    "description": "The coverage's slug: 1 to 100 of `a`-`z`, `0`-`9` and `-`.",
    "schema": {"type": "string", "pattern": SLUG, "examples": ["moon-landing"]},
}
EntryId = Annotated[
    str,
    Path(
        description="The entry's id.",
        examples=["6e21b9c04d3fa857"],
        json_schema_extra={"pattern": ENTRY_ID},
    ),
]
DraftId = Annotated[
    str,
    Path(
        description="The draft's id, which stays the entry's.",
        examples=["b07d5c1e92af4430"],
        json_schema_extra={"pattern": ENTRY_ID},
    ),
]
KeyId = Annotated[
    str,
    Path(
        description="The key's id: the eight hexadecimal digits after `dateline_`.",
        examples=["5f0c2b7e"],
        json_schema_extra={"pattern": KEY_ID},
    ),
]
PersonId = Annotated[
    str,
    Path(
        description="The person's id, as listed.",
        examples=["3b9d60c4e1f82a75"],
        json_schema_extra={"pattern": PERSON_ID},
    ),
]
InvitationId = Annotated[
    str,
    Path(
        description="The invitation's id, as listed.",
        examples=["d24c81e09a5f6b37"],
        json_schema_extra={"pattern": INVITATION_ID},
    ),
]
TemplateId = Annotated[
    str,
    Path(
        description="The template's id, as listed.",
        examples=["81c5f02e7ab9d364"],
        json_schema_extra={"pattern": TEMPLATE_ID},
    ),
]
UploadKey = Annotated[
    str,
    Path(
        description="The `Idempotency-Key` of the upload, which has no slash.",
        examples=["a3f1e0c2-touchdown"],
        json_schema_extra={"pattern": UPLOAD_KEY},
    ),
]
MediaRef = Annotated[
    str,
    Path(
        description="The id of a picture or video.",
        examples=["9d0c5b7e1f22a8464bc1f0e7a5d32968"],
        json_schema_extra={"pattern": ENTRY_ID},
    ),
]
MediaName = Annotated[
    str,
    Path(
        description="The last part of a rendition's address.",
        examples=["960-4be1d7a2c95f3068.webp"],
        json_schema_extra={"pattern": MEDIA_NAME},
    ),
]


def _entry_key(slug: Slug, entry_id: EntryId) -> tuple[str, str]:
    return slug, entry_id


def _draft_key(slug: Slug, entry_id: DraftId) -> tuple[str, str]:
    return slug, entry_id


EntryKey = Annotated[tuple[str, str], Depends(_entry_key)]
DraftKey = Annotated[tuple[str, str], Depends(_draft_key)]
