"""Tests of passkeys, with an authenticator in software and without scripts."""

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest

from app.access.roles import Role
from tests.authenticator import USER_PRESENT, Authenticator
from tests.callers import make_askers
from tests.dateline import DatelineServer, running_server
from tests.desk.forms import secret_shown, send
from tests.desk.passkey_pages import (
    BY_PASSKEY,
    CHALLENGES,
    PAGE,
    STEP,
    add,
    at_localhost,
    begin,
    browser,
    challenge,
    confirmed,
    enter,
    ids,
    register,
    remove,
    sign_in_by,
)
from tests.signed_in import PASSWORD, join, take_in

Desk = tuple[DatelineServer, httpx.Client]
APP = "/desk/account/second-factor"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A server where chiefs need a second factor, and a client with a chief's key."""
    folder: Path = tmp_path_factory.mktemp("passkeys")
    with running_server(folder, second_factor="chief") as server:
        bearer = {"Authorization": f"Bearer {server.key('chief')}"}
        with httpx.Client(base_url=server.url, headers=bearer, timeout=120) as chief:
            yield server, chief


def new_person(desk: Desk, role: Role = "editor") -> tuple[str, str]:
    """Create a person; returns (e-mail address, person id)."""
    email = f"{uuid.uuid4().hex[:8]}@example.org"
    return email, take_in(desk[0], email, email.partition("@")[0].title(), role)


def new_passkey_owner(desk: Desk) -> tuple[str, httpx.Client, Authenticator]:
    """Create an editor with a passkey; returns (e-mail address, client, authenticator)."""
    email, _ = new_person(desk)
    client, device = enter(desk[0], email), Authenticator(at_localhost(desk[0]))
    assert register(client, device).status_code == 200
    return email, client, device


def try_passkey(
    server: DatelineServer, device: Authenticator, **client_data: object
) -> httpx.Response:
    """Try to sign in with a passkey alone; returns the response, whatever it is."""
    client = browser(server)
    signed = device.sign(challenge(client, "sign-in"), **client_data)
    return client.post(BY_PASSKEY, data={"credential": json.dumps(signed)})


def second_step(server: DatelineServer, email: str) -> httpx.Client:
    """Return a client that has passed the password step and is asked for a second factor."""
    client = browser(server)
    first = client.post("/desk/sign-in", data={"email": email, "password": PASSWORD})
    assert first.headers["location"] == STEP
    return client


def reasons(desk: Desk, action: str = "refusePasskey") -> list[str]:
    """Return the reasons of the audit's refusals of this action, newest first."""
    audit = desk[1].get("/v1/audit?limit=100").json()["audit"]
    return [entry["detail"]["reason"] for entry in audit if entry["action"] == action]


def test_a_passkey_signs_in_without_a_password(desk: Desk):
    """A passkey signs in without a password and satisfies both factors.

    The page lists its name and last use, and the audit records its registration and use.
    """
    server, chief = desk
    email, client, device = new_passkey_owner(desk)
    assert "never used" in client.get(PAGE).text
    browser_client = sign_in_by(server, device)
    assert email in browser_client.get("/desk/account").text
    assert "last used" in browser_client.get(PAGE).text
    assert "Telephone" in browser_client.get(PAGE).text
    audit = chief.get("/v1/audit").json()["audit"]
    assert "passkey" in [entry["detail"].get("by") for entry in audit]
    assert "addPasskey" in [entry["action"] for entry in audit]


def test_the_first_one_brings_recovery_codes_and_signs_out_elsewhere(desk: Desk):
    """The first passkey brings recovery codes and ends other sessions; further ones do not.

    A recovery code works in place of the passkey.
    """
    server, _ = desk
    email, _ = new_person(desk)
    elsewhere, client = enter(server, email), enter(server, email)
    device = Authenticator(at_localhost(server))
    codes = re.findall(r"<code>([a-z2-7-]+)</code>", register(client, device).text)
    assert len(codes) == 10
    assert elsewhere.get("/desk").status_code == 303
    by_code = second_step(server, email)
    assert by_code.post(STEP, data={"code": codes[0]}).headers["location"] == "/desk"
    another = Authenticator(at_localhost(server))
    assert register(client, another, code=codes[1]).status_code == 303
    assert by_code.get("/desk").status_code == 200
    assert len(ids(client)) == 2


def test_after_the_password_a_passkey_is_asked_for(desk: Desk):
    """After the password a passkey is required; the password alone does not open the desk."""
    server, _ = desk
    email, _, device = new_passkey_owner(desk)
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


def test_a_link_back_in_asks_for_the_passkey_as_well(desk: Desk):
    """A personal link replaces the password only; the passkey is still required."""
    server, chief = desk
    email, person = new_person(desk)
    register(enter(server, email), Authenticator(at_localhost(server)))
    link = chief.post("/v1/invitations", json={"person": person}).json()["link"]
    with browser(server) as link_client:
        path = httpx.URL(link).path
        assert link_client.post(path, data={}).headers["location"] == STEP
        assert link_client.get("/desk").status_code == 303


def test_it_is_the_second_factor_that_a_newsroom_asks_for(desk: Desk):
    """A passkey satisfies a required second factor; without it the session opens nothing."""
    server, _ = desk
    email, _ = new_person(desk, "chief")
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


def enter_without_desk(server: DatelineServer, email: str) -> httpx.Client:
    """Return a client of a person who has yet to set up a required second factor."""
    client = browser(server)
    form = {"email": email, "password": PASSWORD}
    assert client.post("/desk/sign-in", data=form).status_code == 303
    return client


def test_a_factor_that_was_taken_away_no_longer_counts(desk: Desk):
    """After removal of the app, a session that was opened with it lacks the second factor."""
    server, _ = desk
    email, _ = new_person(desk, "chief")
    boss = enter_without_desk(server, email)
    setup = send(boss, APP, APP, old=PASSWORD)
    app = pyotp.TOTP(secret_shown(setup))
    token = re.findall(r'name="token"\s+value="([^"]+)"', setup.text)[0]
    confirmation = boss.post(f"{APP}/confirmation", data={"token": token, "code": app.now()})
    codes = re.findall(r"<code>([a-z2-7-]+)</code>", confirmation.text)
    assert boss.get("/v1/keys").status_code == 200
    assert send(boss, APP, f"{APP}/removal", code=codes[0]).status_code == 303
    assert boss.get("/v1/keys").status_code == 401
    assert boss.get("/desk").headers["location"] == APP


def test_what_a_removed_passkey_opened_ends_with_it(desk: Desk):
    """Removing a passkey ends the sessions that it opened, and it signs in no more.

    Sessions by another passkey go on.
    """
    server, _ = desk
    _, client, phone = new_passkey_owner(desk)
    laptop = Authenticator(at_localhost(server))
    register(client, laptop, credential=confirmed(client, phone))
    by_phone, by_laptop = sign_in_by(server, phone), sign_in_by(server, laptop)
    first, _ = ids(by_laptop)
    assert remove(by_laptop, first).status_code == 422
    answer = remove(by_laptop, first, credential=confirmed(by_laptop, laptop))
    assert answer.status_code == 303
    assert by_phone.get("/desk").status_code == 303
    assert by_laptop.get("/desk").status_code == 200
    assert try_passkey(server, phone).status_code == 401


def test_a_session_carries_its_passkey_through_a_new_password(desk: Desk):
    """A session stays bound to its passkey after a password change has renewed it."""
    server, _ = desk
    _, client, phone = new_passkey_owner(desk)
    laptop = Authenticator(at_localhost(server))
    register(client, laptop, credential=confirmed(client, phone))
    by_phone = sign_in_by(server, phone)
    account, new = "/desk/account", "seven boats left the harbour"
    changed = send(by_phone, account, f"{account}/password", old=PASSWORD, password=new)
    assert changed.status_code == 303
    assert by_phone.get("/desk").status_code == 200
    by_laptop = sign_in_by(server, laptop)
    first = ids(by_laptop)[0]
    assert remove(by_laptop, first, credential=confirmed(by_laptop, laptop)).status_code == 303
    assert by_phone.get("/desk").status_code == 303


@pytest.mark.full("a command takes seconds to start", but=["API"])
@pytest.mark.parametrize("way", ["API", "command line"])
def test_a_chief_resets_passkeys_with_the_second_factor(desk: Desk, way: str):
    """A reset of the second factor removes the passkeys and signs the person out.

    The person then signs in with the password alone.
    """
    server, chief = desk
    email, person = new_person(desk)
    device = Authenticator(at_localhost(server))
    register(enter(server, email), device)
    browser_client = sign_in_by(server, device)
    listed = {p["id"]: p for p in chief.get("/v1/people").json()["people"]}[person]
    assert (listed["second_factor"], listed["totp"], listed["passkeys"]) == (True, False, 1)
    if way == "API":
        document = chief.delete(f"/v1/people/{person}/second-factor").raise_for_status().json()
        assert (document["second_factor"], document["passkeys"]) == (False, 0)
    else:
        server.command("person", "reset-second-factor", email)
    assert browser_client.get("/desk").status_code == 303
    assert try_passkey(server, device).status_code == 401
    assert enter(server, email).get("/desk").status_code == 200


def test_who_lost_their_access_has_no_passkey(desk: Desk):
    """A disabled person's session ends, and their passkey no longer signs in."""
    server, chief = desk
    email, person = new_person(desk)
    device = Authenticator(at_localhost(server))
    register(enter(server, email), device)
    browser_client = sign_in_by(server, device)
    chief.patch(f"/v1/people/{person}", json={"disabled": True}).raise_for_status()
    assert browser_client.get("/desk").status_code == 303
    assert try_passkey(server, device).status_code == 401


def test_adding_asks_for_password_and_second_factor(desk: Desk):
    """Adding a passkey needs the password and the existing second factor."""
    server, _ = desk
    _, client, device = new_passkey_owner(desk)
    assert send(client, PAGE, PAGE, old="another password", code="").status_code == 422
    assert send(client, PAGE, PAGE, old=PASSWORD, code="000000").status_code == 422
    foreign_credential = json.dumps(
        Authenticator(at_localhost(server)).sign(challenge(client, "confirmation"))
    )
    assert send(client, PAGE, PAGE, old=PASSWORD, credential=foreign_credential).status_code == 422
    assert "data-options" not in client.get(PAGE).text
    assert begin(client, credential=confirmed(client, device))[0]["excludeCredentials"]


def test_an_app_beside_passkeys_asks_for_one_of_them(desk: Desk):
    """Adding an app needs the passkey; from then on either is accepted.

    Recovery codes stay while one factor is left.
    """
    _, client, device = new_passkey_owner(desk)
    refused = send(client, APP, APP, old=PASSWORD, code="000000")
    assert refused.status_code == 422
    setup = send(client, APP, APP, old=PASSWORD, credential=confirmed(client, device))
    app = pyotp.TOTP(secret_shown(setup))
    token = re.findall(r'name="token"\s+value="([^"]+)"', setup.text)[0]
    confirmation = client.post(f"{APP}/confirmation", data={"token": token, "code": app.now()})
    assert len(re.findall(r"<code>", confirmation.text)) == 10
    removal = send(client, APP, f"{APP}/removal", credential=confirmed(client, device))
    assert removal.status_code == 303
    assert "10 recovery codes are left" in client.get(PAGE).text


def test_a_copied_device_is_refused_and_told_of(desk: Desk):
    """A sign count that is not above the stored one is refused and recorded as a possible copy.

    An authenticator that does not count is accepted each time.
    """
    server, _ = desk
    _, _, device = new_passkey_owner(desk)
    copy = Authenticator(device.origin, user=device.user, key=device.key, id=device.id, count=0)
    sign_in_by(server, device)
    sign_in_by(server, device)
    refused = try_passkey(server, copy)
    assert refused.status_code == 401
    assert "may be a copy" in refused.text
    assert reasons(desk)[0] == "sign count"
    sign_in_by(server, device)
    email, _ = new_person(desk)
    uncounted = Authenticator(at_localhost(server), count=None)
    register(enter(server, email), uncounted)
    sign_in_by(server, uncounted)
    sign_in_by(server, uncounted)


def test_an_answer_for_another_page_is_refused(desk: Desk):
    """An assertion with another origin, type or challenge is refused."""
    server, _ = desk
    _, _, device = new_passkey_owner(desk)
    for client_data in (
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:1"},
        {"origin": "http://sub.localhost"},
        {"type": "webauthn.create"},
        {"challenge": "A" * 43},
    ):
        assert try_passkey(server, device, **client_data).status_code == 401, client_data
    sign_in_by(server, device)


def test_an_answer_for_another_party_or_without_its_user_is_refused(desk: Desk):
    """An assertion with another RP ID, user handle or signature is refused.

    So is one without user verification; the right one is accepted.
    """
    server, _ = desk
    _, _, device = new_passkey_owner(desk)
    genuine = {"user": device.user, "key": device.key, "id": device.id, "count": 100}
    for authenticator in (
        Authenticator(device.origin, rp_id="evil.example", **genuine),
        Authenticator(device.origin, flags=USER_PRESENT, **genuine),
        Authenticator(device.origin, **genuine | {"user": b"0" * 16}),
        Authenticator(device.origin, user=device.user, id=device.id),
    ):
        assert try_passkey(server, authenticator).status_code == 401
    sign_in_by(server, device)


def test_a_registration_for_another_page_is_refused(desk: Desk):
    """A registration with a wrong origin, RP ID, challenge or type stores nothing.

    So does one without user verification.
    """
    server, _ = desk
    email, _ = new_person(desk)
    client = enter(server, email)
    origin = at_localhost(server)
    for authenticator, client_data in (
        (Authenticator("https://evil.example"), {}),
        (Authenticator(origin, rp_id="evil.example"), {}),
        (Authenticator(origin, flags=USER_PRESENT), {}),
        (Authenticator(origin), {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}),
        (Authenticator(origin), {"type": "webauthn.get"}),
    ):
        options, token = begin(client)
        assert add(client, token, authenticator.register(options, **client_data)).status_code == 422
    assert ids(client) == []


def test_a_challenge_is_used_once(desk: Desk):
    """A challenge is valid once, for an assertion and for a registration."""
    server, _ = desk
    _, client, device = new_passkey_owner(desk)
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


def test_a_challenge_is_of_one_browser_and_one_purpose(desk: Desk):
    """A challenge is bound to one browser and one purpose."""
    server, _ = desk
    email, client, device = new_passkey_owner(desk)
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


def test_another_persons_passkey_is_none(desk: Desk):
    """Another person's passkey is not accepted for any step, removal, renaming or registration."""
    server, _ = desk
    email, client, device = new_passkey_owner(desk)
    _, eve, theirs = new_passkey_owner(desk)
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


def test_a_passkey_is_renamed(desk: Desk):
    """A passkey can be renamed; the name is escaped, and a blank one is refused."""
    _, client, _ = new_passkey_owner(desk)
    (own,) = ids(client)
    path = f"{PAGE}/{own}/name"
    assert send(client, PAGE, path, name="<b>Work</b>").status_code == 303
    assert "&lt;b&gt;Work" in client.get(PAGE).text
    assert send(client, PAGE, path, name=" ").status_code == 422


def test_who_has_no_password_adds_none(desk: Desk):
    """A person without a password cannot add a passkey.

    Access that the identity provider ends must not continue by a passkey.
    """
    server, _ = desk
    (_, provided) = make_askers(server, None, roles=["editor"])
    with browser(server) as client:
        client.headers["Cookie"] = provided.headers["Cookie"]
        page = client.get(PAGE)
        assert "you have none" in page.text
        assert f'action="{PAGE}"' not in page.text
        answer = client.post(PAGE, data={"token": provided.token, "old": ""})
        assert answer.status_code == 422
        assert "data-options" not in answer.text


def test_a_passkey_made_by_a_stolen_link_ends_with_the_link(desk: Desk):
    """Revoking a key with `made` undoes what its invitation link led to, passkeys included."""
    server, chief = desk
    email, person = new_person(desk)
    client = enter(server, email)
    thief = chief.post("/v1/keys", json={"name": "thief", "role": "chief"}).json()
    bearer = {"Authorization": f"Bearer {thief['key']}"}
    with httpx.Client(base_url=server.url, headers=bearer, timeout=120) as c:
        link = c.post("/v1/invitations", json={"person": person}).json()["link"]
    link_client = browser(server)
    assert link_client.post(httpx.URL(link).path, data={}).status_code == 303
    device = Authenticator(at_localhost(server))
    assert register(link_client, device).status_code == 200
    chief.delete(f"/v1/keys/{thief['id']}?made=true").raise_for_status()
    assert [c.get("/desk").status_code for c in (client, link_client)] == [303, 303]
    assert try_passkey(server, device).status_code == 401


def test_a_page_says_where_passkeys_cannot_be(desk: Desk):
    """At an IP address the page names the address at which passkeys work.

    It offers the authenticator app, and a challenge is answered with 409.
    """
    server, chief = desk
    email, _ = new_person(desk)
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


def test_challenges_are_made_for_our_own_pages_only(desk: Desk):
    """Challenges are given to the desk's own pages only.

    Another origin is a 403; a purpose that needs a session is a 401 without one.
    """
    server, _ = desk
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
