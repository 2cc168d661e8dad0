"""Promises of tampered answers of passkeys: refused in a sentence, whatever was done to them."""

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
from tests.tampering import is_same, tampered

Json = dict[str, Any]
_MANY = settings(
    max_examples=settings().max_examples // 8,  # several requests each, and two signatures
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Owner:
    """Somebody with a passkey, and a browser in which they are signed in."""

    def __init__(self, server: DatelineServer) -> None:
        self.server = server
        take_in(server, "ada@example.org", "Ada", "editor")
        self.client = enter(server, "ada@example.org")
        self.device = Authenticator(at_localhost(server), count=None)
        assert register(self.client, self.device).status_code == 200
        self.visitor = browser(server)

    def sign_in(self) -> None:
        """Show that the passkey is good still, which forgives the wrong tries before it."""
        sign_in_by(self.server, self.device).close()


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    """A server on which nobody is told to wait: every answer is looked at."""
    with running_server(tmp_path_factory.mktemp("tampered"), trusted_proxies="*") as server:
        yield Owner(server)


def good(answer: httpx.Response) -> None:
    """A page that refuses in a sentence."""
    assert answer.status_code in {401, 422}, answer.text
    assert 'role="alert"' in answer.text


@_MANY
@given(tampered())
def test_no_tampered_answer_signs_in(owner: Owner, tamper: Callable[[Json], str]):
    """Nor is one a fault of the server: each is refused on the page."""
    genuine = owner.device.sign(challenge(owner.visitor, "sign-in"))
    text = tamper(json.loads(json.dumps(genuine)))
    if is_same(text, genuine):
        return
    good(owner.visitor.post(BY_PASSKEY, data={"credential": text}))
    owner.sign_in()


@_MANY
@given(tampered())
def test_no_tampered_answer_confirms(owner: Owner, tamper: Callable[[Json], str]):
    """The passkey that was to be removed stays."""
    (own,) = ids(owner.client)
    page = owner.client.get(PAGE).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    genuine = owner.device.sign(challenge(owner.client, "confirmation"))
    text = tamper(json.loads(json.dumps(genuine)))
    if is_same(text, genuine, is_named=True):
        return
    sent = {"token": token, "credential": text}
    good(owner.client.post(f"{PAGE}/{own}/removal", data=sent))
    assert ids(owner.client) == [own]
    owner.sign_in()


@_MANY
@given(tampered())
def test_no_tampered_registration_is_a_fault(owner: Owner, tamper: Callable[[Json], str]):
    """What is refused is refused on the page; what was left whole would be taken."""
    page = owner.client.get(PAGE).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    new = Authenticator(at_localhost(owner.server))
    options = {"user": {"id": "AAAA"}, "challenge": "A" * 43}
    text = tamper(new.register(options))
    sent = {"token": token, "name": "Key", "credential": text}
    good(owner.client.post(f"{PAGE}/registration", data=sent))
    assert len(ids(owner.client)) == 1


def _bomb(depth: int) -> bytes:
    return b"\x81" * depth + b"\x00"


@pytest.mark.parametrize(
    "attestation",
    [
        _bomb(5000),
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
    """Deep, endless, cut and meaningless CBOR is refused on the page."""
    options, token = _begun(owner)
    made = Authenticator(at_localhost(owner.server)).register(options)
    made["response"]["attestationObject"] = websafe_encode(attestation)
    good(add(owner.client, token, made))


def test_a_key_of_another_kind_is_refused(owner: Owner):
    """Algorithms that were not asked for; and what is longer than any browser's answer."""
    options, token = _begun(owner)
    made = Authenticator(at_localhost(owner.server)).register(options)
    attestation = dict(cbor.decode(websafe_decode(made["response"]["attestationObject"])))
    head, _, tail = attestation["authData"].partition(bytes([0x03, 0x26]))  # alg: ES256
    attestation["authData"] = head + bytes([0x03, 0x29]) + tail  # -10
    made["response"]["attestationObject"] = websafe_encode(cbor.encode(attestation))
    good(add(owner.client, token, made))
    made["response"]["attestationObject"] = "A" * 100_000
    good(add(owner.client, token, made))


def _begun(owner: Owner) -> tuple[Json, str]:
    """A registration that waits for its answer."""
    shown = json.dumps(owner.device.sign(challenge(owner.client, "confirmation")))
    return begin(owner.client, credential=shown)
