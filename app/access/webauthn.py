"""WebAuthn: build requests for passkeys, and verify the responses of browsers.

These are pure functions, without database or clock. The origin has to be exactly this server's and
the RP ID its host. The device has to have verified its user (by fingerprint, face or PIN), so that
a passkey counts as two factors. Attestation is not requested, and ignored if it is sent anyway.

Source: W3C, Web Authentication Level 3, §7.1 and §7.2.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

import orjson
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.access.passkey_errors import PasskeyRefused, PasskeysUnavailable
from app.access.passkeys import NewCredential
from app.access.people import Person

_LONGEST = 8 * 1024  # characters of a response: one with an RSA key and a certificate has 3,000
_LONGEST_ID = 1023  # bytes of a credential's id (§4)
_ALGORITHMS: tuple[type[CoseKey], ...] = (ES256, EdDSA, RS256)  # that §5.8.5 recommends
_PORTS = {"http": 80, "https": 443}

Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The relying party of passkeys: `id` is a host, `origin` the origin of this server's pages."""

    id: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class PasskeyResponse:
    """A browser's response, parsed but not verified.

    `user` is the person's id as the device has stored it, None if the device did not send it.
    """

    credential: bytes
    challenge: bytes
    user: str | None
    document: Mapping[str, Any]


def find_relying_party(base_url: str, host: str, scheme: str, name: str) -> RelyingParty:
    """Determine the relying party for passkeys at this server.

    Args:
        base_url: the server's public address.
        host: the `Host` header of the request. It is used only if the public address is a local
            one, so that a first try at http://localhost:8000 works.
        scheme: the scheme of the request.
        name: the newsroom's name.

    Raises:
        PasskeysUnavailable: browsers do not support passkeys there; the message says what they
            require.
    """
    public = urlsplit(base_url)
    domain = public.hostname or ""
    try:
        address: IPv4Address | IPv6Address | None = ip_address(domain)
    except ValueError:
        address = None
    if address is None:
        is_local = domain == "localhost"
    else:
        is_local = address.is_loopback or address.is_unspecified
    if is_local:
        return _local_party(host, scheme, public.port, name)
    if address is not None or public.scheme != "https":
        raise PasskeysUnavailable(
            f"Browsers offer passkeys only over https and at a host name, and this newsroom is"
            f" {base_url}. An authenticator app works everywhere."
        )
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError as error:
        raise PasskeysUnavailable(f"{domain} is not a valid host name for browsers.") from error
    return RelyingParty(ascii_domain, _origin(public.scheme, ascii_domain, public.port), name)


def _local_party(host: str, scheme: str, own_port: int | None, name: str) -> RelyingParty:
    try:
        visited = urlsplit(f"//{host}")
        domain, port = visited.hostname, visited.port
    except ValueError:  # the client may send anything as Host
        domain, port = None, None
    if domain != "localhost":
        there = _origin("http", "localhost", own_port)
        raise PasskeysUnavailable(
            f"Browsers offer no passkeys at an IP address. To try them out open {there} instead;"
            " an authenticator app works everywhere."
        )
    return RelyingParty("localhost", _origin(scheme, "localhost", port), name)


def _origin(scheme: str, domain: str, port: int | None) -> str:
    shown = "" if port in {None, _PORTS.get(scheme)} else f":{port}"
    return f"{scheme}://{domain}{shown}"


def creation_options(
    party: RelyingParty, person: Person, challenge: bytes, known: Sequence[bytes]
) -> Options:
    """Build the options for `navigator.credentials.create()`, in their JSON form.

    Args:
        party: the relying party.
        person: the owner of the new passkey.
        challenge: the challenge of this registration.
        known: the ids of the person's passkeys, so that a device does not make a second one.
    """
    user = PublicKeyCredentialUserEntity(
        id=person.id.encode(), name=person.email, display_name=person.name
    )
    options, _ = _server(party).register_begin(
        user,
        _descriptors(known),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    return dict(options.public_key)


def request_options(party: RelyingParty, challenge: bytes, allowed: Sequence[bytes]) -> Options:
    """Build the options for `navigator.credentials.get()`, in their JSON form.

    Args:
        party: the relying party.
        challenge: the challenge of this response.
        allowed: ids of the passkeys that are accepted; empty for any that the browser finds.
    """
    options, _ = _server(party).authenticate_begin(
        _descriptors(allowed) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    return dict(options.public_key)


def read_registration(text: str) -> PasskeyResponse:
    """Parse a browser's response for a new passkey.

    Raises:
        PasskeyRefused: the text is not a response of a browser.
    """
    with _refusing():
        document = _document(text)
        response = RegistrationResponse.from_dict(document)
        challenge = response.response.client_data.challenge
        return PasskeyResponse(_checked_id(response.raw_id), challenge, None, document)


def read_assertion(text: str) -> PasskeyResponse:
    """Parse a browser's response for a passkey that was used.

    Raises:
        PasskeyRefused: the text is not a response of a browser.
    """
    with _refusing():
        document = _document(text)
        response = AuthenticationResponse.from_dict(document)
        handle = response.response.user_handle
        user = None if handle is None else handle.decode()
        challenge = response.response.client_data.challenge
        return PasskeyResponse(_checked_id(response.raw_id), challenge, user, document)


def verify_registration(party: RelyingParty, response: PasskeyResponse) -> NewCredential:
    """Verify a new passkey, except its challenge, which the caller has to check.

    Raises:
        PasskeyRefused: origin, RP ID, user verification, key or format are not as requested.
    """
    with _refusing():
        data = _server(party).register_complete(_state(response.challenge), response.document)
        credential = data.credential_data
        if credential is None or credential.credential_id != response.credential:
            raise ValueError("another credential's id")
        if credential.public_key.ALGORITHM not in [each.ALGORITHM for each in _ALGORITHMS]:
            raise ValueError("an algorithm that was not asked for")
        return NewCredential(credential.credential_id, bytes(credential), data.counter)


def verify_assertion(party: RelyingParty, response: PasskeyResponse, public_key: bytes) -> int:
    """Verify a passkey's signature, except its challenge, which the caller has to check.

    Args:
        party: the relying party.
        response: the browser's response.
        public_key: the public key, as in `NewCredential`.

    Returns:
        The device's signature counter; 0 if the device has none.

    Raises:
        PasskeyRefused: origin, RP ID, user verification, signature or format are not as requested.
    """
    with _refusing():
        key = AttestedCredentialData(public_key)
        _server(party).authenticate_complete(_state(response.challenge), [key], response.document)
        return AuthenticationResponse.from_dict(
            response.document
        ).response.authenticator_data.counter


def _server(party: RelyingParty) -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(name=party.name, id=party.id)
    # An exact match: the library's default would accept subdomains, which others may control.
    server = Fido2Server(entity, verify_origin=lambda origin: origin == party.origin)
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(
            type=PublicKeyCredentialType.PUBLIC_KEY, alg=algorithm.ALGORITHM
        )
        for algorithm in _ALGORITHMS
    ]
    return server


def _descriptors(ids: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    kind = PublicKeyCredentialType.PUBLIC_KEY
    return [PublicKeyCredentialDescriptor(type=kind, id=each) for each in ids]


def _state(challenge: bytes) -> dict[str, object]:
    verified = UserVerificationRequirement.REQUIRED
    return {"challenge": websafe_encode(challenge), "user_verification": verified}


def _document(text: str) -> dict[str, Any]:
    if len(text) > _LONGEST:
        raise ValueError("too long")
    document = orjson.loads(text)
    if not isinstance(document, dict):
        raise TypeError("not an object")
    if document["type"] != "public-key":  # which the library treats like a missing type
        raise ValueError("a credential of another type")
    # Other members are not used, and the library would accept anything in them.
    return {name: document[name] for name in ("id", "rawId", "type", "response")}


def _checked_id(credential: bytes) -> bytes:
    if not 0 < len(credential) <= _LONGEST_ID:
        raise ValueError("an id of no credential")
    return credential


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    # Any exception is caused by the client's bytes: the library parses JSON, CBOR and keys, uses
    # assertions, and documents few of its exceptions.
    except Exception as error:
        raise PasskeyRefused(
            "not confirmed",
            "This passkey's answer could not be confirmed. Try again, or use another way.",
        ) from error
