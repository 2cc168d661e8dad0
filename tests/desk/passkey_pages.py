"""The desk's passkey pages, driven without a browser, and people with passkeys."""

import json
import re
import uuid
from html import unescape
from typing import Any

import httpx

from app.access.roles import Role
from tests.authenticator import Authenticator
from tests.dateline import DatelineServer
from tests.desk.forms import send
from tests.signed_in import PASSWORD, sign_in, take_in

PAGE, STEP, BY_PASSKEY = "/desk/account/passkeys", "/desk/sign-in/code", "/desk/sign-in/passkey"
CHALLENGES = "/v1/passkey-challenges"
APP = "/desk/account/second-factor"
# A server, and a client with a chief's key.
Desk = tuple[DatelineServer, httpx.Client]
Json = dict[str, Any]

_OPTIONS = re.compile(r'data-options="([^"]+)"')
_TOKEN = re.compile(r'name="token"\s+value="([^"]+)"')
_ID = re.compile(rf'action="{PAGE}/([0-9a-f]{{16}})/removal"')


def at_localhost(server: DatelineServer) -> str:
    """Return the server's origin at localhost, where browsers offer passkeys."""
    return f"http://localhost:{server.port}"


def browser(server: DatelineServer) -> httpx.Client:
    """Return a new client without cookies, at localhost."""
    address = at_localhost(server)
    return httpx.Client(base_url=address, headers={"Origin": address}, timeout=120)


def enter(server: DatelineServer, email: str) -> httpx.Client:
    """Return a client at localhost that is signed in by password."""
    with sign_in(server, email) as signed_in:
        client = browser(server)
        for cookie in signed_in.cookies.jar:
            client.cookies.set(cookie.name, str(cookie.value), domain="localhost.local")
        assert client.get("/desk").status_code == 200
        return client


def begin(client: httpx.Client, **shown: str) -> tuple[Json, str]:
    """Begin the registration of a passkey; returns the options and the form's token."""
    page = send(client, PAGE, PAGE, old=PASSWORD, **shown)
    assert page.status_code == 200, page.text
    match = _OPTIONS.search(page.text)
    assert match, page.text
    token = _TOKEN.findall(page.text)[0]
    return json.loads(unescape(match[1])), token


def register(
    client: httpx.Client, device: Authenticator, name: str = "Telephone", **shown: str
) -> httpx.Response:
    """Register a passkey."""
    options, token = begin(client, **shown)
    return add(client, token, device.register(options), name)


def add(client: httpx.Client, token: str, credential: Json, name: str = "Key") -> httpx.Response:
    """Submit a device's registration."""
    fields = {"token": token, "name": name, "credential": json.dumps(credential)}
    return client.post(f"{PAGE}/registration", data=fields)


def challenge(client: httpx.Client, purpose: str) -> Json:
    """Return the options of a new challenge."""
    answer = client.post(CHALLENGES, json={"purpose": purpose})
    assert answer.status_code == 200, answer.text
    options: Json = answer.json()
    return options


def confirmed(client: httpx.Client, device: Authenticator) -> str:
    """Return a `credential` that confirms a form, signed by the device."""
    return json.dumps(device.sign(challenge(client, "confirmation")))


def sign_in_by(server: DatelineServer, device: Authenticator) -> httpx.Client:
    """Return a new client, signed in by a passkey alone."""
    client = browser(server)
    answer = client.post(
        BY_PASSKEY, data={"credential": json.dumps(device.sign(challenge(client, "sign-in")))}
    )
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/desk"
    return client


def ids(client: httpx.Client) -> list[str]:
    """Return the ids of the client's passkeys, oldest first."""
    return _ID.findall(client.get(PAGE).raise_for_status().text)


def remove(client: httpx.Client, passkey_id: str, **shown: str) -> httpx.Response:
    """Remove a passkey, confirmed by a code or another passkey."""
    token = _TOKEN.findall(client.get(PAGE).text)[0]
    return client.post(f"{PAGE}/{passkey_id}/removal", data={"token": token, **shown})


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


def enter_without_desk(server: DatelineServer, email: str) -> httpx.Client:
    """Return a client of a person who has yet to set up a required second factor."""
    client = browser(server)
    form = {"email": email, "password": PASSWORD}
    assert client.post("/desk/sign-in", data=form).status_code == 303
    return client
