"""API overview: the OpenAPI document's description and its tags, for newcomers."""

from operator import itemgetter

from app.web.problems import KINDS, explain
from app.web.services import ContentLimits

TAGS = [
    {"name": "reading", "description": "Coverages, entries and the journal, for all clients."},
    {"name": "newsroom", "description": "Entries: drafts for contributors, the rest for editors."},
    {
        "name": "chief",
        "description": "Coverages, people, keys, imports and the audit, for chiefs.",
    },
    {"name": "operations", "description": "Health, metrics and the meaning of problems."},
]

_DESCRIPTION = """\
A *coverage* is one live page, an *entry* one item of its timeline. Everything public about a \
coverage is in its *journal*: public events, numbered 1, 2, 3 … without gaps. A *cursor* \
names a position in it; treat it as opaque. Times are RFC 3339 in UTC with milliseconds, ids are \
strings. Fields may be added: ignore unknown ones.

## Following a page
Read `GET /v1/coverages/{slug}/entries`, then follow the journal from its `cursor`, by any of the \
ways below. Each event contains the whole state of the coverage or entry that it changed: replace \
yours with it.

* **Pages and long-polling**: `GET /v1/coverages/{slug}/events?after=CURSOR`, with `wait=25` to \
hold the answer until there is a new event.
* **Server-sent events**: the same address with `Accept: text/event-stream`. Events are of the \
default type, `id` is the cursor, `data` the event on one line. The stream resumes from \
`Last-Event-ID`, else from `after`, else it starts now; a first frame without data has that \
cursor as its `id`. `event: reset` means that the stream cannot resume there: reload the page. \
During silence the server sends comments as heartbeats. It ends a connection after some minutes, \
and an `EventSource` resumes. Clients that cannot set the header send `lastEventId` in the query.
* **Several coverages** on one stream: `GET /v1/events?coverage=A&coverage=B`. Its `id` has the \
cursor of each, and `event: reset` and `event: gone` name their coverage.
* **WebSocket**: `/v1/coverages/{slug}/socket?after=CURSOR`, subprotocol `dateline.v1` or none. \
The first frame is `{"type":"hello","cursor":…}`; then each event is one text frame, and \
`{"type":"reset","reason":…,"cursor":…}` has the meaning above. Clients need not send anything; a \
frame over 4 KiB closes with 1009. Close codes: 1000 end of lifetime, 1012 server restart, 1013 \
over capacity, 4404 unknown coverage, 4408 too slow, 4410 withdrawn \
coverage.

To catch up after a long absence, ask for `GET /v1/coverages/{slug}/changes?from=CURSOR` instead: \
one net change for each entry, what was wrong first.

Unknown query parameters are refused, and the problem names them. Times in a query may have \
their offset's `+` unescaped.

## Writing
Send `Authorization: Bearer KEY`. A *contributor* writes drafts of their own, an *editor* also \
publishes, amends, corrects, retracts and pins, a *chief* also opens coverages and grants roles \
and keys. The server answers a request once its change is stored. With `Idempotency-Key` you can \
safely repeat a request; with `If-Match` you cannot overwrite anybody's work by mistake. A \
retraction is final: it removes the words from every answer, including old events and revisions.

## Limits
A headline has {headline} characters at most, a body {body} bytes, a request {request} bytes, an \
entry {tags} tags. HTML, and what Markdown renders to, is sanitised on the way in.

## Refusals
Refusals are RFC 9457 problems, as `application/problem+json`; `errors` lists what is wrong and \
where. A refused request stores nothing. Any address can answer 404 and 405; a 500 is a defect \
of the server.

| type | status | means |
| --- | --- | --- |
{problems}
"""


def describe_api(limits: ContentLimits) -> str:
    """Return the description, with the operator's limits."""
    rows = [
        f"| `{problem['type']}` | {problem['status']} | {problem['detail']} |"
        for problem in sorted(map(explain, KINDS), key=itemgetter("status"))
    ]
    values = {
        "{headline}": limits.headline,
        "{body}": limits.body,
        "{request}": limits.request,
        "{tags}": limits.tags,
        "{problems}": "\n".join(rows),
    }
    description = _DESCRIPTION
    for mark, value in values.items():
        description = description.replace(mark, str(value))
    return description
