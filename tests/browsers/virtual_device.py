"""Chromium's virtual authenticator, controlled by DevTools: a page's device with passkeys."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

Json = dict[str, Any]

_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class VirtualDevice:
    """The authenticator of a page, with the passkeys that were created on it.

    Args:
        page: The page; each has its own authenticators, and uses the one plugged in last.
    """

    def __init__(self, page: "Page") -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
        self._id = added["authenticatorId"]

    def passkeys(self) -> list[Json]:
        """Return its credentials, as a copy of it would have them, with their counters."""
        credentials: list[Json] = self._send("getCredentials")["credentials"]
        return credentials

    def put(self, passkey: Json) -> None:
        """Replace its credentials by a copy."""
        self._send("clearCredentials")
        self._send("addCredential", credential=passkey)

    def unplug(self) -> None:
        """Take the authenticator from the page, with its credentials."""
        self._send("removeVirtualAuthenticator")

    def touch(self, *, is_touched: bool) -> None:
        """Set whether a request for presence is confirmed by a touch."""
        self._send("setAutomaticPresenceSimulation", enabled=is_touched)

    def know(self, *, is_known: bool) -> None:
        """Set whether the user is verified as its owner."""
        self._send("setUserVerified", isUserVerified=is_known)

    def _send(self, command: str, **arguments: object) -> Json:
        answer: Json = self._session.send(
            f"WebAuthn.{command}", {"authenticatorId": self._id, **arguments}
        )
        return answer
