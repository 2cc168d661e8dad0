"""Single sign-on: redirect to the newsroom's identity provider, and handle the callback."""

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
from app.access.login_state import LIFETIME, LoginState, begin_login, read_login_state
from app.access.login_states import use_login_state
from app.access.oidc import Identity, IdentityRefused, Provider, ProviderDown
from app.access.passwords import TooManySignIns
from app.access.people import EmailTaken
from app.access.roles import NotAllowed, NotSignedIn
from app.access.sessions import PROVIDER
from app.access.sso_accounts import admit_identity
from app.desk.pages.layout import render_desk, see_other
from app.desk.pages.session import sign_in_person, sign_in_response
from app.desk.pages.sign_in import Next, safe_redirect
from app.web.problems import StoreUnavailable, kind_of, problem
from app.web.rate_limits.sign_ins import SignInAttempt, TooManyTries
from app.web.refusals import address_of, count_refusal
from app.web.services import Services, ServicesDep
from app.web.session_cookie import DEVICE, LOGIN_STATE, drop_cookie, read_cookie, set_cookie

_log = logging.getLogger(__name__)

routes = APIRouter(prefix="/desk/sign-in/provider", include_in_schema=False)

_HOME = "/desk"
_LONGEST = 4096  # characters of a code
_REFUSALS = (
    *(NotSignedIn, NotAllowed, EmailTaken),
    *(TooManyTries, TooManySignIns, StoreUnavailable),
)


@routes.get("")
async def send_to_provider(request: Request, services: ServicesDep, next: Next = _HOME) -> Response:  # noqa: A002
    """Redirect a browser to the provider, which redirects it to the callback."""
    if (provider := services.provider) is None:
        return see_other("/desk/sign-in")
    cookie = begin_login(provider.secret, safe_redirect(next), services.now())
    login_state = read_login_state(provider.secret, cookie, services.now())
    try:
        address = await provider.authorization_url(
            login_state, _callback_url(services), services.now()
        )
    except NotSignedIn as refusal:
        return _refuse(request, services, refusal, login_state.onward)
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    set_cookie(answer, cookie, services.form.base_url, LIFETIME, LOGIN_STATE)
    return answer


@routes.get("/return")
async def callback(
    request: Request,
    services: ServicesDep,
    code: str = "",
    state: str = "",
    iss: str | None = None,
) -> Response:
    """Sign in the person that the provider has identified, if the newsroom knows them.

    The sign-in limiter limits failed callbacks for each address. Every refusal is a page with a
    link to start again.
    """
    if (provider := services.provider) is None:
        return see_other("/desk/sign-in")
    try:
        with _refusing_database_errors():
            attempt = await _count(request, services)
            login_state = await _find_login_state(request, services, provider, code, state, iss)
            identity = await provider.identify(
                login_state, code, _callback_url(services), services.now()
            )
            answer = await _admit(request, services, identity, login_state.onward)
        attempt.cancel()
    except _REFUSALS as refusal:
        reason = f"identity provider, {kind_of(refusal).title.lower()}"
        count_refusal(request, services, "refuseSignIn", reason=reason)
        answer = _refuse(request, services, refusal, _HOME)
    drop_cookie(answer, services.form.base_url, LOGIN_STATE)
    return answer


async def _count(request: Request, services: Services) -> SignInAttempt:
    """Count a callback as failed until it succeeds; a known browser has its own counter."""
    secret, own = read_cookie(request, services.form.base_url, DEVICE), None
    if secret is not None:
        async with services.store.reading() as session:
            if await is_known(session, secret, services.now()):
                own = device_digest(secret).hex()
    attempt = services.sign_in_limiter.by_provider(address_of(request), own)
    attempt.count()
    return attempt


async def _find_login_state(
    request: Request, services: Services, provider: Provider, code: str, state: str, iss: str | None
) -> LoginState:
    """Check the browser's login state, and mark it as used."""
    cookie = read_cookie(request, services.form.base_url, LOGIN_STATE)
    login_state = read_login_state(provider.secret, cookie, services.now())
    if not hmac.compare_digest(login_state.state.encode(), state.encode()):
        raise IdentityRefused("This sign-in was not started here. Begin again.")
    if not 0 < len(code) <= _LONGEST or iss not in {None, provider.issuer}:
        raise IdentityRefused("The identity provider did not confirm who you are. Begin again.")
    async with services.store.writing() as session:
        await use_login_state(session, login_state.state, services.now())
    return login_state


@contextmanager
def _refusing_database_errors() -> Iterator[None]:
    """Convert database errors to a refusal that a page can show.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    try:
        yield
    except SQLAlchemyError as error:
        _log.exception("sign-in failed: the database does not answer")
        raise StoreUnavailable("The database does not answer. Try again later.") from error


def _callback_url(services: Services) -> str:
    return f"{services.form.base_url}{routes.prefix}/return"


async def _admit(request: Request, services: Services, identity: Identity, onward: str) -> Response:
    async with services.store.writing() as session:
        now = services.now()
        admitted = await admit_identity(session, identity, now)
        caller = admitted.person.caller
        if admitted.invitation is not None:
            thing = admitted.invitation
            await record_audit(session, caller, "acceptInvitation", now, thing=thing)
        # The provider is responsible for asking for a second factor.
        result = await sign_in_person(
            session,
            request,
            services,
            admitted.person,
            onward,
            by=PROVIDER,
            second_factor=True,
        )
    return sign_in_response(result, services)


def _refuse(request: Request, services: Services, refusal: Exception, onward: str) -> Response:
    response = problem(refusal)
    is_down = isinstance(refusal, ProviderDown)
    page = render_desk(
        request,
        services,
        "sign_in.html",
        status=HTTPStatus.BAD_GATEWAY if is_down else response.status_code,
        next=onward,
        email="",
        refusal=refusal,
    )
    if "retry-after" in response.headers:
        page.headers["Retry-After"] = response.headers["retry-after"]
    return page
