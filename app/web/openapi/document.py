"""OpenAPI document: FastAPI's description of the routes, completed by declarations of our own.

FastAPI describes paths, queries and authentication. Each route declares its request body, headers
and responses itself (`takes` here, `web/openapi/responses.py`), since dependencies read the forms,
and responses are written as bytes.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from app.formats.public_json import dump_json
from app.web.conditional import FRESH, answer_if_changed, body_etag
from app.web.openapi import schemas
from app.web.openapi.examples import answer_examples
from app.web.openapi.headers import Header
from app.web.openapi.limits import write_limits
from app.web.openapi.overview import TAGS, describe_api
from app.web.openapi.responses import reference
from app.web.services import ContentLimits

Document = dict[str, Any]
Examples = dict[str, dict[str, Any]]

# A key is optional: with it the newsroom also sees what is planned.
PUBLIC: Document = {"security": [{}, {"key": []}]}
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")


def takes(
    *asked: Header, form: type[BaseModel] | None = None, examples: Examples | None = None
) -> Document:
    """Describe the parts of a request that FastAPI does not see.

    Args:
        asked: the request headers.
        form: the form of the request body; None for no body.
        examples: examples of the form, by name.
    """
    document: Document = {"parameters": list(asked)}
    if form is not None:
        content = {"schema": reference(form), "examples": examples or {}}
        document["requestBody"] = {"required": True, "content": {"application/json": content}}
    return document


def describe(app: FastAPI, forms: Sequence[type[BaseModel]]) -> None:
    """Add the OpenAPI document, which is built once, at the first request.

    Args:
        app: the application, without FastAPI's own route for the document.
        forms: the forms of its routes' request bodies.
    """

    def openapi() -> Document:
        if app.openapi_schema is None:
            services = getattr(app.state, "services", None)
            app.openapi_schema = _document(
                app, forms, services.limits if services else ContentLimits()
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    encoding: asyncio.Task[bytes] | None = None

    async def get_openapi_document(request: Request) -> Response:
        nonlocal encoding
        if encoding is None:
            # Takes a second, so it runs in a thread; all clients get the same bytes.
            encoding = asyncio.create_task(asyncio.to_thread(lambda: dump_json(openapi())))
        document = await asyncio.shield(encoding)

        async def body() -> bytes:
            return document

        return await answer_if_changed(request, body_etag(document), FRESH, body)

    app.add_api_route("/openapi.json", get_openapi_document, include_in_schema=False)


def _document(app: FastAPI, forms: Sequence[type[BaseModel]], limits: ContentLimits) -> Document:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.description,
        description=describe_api(limits),
        tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    known = document["components"].setdefault("schemas", {})
    shapes: list[tuple[type[BaseModel], JsonSchemaMode]] = []
    shapes += [(form, "validation") for form in forms]
    shapes += [(answer, "serialization") for answer in schemas.ANSWERS]
    _, definitions = models_json_schema(shapes, ref_template="#/components/schemas/{model}")
    known.update(definitions["$defs"])
    for name, example in answer_examples().items():
        known[name]["examples"] = [example]
    for name in _FASTAPIS_OWN:
        known.pop(name, None)
    for path in document["paths"].values():
        for operation in path.values():
            _tidy(operation)
    write_limits(document, limits)
    return document


def _tidy(operation: Document) -> None:
    """Use the docstring's first line as summary; drop null from queries and FastAPI's own 422."""
    summary, _, rest = operation.pop("description", "").partition("\n")
    operation["summary"] = summary.rstrip(".")
    if rest.strip():
        operation["description"] = rest.strip()
    if "HTTPValidationError" in str(operation["responses"].get("422")):
        del operation["responses"]["422"]
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        # A query cannot express null: an unset parameter is omitted.
        branches = [b for b in schema.get("anyOf", ()) if b.get("type") != "null"]
        if len(branches) == 1:
            rest = {name: value for name, value in schema.items() if name not in {"anyOf", "title"}}
            parameter["schema"] = {**branches[0], **rest}
