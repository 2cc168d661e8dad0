"""Examples of answers for the OpenAPI document, about the first landing on the Moon.

The code that encodes real answers encodes them too, so they cannot become outdated.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.formats.ledger_json import LedgerJson
from app.formats.log.checkpoint import log_origin, sign_checkpoint
from app.formats.log.leaf import SALT_SIZE, Leaf, commit
from app.formats.log.merkle import Frontier, Tree, leaf_hash
from app.formats.log.proof import encode_proof
from app.formats.log.signed_note import KEY_SIZE, NoteSigner, VerifierKey, encode_base64
from app.formats.net_change_json import encode_correction, encode_net_change
from app.formats.public_json import PublicJson, encode_entry, encode_revision
from app.formats.rfc3339 import format_time
from app.formats.search_excerpt import make_excerpt
from app.timeline.claim import Assessment, Claim, Source
from app.timeline.coverage import Coverage, KeyEvent, Related
from app.timeline.cursor import Cursor
from app.timeline.entry import Body, Byline, Entry, Note, Place
from app.timeline.event import Event
from app.timeline.figure import Figure
from app.timeline.ledger import Observation, ledger
from app.timeline.net_change import DECISIVE, Correction, NetChange
from app.timeline.published_claim import PublishedClaim
from app.timeline.search_query import parse_query

_FORM = PublicJson("https://live.example")
_KEY = "5f0c2b7e"


def _at(hour: int, minute: int, second: int) -> datetime:
    return datetime(1969, 7, 20, hour, minute, second, tzinfo=UTC)


_HOUSTON, _EAGLE = Source("Mission Control"), Source("Eagle")
_CLAIM = Claim(
    id="5f0c2a91",
    text="The fuel gauge showed 60 seconds at contact",
    source=_HOUSTON,
    status="disputed",
    note="The crew read 45 seconds.",
    at=_at(20, 19, 30),
    history=(Assessment("reported", None, _at(20, 17, 52)),),
)
_FIGURES = (
    Figure("altitude in feet", _EAGLE, low=540, high=540, as_of=_at(20, 15, 50)),
    Figure("altitude in feet", _HOUSTON, low=500, about=True, as_of=_at(20, 15, 50)),
)
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
    claims=(_CLAIM,),
    figures=_FIGURES,
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
_TEMPLATE = {
    "id": "81c5f02e7ab9d364",
    "coverage": "moon-landing",
    "name": "Altitude",
    "language": "en",
    "headline": "{altitude} feet",
    "body": "Eagle is at **{altitude}** feet, coming down at {speed}.",
    "key_event": False,
    "default_key": None,
    "created_at": format_time(_at(11, 0, 0)),
    "updated_at": format_time(_at(11, 0, 0)),
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


def _log_examples() -> dict[str, Any]:
    """Return the examples of the log: the first three events of the coverage, and its key."""
    signer, salt, record = NoteSigner(bytes(KEY_SIZE)), bytes(SALT_SIZE), encode_entry(_TOUCHDOWN)
    commitment = commit(salt, _EVENT.type, record)
    leaf = Leaf(_EVENT.seq, _EVENT.type, _EVENT.at, _TOUCHDOWN.id, commitment)
    frontier, tree = Frontier(), Tree()
    tree.add([leaf_hash(b"1"), leaf_hash(b"2"), leaf_hash(leaf.encode())])
    for each in tree.leaves:
        frontier = frontier.append(each)
    origin = log_origin(_FORM.base_url, _COVERAGE.slug, _COVERAGE.cursor.epoch)
    proof = encode_proof(
        sign_checkpoint(signer, origin, frontier),
        VerifierKey(origin, signer.public_key),
        leaf,
        (salt, record),
        tree.inclusion_path(leaf.seq - 1),
    )
    key = {"algorithm": "Ed25519", "public_key": encode_base64(signer.public_key)}
    return {"Leaf": leaf.record, "Proof": proof, "LogKey": key}


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
        "SearchResults": _search_results(),
        "WrittenEntry": {**entry, "cursor": _CURSOR},
        "Revisions": {"revisions": [encode_revision(e) for e in (_TOUCHDOWN, _CORRECTED)]},
        **_statements(),
        "Event": event,
        "Events": {"events": [event], "cursor": _CURSOR, "more": False},
        **_CHANGES,
        "Draft": draft,
        "Drafts": drafts,
        **_ACCESS,
        **_log_examples(),
        "Template": _TEMPLATE,
        "Templates": {"templates": [_TEMPLATE]},
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


def _search_results() -> dict[str, Any]:
    """Return the example of what a search has found."""
    excerpt = make_excerpt(_TOUCHDOWN, parse_query("contact surface"))
    result = {"entry": _FORM.entry(_TOUCHDOWN), "headline": excerpt.headline, "text": excerpt.text}
    return {"results": [result], "cursor": _CURSOR, "next": None}


def _statements() -> dict[str, Any]:
    """Return the examples of the lists of claims and figures."""
    form = LedgerJson(f"{_FORM.base_url}/coverages/moon-landing")
    published_at = _at(20, 17, 52)
    observations = [
        Observation(figure, _TOUCHDOWN.id, 3, position, published_at)
        for position, figure in enumerate(_FIGURES)
    ]
    claim = PublishedClaim(_CLAIM, _TOUCHDOWN.id, published_at)
    return {
        "Claims": {"claims": [form.claim(claim)], "cursor": _CURSOR},
        "Figures": {
            "figures": [form.group(group) for group in ledger(observations)],
            "cursor": _CURSOR,
        },
    }
