"""Reauthentication: changes to how a person signs in require their second factor once more.

So an attacker at an unattended desk gains no lasting access. A code of the app, a recovery code or
a passkey is accepted, each of them once.
"""

from collections.abc import Awaitable, Callable

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passkey_errors import PasskeyRefused
from app.access.passkeys import use_passkey
from app.access.roles import NotSignedIn
from app.access.second_factor import TooManyCodes, totp_time, verify_second_factor
from app.access.sessions import Session
from app.desk.api.writes import answer_write
from app.desk.pages.passkey_assertions import note_refusal, verify_passkey
from app.newsroom.written import Written
from app.web.refusals import count_refusal
from app.web.services import Services

DONE = Written(b"{}")
UNAUDITED = Written(b"{}", detail=None)  # nothing was done that belongs in the audit

_WRONG_CODE = "That code is wrong or has been used. Wait for the next one."

Do = Callable[[AsyncSession], Awaitable[object]]


async def do_confirmed(
    request: Request,
    services: Services,
    signed_in: Session,
    fields: dict[str, str],
    do: Do,
    result: Written = DONE,
) -> None:
    """Run an action if the form has a valid second factor.

    Args:
        request: the request with the form.
        services: the application's services.
        signed_in: the person's session.
        fields: the form's fields: a `code`, or a passkey's response as `credential`.
        do: the action, called in the transaction in which the factor is used.
        result: the result, with the details for the audit.

    Raises:
        NotSignedIn: the factor is wrong; the try is counted, and the action was not run.
        PasskeysUnavailable: browsers do not support passkeys at this address.
        TooManyTries: there were too many wrong passkeys before.
    """
    person, assertion = signed_in.person, None
    if text := fields.get("credential"):
        assertion = await verify_passkey(request, services, text, person.id)
    refusal: NotSignedIn | None = None

    async def act(session: AsyncSession) -> Written:
        nonlocal refusal
        if assertion is not None:
            key, holder = services.challenge_key, signed_in.digest
            owner = await use_passkey(
                session, key, assertion, "confirmation", holder, services.now()
            )
            refusal = owner if isinstance(owner, PasskeyRefused) else None
        else:
            code, device = fields.get("code", ""), signed_in.device
            factor = await verify_second_factor(session, person, code, totp_time(), device)
            refusal = NotSignedIn(_WRONG_CODE) if factor is None else None
        if refusal is not None:
            return UNAUDITED
        await do(session)
        return result

    try:
        await answer_write(request, services, person.caller, act)
        if refusal is not None:
            raise refusal
    except NotSignedIn as refused:
        if isinstance(refused, PasskeyRefused):
            note_refusal(request, services, person.id, refused)
        else:
            reason = "too many codes" if isinstance(refused, TooManyCodes) else None
            count_refusal(request, services, "refuseCode", caller=person.caller, reason=reason)
        raise
