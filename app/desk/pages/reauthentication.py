"""Reauthentication: changes to how a person signs in require their second factor once more.

So an attacker at an unattended desk gains no lasting access. A code of the app, a recovery code or
a passkey is accepted, each of them once.
"""

from collections.abc import Awaitable, Callable

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passkeys import Proof, use_passkey
from app.access.roles import NotSignedIn
from app.access.second_factor import TooManyCodes, app_time, take_second_factor
from app.access.sessions import Session
from app.access.webauthn import PasskeyRefused
from app.desk.api.writes import answer_write
from app.desk.pages.passkey_assertions import note_refusal, prove
from app.newsroom.written import Written
from app.web.refusals import count_refusal
from app.web.services import Services

DONE = Written(b"{}")
UNTOLD = Written(b"{}", detail=None)  # nothing was done that belongs in the audit

Do = Callable[[AsyncSession], Awaitable[object]]


async def do_confirmed(
    request: Request,
    services: Services,
    signed_in: Session,
    fields: dict[str, str],
    do: Do,
    done: Written = DONE,
) -> None:
    """Run an action if the form has a valid second factor.

    Args:
        request: the request with the form.
        services: the application's services.
        signed_in: the person's session.
        fields: the form's fields: a `code`, or a passkey's response as `credential`.
        do: the action, called in the transaction in which the factor is used.
        done: the result, with the details for the audit.

    Raises:
        NotSignedIn: the factor is wrong; the try is counted, and the action was not run.
        PasskeysUnavailable: browsers do not support passkeys at this address.
        TooManyTries: there were too many wrong passkeys before.
    """
    person, proof = signed_in.person, None
    if text := fields.get("credential"):
        proof = await prove(request, services, text, person.id)
    refusal: NotSignedIn | None = None

    async def act(session: AsyncSession) -> Written:
        nonlocal refusal
        if proof is not None:
            refusal = await _refuse_passkey(session, services, signed_in, proof)
        else:
            refusal = await _refuse_code(session, signed_in, fields.get("code", ""))
        if refusal is not None:
            return UNTOLD
        await do(session)
        return done

    try:
        await answer_write(request, services, person.caller, act)
        if refusal is not None:
            raise refusal
    except NotSignedIn as refused:
        _note(request, services, signed_in, refused)
        raise


async def _refuse_passkey(
    session: AsyncSession, services: Services, signed_in: Session, proof: Proof
) -> NotSignedIn | None:
    key, holder = services.challenge_key, signed_in.digest
    used = await use_passkey(session, key, proof, "confirmation", holder, services.now())
    return used if isinstance(used, PasskeyRefused) else None


async def _refuse_code(session: AsyncSession, signed_in: Session, code: str) -> NotSignedIn | None:
    person, device = signed_in.person, signed_in.device
    if await take_second_factor(session, person, code, app_time(), device) is not None:
        return None
    return NotSignedIn("That code is wrong or has been used. Wait for the next one.")


def _note(request: Request, services: Services, signed_in: Session, refusal: NotSignedIn) -> None:
    """Record the refusal in the audit."""
    person = signed_in.person
    if isinstance(refusal, PasskeyRefused):
        note_refusal(request, services, person.id, refusal)
        return
    reason = "too many codes" if isinstance(refusal, TooManyCodes) else None
    count_refusal(request, services, "refuseCode", caller=person.caller, reason=reason)
