"""Base of the schemas: an extensible object, times, names and addresses."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from app.web import identifiers as addresses

_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"

Time = Annotated[
    datetime, WithJsonSchema({"type": "string", "format": "date-time", "pattern": _TIME})
]
Slug = Annotated[str, Field(pattern=addresses.SLUG)]
EntryId = Annotated[str, Field(pattern=addresses.ENTRY_ID)]
CursorText = Annotated[str, Field(pattern=addresses.CURSOR)]
Count = Annotated[int, Field(ge=0)]
Seq = Annotated[int, Field(ge=1)]
Url = Annotated[str, Field(json_schema_extra={"format": "uri"})]


class Shape(BaseModel):
    """A JSON object; fields may be added, so clients ignore unknown members."""

    # The models validate nothing: they are built only when the OpenAPI document is requested.
    model_config = ConfigDict(extra="allow", defer_build=True)
