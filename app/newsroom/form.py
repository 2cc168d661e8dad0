"""Base of the forms of the newsroom's requests."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict


def _drop_defaults(schema: JsonDict) -> None:
    # A member that a change leaves out stays as it is, so the schema must not promise a default.
    properties = schema["properties"]
    assert isinstance(properties, dict)
    for member in properties.values():
        assert isinstance(member, dict)
        member.pop("default", None)


CHANGE = ConfigDict(json_schema_extra=_drop_defaults)


class Form(BaseModel):
    """A JSON object without unknown members."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    def sent(self, *names: str) -> dict[str, Any]:
        """Return the members among `names` that were sent, with their values."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}
