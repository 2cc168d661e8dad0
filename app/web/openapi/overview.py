"""What a newcomer to the API reads first: the OpenAPI document's description and its tags."""

from operator import itemgetter

from app.web.problems import KINDS, explain
from app.web.services import Bounds

TAGS = [
    {"name": "reading", "description": "Coverages, entries and the journal, for everybody."},
    {"name": "newsroom", "description": "Entries: drafts for contributors, the rest for editors."},
    {
        "name": "chief",
        "description": "Coverages, people, keys, imports and the audit, for chiefs.",
    },
    {"name": "operations", "description": "How the process is, and what a problem means."},
]

_DESCRIPTION = """\
A *coverage* is one live page, an *entry* one item of its timeline. What readers may know of a \
coverage stands in its *journal*: public events, numbered 1, 2, 3 … without a hole. A *cursor* \
names a place in it; take it as it is. Times are RFC 3339 in UTC with milliseconds, ids are \
strings. Fields may be added: ignore what you do not know.

## Following a page
Read `GET /v1/coverages/{slug}/entries`, then follow the journal from its `cursor`, by whichever \
way suits you. Each event carries the whole state of what it changed: put it in the place of what \
you have.

* **Pages and long-polling**: `GET /v1/coverages/{slug}/events?after=CURSOR`, with `wait=25` to \
hold the answer until there is something new.
* **Server-sent events**: the same address with `Accept: text/event-stream`. Events are of the \
default type, `id` is the cursor, `data` the event on one line. It goes on from `Last-Event-ID`, \
else from `after`, else from now; a first frame without data names that place. `event: reset` \
says that the stream cannot resume there: load the page anew. A comment comes after silence; a \
connection ends by itself after some minutes, and an `EventSource` resumes. Clients that cannot \
set the header send `lastEventId` in the query.
* **Several coverages** on one stream: `GET /v1/events?coverage=A&coverage=B`. Its `id` has the \
cursor of each, and `event: reset` and `event: gone` name the coverage that they mean.
* **WebSocket**: `/v1/coverages/{slug}/socket?after=CURSOR`, subprotocol `dateline.v1` or none. \
The first frame is `{"type":"hello","cursor":…}`; then each event is one text frame, and \
`{"type":"reset","reason":…,"cursor":…}` means what it means above. Nothing need be sent; a frame \
over 4 KiB closes with 1009. Close codes: 1000 end of life, 1012 the server restarts, 1013 over \
capacity, 4404 unknown coverage, 4408 too slow.

A query parameter that an address does not know is refused and named. Times in a query may have \
their offset's `+` unescaped.

## Writing
Send `Authorization: Bearer KEY`. A *contributor* writes drafts of their own, an *editor* also \
publishes, amends, corrects, retracts and pins, a *chief* also opens coverages and gives out roles \
and keys. A request is answered once it is stored. Name it with `Idempotency-Key` and you may \
repeat it without fear; say what you change with `If-Match`, and nobody's work is overwritten. A \
retraction is final: the words are gone from every answer, old events and revisions too.

## Limits
A headline has {headline} characters at most, a body {body} bytes, a request {request} bytes, an \
entry {tags} tags. HTML, and what Markdown renders to, is sanitised on the way in.

## Refusals
Problems of RFC 9457, as `application/problem+json`; `errors` says what is wrong where. Nothing is \
stored with one. 404 and 405 can come from any address; a 500 is a defect of ours.

| type | status | means |
| --- | --- | --- |
{problems}
"""


def describe_api(bounds: Bounds) -> str:
    """The description, with the operator's limits."""
    rows = [
        f"| `{problem['type']}` | {problem['status']} | {problem['detail']} |"
        for problem in sorted(map(explain, KINDS), key=itemgetter("status"))
    ]
    values = {
        "{headline}": bounds.headline,
        "{body}": bounds.body,
        "{request}": bounds.request,
        "{tags}": bounds.tags,
        "{problems}": "\n".join(rows),
    }
    description = _DESCRIPTION
    for mark, value in values.items():
        description = description.replace(mark, str(value))
    return description
