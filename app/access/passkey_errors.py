"""Refusals of passkeys."""

from app.access.roles import NotSignedIn


class PasskeysUnavailable(Exception):
    """Browsers do not support passkeys at this server's address."""


class PasskeyRefused(NotSignedIn):
    """A passkey's response is not accepted; `reason` is a short reason for the audit."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
