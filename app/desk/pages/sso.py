"""Signing in by the newsroom's identity provider: the way there, and the way back."""

import hmac
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError

from app.access.audit import record_audit
from app.access.devices import device_digest, is_known
from app.access.login_state import LASTS, Errand, begin_errand, read_errand
from app.access.login_states import use_login_state
from app.access.oidc import Identity, IdentityRefused, Provider, ProviderDown
from app.access.passwords import TooManySignIns
from app.access.people import EmailTaken
from app.access.roles import NotAllowed, NotSignedIn
from app.access.sessions import PROVIDER
from app.access.sso_accounts import admit_identity
from app.desk.pages.layout import render_desk, see
from app.desk.pages.session import arrive, let_in
from app.desk.pages.sign_in import Next, inside
from app.web.problems import StoreUnavailable, kind_of, problem
from app.web.rate_limits.sign_ins import TooManyTries, Try
from app.web.refusals import address_of, count_refusal
from app.web.services import House, TheHouse
from app.web.session_cookie import DEVICE, ERRAND, drop_cookie, read_cookie, set_cookie

_log = logging.getLogger(__name__)

routes = APIRouter(prefix="/desk/sign-in/provider", include_in_schema=False)

_HOME = "/desk"
_LONGEST = 4096  # characters of a code
_REFUSALS = (
    *(NotSignedIn, NotAllowed, EmailTaken),
    *(TooManyTries, TooManySignIns, StoreUnavailable),
)


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
    code: str = "",
    state: str = "",
    iss: str | None = None,
) -> Response:
    """Let in whom the provider vouches for, if the newsroom knows them.

    Who comes back in vain too often from one address has to wait. Every refusal is a page that
    offers to begin again.
    """
    if (provider := house.provider) is None:
        return see("/desk/sign-in")
    try:
        with _in_order():
            attempt = await _count(request, house)
            errand = await _find_errand(request, house, provider, code, state, iss)
            identity = await provider.identify(errand, code, _back(house), house.now())
            answer = await _admit(request, house, identity, errand.onward)
        attempt.take_back()
    except _REFUSALS as refusal:
        reason = f"identity provider, {kind_of(refusal).title.lower()}"
        count_refusal(request, house, "refuseSignIn", reason=reason)
        answer = _refuse(request, house, refusal, _HOME)
    drop_cookie(answer, house.form.base_url, ERRAND)
    return answer


async def _count(request: Request, house: House) -> Try:
    """Count a return as one in vain; one of a browser that is known, by itself."""
    secret, own = read_cookie(request, house.form.base_url, DEVICE), None
    if secret is not None:
        async with house.store.reading() as session:
            if await is_known(session, secret, house.now()):
                own = device_digest(secret).hex()
    attempt = house.knocks.by_provider(address_of(request), own)
    attempt.count()
    return attempt


async def _find_errand(
    request: Request, house: House, provider: Provider, code: str, state: str, iss: str | None
) -> Errand:
    """The errand that a browser comes back from, which it does once."""
    cookie = read_cookie(request, house.form.base_url, ERRAND)
    errand = read_errand(provider.secret, cookie, house.now())
    if not hmac.compare_digest(errand.state.encode(), state.encode()):
        raise IdentityRefused("This way to sign in was not begun here. Begin again.")
    if not 0 < len(code) <= _LONGEST or iss not in {None, provider.issuer}:
        raise IdentityRefused("The identity provider did not confirm who you are. Begin again.")
    async with house.store.writing() as session:
        await use_login_state(session, errand.state, house.now())
    return errand


@contextmanager
def _in_order() -> Iterator[None]:
    """Say of the database what a page can tell.

    Raises:
        StoreUnavailable: it does not answer.
    """
    try:
        yield
    except SQLAlchemyError as error:
        _log.exception("nobody can be signed in")
        raise StoreUnavailable("The database does not answer. Try again later.") from error


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


def _refuse(request: Request, house: House, refusal: Exception, onward: str) -> Response:
    told = problem(refusal)
    is_down = isinstance(refusal, ProviderDown)
    page = render_desk(
        request,
        house,
        "sign_in.html",
        status=HTTPStatus.BAD_GATEWAY if is_down else told.status_code,
        next=onward,
        email="",
        complaint=str(refusal),
    )
    if "retry-after" in told.headers:
        page.headers["Retry-After"] = told.headers["retry-after"]
    return page
