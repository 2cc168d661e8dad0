"""API reference page: Swagger UI at `/docs`, without files from other hosts.

FastAPI's own page loads Swagger UI from a CDN, which a newsroom's browser may not reach, and which
nobody should have to trust with an API key. The package `fastapi-offline` contains the files;
nothing else of it is used.
"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from app.web.csp import reference_headers

_FILES = "/static/reference"
_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


_package = find_spec("fastapi_offline")
assert _package is not None
assert _package.origin is not None

routes = APIRouter(include_in_schema=False)
routes.mount(
    _FILES,
    StaticFiles(directory=Path(_package.origin).parent / "static"),
    name="reference-static",
)


@routes.get("/docs")
async def get_reference(request: Request) -> Response:
    """Return the reference page."""
    page, headers = _page(request.app.title)
    return HTMLResponse(page, headers=headers)


@cache
def _page(title: str) -> tuple[bytes, dict[str, str]]:
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=f"{title} API",
        swagger_js_url=f"{_FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{_FILES}/swagger-ui.css",
        swagger_favicon_url="/static/dateline.svg",
        swagger_ui_parameters={"docExpansion": "list", "defaultModelsExpandDepth": 0},
    )
    content = bytes(page.body)
    begin = _SCRIPT.search(content)
    assert begin is not None
    return content, reference_headers(begin[1].decode())
