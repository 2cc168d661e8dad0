"""Queries read as one value, for the addresses where time counts.

FastAPI validates each parameter by itself; opening ten thousand streams at once is where that is
felt. The model is the same to the OpenAPI document.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import HTTPConnection

from app.web.openapi.headers import Header
from app.web.problems import InvalidQuery, complaint, pointer
from app.web.query_parameters import declared_by_model

Model = TypeVar("Model", bound=BaseModel)


def read_query(model: type[Model], connection: HTTPConnection) -> Model:
    """The query of a request.

    Args:
        model: its fields are the parameters, by alias; lists take repeated ones.
        connection: whose query.

    Raises:
        InvalidQuery: with each value that is wrong.
    """
    declared = declared_by_model(model)
    values: dict[str, Any] = {}
    for name, value in declared.parse(connection.scope["query_string"]):
        if name in declared.lists:
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        wrong = [(pointer(e["loc"]), complaint(e["msg"])) for e in error.errors()]
        raise InvalidQuery(wrong) from None


def query_parameters(model: type[BaseModel]) -> list[Header]:
    """The same for the OpenAPI document."""
    document = model.model_json_schema()
    properties: dict[str, Any] = document["properties"]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in document.get("required", ()),
            "description": schema.pop("description", ""),
            "schema": schema,
        }
        for name, schema in properties.items()
    ]
