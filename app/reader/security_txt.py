"""`/.well-known/security.txt`: where researchers report a vulnerability of this server.

Source: RFC 9116.
"""

from datetime import UTC, datetime, time, timedelta
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Response

from app.web.services import ServicesDep

routes = APIRouter(include_in_schema=False)

_PATH = "/.well-known/security.txt"
_LIFETIME = timedelta(days=180)  # the RFC asks for less than a year
_CACHE_CONTROL = "public, max-age=86400"


@routes.get(_PATH)
async def get_security_txt(services: ServicesDep) -> Response:
    """Return the operator's contacts from DATELINE_SECURITY_CONTACT; 404 if it is not set."""
    if not services.security_contacts:
        raise HTTPException(HTTPStatus.NOT_FOUND, "This server names no security contact.")
    # Rounded to a day, so that all processes return the same bytes.
    expires = datetime.combine(services.now().date(), time(), UTC) + _LIFETIME
    lines = [
        *(f"Contact: {contact}" for contact in services.security_contacts),
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {services.form.base_url}{_PATH}",
        "Preferred-Languages: en",
    ]
    text = "".join(f"{line}\r\n" for line in lines)
    return Response(text, headers={"Cache-Control": _CACHE_CONTROL}, media_type="text/plain")
