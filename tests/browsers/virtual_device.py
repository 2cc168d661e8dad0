"""Chromium's virtual authenticator: a telephone or a security key of a page, by its DevTools."""

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
    """The device of a page, with the passkeys that were made on it.

    Args:
        page: whose; each has one of its own.
    """

    def __init__(self, page: "Page") -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
        self._id = added["authenticatorId"]

    def passkeys(self) -> list[Json]:
        """What is on it, with its counts: what a thief of the device could copy."""
        found: list[Json] = self._send("getCredentials")["credentials"]
        return found

    def put(self, passkey: Json) -> None:
        """Put a copy on it, in place of what is there."""
        self._send("clearCredentials")
        self._send("addCredential", credential=passkey)

    def touch(self, *, is_touched: bool) -> None:
        """Whether somebody touches it when it asks."""
        self._send("setAutomaticPresenceSimulation", enabled=is_touched)

    def know(self, *, is_known: bool) -> None:
        """Whether whoever touches it is its owner."""
        self._send("setUserVerified", isUserVerified=is_known)

    def _send(self, command: str, **arguments: object) -> Json:
        answer: Json = self._session.send(
            f"WebAuthn.{command}", {"authenticatorId": self._id, **arguments}
        )
        return answer
