"""Queries read as one value, for the addresses where time counts.

FastAPI validates each parameter by itself; opening ten thousand streams at once is where that is
felt. The model is the same to the OpenAPI document.
"""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from app.web.headers import Header
from app.web.problems import InvalidQuery, complaint, pointer

Model = TypeVar("Model", bound=BaseModel)


def read_query(model: type[Model], request: Request) -> Model:
    """The query of a request.

    Raises:
        InvalidQuery: with each value that is wrong.
    """
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        wrong = [(pointer(e["loc"]), complaint(e["msg"])) for e in error.errors()]
        raise InvalidQuery(wrong) from None


def query_parameters(model: type[BaseModel]) -> list[Header]:
    """The same for the OpenAPI document."""
    properties: dict[str, Any] = model.model_json_schema()["properties"]
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": schema.pop("description", ""),
            "schema": schema,
        }
        for name, schema in properties.items()
    ]
