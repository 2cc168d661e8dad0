"""Sign-in by a passkey, and its challenges, with an authenticator in software."""

import json
import re

import httpx

from tests.authenticator import USER_PRESENT, Authenticator
from tests.desk.forms import send
from tests.desk.passkey_pages import (
    APP,
    BY_PASSKEY,
    CHALLENGES,
    PAGE,
    STEP,
    Desk,
    add,
    at_localhost,
    begin,
    browser,
    challenge,
    confirmed,
    enter,
    enter_without_desk,
    ids,
    new_passkey_owner,
    new_person,
    register,
    remove,
    second_step,
    sign_in_by,
    try_passkey,
)
from tests.signed_in import PASSWORD, join


def test_a_passkey_signs_in_without_a_password(passkey_desk: Desk):
    """A passkey signs in without a password and satisfies both factors.

    The page lists its name and last use, and the audit records its registration and use.
    """
    server, chief = passkey_desk
    email, client, device = new_passkey_owner(passkey_desk)
    assert "never used" in client.get(PAGE).text
    browser_client = sign_in_by(server, device)
    assert email in browser_client.get("/desk/account").text
    assert "last used" in browser_client.get(PAGE).text
    assert "Telephone" in browser_client.get(PAGE).text
    audit = chief.get("/v1/audit").json()["audit"]
    assert "passkey" in [entry["detail"].get("by") for entry in audit]
    assert "addPasskey" in [entry["action"] for entry in audit]


def test_after_the_password_a_passkey_is_asked_for(passkey_desk: Desk):
    """After the password a passkey is required; the password alone does not open the desk."""
    server, _ = passkey_desk
    email, _, device = new_passkey_owner(passkey_desk)
    client = second_step(server, email)
    assert 'data-passkey="second-factor"' in client.get(STEP).text
    assert client.get("/desk").status_code == 303
    options = challenge(client, "second-factor")
    assert [allowed["id"] for allowed in options["allowCredentials"]] == [
        device.sign(options)["id"]
    ]
    credential = json.dumps(device.sign(options))
    assert client.post(STEP, data={"credential": credential}).headers["location"] == "/desk"
    assert client.get("/desk").status_code == 200


def test_a_link_back_in_asks_for_the_passkey_as_well(passkey_desk: Desk):
    """A personal link replaces the password only; the passkey is still required."""
    server, chief = passkey_desk
    email, person = new_person(passkey_desk)
    register(enter(server, email), Authenticator(at_localhost(server)))
    link = chief.post("/v1/invitations", json={"person": person}).json()["link"]
    with browser(server) as link_client:
        path = httpx.URL(link).path
        assert link_client.post(path, data={}).headers["location"] == STEP
        assert link_client.get("/desk").status_code == 303


def test_it_is_the_second_factor_that_a_newsroom_asks_for(passkey_desk: Desk):
    """A passkey satisfies a required second factor; without it the session opens nothing."""
    server, _ = passkey_desk
    email, _ = new_person(passkey_desk, "chief")
    boss, device = enter_without_desk(server, email), Authenticator(at_localhost(server))
    assert boss.get("/desk").headers["location"] == APP
    register(boss, device)
    assert boss.get("/v1/keys").status_code == 200
    passkey_client = sign_in_by(server, device)
    assert passkey_client.get("/v1/keys").status_code == 200
    removal = remove(
        passkey_client, ids(passkey_client)[0], credential=confirmed(passkey_client, device)
    )
    assert removal.status_code == 303
    assert [c.get("/v1/keys").status_code for c in (boss, passkey_client)] == [401, 401]


def test_who_lost_their_access_has_no_passkey(passkey_desk: Desk):
    """A disabled person's session ends, and their passkey no longer signs in."""
    server, chief = passkey_desk
    email, person = new_person(passkey_desk)
    device = Authenticator(at_localhost(server))
    register(enter(server, email), device)
    browser_client = sign_in_by(server, device)
    chief.patch(f"/v1/people/{person}", json={"disabled": True}).raise_for_status()
    assert browser_client.get("/desk").status_code == 303
    assert try_passkey(server, device).status_code == 401


def reasons(passkey_desk: Desk, action: str = "refusePasskey") -> list[str]:
    """Return the reasons of the audit's refusals of this action, newest first."""
    audit = passkey_desk[1].get("/v1/audit?limit=100").json()["audit"]
    return [entry["detail"]["reason"] for entry in audit if entry["action"] == action]


def test_a_copied_device_is_refused_and_told_of(passkey_desk: Desk):
    """A sign count that is not above the stored one is refused and recorded as a possible copy.

    An authenticator that does not count is accepted each time.
    """
    server, _ = passkey_desk
    _, _, device = new_passkey_owner(passkey_desk)
    copy = Authenticator(device.origin, user=device.user, key=device.key, id=device.id, count=0)
    sign_in_by(server, device)
    sign_in_by(server, device)
    refused = try_passkey(server, copy)
    assert refused.status_code == 401
    assert "may be a copy" in refused.text
    assert reasons(passkey_desk)[0] == "sign count"
    sign_in_by(server, device)
    email, _ = new_person(passkey_desk)
    uncounted = Authenticator(at_localhost(server), count=None)
    register(enter(server, email), uncounted)
    sign_in_by(server, uncounted)
    sign_in_by(server, uncounted)


def test_an_answer_for_another_page_is_refused(passkey_desk: Desk):
    """An assertion with another origin, type or challenge is refused."""
    server, _ = passkey_desk
    _, _, device = new_passkey_owner(passkey_desk)
    for client_data in (
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:1"},
        {"origin": "http://sub.localhost"},
        {"type": "webauthn.create"},
        {"challenge": "A" * 43},
    ):
        assert try_passkey(server, device, **client_data).status_code == 401, client_data
    sign_in_by(server, device)


def test_an_answer_for_another_party_or_without_its_user_is_refused(passkey_desk: Desk):
    """An assertion with another RP ID, user handle or signature is refused.

    So is one without user verification; the right one is accepted.
    """
    server, _ = passkey_desk
    _, _, device = new_passkey_owner(passkey_desk)
    genuine = {"user": device.user, "key": device.key, "id": device.id, "count": 100}
    for authenticator in (
        Authenticator(device.origin, rp_id="evil.example", **genuine),
        Authenticator(device.origin, flags=USER_PRESENT, **genuine),
        Authenticator(device.origin, **genuine | {"user": b"0" * 16}),
        Authenticator(device.origin, user=device.user, id=device.id),
    ):
        assert try_passkey(server, authenticator).status_code == 401
    sign_in_by(server, device)


def test_a_challenge_is_used_once(passkey_desk: Desk):
    """A challenge is valid once, for an assertion and for a registration."""
    server, _ = passkey_desk
    _, client, device = new_passkey_owner(passkey_desk)
    browser_client = browser(server)
    form = {"credential": json.dumps(device.sign(challenge(browser_client, "sign-in")))}
    assert browser_client.post(BY_PASSKEY, data=form).status_code == 303
    assert browser_client.post(BY_PASSKEY, data=form).status_code == 401
    credential = confirmed(client, device)
    options, token = begin(client, credential=credential)
    assert send(client, PAGE, PAGE, old=PASSWORD, credential=credential).status_code == 422
    registration = Authenticator(at_localhost(server)).register(options)
    assert add(client, token, registration).status_code == 303
    assert add(client, token, registration).status_code == 422


def test_a_challenge_is_of_one_browser_and_one_purpose(passkey_desk: Desk):
    """A challenge is bound to one browser and one purpose."""
    server, _ = passkey_desk
    email, client, device = new_passkey_owner(passkey_desk)
    visitor, another = browser(server), browser(server)
    form = {"credential": json.dumps(device.sign(challenge(visitor, "sign-in")))}
    challenge(another, "sign-in")
    assert another.post(BY_PASSKEY, data=form).status_code == 401
    step = second_step(server, email)
    assert step.post(STEP, data=form).status_code == 401
    assert remove(client, ids(client)[0], **form).status_code == 422
    assert visitor.post(BY_PASSKEY, data=form).status_code == 303
    credential = json.dumps(device.sign(challenge(step, "second-factor")))
    assert browser(server).post(BY_PASSKEY, data={"credential": credential}).status_code == 401
    assert step.post(STEP, data={"credential": credential}).status_code == 303


def test_another_persons_passkey_is_none(passkey_desk: Desk):
    """Another person's passkey is not accepted for any step, removal, renaming or registration."""
    server, _ = passkey_desk
    email, client, device = new_passkey_owner(passkey_desk)
    _, eve, theirs = new_passkey_owner(passkey_desk)
    step = second_step(server, email)
    credential = json.dumps(theirs.sign(challenge(step, "second-factor")))
    assert step.post(STEP, data={"credential": credential}).status_code == 401
    (own,) = ids(client)
    confirmation = json.dumps(theirs.sign(challenge(client, "confirmation")))
    assert remove(client, own, credential=confirmation).status_code == 422
    assert remove(eve, own, credential=confirmed(eve, theirs)).status_code == 404
    token = re.findall(r'name="token"\s+value="([^"]+)"', eve.get(PAGE).text)[0]
    renamed = eve.post(f"{PAGE}/{own}/name", data={"token": token, "name": "Eve"})
    assert renamed.status_code == 404
    options, token = begin(eve, credential=confirmed(eve, theirs))
    copy = Authenticator(device.origin, id=device.id, key=device.key)
    assert add(eve, token, copy.register(options)).status_code == 422
    assert ids(client) == [own]


def test_a_page_says_where_passkeys_cannot_be(passkey_desk: Desk):
    """At an IP address the page names the address at which passkeys work.

    It offers the authenticator app, and a challenge is answered with 409.
    """
    server, chief = passkey_desk
    email, _ = new_person(passkey_desk)
    join(server, chief, f"x{email}", role="editor")
    client = enter(server, email)
    client.base_url = httpx.URL(server.url)
    client.cookies.set("dateline_session", next(iter(client.cookies.values())), domain="127.0.0.1")
    client.headers["Origin"] = server.url
    page = client.get(PAGE).text
    assert f"http://localhost:{server.port}" in page
    assert "authenticator app" in page
    assert "passkeys.js" not in page
    assert "webauthn" not in client.get("/desk/sign-in").text
    refused = client.post(CHALLENGES, json={"purpose": "sign-in"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/passkeys-unavailable")


def test_challenges_are_made_for_our_own_pages_only(passkey_desk: Desk):
    """Challenges are given to the desk's own pages only.

    Another origin is a 403; a purpose that needs a session is a 401 without one.
    """
    server, _ = passkey_desk
    with browser(server) as browser_client:
        foreign = {"Origin": "https://evil.example"}
        form = {"purpose": "sign-in"}
        assert browser_client.post(CHALLENGES, json=form, headers=foreign).status_code == 403
        for purpose in "confirmation", "second-factor":
            assert browser_client.post(CHALLENGES, json={"purpose": purpose}).status_code == 401
        assert browser_client.post(CHALLENGES, json={"purpose": "more"}).status_code == 422
        assert browser_client.post(CHALLENGES, content=b"{" * 2000).status_code == 415
        large = {"purpose": "sign-in", "more": "x" * 2000}
        assert browser_client.post(CHALLENGES, json=large).status_code == 413
        assertion = {"credential": "{}"}
        assert browser_client.post(BY_PASSKEY, data=assertion, headers=foreign).status_code == 403
