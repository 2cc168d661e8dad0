"""Promises of passkeys, by a device in software and without scripts."""

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
    """A server where chiefs need a second factor, and a chief's key."""
    folder: Path = tmp_path_factory.mktemp("passkeys")
    with running_server(folder, second_factor="chief") as server:
        bearer = {"Authorization": f"Bearer {server.key('chief')}"}
        with httpx.Client(base_url=server.url, headers=bearer, timeout=120) as chief:
            yield server, chief


def somebody(desk: Desk, role: Role = "editor") -> tuple[str, str]:
    """Somebody new: their address and their id."""
    email = f"{uuid.uuid4().hex[:8]}@example.org"
    return email, take_in(desk[0], email, email.partition("@")[0].title(), role)


def owner(desk: Desk) -> tuple[str, httpx.Client, Authenticator]:
    """Somebody with a passkey: their address, their browser and their device."""
    email, _ = somebody(desk)
    client, device = enter(desk[0], email), Authenticator(at_localhost(desk[0]))
    assert register(client, device).status_code == 200
    return email, client, device


def show(server: DatelineServer, device: Authenticator, **bent: object) -> httpx.Response:
    """Sign in by a passkey alone, whatever comes of it."""
    client = browser(server)
    signed = device.sign(challenge(client, "sign-in"), **bent)
    return client.post(BY_PASSKEY, data={"credential": json.dumps(signed)})


def second_step(server: DatelineServer, email: str) -> httpx.Client:
    """A browser that has shown a password, and is asked for more."""
    client = browser(server)
    first = client.post("/desk/sign-in", data={"email": email, "password": PASSWORD})
    assert first.headers["location"] == STEP
    return client


def reasons(desk: Desk, action: str = "refusePasskey") -> list[str]:
    """Why the audit says that passkeys were refused, newest first."""
    lines = desk[1].get("/v1/audit?limit=100").json()["audit"]
    return [line["detail"]["reason"] for line in lines if line["action"] == action]


def test_a_passkey_signs_in_without_a_password(desk: Desk):
    """It is listed with its name and times, counts as both factors, and is told in the audit."""
    server, chief = desk
    email, client, device = owner(desk)
    assert "never used" in client.get(PAGE).text
    visitor = sign_in_by(server, device)
    assert email in visitor.get("/desk/account").text
    assert "last used" in visitor.get(PAGE).text
    assert "Telephone" in visitor.get(PAGE).text
    lines = chief.get("/v1/audit").json()["audit"]
    assert "passkey" in [line["detail"].get("by") for line in lines]
    assert "addPasskey" in [line["action"] for line in lines]


def test_the_first_one_brings_recovery_codes_and_signs_out_elsewhere(desk: Desk):
    """A code works in place of the passkey; further passkeys leave codes and sessions alone."""
    server, _ = desk
    email, _ = somebody(desk)
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
    """It, or a recovery code, opens the desk; the password alone does not."""
    server, _ = desk
    email, _, device = owner(desk)
    client = second_step(server, email)
    assert 'data-passkey="second-factor"' in client.get(STEP).text
    assert client.get("/desk").status_code == 303
    options = challenge(client, "second-factor")
    assert [each["id"] for each in options["allowCredentials"]] == [device.sign(options)["id"]]
    signed = json.dumps(device.sign(options))
    assert client.post(STEP, data={"credential": signed}).headers["location"] == "/desk"
    assert client.get("/desk").status_code == 200


def test_a_link_back_in_asks_for_the_passkey_as_well(desk: Desk):
    """Who gets hold of a personal link has the password at most."""
    server, chief = desk
    email, person = somebody(desk)
    register(enter(server, email), Authenticator(at_localhost(server)))
    link = chief.post("/v1/invitations", json={"person": person}).json()["link"]
    with browser(server) as visitor:
        path = httpx.URL(link).path
        assert visitor.post(path, data={}).headers["location"] == STEP
        assert visitor.get("/desk").status_code == 303


def test_it_is_the_second_factor_that_a_newsroom_asks_for(desk: Desk):
    """Set up in the session that lacks one; taken away again, that session opens nothing more."""
    server, _ = desk
    email, _ = somebody(desk, "chief")
    boss, device = enter_without_desk(server, email), Authenticator(at_localhost(server))
    assert boss.get("/desk").headers["location"] == APP
    register(boss, device)
    assert boss.get("/v1/keys").status_code == 200
    visitor = sign_in_by(server, device)
    assert visitor.get("/v1/keys").status_code == 200
    gone = remove(visitor, ids(visitor)[0], credential=confirmed(visitor, device))
    assert gone.status_code == 303
    assert [c.get("/v1/keys").status_code for c in (boss, visitor)] == [401, 401]


def enter_without_desk(server: DatelineServer, email: str) -> httpx.Client:
    """A browser in which somebody is signed in who has yet to set up a second factor."""
    client = browser(server)
    typed = {"email": email, "password": PASSWORD}
    assert client.post("/desk/sign-in", data=typed).status_code == 303
    return client


def test_a_factor_that_was_taken_away_no_longer_counts(desk: Desk):
    """Kind: power ends with its source. Of an app, too: the session that showed it lacks one."""
    server, _ = desk
    email, _ = somebody(desk, "chief")
    boss = enter_without_desk(server, email)
    begun = send(boss, APP, APP, old=PASSWORD)
    app = pyotp.TOTP(secret_shown(begun))
    token = re.findall(r'name="token"\s+value="([^"]+)"', begun.text)[0]
    done = boss.post(f"{APP}/confirmation", data={"token": token, "code": app.now()})
    codes = re.findall(r"<code>([a-z2-7-]+)</code>", done.text)
    assert boss.get("/v1/keys").status_code == 200
    assert send(boss, APP, f"{APP}/removal", code=codes[0]).status_code == 303
    assert boss.get("/v1/keys").status_code == 401
    assert boss.get("/desk").headers["location"] == APP


def test_what_a_removed_passkey_opened_ends_with_it(desk: Desk):
    """Kind: power ends with its source. Sessions by another one go on; it opens nothing more."""
    server, _ = desk
    _, client, phone = owner(desk)
    laptop = Authenticator(at_localhost(server))
    register(client, laptop, credential=confirmed(client, phone))
    by_phone, by_laptop = sign_in_by(server, phone), sign_in_by(server, laptop)
    first, _ = ids(by_laptop)
    assert remove(by_laptop, first).status_code == 422
    answer = remove(by_laptop, first, credential=confirmed(by_laptop, laptop))
    assert answer.status_code == 303
    assert by_phone.get("/desk").status_code == 303
    assert by_laptop.get("/desk").status_code == 200
    assert show(server, phone).status_code == 401


def test_a_session_carries_its_passkey_through_a_new_password(desk: Desk):
    """Kind: power ends with its source, also where the session has been made anew."""
    server, _ = desk
    _, client, phone = owner(desk)
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
    """The person is signed out, and has the password alone."""
    server, chief = desk
    email, person = somebody(desk)
    device = Authenticator(at_localhost(server))
    register(enter(server, email), device)
    visitor = sign_in_by(server, device)
    listed = {p["id"]: p for p in chief.get("/v1/people").json()["people"]}[person]
    assert (listed["second_factor"], listed["totp"], listed["passkeys"]) == (True, False, 1)
    if way == "API":
        told = chief.delete(f"/v1/people/{person}/second-factor").raise_for_status().json()
        assert (told["second_factor"], told["passkeys"]) == (False, 0)
    else:
        server.command("person", "reset-second-factor", email)
    assert visitor.get("/desk").status_code == 303
    assert show(server, device).status_code == 401
    assert enter(server, email).get("/desk").status_code == 200


def test_who_lost_their_access_has_no_passkey(desk: Desk):
    """Kind: power ends with its source. The device signs as before, and is not known."""
    server, chief = desk
    email, person = somebody(desk)
    device = Authenticator(at_localhost(server))
    register(enter(server, email), device)
    visitor = sign_in_by(server, device)
    chief.patch(f"/v1/people/{person}", json={"disabled": True}).raise_for_status()
    assert visitor.get("/desk").status_code == 303
    assert show(server, device).status_code == 401


def test_adding_asks_for_password_and_second_factor(desk: Desk):
    """Kind: who finds an open desk gains nothing for later."""
    server, _ = desk
    _, client, device = owner(desk)
    assert send(client, PAGE, PAGE, old="another password", code="").status_code == 422
    assert send(client, PAGE, PAGE, old=PASSWORD, code="000000").status_code == 422
    other = json.dumps(Authenticator(at_localhost(server)).sign(challenge(client, "confirmation")))
    assert send(client, PAGE, PAGE, old=PASSWORD, credential=other).status_code == 422
    assert "data-options" not in client.get(PAGE).text
    assert begin(client, credential=confirmed(client, device))[0]["excludeCredentials"]


def test_an_app_beside_passkeys_asks_for_one_of_them(desk: Desk):
    """Either will do from then on; recovery codes stay until the last of them is gone."""
    _, client, device = owner(desk)
    refused = send(client, APP, APP, old=PASSWORD, code="000000")
    assert refused.status_code == 422
    begun = send(client, APP, APP, old=PASSWORD, credential=confirmed(client, device))
    app = pyotp.TOTP(secret_shown(begun))
    token = re.findall(r'name="token"\s+value="([^"]+)"', begun.text)[0]
    done = client.post(f"{APP}/confirmation", data={"token": token, "code": app.now()})
    assert len(re.findall(r"<code>", done.text)) == 10
    removal = send(client, APP, f"{APP}/removal", credential=confirmed(client, device))
    assert removal.status_code == 303
    assert "10 recovery codes are left" in client.get(PAGE).text


def test_a_copied_device_is_refused_and_told_of(desk: Desk):
    """Its count is behind; so is one that stands still. A device that never counts goes on."""
    server, _ = desk
    _, _, device = owner(desk)
    copy = Authenticator(device.origin, user=device.user, key=device.key, id=device.id, count=0)
    sign_in_by(server, device)
    sign_in_by(server, device)
    refused = show(server, copy)
    assert refused.status_code == 401
    assert "may be a copy" in refused.text
    assert reasons(desk)[0] == "sign count"
    sign_in_by(server, device)
    email, _ = somebody(desk)
    uncounted = Authenticator(at_localhost(server), count=None)
    register(enter(server, email), uncounted)
    sign_in_by(server, uncounted)
    sign_in_by(server, uncounted)


def test_an_answer_for_another_page_is_refused(desk: Desk):
    """Another origin, port or host, another ceremony, another challenge."""
    server, _ = desk
    _, _, device = owner(desk)
    for bent in (
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:1"},
        {"origin": "http://sub.localhost"},
        {"type": "webauthn.create"},
        {"challenge": "A" * 43},
    ):
        assert show(server, device, **bent).status_code == 401, bent
    sign_in_by(server, device)


def test_an_answer_for_another_party_or_without_its_user_is_refused(desk: Desk):
    """Another RP ID, no user verification, another signature; the right one comes in."""
    server, _ = desk
    _, _, device = owner(desk)
    here = {"user": device.user, "key": device.key, "id": device.id, "count": 100}
    for wrong in (
        Authenticator(device.origin, rp_id="evil.example", **here),
        Authenticator(device.origin, flags=USER_PRESENT, **here),
        Authenticator(device.origin, **here | {"user": b"0" * 16}),
        Authenticator(device.origin, user=device.user, id=device.id),
    ):
        assert show(server, wrong).status_code == 401
    sign_in_by(server, device)


def test_a_registration_for_another_page_is_refused(desk: Desk):
    """Origin, RP ID, user verification and challenge are checked; nothing is stored."""
    server, _ = desk
    email, _ = somebody(desk)
    client = enter(server, email)
    here = at_localhost(server)
    for wrong, bent in (
        (Authenticator("https://evil.example"), {}),
        (Authenticator(here, rp_id="evil.example"), {}),
        (Authenticator(here, flags=USER_PRESENT), {}),
        (Authenticator(here), {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}),
        (Authenticator(here), {"type": "webauthn.get"}),
    ):
        options, token = begin(client)
        assert add(client, token, wrong.register(options, **bent)).status_code == 422
    assert ids(client) == []


def test_a_challenge_is_used_once(desk: Desk):
    """Of the same answer sent twice, and of many at once, one is taken."""
    server, _ = desk
    _, client, device = owner(desk)
    visitor = browser(server)
    signed = {"credential": json.dumps(device.sign(challenge(visitor, "sign-in")))}
    assert visitor.post(BY_PASSKEY, data=signed).status_code == 303
    assert visitor.post(BY_PASSKEY, data=signed).status_code == 401
    shown = confirmed(client, device)
    options, token = begin(client, credential=shown)
    assert send(client, PAGE, PAGE, old=PASSWORD, credential=shown).status_code == 422
    made = Authenticator(at_localhost(server)).register(options)
    assert add(client, token, made).status_code == 303
    assert add(client, token, made).status_code == 422


def test_a_challenge_is_of_one_browser_and_one_purpose(desk: Desk):
    """An answer that was read elsewhere is of no use there, nor for anything else."""
    server, _ = desk
    email, client, device = owner(desk)
    visitor, another = browser(server), browser(server)
    signed = {"credential": json.dumps(device.sign(challenge(visitor, "sign-in")))}
    challenge(another, "sign-in")
    assert another.post(BY_PASSKEY, data=signed).status_code == 401
    step = second_step(server, email)
    assert step.post(STEP, data=signed).status_code == 401
    assert remove(client, ids(client)[0], **signed).status_code == 422
    assert visitor.post(BY_PASSKEY, data=signed).status_code == 303
    asked = json.dumps(device.sign(challenge(step, "second-factor")))
    assert browser(server).post(BY_PASSKEY, data={"credential": asked}).status_code == 401
    assert step.post(STEP, data={"credential": asked}).status_code == 303


def test_another_persons_passkey_is_none(desk: Desk):
    """Neither as a second step, nor to confirm, nor to be renamed, removed or registered again."""
    server, _ = desk
    email, client, device = owner(desk)
    _, eve, theirs = owner(desk)
    step = second_step(server, email)
    signed = json.dumps(theirs.sign(challenge(step, "second-factor")))
    assert step.post(STEP, data={"credential": signed}).status_code == 401
    (own,) = ids(client)
    shown = json.dumps(theirs.sign(challenge(client, "confirmation")))
    assert remove(client, own, credential=shown).status_code == 422
    assert remove(eve, own, credential=confirmed(eve, theirs)).status_code == 404
    token = re.findall(r'name="token"\s+value="([^"]+)"', eve.get(PAGE).text)[0]
    renamed = eve.post(f"{PAGE}/{own}/name", data={"token": token, "name": "Eve"})
    assert renamed.status_code == 404
    options, token = begin(eve, credential=confirmed(eve, theirs))
    copy = Authenticator(device.origin, id=device.id, key=device.key)
    assert add(eve, token, copy.register(options)).status_code == 422
    assert ids(client) == [own]


def test_a_passkey_is_renamed(desk: Desk):
    """By another name, which is shown as text; nothing is no name."""
    _, client, _ = owner(desk)
    (own,) = ids(client)
    path = f"{PAGE}/{own}/name"
    assert send(client, PAGE, path, name="<b>Work</b>").status_code == 303
    assert "&lt;b&gt;Work" in client.get(PAGE).text
    assert send(client, PAGE, path, name=" ").status_code == 422


def test_who_has_no_password_adds_none(desk: Desk):
    """Kind: power ends with its source. What the identity provider ends must not go on here."""
    server, _ = desk
    (_, provided) = make_askers(server, None, roles=["editor"])
    with browser(server) as client:
        client.headers["Cookie"] = provided.headers["Cookie"]
        page = client.get(PAGE)
        assert "you have none" in page.text
        assert f'action="{PAGE}"' not in page.text
        asked = client.post(PAGE, data={"token": provided.token, "old": ""})
        assert asked.status_code == 422
        assert "data-options" not in asked.text


def test_a_passkey_made_by_a_stolen_link_ends_with_the_link(desk: Desk):
    """Kind: power ends with its source. What was set up since the link was used is taken too."""
    server, chief = desk
    email, person = somebody(desk)
    client = enter(server, email)
    thief = chief.post("/v1/keys", json={"name": "thief", "role": "chief"}).json()
    bearer = {"Authorization": f"Bearer {thief['key']}"}
    with httpx.Client(base_url=server.url, headers=bearer, timeout=120) as c:
        back = c.post("/v1/invitations", json={"person": person}).json()["link"]
    taken = browser(server)
    assert taken.post(httpx.URL(back).path, data={}).status_code == 303
    device = Authenticator(at_localhost(server))
    assert register(taken, device).status_code == 200
    chief.delete(f"/v1/keys/{thief['id']}?made=true").raise_for_status()
    assert [c.get("/desk").status_code for c in (client, taken)] == [303, 303]
    assert show(server, device).status_code == 401


def test_a_page_says_where_passkeys_cannot_be(desk: Desk):
    """At an IP address: a sentence with the address that would do, and the app remains."""
    server, chief = desk
    email, _ = somebody(desk)
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
    """Another origin is refused; who is not signed in gets none that a session needs."""
    server, _ = desk
    with browser(server) as visitor:
        foreign = {"Origin": "https://evil.example"}
        asked = {"purpose": "sign-in"}
        assert visitor.post(CHALLENGES, json=asked, headers=foreign).status_code == 403
        for purpose in "confirmation", "second-factor":
            assert visitor.post(CHALLENGES, json={"purpose": purpose}).status_code == 401
        assert visitor.post(CHALLENGES, json={"purpose": "more"}).status_code == 422
        assert visitor.post(CHALLENGES, content=b"{" * 2000).status_code == 415
        large = {"purpose": "sign-in", "more": "x" * 2000}
        assert visitor.post(CHALLENGES, json=large).status_code == 413
        sent = {"credential": "{}"}
        assert visitor.post(BY_PASSKEY, data=sent, headers=foreign).status_code == 403
