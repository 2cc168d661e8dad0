"""Answers of passkeys, as forms carry them: checked, counted as tries, and then used once.

Signatures are verified between two transactions. What relies on one uses it in its own transaction
(`use_passkey`), which sees whether passkey and challenge are still good.
"""

from fastapi import Request

from app.access.passkeys import Proof, find_passkey, unknown_passkey
from app.access.webauthn import PasskeyRefused, read_assertion, verify_assertion
from app.desk.pages.relying_party import party_of
from app.web.refusals import address_of, count_refusal
from app.web.services import Services


async def prove(
    request: Request, services: Services, text: str, person_id: str | None = None
) -> Proof:
    """What a passkey has signed; to be used in the transaction that follows.

    Args:
        request: that carries it.
        services: the rooms.
        text: the browser's answer, as JSON.
        person_id: whose passkey it has to be; None where that is not known yet.

    Raises:
        PasskeyRefused: it is no such answer. That is written down, but for what no browser says,
            which is not counted as a try either.
        PasskeysUnavailable: browsers do not offer passkeys here.
        TooManyTries: there were too many wrong ones before.
    """
    party = party_of(request, services)
    answer, whose = read_assertion(text), person_id
    attempt = services.sign_in_limiter.by_passkey(address_of(request))
    attempt.count()
    try:
        async with services.store.reading() as session:
            passkey = await find_passkey(session, answer.credential)
        if passkey is None or person_id not in {None, passkey.person}:
            raise unknown_passkey()
        whose = passkey.person
        # Who was not asked for by name has to be told by the device (§7.2, step 6).
        known = {passkey.person} if person_id is None else {None, passkey.person}
        if passkey.rp_id != party.id or answer.user not in known:
            raise unknown_passkey()
        count = verify_assertion(party, answer, passkey.public_key)
    except PasskeyRefused as refusal:
        note_refusal(request, services, whose, refusal)
        raise
    attempt.take_back()
    return Proof(passkey, answer.challenge, count)


def note_refusal(
    request: Request, services: Services, person_id: str | None, refusal: PasskeyRefused
) -> None:
    """Have the audit tell that a passkey was refused.

    Args:
        request: that was refused.
        services: the rooms.
        person_id: whose passkey it is, or was to be; None where that is not known.
        refusal: why.
    """
    count_refusal(request, services, "refusePasskey", reason=refusal.reason, thing=person_id)
