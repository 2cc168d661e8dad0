"""Examples of answers for the OpenAPI document, about the first landing on the Moon.

The code that encodes real answers encodes them too, so they cannot become outdated.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.formats.net_change_json import encode_correction, encode_net_change
from app.formats.public_json import PublicJson, encode_revision
from app.formats.rfc3339 import format_time
from app.timeline.coverage import Coverage, KeyEvent, Related
from app.timeline.cursor import Cursor
from app.timeline.entry import Body, Byline, Entry, Note, Place
from app.timeline.event import Event
from app.timeline.net_change import DECISIVE, Correction, NetChange

_FORM = PublicJson("https://live.example")
_KEY = "5f0c2b7e"


def _at(hour: int, minute: int, second: int) -> datetime:
    return datetime(1969, 7, 20, hour, minute, second, tzinfo=UTC)


_TOUCHDOWN = Entry(
    id="6e21b9c04d3fa857",
    coverage="moon-landing",
    status="published",
    updated_at=_at(20, 17, 52),
    language="en",
    seq=3,
    headline="Contact light",
    body=Body("<p>Eagle stands on the surface.</p>", "Eagle stands on the surface."),
    key_event=True,
    bylines=(Byline("Houston desk"),),
    tags=("landing", "eagle"),
    place=Place("Sea of Tranquillity", 0.674, 23.473),
    happened_at=_at(20, 17, 40),
    published_at=_at(20, 17, 52),
)
_CORRECTED = replace(
    _TOUCHDOWN,
    revision=2,
    body=Body("<p>Eagle stands in the Sea of Tranquillity.</p>"),
    updated_at=_at(20, 21, 5),
    correction=Note("It came down west of the middle of the planned ellipse.", _at(20, 21, 5)),
)
_DRAFT = Entry(
    id="b07d5c1e92af4430",
    coverage="moon-landing",
    status="scheduled",
    updated_at=_at(21, 2, 0),
    language="en",
    headline="What happens before the walk",
    body=Body("<ul><li>A meal</li><li>The suits</li></ul>", "- A meal\n- The suits"),
    kind="roundup",
    embargo_until=_at(22, 0, 0),
    author=f"key:{_KEY}",
)
_COVERAGE = Coverage(
    slug="moon-landing",
    title="Apollo 11 lands on the Moon",
    status="live",
    language="en",
    created_at=_at(12, 0, 0),
    updated_at=_at(20, 17, 52),
    cursor=Cursor("7c9e4d21", 3),
    kicker="Apollo 11",
    standfirst="Armstrong and Aldrin have brought Eagle down; Collins waits in orbit.",
    languages=("en",),
    bylines=(Byline("Houston desk"),),
    starts_at=_at(17, 44, 0),
    related=(Related("The way there", "https://news.example/apollo-11-day-4"),),
    entry_count=2,
    key_events=(KeyEvent(_TOUCHDOWN.id, "Contact light", _at(20, 17, 52)),),
)
_EVENT = Event(_COVERAGE.cursor, "entry.published", "moon-landing", _at(20, 17, 52), _TOUCHDOWN)
_CHANGE = NetChange("corrected", _at(20, 21, 5), 4, _TOUCHDOWN, _CORRECTED)
_PAGE = f"{_FORM.base_url}/v1/coverages/moon-landing/entries"
_CURSOR = str(_COVERAGE.cursor)
_LISTED_KEY = {
    "id": _KEY,
    "name": "Wire importer",
    "role": "editor",
    "coverage": None,
    "created_at": format_time(_at(12, 5, 0)),
    "made_by": "operator",
    "revoked_at": None,
}
_ENDED: dict[str, list[str]] = {
    "keys": ["91d2c04b"],
    "invitations": [],
    "people": [],
    "signed_out": [],
    "unscheduled": [],
}
_AUDIT_ENTRY = {
    "id": "1207",
    "at": format_time(_at(20, 18, 40)),
    "caller": f"key:{_KEY}",
    "name": "Wire importer",
    "action": "correctEntry",
    "coverage": "moon-landing",
    "thing": _TOUCHDOWN.id,
    "detail": {"revision": 2, "status": "published"},
}


_VISIT = {
    "visit": "c81e728d9d4c2f63",
    "caller": f"key:{_KEY}",
    "name": "Houston desk",
    "entry_id": _DRAFT.id,
}

_PERSON = {
    "id": "3b9d60c4e1f82a75",
    "email": "mercer@news.example",
    "name": "J. Mercer",
    "role": "contributor",
    "coverages": {"moon-landing": "editor"},
    "invited_by": f"key:{_KEY}",
    "second_factor": True,
    "totp": True,
    "passkeys": 1,
    "created_at": format_time(_at(11, 0, 0)),
    "disabled_at": None,
}
_INVITATION = {
    "id": "d24c81e09a5f6b37",
    "role": "editor",
    "coverage": "moon-landing",
    "email": None,
    "person": None,
    "invited_by": f"key:{_KEY}",
    "created_at": format_time(_at(11, 0, 0)),
    "ends_at": "1969-07-27T11:00:00.000Z",
    "used_at": None,
}


# With fixed values for the random bytes.
_PASSKEY = {"type": "public-key", "id": "q2Vf0mT8Jw1nYk6S4rXc9A"}
_PASSKEY_CHALLENGE = {
    "challenge": "5v0n2Zr9sUeQ7yPj3mBwXk1oLd8tHc6aGfVi4RqNxEs",
    "rpId": "live.example.org",
    "allowCredentials": [_PASSKEY],
    "userVerification": "required",
}
# Keys, people and invitations.
_ACCESS = {
    "Key": _LISTED_KEY,
    "NewKey": {**_LISTED_KEY, "key": f"dateline_{_KEY}_{'0' * 48}"},
    "RevokedKey": {
        **_LISTED_KEY,
        "revoked_at": format_time(_at(20, 18, 40)),
        "ended": _ENDED,
    },
    "Ended": _ENDED,
    "Keys": {"keys": [_LISTED_KEY]},
    "Person": _PERSON,
    "ChangedPerson": {**_PERSON, "ended": _ENDED | {"keys": []}},
    "People": {"people": [_PERSON]},
    "Invitation": _INVITATION,
    "Invitations": {"invitations": [_INVITATION]},
    "NewInvitation": {
        **_INVITATION,
        "link": f"{_FORM.base_url}/desk/welcome/{'0' * 43}",
    },
}


_CHANGES = {
    "NetChanges": {
        "from": _CURSOR,
        "to": str(_EVENT.cursor.at(4)),
        "counts": {kind: int(kind == _CHANGE.kind) for _, kind in DECISIVE},
        "changes": [encode_net_change(_CHANGE, _FORM)],
        "figures": [],
        "more": False,
        "next": None,
    },
    "Corrections": {
        "corrections": [encode_correction(Correction(_CHANGE, _COVERAGE, _CORRECTED), _FORM)],
        "next": None,
    },
}


def answer_examples() -> dict[str, Any]:
    """Return an example of each answer, by the name of its schema."""
    entry, draft = _FORM.entry(_TOUCHDOWN), _FORM.entry(_DRAFT)
    coverage, event = _FORM.coverage(_COVERAGE), _FORM.event(_EVENT)
    names = {str(draft["author"]): "Ani"}
    drafts = {"drafts": [draft], "names": names, "now": draft["updated_at"]}
    return {
        "Coverage": coverage,
        "Coverages": {"coverages": [coverage], "next": None},
        "Entry": entry,
        "Entries": {
            "entries": [entry],
            "cursor": _CURSOR,
            "next": f"{_PAGE}?limit=1&before={_TOUCHDOWN.id}",
            "previous": None,
        },
        "WrittenEntry": {**entry, "cursor": _CURSOR},
        "Revisions": {"revisions": [encode_revision(e) for e in (_TOUCHDOWN, _CORRECTED)]},
        "Event": event,
        "Events": {"events": [event], "cursor": _CURSOR, "more": False},
        **_CHANGES,
        "Draft": draft,
        "Drafts": drafts,
        **_ACCESS,
        "AuditLine": _AUDIT_ENTRY,
        "Audit": {"audit": [_AUDIT_ENTRY], "next": None},
        "Imported": {"coverage": coverage, "events": 3, "entries": 2, "drafts": 0},
        "Visit": _VISIT,
        "Visits": {"visits": [_VISIT]},
        "Preview": {"html": "<article><p>Eagle stands on the surface.</p></article>"},
        "PasskeyDescriptor": _PASSKEY,
        "PasskeyChallenge": _PASSKEY_CHALLENGE,
        "Health": {"status": "ok"},
    }
