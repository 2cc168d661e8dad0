"""Tests of WebAuthn: a response is verified as a whole, and a wrong one is refused."""

import json
from collections.abc import Callable

import pytest
from fido2.utils import websafe_decode
from hypothesis import given

from app.access.passkey_errors import PasskeyRefused, PasskeysUnavailable
from app.access.people import Person
from app.access.webauthn import (
    RelyingParty,
    creation_options,
    find_relying_party,
    read_assertion,
    read_registration,
    request_options,
    verify_assertion,
    verify_registration,
)
from tests.authenticator import Authenticator
from tests.strategies import START
from tests.tampered_passkeys import Json, is_same, tampered

PARTY = RelyingParty("live.example.org", "https://live.example.org", "The Courier")
ADA = Person("a" * 16, "ada@example.org", "Ada", "editor", START)
CHALLENGE = bytes(range(32))


def device() -> tuple[Authenticator, bytes, Json]:
    """Return a registered authenticator, its public key and an assertion."""
    authenticator = Authenticator(PARTY.origin, PARTY.id)
    answer = json.dumps(authenticator.register(creation_options(PARTY, ADA, CHALLENGE, [])))
    key = verify_registration(PARTY, read_registration(answer)).public_key
    return (
        authenticator,
        key,
        authenticator.sign(request_options(PARTY, CHALLENGE, [authenticator.id])),
    )


DEVICE, KEY, ANSWER = device()


def test_a_browser_is_asked_for_what_makes_a_passkey_two_factors():
    """The options require user verification and a resident key, and no attestation."""
    options = creation_options(PARTY, ADA, CHALLENGE, [b"known"])
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert [parameter["alg"] for parameter in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert websafe_decode(options["user"]["id"]).decode() == ADA.id
    assert websafe_decode(options["excludeCredentials"][0]["id"]) == b"known"
    request = request_options(PARTY, CHALLENGE, [])
    assert request["userVerification"] == "required"
    assert "allowCredentials" not in request
    assert json.loads(json.dumps(options | request))["rpId"] == PARTY.id


def test_a_true_answer_is_taken():
    """A valid assertion names the passkey, challenge and person, and has the sign count."""
    answer = read_assertion(json.dumps(ANSWER))
    assert (answer.credential, answer.challenge, answer.user) == (DEVICE.id, CHALLENGE, ADA.id)
    assert verify_assertion(PARTY, answer, KEY) == DEVICE.count


@given(tampered())
def test_an_answer_is_refused_whatever_was_changed(tamper: Callable[[Json], str]):
    """A changed assertion is refused with `PasskeyRefused`.

    Fields that are not signed may name another passkey or person instead. One that is the same,
    apart from an `attestationObject`, is accepted.
    """
    text = tamper(json.loads(json.dumps(ANSWER)))
    if is_same(text, ANSWER):
        answer = read_assertion(text)
        assert (answer.credential, answer.user) == (DEVICE.id, ADA.id)
        assert verify_assertion(PARTY, answer, KEY) == DEVICE.count
        return
    try:
        answer = read_assertion(text)
        verify_assertion(PARTY, answer, KEY)
    except PasskeyRefused:
        return
    assert (answer.credential, answer.user) != (DEVICE.id, ADA.id)


@given(tampered())
def test_a_registration_is_refused_or_whole(tamper: Callable[[Json], str]):
    """A changed registration is refused, or its credential id is the attested one."""
    authenticator = Authenticator(PARTY.origin, PARTY.id)
    text = tamper(authenticator.register(creation_options(PARTY, ADA, CHALLENGE, [])))
    try:
        answer = read_registration(text)
        credential = verify_registration(PARTY, answer)
    except PasskeyRefused:
        return
    assert credential.id == answer.credential


@pytest.mark.parametrize(
    ("public", "host", "scheme", "expected"),
    [
        ("https://live.example.org", "x", "http", ("live.example.org", "https://live.example.org")),
        ("https://a.example:8443", "x", "https", ("a.example", "https://a.example:8443")),
        ("https://a.example:443", "x", "https", ("a.example", "https://a.example")),
        ("https://\u0565.example", "x", "https", ("xn--29a.example", "https://xn--29a.example")),
        ("http://127.0.0.1:8000", "localhost:8000", "http", ("localhost", "http://localhost:8000")),
        ("http://0.0.0.0:8000", "localhost:99", "http", ("localhost", "http://localhost:99")),
        ("http://[::1]:8000", "localhost", "http", ("localhost", "http://localhost")),
        (
            "http://localhost:8000",
            "localhost:8000",
            "https",
            ("localhost", "https://localhost:8000"),
        ),
    ],
)
def test_passkeys_are_for_the_public_name_or_for_localhost(
    public: str, host: str, scheme: str, expected: tuple[str, str]
):
    """The relying party is the public URL's host; for a loopback URL it is localhost."""
    party = find_relying_party(public, host, scheme, "The Courier")
    assert (party.id, party.origin) == expected


@pytest.mark.parametrize(
    ("public", "host"),
    [
        ("http://live.example.org", "live.example.org"),
        ("http://live.example.org", "localhost"),
        ("https://192.0.2.1", "localhost"),
        ("https://[2001:db8::1]", "localhost"),
        ("https://live.example.org".replace("live", "a" * 70), "localhost"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://127.0.0.1:8000", "evil.example"),
        ("http://127.0.0.1:8000", "localhost:99999999"),
        ("http://127.0.0.1:8000", "[::1"),
        ("http://127.0.0.1:8000", ""),
    ],
)
def test_where_browsers_have_none_a_sentence_says_so(public: str, host: str):
    """Without HTTPS, at an IP address or with an invalid `Host`, the error is a sentence."""
    with pytest.raises(PasskeysUnavailable, match=r"\.$"):
        find_relying_party(public, host, "http", "The Courier")
