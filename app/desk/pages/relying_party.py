"""For whom passkeys are made and asked at this server."""

from fastapi import Request

from app.access.webauthn import PasskeysUnavailable, RelyingParty, find_relying_party
from app.web.services import Services


def party_of(request: Request, services: Services) -> RelyingParty:
    """The relying party at the address by which a browser came.

    Raises:
        PasskeysUnavailable: browsers do not offer passkeys there.
    """
    host, scheme = request.headers.get("host", ""), request.url.scheme
    return find_relying_party(services.form.base_url, host, scheme, services.html_renderer.name)


def has_passkeys(request: Request, services: Services) -> bool:
    """Whether browsers offer passkeys there."""
    try:
        party_of(request, services)
    except PasskeysUnavailable:
        return False
    return True
