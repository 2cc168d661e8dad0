"""Query models: parse a whole query into one pydantic model, for time-critical routes.

FastAPI validates each parameter separately, which is too slow when ten thousand streams open at
once. The OpenAPI document describes the same model.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import HTTPConnection

from app.intake.text_types import validation_message
from app.web.openapi.headers import Header
from app.web.problems import InvalidQuery, pointer
from app.web.query_parameters import declared_by_model

Model = TypeVar("Model", bound=BaseModel)


def read_query(model: type[Model], connection: HTTPConnection) -> Model:
    """Parse the query of a request; see `parse_query`."""
    return parse_query(model, connection.scope["query_string"])


def parse_query(model: type[Model], query: bytes) -> Model:
    """Parse a query.

    Args:
        model: its fields are the parameters, by alias; list fields accept repeated parameters.
        query: the query as it was sent.

    Raises:
        InvalidQuery: lists each invalid value.
    """
    declared = declared_by_model(model)
    values: dict[str, Any] = {}
    for name, value in declared.parse(query):
        if name in declared.lists:
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        wrong = [(pointer(e["loc"]), validation_message(e["msg"])) for e in error.errors()]
        raise InvalidQuery(wrong) from None


def query_parameters(model: type[BaseModel]) -> list[Header]:
    """Return the model's parameters for the OpenAPI document."""
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
