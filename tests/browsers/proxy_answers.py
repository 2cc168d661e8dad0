"""Answers that a proxy gives in the server's place."""

import json


def answer(status: str, media_type: str = "text/html", body: str = "<h1>Back soon</h1>") -> bytes:
    """Return an HTTP answer that no Dateline server would give."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    cors = "Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
    return f"{head}{cors}{body}".encode()


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
