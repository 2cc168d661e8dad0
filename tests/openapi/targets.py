"""What requests are aimed at and no example can name: things whose ids the server chooses."""

import secrets
from collections.abc import Callable
from functools import cache

import httpx

from tests.media.pictures import encoded, picture


@cache
def chief_of(base_url: str, key: str) -> httpx.Client:
    """A client that carries the key; there is one, since making one costs more than a request.

    Args:
        base_url: of the server.
        key: a chief's, as `Authorization` carries it.
    """
    return httpx.Client(base_url=base_url, headers={"Authorization": key}, timeout=120)


@cache
def find_target(chief: httpx.Client, name: str) -> str | None:
    """What to put in a path for a parameter; made once and not used up by what is done to it.

    Args:
        chief: a client with a chief's key.
        name: the parameter's; None comes back for one that an example serves.
    """
    return _MAKERS[name](chief) if name in _MAKERS else None


def _post(chief: httpx.Client, address: str, **sent: str) -> httpx.Response:
    return chief.post(address, json=sent).raise_for_status()


def _key(chief: httpx.Client) -> str:
    return str(_post(chief, "/v1/keys", name="To be revoked", role="contributor").json()["id"])


def _invitation(chief: httpx.Client) -> str:
    return str(_post(chief, "/v1/invitations", role="contributor").json()["id"])


def _person(chief: httpx.Client) -> str:
    email = f"{secrets.token_hex(4)}@news.example"
    link = _post(chief, "/v1/invitations", role="editor", email=email).json()["link"]
    typed = {"name": "J. Mercer", "password": "a long walk to the harbour"}
    answer = httpx.post(link, data=typed, headers={"Origin": str(chief.base_url).rstrip("/")})
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    people = chief.get("/v1/people").raise_for_status().json()["people"]
    return next(str(person["id"]) for person in people if person["email"] == email)


@cache
def _picture(chief: httpx.Client) -> tuple[str, str]:
    """The id of a picture, and the name of its file."""
    answer = chief.post("/v1/media", files={"file": encoded(picture())}).raise_for_status()
    made = answer.json()
    return made["id"], made["url"].rpartition("/")[2]


def _media(chief: httpx.Client) -> str:
    return _picture(chief)[0]


def _file(chief: httpx.Client) -> str:
    return _picture(chief)[1]


_MAKERS: dict[str, Callable[[httpx.Client], str]] = {
    "key_id": _key,
    "invitation_id": _invitation,
    "person_id": _person,
    "media_id": _media,
    "name": _file,
}
