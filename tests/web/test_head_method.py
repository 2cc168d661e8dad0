"""HEAD requests."""

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.web.head_method import HeadAsGet


async def _answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.method} {request.scope.get('head')}", headers={"X-A": "b"})


async def test_head_has_the_head_of_get_and_no_body():
    """HEAD has the headers of GET, with the length of its body; the scope marks the request."""
    app = HeadAsGet(Starlette(routes=[Route("/", _answer, methods=["GET"])]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
        got, head, posted = await client.get("/"), await client.head("/"), await client.post("/")
    assert got.text == "GET None"
    assert (head.status_code, head.content, head.headers["x-a"]) == (200, b"", "b")
    assert head.headers["content-length"] == str(len("GET True"))
    assert posted.status_code == 405
