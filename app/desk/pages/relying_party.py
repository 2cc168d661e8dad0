"""For whom passkeys are made and asked at this server."""

from fastapi import Request

from app.access.webauthn import PasskeysUnavailable, RelyingParty, find_relying_party
from app.web.services import House


def party_of(request: Request, house: House) -> RelyingParty:
    """The relying party at the address by which a browser came.

    Raises:
        PasskeysUnavailable: browsers do not offer passkeys there.
    """
    host, scheme = request.headers.get("host", ""), request.url.scheme
    return find_relying_party(house.form.base_url, host, scheme, house.look.name)


def has_passkeys(request: Request, house: House) -> bool:
    """Whether browsers offer passkeys there."""
    try:
        party_of(request, house)
    except PasskeysUnavailable:
        return False
    return True
