"""The desk's passkeys as a browser with scripts uses them, without one."""

import json
import re
from html import unescape
from typing import Any

import httpx

from tests.authenticator import Authenticator
from tests.dateline import DatelineServer
from tests.desk.forms import send
from tests.signed_in import PASSWORD, sign_in

PAGE, STEP, BY_PASSKEY = "/desk/account/passkeys", "/desk/sign-in/code", "/desk/sign-in/passkey"
CHALLENGES = "/v1/passkey-challenges"
Json = dict[str, Any]

_OPTIONS = re.compile(r'data-options="([^"]+)"')
_TOKEN = re.compile(r'name="token"\s+value="([^"]+)"')
_ID = re.compile(rf'action="{PAGE}/([0-9a-f]{{16}})/removal"')


def at_localhost(server: DatelineServer) -> str:
    """The server's address as browsers offer passkeys there."""
    return f"http://localhost:{server.port}"


def browser(server: DatelineServer) -> httpx.Client:
    """A browser that has been nowhere yet."""
    address = at_localhost(server)
    return httpx.Client(base_url=address, headers={"Origin": address}, timeout=120)


def enter(server: DatelineServer, email: str) -> httpx.Client:
    """A browser in which somebody is signed in by the password, at localhost."""
    with sign_in(server, email) as signed_in:
        client = browser(server)
        for cookie in signed_in.cookies.jar:
            client.cookies.set(cookie.name, str(cookie.value), domain="localhost.local")
        assert client.get("/desk").status_code == 200
        return client


def begin(client: httpx.Client, **shown: str) -> tuple[Json, str]:
    """Ask for a new passkey; gives the browser's options and the form's token."""
    page = send(client, PAGE, PAGE, old=PASSWORD, **shown)
    assert page.status_code == 200, page.text
    found = _OPTIONS.search(page.text)
    assert found, page.text
    token = _TOKEN.findall(page.text)[0]
    return json.loads(unescape(found[1])), token


def register(
    client: httpx.Client, device: Authenticator, name: str = "Telephone", **shown: str
) -> httpx.Response:
    """Add a passkey."""
    options, token = begin(client, **shown)
    return add(client, token, device.register(options), name)


def add(client: httpx.Client, token: str, credential: Json, name: str = "Key") -> httpx.Response:
    """Send what a device has made."""
    fields = {"token": token, "name": name, "credential": json.dumps(credential)}
    return client.post(f"{PAGE}/registration", data=fields)


def challenge(client: httpx.Client, purpose: str) -> Json:
    """What a passkey is asked."""
    answer = client.post(CHALLENGES, json={"purpose": purpose})
    assert answer.status_code == 200, answer.text
    options: Json = answer.json()
    return options


def confirmed(client: httpx.Client, device: Authenticator) -> str:
    """What a form carries as `credential` that asks for the second factor."""
    return json.dumps(device.sign(challenge(client, "confirmation")))


def sign_in_by(server: DatelineServer, device: Authenticator) -> httpx.Client:
    """A new browser in which somebody has signed in by a passkey alone."""
    client = browser(server)
    answer = client.post(
        BY_PASSKEY, data={"credential": json.dumps(device.sign(challenge(client, "sign-in")))}
    )
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/desk"
    return client


def ids(client: httpx.Client) -> list[str]:
    """The ids of somebody's passkeys, oldest first."""
    return _ID.findall(client.get(PAGE).raise_for_status().text)


def remove(client: httpx.Client, passkey_id: str, **shown: str) -> httpx.Response:
    """Remove a passkey, with a code or with another one's answer."""
    token = _TOKEN.findall(client.get(PAGE).text)[0]
    return client.post(f"{PAGE}/{passkey_id}/removal", data={"token": token, **shown})
