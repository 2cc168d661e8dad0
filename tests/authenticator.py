"""An authenticator in software: keys, sign counts and signatures like a security key's.

Its flags and fields, and the client data that a browser would add, can be changed by a test.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

Json = dict[str, Any]

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40
BOTH = USER_PRESENT | USER_VERIFIED


@dataclass
class Authenticator:
    """A device with one passkey.

    `count` is its sign count; None for a device that does not count.
    """

    origin: str
    rp_id: str = "localhost"
    count: int | None = 0
    flags: int = BOTH
    user: bytes | None = None
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def register(self, options: Json, **client_data: object) -> Json:
        """Return the response of `navigator.credentials.create()`."""
        self.user = websafe_decode(options["user"]["id"])
        key = ES256.from_cryptography_key(self.key.public_key())
        attested = AttestedCredentialData.create(bytes(16), self.id, key)
        data = self._data(self.flags | ATTESTED, attested)
        attestation = AttestationObject.create("none", data, {})
        client = self._client("webauthn.create", options, client_data)
        return self._credential(clientDataJSON=client, attestationObject=bytes(attestation))

    def sign(self, options: Json, **client_data: object) -> Json:
        """Return the response of `navigator.credentials.get()`; increments the sign count."""
        if self.count is not None:
            self.count += 1
        data = self._data(self.flags)
        client = self._client("webauthn.get", options, client_data)
        signed = bytes(data) + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._credential(
            clientDataJSON=client,
            authenticatorData=bytes(data),
            signature=signature,
            userHandle=self.user or b"",
        )

    def _data(self, flags: int, attested: bytes = b"") -> AuthenticatorData:
        rp_id_hash = hashlib.sha256(self.rp_id.encode()).digest()
        return AuthenticatorData.create(rp_id_hash, flags, self.count or 0, attested)

    def _client(self, kind: str, options: Json, changes: Json) -> bytes:
        client_data = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps({**client_data, "crossOrigin": False, **changes}).encode()

    def _credential(self, **response: bytes) -> Json:
        credential_id = websafe_encode(self.id)
        parts = {name: websafe_encode(value) for name, value in response.items()}
        return {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "response": parts,
        }
