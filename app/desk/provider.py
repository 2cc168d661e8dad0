"""Signing in by the newsroom's identity provider: the way there, and the way back."""

import hmac
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.access.audit import NOBODY, record_audit
from app.access.errand import LASTS, begin_errand, read_errand
from app.access.identities import admit_identity
from app.access.provider import Identity, IdentityRefused, ProviderDown
from app.access.roles import NotAllowed, NotSignedIn
from app.access.sessions import PROVIDER
from app.desk.arrival import arrive, let_in
from app.desk.page import render_desk, see
from app.desk.signing_in import Next, inside
from app.web.cookie import ERRAND, drop_cookie, read_cookie, set_cookie
from app.web.house import House, TheHouse

routes = APIRouter(prefix="/desk/sign-in/provider", include_in_schema=False)

_HOME = "/desk"
_STATUS = {
    ProviderDown: HTTPStatus.BAD_GATEWAY,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
}
Text = Annotated[str, Query(max_length=4096)]


@routes.get("")
async def send_to_provider(request: Request, house: TheHouse, next: Next = _HOME) -> Response:  # noqa: A002
    """Send a browser to the provider, which sends it back."""
    if (provider := house.provider) is None:
        return see("/desk/sign-in")
    cookie = begin_errand(provider.secret, inside(next), house.now())
    errand = read_errand(provider.secret, cookie, house.now())
    try:
        address = await provider.send_off(errand, _back(house), house.now())
    except NotSignedIn as refusal:
        return _refuse(request, house, refusal, errand.onward)
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    set_cookie(answer, cookie, house.form.base_url, LASTS, ERRAND)
    return answer


@routes.get("/return")
async def come_back(
    request: Request,
    house: TheHouse,
    code: Text = "",
    state: Text = "",
    iss: Text | None = None,
) -> Response:
    """Let in whom the provider vouches for, if the newsroom knows them."""
    if (provider := house.provider) is None:
        return see("/desk/sign-in")
    try:
        cookie = read_cookie(request, house.form.base_url, ERRAND)
        errand = read_errand(provider.secret, cookie, house.now())
        if not hmac.compare_digest(errand.state.encode(), state.encode()):
            raise IdentityRefused("This way to sign in was not begun here. Begin again.")
        if not code or iss not in {None, provider.issuer}:
            raise IdentityRefused("The identity provider did not confirm who you are. Begin again.")
        identity = await provider.identify(errand, code, _back(house), house.now())
        answer = await _admit(request, house, identity, errand.onward)
    except (NotSignedIn, NotAllowed) as refusal:
        await _record_refusal(house, refusal)
        answer = _refuse(request, house, refusal, _HOME)
    drop_cookie(answer, house.form.base_url, ERRAND)
    return answer


def _back(house: House) -> str:
    return f"{house.form.base_url}{routes.prefix}/return"


async def _admit(request: Request, house: House, identity: Identity, onward: str) -> Response:
    async with house.store.writing() as session:
        now = house.now()
        admitted = await admit_identity(session, identity, now)
        caller = admitted.person.caller
        if admitted.invitation is not None:
            thing = admitted.invitation
            await record_audit(session, caller, "acceptInvitation", now, thing=thing)
        # Whether it asks for a second factor is the provider's own matter.
        arrival = await arrive(
            session,
            request,
            house,
            admitted.person,
            onward,
            by=PROVIDER,
            second_factor=True,
        )
    return let_in(arrival, house)


async def _record_refusal(house: House, refusal: Exception) -> None:
    if isinstance(refusal, ProviderDown):
        return
    told = {"by": "identity provider", "reason": type(refusal).__name__}
    async with house.store.writing() as session:
        now, thing = house.now(), "unknown identity"
        await record_audit(
            session, NOBODY, "refuseSignIn", now, thing=thing, detail=told, often=True
        )


def _refuse(request: Request, house: House, refusal: Exception, onward: str) -> Response:
    status = next(code for kind, code in _STATUS.items() if isinstance(refusal, kind))
    return render_desk(
        request,
        house,
        "sign_in.html",
        status=status,
        next=onward,
        email="",
        complaint=str(refusal),
    )
