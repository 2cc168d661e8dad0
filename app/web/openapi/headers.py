"""Headers that requests and answers carry, as the OpenAPI document tells of them."""

from typing import Any

Header = dict[str, Any]

_TAG = r'(?:W/)?"[!#-~]*"'

ENTITY_TAGS = rf"{_TAG}(?:[ \t]*,[ \t]*{_TAG})*"
REQUEST_NAME = r"[!-~](?:[ -~]{0,253}[!-~])?"


def _asked(name: str, description: str, schema: Header, *, required: bool = False) -> Header:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": schema,
    }


LAST_EVENT_ID = _asked(
    "Last-Event-ID", "Of a stream: the last cursor, before `after`.", {"type": "string"}
)


def if_match(*, required: bool) -> Header:
    """The request header `If-Match`."""
    return _asked(
        "If-Match",
        "The revision that is to be changed, as its `ETag` names it, or `*` for whichever it is. "
        "A change that somebody else made since is a 412, and nothing is overwritten.",
        {
            "anyOf": [
                {"type": "string", "const": "*"},
                {"type": "string", "pattern": f"^{ENTITY_TAGS}$"},
            ],
            "examples": ['"1"', "*"],
        },
        required=required,
    )


IDEMPOTENCY_KEY = _asked(
    "Idempotency-Key",
    "A name of your own for this request. Sent again with the same key by the same caller, it is "
    "not done again: the first answer comes back, for 24 hours.",
    {"type": "string", "pattern": f"^{REQUEST_NAME}$", "examples": ["a3f1e0c2-touchdown"]},
)
IF_NONE_MATCH = _asked(
    "If-None-Match",
    "The `ETag` of the answer that you hold, or `*`: a 304 says that it still holds.",
    {"type": "string", "examples": ['"7c9e4d21-3-0.1.0"']},
)


def _answered(name: str, description: str, schema: Header, *, required: bool = True) -> Header:
    return {name: {"description": description, "required": required, "schema": schema}}


ETAG = _answered(
    "ETag",
    "Names this state of what is answered, for `If-None-Match`.",
    {"type": "string", "pattern": r'^"[!#-~]+"$'},
)
REVISION = _answered(
    "ETag",
    "The entry's revision, for `If-Match`; with a suffix once it is pinned or retracted.",
    {"type": "string", "pattern": r'^"[1-9][0-9]*(-pinned|-retracted)?"$'},
)
LOCATION = _answered(
    "Location",
    "The address of what was made.",
    {"type": "string", "format": "uri-reference"},
)
PAGE_ETAG = _answered(
    "ETag",
    "Names this page, for `If-None-Match`; a stream has none.",
    {"type": "string", "pattern": r'^"[!#-~]+"$'},
    required=False,
)
STREAM_LINK = _answered(
    "Link",
    "`alternate`, where the live stream goes on behind the page, for who sends "
    "`Accept: text/event-stream` (RFC 8288).",
    {"type": "string"},
    required=False,
)
LINK = _answered(
    "Link",
    "`next` and `prev`, the same addresses as in the body (RFC 8288).",
    {"type": "string"},
    required=False,
)
CACHE_CONTROL = _answered(
    "Cache-Control", "What caches may keep, and for how long.", {"type": "string"}
)
RETRY_AFTER = _answered(
    "Retry-After", "Seconds to wait before asking again.", {"type": "integer", "minimum": 1}
)
WWW_AUTHENTICATE = _answered("WWW-Authenticate", "How to sign in.", {"type": "string"})
