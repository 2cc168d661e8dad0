"""Refusals: records refused requests in the audit."""

import re

from fastapi import Request

from app.access.audit import NOBODY
from app.access.refusals import Refusal, network_of
from app.access.roles import Caller, NotAllowed, NotSignedIn
from app.web.identifiers import SLUG
from app.web.rate_limits.too_many_requests import TooManyRequests
from app.web.services import Services

_SLUG = re.compile(SLUG)


def address_of(request: Request) -> str | None:
    """Return the client's address, behind a trusted proxy the one that the proxy names."""
    return request.client.host if request.client else None


def count_refusal(
    request: Request,
    services: Services,
    action: str,
    *,
    caller: Caller = NOBODY,
    reason: str | None = None,
    thing: str | None = None,
) -> None:
    """Record a refusal in the audit, for pages that answer with their own words.

    Args:
        request: the refused request.
        services: the application's services.
        action: the action's name in the audit.
        caller: the caller, if known.
        reason: the reason in a few words; None without one.
        thing: the id of the person or thing that the request was about; None without one.
    """
    address = network_of(address_of(request))
    services.refusals.count(Refusal(action, address, caller, reason, thing))


def count_problem(request: Request, services: Services, error: Exception) -> None:
    """Record a problem in the audit, if it concerns the newsroom.

    Those are actions that a caller may not take or takes too fast, and invalid keys. Refusals of
    readers' requests are not recorded.
    """
    caller = getattr(request.state, "caller", None)
    address = network_of(address_of(request))
    if isinstance(error, NotSignedIn):
        if "authorization" in request.headers:
            services.refusals.count(Refusal("refuseKey", address))
        return
    is_throttled = isinstance(error, TooManyRequests)
    if not isinstance(error, NotAllowed) and not (is_throttled and caller):
        return
    slug = str(request.path_params.get("slug", ""))
    route = request.scope.get("route")
    refusal = Refusal(
        "refuseAction",
        address,
        caller or NOBODY,
        "too many requests" if is_throttled else None,
        # An invalid slug belongs to no coverage, and a database may refuse to store it.
        coverage=slug if _SLUG.fullmatch(slug) else None,
        operation=getattr(route, "operation_id", None) or getattr(route, "path", None),
    )
    services.refusals.count(refusal)
