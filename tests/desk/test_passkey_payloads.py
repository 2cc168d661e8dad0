"""Tests of tampered WebAuthn responses: they are refused on a page, never with a 500."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode
from hypothesis import HealthCheck, given, settings

from tests.authenticator import Authenticator
from tests.dateline import DatelineServer, running_server
from tests.desk.passkey_pages import (
    BY_PASSKEY,
    PAGE,
    add,
    at_localhost,
    begin,
    browser,
    challenge,
    enter,
    ids,
    register,
    sign_in_by,
)
from tests.signed_in import take_in
from tests.tampered_passkeys import is_same, tampered

Json = dict[str, Any]
_MANY = settings(
    max_examples=settings().max_examples // 8,  # several requests per example
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Owner:
    """A person with a passkey, their signed-in client, and one that is not signed in."""

    def __init__(self, server: DatelineServer) -> None:
        self.server = server
        take_in(server, "ada@example.org", "Ada", "editor")
        self.client = enter(server, "ada@example.org")
        self.device = Authenticator(at_localhost(server), count=None)
        assert register(self.client, self.device).status_code == 200
        self.visitor = browser(server)

    def sign_in(self) -> None:
        """Sign in by the genuine passkey, which must still work; this resets the failure count."""
        sign_in_by(self.server, self.device).close()


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    """A server that trusts any proxy, and a person with a passkey."""
    with running_server(tmp_path_factory.mktemp("tampered"), trusted_proxies="*") as server:
        yield Owner(server)


def check_refused(answer: httpx.Response) -> None:
    """Check that the response is a page with an error."""
    assert answer.status_code in {401, 422}, answer.text
    assert 'role="alert"' in answer.text


@_MANY
@given(tampered())
def test_no_tampered_answer_signs_in(owner: Owner, tamper: Callable[[Json], str]):
    """A tampered assertion does not sign in; it is refused on the page.

    One that is the same, apart from an `attestationObject`, does.
    """
    genuine = owner.device.sign(challenge(owner.visitor, "sign-in"))
    text = tamper(json.loads(json.dumps(genuine)))
    answer = owner.visitor.post(BY_PASSKEY, data={"credential": text})
    if is_same(text, genuine):
        assert answer.status_code == 303, answer.text
        owner.visitor.cookies.clear()
        return
    check_refused(answer)
    owner.sign_in()


@_MANY
@given(tampered())
def test_no_tampered_answer_confirms(owner: Owner, tamper: Callable[[Json], str]):
    """A tampered assertion does not confirm a removal: the passkey stays.

    One that is the same, apart from an `attestationObject` or a missing user handle, does.
    """
    (own,) = ids(owner.client)
    page = owner.client.get(PAGE).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    genuine = owner.device.sign(challenge(owner.client, "confirmation"))
    text = tamper(json.loads(json.dumps(genuine)))
    form = {"token": token, "credential": text}
    answer = owner.client.post(f"{PAGE}/{own}/removal", data=form)
    if is_same(text, genuine, is_named=True):
        assert answer.status_code == 303, answer.text
        assert ids(owner.client) == []
        assert register(owner.client, owner.device).status_code == 200
        return
    check_refused(answer)
    assert ids(owner.client) == [own]
    owner.sign_in()


@_MANY
@given(tampered())
def test_no_tampered_registration_is_a_fault(owner: Owner, tamper: Callable[[Json], str]):
    """A tampered registration is refused on the page, and no passkey is added.

    The challenge is not a pending one, so even an unchanged response would be refused.
    """
    page = owner.client.get(PAGE).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    device = Authenticator(at_localhost(owner.server))
    options = {"user": {"id": "AAAA"}, "challenge": "A" * 43}
    text = tamper(device.register(options))
    form = {"token": token, "name": "Key", "credential": text}
    check_refused(owner.client.post(f"{PAGE}/registration", data=form))
    assert len(ids(owner.client)) == 1


def _nested_cbor(depth: int) -> bytes:
    return b"\x81" * depth + b"\x00"


@pytest.mark.parametrize(
    "attestation",
    [
        _nested_cbor(5000),
        b"\x9b" + b"\xff" * 8,
        b"\x5b" + b"\xff" * 8,
        cbor.encode({"fmt": "none", "authData": b"\x00" * 37, "attStmt": {}}),
        cbor.encode({"fmt": "none", "authData": b"", "attStmt": {}}),
        cbor.encode({"fmt": "tpm", "authData": b"\xff" * 200, "attStmt": {"x5c": [b"x"]}}),
        cbor.encode([]),
        b"",
    ],
    ids=["nested", "long list", "long bytes", "no key", "short", "rubbish", "a list", "nothing"],
)
def test_no_binary_answer_is_a_fault(owner: Owner, attestation: bytes):
    """Nested, oversized, truncated and meaningless CBOR is refused on the page."""
    options, token = _begin_registration(owner)
    registration = Authenticator(at_localhost(owner.server)).register(options)
    registration["response"]["attestationObject"] = websafe_encode(attestation)
    check_refused(add(owner.client, token, registration))


def test_a_key_of_another_kind_is_refused(owner: Owner):
    """A key with another algorithm, and an oversized attestation, are refused."""
    options, token = _begin_registration(owner)
    registration = Authenticator(at_localhost(owner.server)).register(options)
    attestation = dict(cbor.decode(websafe_decode(registration["response"]["attestationObject"])))
    head, _, tail = attestation["authData"].partition(bytes([0x03, 0x26]))  # alg: ES256
    attestation["authData"] = head + bytes([0x03, 0x29]) + tail  # -10
    registration["response"]["attestationObject"] = websafe_encode(cbor.encode(attestation))
    check_refused(add(owner.client, token, registration))
    registration["response"]["attestationObject"] = "A" * 100_000
    check_refused(add(owner.client, token, registration))


def _begin_registration(owner: Owner) -> tuple[Json, str]:
    """Begin a registration; returns the options and the form's token."""
    credential = json.dumps(owner.device.sign(challenge(owner.client, "confirmation")))
    return begin(owner.client, credential=credential)
