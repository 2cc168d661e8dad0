"""Headers of requests and responses, for the OpenAPI document."""

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
    "Last-Event-ID",
    "For a stream: the last cursor received; it takes precedence over `after`.",
    {"type": "string"},
)


def if_match(*, required: bool) -> Header:
    """Describe the request header `If-Match`."""
    return _asked(
        "If-Match",
        "The revision to be changed, by its `ETag`, or `*` for any revision. "
        "If somebody else has changed it since, the answer is 412 and nothing is overwritten.",
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
    "A name that you choose for this request. If the same caller repeats it with the same key "
    "within 24 hours, the server returns the first answer and does not repeat the action.",
    {"type": "string", "pattern": f"^{REQUEST_NAME}$", "examples": ["a3f1e0c2-touchdown"]},
)
IF_NONE_MATCH = _asked(
    "If-None-Match",
    "The `ETag` of the answer that you hold, or `*`: a 304 means that it is unchanged.",
    {"type": "string", "examples": ['"7c9e4d21-3-0.1.0"']},
)


def _answered(name: str, description: str, schema: Header, *, required: bool = True) -> Header:
    return {name: {"description": description, "required": required, "schema": schema}}


ETAG = _answered(
    "ETag",
    "Identifies this state of the resource, for `If-None-Match`.",
    {"type": "string", "pattern": r'^"[!#-~]+"$'},
)
REVISION = _answered(
    "ETag",
    "The entry's revision, for `If-Match`; with suffixes once it is pinned, retracted or outdated.",
    {
        "type": "string",
        "pattern": r'^"[1-9][0-9]*(-pinned|-retracted)?(-outdated[1-9][0-9]*(-retracted)?)?"$',
    },
)
LOCATION = _answered(
    "Location",
    "The address of the new resource.",
    {"type": "string", "format": "uri-reference"},
)
PAGE_ETAG = _answered(
    "ETag",
    "Identifies this page, for `If-None-Match`; a stream has none.",
    {"type": "string", "pattern": r'^"[!#-~]+"$'},
    required=False,
)
INCREMENTAL = _answered(
    "Incremental",
    "`?1` on a stream: asks intermediaries to forward each part at once (RFC 10036).",
    {"type": "string", "const": "?1"},
    required=False,
)
STREAM_LINK = _answered(
    "Link",
    "`alternate`: the address where the live stream continues after this page, with "
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
    "Cache-Control", "Whether caches may store it, and for how long.", {"type": "string"}
)
RETRY_AFTER = _answered(
    "Retry-After", "Seconds to wait before retrying.", {"type": "integer", "minimum": 1}
)
WWW_AUTHENTICATE = _answered("WWW-Authenticate", "How to sign in.", {"type": "string"})
