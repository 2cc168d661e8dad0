"""Base of the forms of the newsroom's requests."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """A JSON object without unknown members."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    def sent(self, *names: str) -> dict[str, Any]:
        """Return the members among `names` that were sent, with their values."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}
