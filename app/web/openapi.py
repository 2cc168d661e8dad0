"""What the OpenAPI document says beyond what FastAPI sees: answers, refusals and bodies."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from app.web import schemas
from app.web.problems import KINDS, MEDIA_TYPE, Kind

Responses = dict[int | str, dict[str, Any]]
_REF = "#/components/schemas/{model}"


def returns(schema: str, status: int = 200) -> Responses:
    """The answer is a schema of `web/schemas.py`."""
    reference = {"$ref": _REF.format(model=schema)}
    content = {"application/json": {"schema": reference}}
    return {status: {"description": schema, "content": content}}


def stream(responses: Responses) -> Responses:
    """The answer may also be the live stream."""
    responses[200]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    return responses


def refusals(*statuses: int) -> Responses:
    """The problems that a route may answer."""
    reference = {"$ref": _REF.format(model="Problem")}
    content = {MEDIA_TYPE: {"schema": reference}}
    return {status: {"description": _titles(status), "content": content} for status in statuses}


def _titles(status: int) -> str:
    kinds: list[Kind] = [kind for kind in KINDS.values() if kind.status == status]
    return "; ".join(kind.title for kind in kinds) or "Refused"


def if_match(*, required: bool) -> dict[str, Any]:
    """The parameter `If-Match`."""
    return {
        "parameters": [
            {
                "name": "If-Match",
                "in": "header",
                "required": required,
                "description": 'The `"REVISION"` that is to be changed, or `*`.',
                "schema": {"type": "string", "pattern": r'^(\*|"\d{1,9}")$'},
            }
        ]
    }


def describe(app: FastAPI, forms: Sequence[type[BaseModel]]) -> None:
    """Give the application its OpenAPI document, made when it is first asked for.

    Args:
        app: the application.
        forms: what its routes read, by the names that `documents` gave them.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, forms)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI, forms: Sequence[type[BaseModel]]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
    )
    shapes: list[tuple[type[BaseModel], JsonSchemaMode]] = []
    shapes += [(form, "validation") for form in forms]
    shapes += [(answer, "serialization") for answer in schemas.ANSWERS]
    _, definitions = models_json_schema(shapes, ref_template=_REF)
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(definitions["$defs"])
    return document
