"""Answers that a proxy gives in the server's place, most of which no Dateline server would give."""

import json


def answer(
    status: str, media_type: str = "text/html", body: str = "<h1>Back soon</h1>", **headers: str
) -> bytes:
    """Return an HTTP answer that any origin may read."""
    content = body.encode()
    fields = {
        "Content-Type": media_type,
        "Content-Length": f"{len(content)}",
        "Access-Control-Allow-Origin": "*",
        "Connection": "close",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


_PROBLEM = json.dumps({"type": "about:blank", "title": "Not Found", "status": 404})
ANSWERS = {
    "404": answer("404 Not Found"),
    "403": answer("403 Forbidden"),
    "401": answer("401 Unauthorized"),
    "410": answer("410 Gone"),
    "502": answer("502 Bad Gateway"),
    "page": answer("200 OK"),
    "json": answer("200 OK", "application/json", "{}"),
    "problem": answer("404 Not Found", "application/problem+json", _PROBLEM),
    "no problem": answer("404 Not Found", "application/problem+json", "null"),
}
