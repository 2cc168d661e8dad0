"""Passkey assertions in forms: verify them and limit the tries.

Signatures are verified between two transactions. The action that relies on one calls `use_passkey`
in its own transaction, which checks that passkey and challenge are still valid.
"""

from fastapi import Request

from app.access.passkey_errors import PasskeyRefused
from app.access.passkeys import VerifiedAssertion, find_passkey, unknown_passkey
from app.access.webauthn import read_assertion, verify_assertion
from app.desk.pages.relying_party import relying_party_of
from app.web.refusals import address_of, count_refusal
from app.web.services import Services


async def verify_passkey(
    request: Request, services: Services, text: str, person_id: str | None = None
) -> VerifiedAssertion:
    """Verify a passkey's signature, for use in a following transaction.

    Args:
        request: the request with the form.
        services: the application's services.
        text: the browser's response, as JSON.
        person_id: the id of the person whose passkey it has to be; None if that is not known yet.

    Raises:
        PasskeyRefused: the response is not valid. The audit records this, unless the text is not
            a browser's response at all, which does not count as a try either.
        PasskeysUnavailable: browsers do not support passkeys at this address.
        TooManyTries: there were too many wrong tries before.
    """
    party = relying_party_of(request, services)
    answer, owner = read_assertion(text), person_id
    attempt = services.sign_in_limiter.by_passkey(address_of(request))
    attempt.count()
    try:
        async with services.store.reading() as session:
            passkey = await find_passkey(session, answer.credential)
        if passkey is None or person_id not in {None, passkey.person}:
            raise unknown_passkey()
        owner = passkey.person
        # If the person was not known, the device has to send the user handle (§7.2, step 6).
        handles = {passkey.person} if person_id is None else {None, passkey.person}
        if passkey.rp_id != party.id or answer.user not in handles:
            raise unknown_passkey()
        count = verify_assertion(party, answer, passkey.public_key)
    except PasskeyRefused as refusal:
        note_refusal(request, services, owner, refusal)
        raise
    attempt.cancel()
    return VerifiedAssertion(passkey, answer.challenge, count)


def note_refusal(
    request: Request, services: Services, person_id: str | None, refusal: PasskeyRefused
) -> None:
    """Record in the audit that a passkey was refused.

    Args:
        request: the refused request.
        services: the application's services.
        person_id: the id of the passkey's actual or expected owner; None if that is not known.
        refusal: the reason.
    """
    count_refusal(request, services, "refusePasskey", reason=refusal.reason, thing=person_id)
