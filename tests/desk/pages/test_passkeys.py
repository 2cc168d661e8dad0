"""Passkeys of a person: added, renamed, removed and reset, without scripts."""

import json
import re

import httpx
import pyotp
import pytest

from tests.authenticator import USER_PRESENT, Authenticator
from tests.callers import make_callers
from tests.desk.forms import secret_shown, send
from tests.desk.passkey_pages import (
    APP,
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
from tests.signed_in import PASSWORD


def test_the_first_one_brings_recovery_codes_and_signs_out_elsewhere(passkey_desk: Desk):
    """The first passkey brings recovery codes and ends other sessions; further ones do not.

    A recovery code works in place of the passkey.
    """
    server, _ = passkey_desk
    email, _ = new_person(passkey_desk)
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


def test_a_factor_that_was_taken_away_no_longer_counts(passkey_desk: Desk):
    """After removal of the app, a session that was opened with it lacks the second factor."""
    server, _ = passkey_desk
    email, _ = new_person(passkey_desk, "chief")
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


def test_what_a_removed_passkey_opened_ends_with_it(passkey_desk: Desk):
    """Removing a passkey ends the sessions that it opened, and it signs in no more.

    Sessions by another passkey go on.
    """
    server, _ = passkey_desk
    _, client, phone = new_passkey_owner(passkey_desk)
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


def test_a_session_carries_its_passkey_through_a_new_password(passkey_desk: Desk):
    """A session stays bound to its passkey after a password change has renewed it."""
    server, _ = passkey_desk
    _, client, phone = new_passkey_owner(passkey_desk)
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
def test_a_chief_resets_passkeys_with_the_second_factor(passkey_desk: Desk, way: str):
    """A reset of the second factor removes the passkeys and signs the person out.

    The person then signs in with the password alone.
    """
    server, chief = passkey_desk
    email, person = new_person(passkey_desk)
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


def test_adding_asks_for_password_and_second_factor(passkey_desk: Desk):
    """Adding a passkey needs the password and the existing second factor."""
    server, _ = passkey_desk
    _, client, device = new_passkey_owner(passkey_desk)
    assert send(client, PAGE, PAGE, old="another password", code="").status_code == 422
    assert send(client, PAGE, PAGE, old=PASSWORD, code="000000").status_code == 422
    foreign_credential = json.dumps(
        Authenticator(at_localhost(server)).sign(challenge(client, "confirmation"))
    )
    assert send(client, PAGE, PAGE, old=PASSWORD, credential=foreign_credential).status_code == 422
    assert "data-options" not in client.get(PAGE).text
    assert begin(client, credential=confirmed(client, device))[0]["excludeCredentials"]


def test_an_app_beside_passkeys_asks_for_one_of_them(passkey_desk: Desk):
    """Adding an app needs the passkey; from then on either is accepted.

    Recovery codes stay while one factor is left.
    """
    _, client, device = new_passkey_owner(passkey_desk)
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


def test_a_registration_for_another_page_is_refused(passkey_desk: Desk):
    """A registration with a wrong origin, RP ID, challenge or type stores nothing.

    So does one without user verification.
    """
    server, _ = passkey_desk
    email, _ = new_person(passkey_desk)
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


def test_a_passkey_is_renamed(passkey_desk: Desk):
    """A passkey can be renamed; the name is escaped, and a blank one is refused."""
    _, client, _ = new_passkey_owner(passkey_desk)
    (own,) = ids(client)
    path = f"{PAGE}/{own}/name"
    assert send(client, PAGE, path, name="<b>Work</b>").status_code == 303
    assert "&lt;b&gt;Work" in client.get(PAGE).text
    assert send(client, PAGE, path, name=" ").status_code == 422


def test_who_has_no_password_adds_none(passkey_desk: Desk):
    """A person without a password cannot add a passkey.

    Access that the identity provider ends must not continue by a passkey.
    """
    server, _ = passkey_desk
    (_, provided) = make_callers(server, None, roles=["editor"])
    with browser(server) as client:
        client.headers["Cookie"] = provided.headers["Cookie"]
        page = client.get(PAGE)
        assert "you have none" in page.text
        assert f'action="{PAGE}"' not in page.text
        answer = client.post(PAGE, data={"token": provided.token, "old": ""})
        assert answer.status_code == 422
        assert "data-options" not in answer.text


def test_a_passkey_made_by_a_stolen_link_ends_with_the_link(passkey_desk: Desk):
    """Revoking a key with `made` undoes what its invitation link led to, passkeys included."""
    server, chief = passkey_desk
    email, person = new_person(passkey_desk)
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
