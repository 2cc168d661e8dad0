"""Challenges for passkeys, which the scripts of the desk's pages ask for."""

import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.access.challenges import find_challenge
from app.access.passkey_challenges import LASTS, Purpose, holder_of, make_challenge
from app.access.passkeys import list_passkeys
from app.access.people import Person
from app.access.roles import NotAllowed, NotSignedIn
from app.access.webauthn import PasskeysUnavailable, RelyingParty, request_options
from app.desk.pages.relying_party import party_of
from app.formats.public_json import dump_json
from app.newsroom.forms import Form
from app.web.authentication import identify_session
from app.web.json_body import parse_form, read_body
from app.web.openapi import schemas
from app.web.openapi.document import takes
from app.web.openapi.responses import PAYLOAD, refuses, returns
from app.web.problems import StoreUnavailable, TooManyRequests
from app.web.services import House, TheHouse
from app.web.session_cookie import CHALLENGE, PASSKEY, check_origin, read_cookie, set_cookie

routes = APIRouter(prefix="/v1/passkey-challenges", tags=["newsroom"])

_LONGEST = 1024  # bytes
_EXAMPLES = {
    "sign-in": {"summary": "Nobody has said who they are", "value": {"purpose": "sign-in"}}
}


class PasskeyChallengeForm(Form):
    """What a passkey is to be asked for."""

    purpose: Annotated[
        Literal["sign-in", "second-factor", "confirmation"],
        Field(
            description="`sign-in` of whoever it is; `second-factor` after the password; "
            "`confirmation` by who is signed in."
        ),
    ]


@routes.post(
    "",
    operation_id="createPasskeyChallenge",
    responses=returns(schemas.PasskeyChallenge)
    | refuses(
        *PAYLOAD,
        NotSignedIn,
        NotAllowed,
        PasskeysUnavailable,
        TooManyRequests,
        StoreUnavailable,
    ),
    openapi_extra=takes(form=PasskeyChallengeForm, examples=_EXAMPLES) | {"security": [{}]},
)
async def post_passkey_challenge(request: Request, house: TheHouse) -> Response:
    """Make a challenge for a passkey, as `navigator.credentials.get()` takes it.

    For the desk's own pages, by their `Origin`. It is good for one answer of the same browser,
    within five minutes; the answer goes with a form of the page.
    """
    check_origin(request, house.form.base_url)
    # Whoever it is: what strangers send is held in memory as it comes.
    body = await read_body(request, _LONGEST, ("application/json",))
    form = parse_form(PasskeyChallengeForm, body, house.bounds)
    party = party_of(request, house)
    if form.purpose == "sign-in":
        return _for_anybody(request, house, party)
    if form.purpose == "second-factor":
        secret = read_cookie(request, house.form.base_url, CHALLENGE) or ""
        async with house.store.reading() as session:
            person = (await find_challenge(session, secret, house.now())).person
        return await _for_person(house, party, form.purpose, holder_of(secret), person)
    signed_in = await identify_session(request, house)
    if signed_in is None:
        raise NotSignedIn("You are signed out. Sign in again.")
    return await _for_person(house, party, form.purpose, signed_in.digest, signed_in.person)


def _for_anybody(request: Request, house: House, party: RelyingParty) -> Response:
    base_url = house.form.base_url
    # Kept where there is one: another tab may be open with it.
    secret = read_cookie(request, base_url, PASSKEY) or secrets.token_urlsafe(32)
    answer = _answer(house, party, "sign-in", holder_of(secret), [])
    set_cookie(answer, secret, base_url, LASTS, PASSKEY)
    return answer


async def _for_person(
    house: House, party: RelyingParty, purpose: Purpose, holder: bytes, person: Person
) -> Response:
    house.pace.check(person.caller.id)
    async with house.store.reading() as session:
        passkeys = [p for p in await list_passkeys(session, person.id) if p.rp_id == party.id]
    if not passkeys:
        raise NotAllowed("You have no passkey for this address. Use another way.")
    return _answer(house, party, purpose, holder, [passkey.credential for passkey in passkeys])


def _answer(
    house: House, party: RelyingParty, purpose: Purpose, holder: bytes, allowed: list[bytes]
) -> Response:
    challenge = make_challenge(house.challenge_key, purpose, holder, house.now())
    body = dump_json(request_options(party, challenge, allowed))
    return Response(body, 200, {"Cache-Control": "no-store"}, "application/json")
