"""The relying party for passkeys at this server."""

from fastapi import Request

from app.access.passkey_errors import PasskeysUnavailable
from app.access.webauthn import RelyingParty, find_relying_party
from app.web.services import Services


def relying_party_of(request: Request, services: Services) -> RelyingParty:
    """Return the relying party at the address that the request was sent to.

    Raises:
        PasskeysUnavailable: browsers do not support passkeys there.
    """
    host, scheme = request.headers.get("host", ""), request.url.scheme
    return find_relying_party(services.form.base_url, host, scheme, services.html_renderer.name)


def has_passkeys(request: Request, services: Services) -> bool:
    """Whether browsers support passkeys at the address that the request was sent to."""
    try:
        relying_party_of(request, services)
    except PasskeysUnavailable:
        return False
    return True
