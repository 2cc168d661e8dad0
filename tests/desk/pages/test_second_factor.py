"""Tests of the second factor's pages, used without scripts."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest

from tests.dateline import DatelineServer, running_server
from tests.desk.forms import secret_shown, send
from tests.signed_in import PASSWORD, join, sign_in, try_sign_in

PAGE, PEOPLE, STEP = "/desk/account/second-factor", "/desk/people", "/desk/sign-in/code"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DatelineServer, httpx.Client]]:
    """A server where chiefs need a second factor, and a client with a chief's key."""
    folder: Path = tmp_path_factory.mktemp("factors")
    with running_server(folder, second_factor="chief") as server:
        bearer = {"Authorization": f"Bearer {server.key('chief')}"}
        with httpx.Client(base_url=server.url, headers=bearer, timeout=120) as chief:
            yield server, chief


def enrol(client: httpx.Client) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an authenticator app; returns it and the recovery codes."""
    setup = send(client, PAGE, PAGE, old=PASSWORD)
    assert "<svg" in setup.text
    assert setup.headers["cache-control"] == "no-store"
    app = pyotp.TOTP(secret_shown(setup))
    token = re.findall(r'name="token"\s+value="([^"]+)"', setup.text)[0]
    confirmation = client.post(f"{PAGE}/confirmation", data={"token": token, "code": app.now()})
    assert confirmation.status_code == 200, confirmation.text
    return app, re.findall(r"<code>([a-z2-7-]+)</code>", confirmation.text)


def second_step(server: DatelineServer, email: str, code: str) -> tuple[httpx.Client, int]:
    """Show the password and then a code; returns the client and the code's response status."""
    client = httpx.Client(base_url=server.url, headers={"Origin": server.url}, timeout=120)
    first = client.post("/desk/sign-in", data={"email": email, "password": PASSWORD})
    assert first.headers["location"] == STEP
    assert client.get("/desk").headers["location"].startswith("/desk/sign-in")
    return client, client.post(STEP, data={"code": code}).status_code


def test_signing_in_asks_for_a_code_of_the_app_or_a_recovery_code(
    desk: tuple[DatelineServer, httpx.Client],
):
    """Signing in needs a code of the app or a recovery code; each code works once.

    The audit records the steps without the codes.
    """
    server, chief = desk
    join(server, chief, "ed@example.org", role="editor")
    app, codes = enrol(sign_in(server, "ed@example.org"))
    assert len(codes) == 10
    used = app.now()
    browser, answer = second_step(server, "ed@example.org", used)
    assert answer == 401
    assert browser.post(STEP, data={"code": "no code"}).status_code == 401
    assert browser.get("/desk").status_code == 303
    assert browser.post(STEP, data={"code": codes[0]}).status_code == 303
    assert browser.get("/desk").status_code == 200
    _, repeated = second_step(server, "ed@example.org", codes[0])
    assert repeated == 401
    audit = chief.get("/v1/audit").json()["audit"]
    assert {"signIn", "refuseCode", "confirmSecondFactor"} <= {entry["action"] for entry in audit}
    assert not any(code in chief.get("/v1/audit").text for code in codes)


def test_a_link_back_in_asks_for_the_code_as_well(desk: tuple[DatelineServer, httpx.Client]):
    """A personal link replaces the password only; the code is still required."""
    server, chief = desk
    person = join(server, chief, "li@example.org", role="editor")
    enrol(sign_in(server, "li@example.org"))
    link = chief.post("/v1/invitations", json={"person": person}).json()["link"]
    with httpx.Client(base_url=server.url, headers={"Origin": server.url}, timeout=120) as browser:
        assert browser.post(link, data={}).headers["location"] == STEP
        assert browser.get("/desk").status_code == 303


def test_without_the_first_factor_there_is_no_second_step(
    desk: tuple[DatelineServer, httpx.Client],
):
    """Without the password step, the code page redirects to the sign-in form."""
    server, _ = desk
    with httpx.Client(base_url=server.url, headers={"Origin": server.url}) as browser:
        for answer in browser.get(STEP), browser.post(STEP, data={"code": "123456"}):
            assert answer.headers["location"] == "/desk/sign-in"


def test_a_role_that_needs_one_opens_nothing_before_it_is_set_up(
    desk: tuple[DatelineServer, httpx.Client],
):
    """Every page redirects to the setup, and the API answers 401, until it is set up."""
    server, chief = desk
    join(server, chief, "boss@example.org", role="chief")
    boss = sign_in(server, "boss@example.org")
    for page in "/desk", "/desk/keys", "/desk/account":
        assert boss.get(page).headers["location"] == PAGE
    assert boss.get("/v1/keys").status_code == 401
    assert "asks for a second factor" in boss.get(PAGE).text
    enrol(boss)
    assert boss.get("/v1/keys").status_code == 200
    assert boss.get("/desk").status_code == 200


def test_setting_up_asks_for_the_password_and_signs_out_elsewhere(
    desk: tuple[DatelineServer, httpx.Client],
):
    """Setting up an app needs the password, and ends the person's other sessions."""
    server, chief = desk
    join(server, chief, "ann@example.org", role="editor")
    phone, laptop = [sign_in(server, "ann@example.org") for _ in range(2)]
    refused = send(laptop, PAGE, PAGE, old="another password")
    assert refused.status_code == 422
    assert "<svg" not in refused.text
    enrol(laptop)
    assert phone.get("/desk").status_code == 303
    assert laptop.get("/desk").status_code == 200


def test_taking_it_away_asks_for_a_code(desk: tuple[DatelineServer, httpx.Client]):
    """Removing the factor and renewing the recovery codes need a code.

    Renewed codes replace the old ones.
    """
    server, chief = desk
    join(server, chief, "joe@example.org", role="editor")
    joe = sign_in(server, "joe@example.org")
    _, codes = enrol(joe)
    for action in "codes", "removal":
        assert send(joe, PAGE, f"{PAGE}/{action}", code="000000x").status_code == 422
    renewed = send(joe, PAGE, f"{PAGE}/codes", code=codes[0])
    new_codes = re.findall(r"<code>([a-z2-7-]+)</code>", renewed.text)
    assert len(new_codes) == 10
    assert send(joe, PAGE, f"{PAGE}/removal", code=codes[1]).status_code == 422
    assert send(joe, PAGE, f"{PAGE}/removal", code=new_codes[0]).status_code == 303
    assert try_sign_in(server, "joe@example.org").headers["location"] == "/desk"


def test_a_chief_resets_it_and_nobody_their_own(desk: tuple[DatelineServer, httpx.Client]):
    """A chief resets another person's factor by API or page, but never their own.

    The person is signed out and signs in with the password alone.
    """
    server, chief = desk
    person = join(server, chief, "zoe@example.org", role="editor")
    zoe = sign_in(server, "zoe@example.org")
    enrol(zoe)
    path = f"/v1/people/{person}/second-factor"
    assert chief.delete(path).raise_for_status().json()["second_factor"] is False
    assert zoe.get("/desk").status_code == 303
    assert try_sign_in(server, "zoe@example.org").headers["location"] == "/desk"
    own = join(server, chief, "top@example.org", role="chief")
    top = sign_in(server, "top@example.org")
    enrol(top)
    assert top.delete(f"/v1/people/{own}/second-factor").status_code == 403
    enrol(sign_in(server, "zoe@example.org"))
    assert send(top, PEOPLE, f"{PEOPLE}/{person}/second-factor").status_code == 303
    assert try_sign_in(server, "zoe@example.org").headers["location"] == "/desk"


@pytest.mark.full("commands in processes of their own")
def test_the_command_line_resets_the_last_chiefs(desk: tuple[DatelineServer, httpx.Client]):
    """The command resets a person's second factor; the password alone then signs in."""
    server, chief = desk
    join(server, chief, "last@example.org", role="editor")
    enrol(sign_in(server, "last@example.org"))
    output = server.command("person", "reset-second-factor", "last@example.org").stdout
    assert "password alone" in output
    assert try_sign_in(server, "last@example.org").headers["location"] == "/desk"


@pytest.mark.full("a command takes seconds to start")
def test_the_command_line_says_whom_it_does_not_know(desk: tuple[DatelineServer, httpx.Client]):
    """An unknown e-mail address ends the command with exit code 1."""
    server, _ = desk
    refused = server.command("person", "reset-second-factor", "no@example.org", check=False)
    assert refused.returncode == 1
