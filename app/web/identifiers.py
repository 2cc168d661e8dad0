"""Identifiers: the patterns of slugs, ids and cursors, and their types in forms and queries.

The patterns are for the OpenAPI document and are not validated: the database holds nothing under an
invalid slug or id, so such a name is unknown (404) like any other.
"""

from typing import Annotated

from pydantic import Field

SLUG = r"^[a-z0-9-]{1,100}$"
ENTRY_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"
KEY_ID = r"^[0-9a-f]{8}$"
PRESENCE_ID = r"^[A-Za-z0-9_-]{1,64}$"
PERSON_ID = r"^[0-9a-f]{16}$"
INVITATION_ID = TEMPLATE_ID = PERSON_ID
UPLOAD_KEY = r"^[!-.0-~](?:[ -.0-~]{0,253}[!-.0-~])?$"
MEDIA_NAME = r"^[a-z0-9][a-z0-9-]{0,90}\.[a-z0-9]{2,5}$"
CURSOR = r"^[0-9a-z]{1,32}-(0|[1-9][0-9]{0,14})$"

CoverageRef = Annotated[str, Field(json_schema_extra={"pattern": SLUG})]
EntryRef = Annotated[str, Field(json_schema_extra={"pattern": ENTRY_ID})]
CursorRef = Annotated[
    str, Field(json_schema_extra={"pattern": r"^(0|[0-9a-z]{1,32}-(0|[1-9][0-9]{0,14}))$"})
]
