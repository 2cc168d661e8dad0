"""Create passkey challenges, for the scripts of the desk's pages."""

import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.access.challenges import find_challenge
from app.access.passkey_challenges import LIFETIME, Purpose, holder_of, make_challenge
from app.access.passkey_errors import PasskeysUnavailable
from app.access.passkeys import list_passkeys
from app.access.people import Person
from app.access.roles import NotAllowed, NotSignedIn
from app.access.webauthn import RelyingParty, request_options
from app.desk.pages.relying_party import relying_party_of
from app.formats.public_json import dump_json
from app.newsroom.form import Form
from app.web.authentication import identify_session
from app.web.body_limit import read_body
from app.web.json_body import parse_form
from app.web.openapi import schemas
from app.web.openapi.document import takes
from app.web.openapi.responses import PAYLOAD, refuses, returns
from app.web.origin import check_origin
from app.web.problems import StoreUnavailable
from app.web.rate_limits.too_many_requests import TooManyRequests
from app.web.services import Services, ServicesDep
from app.web.session_cookie import CHALLENGE, PASSKEY, read_cookie, set_cookie

routes = APIRouter(prefix="/v1/passkey-challenges", tags=["newsroom"])

_LONGEST = 1024  # bytes
_EXAMPLES = {
    "sign-in": {"summary": "Sign in with a passkey alone", "value": {"purpose": "sign-in"}}
}


class PasskeyChallengeForm(Form):
    """The purpose for which a passkey is used."""

    purpose: Annotated[
        Literal["sign-in", "second-factor", "confirmation"],
        Field(
            description="`sign-in` without a password; `second-factor` after the password; "
            "`confirmation` while signed in."
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
async def post_passkey_challenge(request: Request, services: ServicesDep) -> Response:
    """Create a challenge for a passkey, in the form for `navigator.credentials.get()`.

    Only the desk's own pages may ask for one; the server checks their `Origin`. A challenge is
    valid once, for the same browser, within five minutes. The passkey's answer is sent with a form.
    """
    check_origin(request, services.form.base_url)
    # Anonymous clients may send this, and the body is held in memory: so the limit is small.
    body = await read_body(request, _LONGEST, ("application/json",))
    form = parse_form(PasskeyChallengeForm, body, services.limits)
    party = relying_party_of(request, services)
    if form.purpose == "sign-in":
        # An existing secret is kept, since another tab may be using it.
        base_url = services.form.base_url
        secret = read_cookie(request, base_url, PASSKEY) or secrets.token_urlsafe(32)
        answer = _answer(services, party, "sign-in", holder_of(secret), [])
        set_cookie(answer, secret, base_url, LIFETIME, PASSKEY)
        return answer
    if form.purpose == "second-factor":
        secret = read_cookie(request, services.form.base_url, CHALLENGE) or ""
        async with services.store.reading() as session:
            person = (await find_challenge(session, secret, services.now())).person
        return await _for_person(services, party, form.purpose, holder_of(secret), person)
    signed_in = await identify_session(request, services)
    if signed_in is None:
        raise NotSignedIn("You are signed out. Sign in again.")
    return await _for_person(services, party, form.purpose, signed_in.digest, signed_in.person)


async def _for_person(
    services: Services, party: RelyingParty, purpose: Purpose, holder: bytes, person: Person
) -> Response:
    services.write_limiter.check(person.caller.id)
    async with services.store.reading() as session:
        passkeys = [p for p in await list_passkeys(session, person.id) if p.rp_id == party.id]
    if not passkeys:
        raise NotAllowed("You have no passkey for this address. Use another method.")
    return _answer(services, party, purpose, holder, [passkey.credential for passkey in passkeys])


def _answer(
    services: Services, party: RelyingParty, purpose: Purpose, holder: bytes, allowed: list[bytes]
) -> Response:
    challenge = make_challenge(services.challenge_key, purpose, holder, services.now())
    body = dump_json(request_options(party, challenge, allowed))
    return Response(body, 200, {"Cache-Control": "no-store"}, "application/json")
