"""What requests are aimed at and no example can name: things whose ids the server chooses."""

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache

import httpx

from tests.media.pictures import encoded, picture
from tests.media.videos import Recipe


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


_FILM = Recipe(video="mpeg4", size=(640, 360), frames=240, audio=None)  # to be converted
_PATIENCE = 60.0  # seconds


class _Sending(threading.Thread):
    """A film on its way in, whose progress can be asked for by `key` until the answer."""

    def __init__(self, chief: httpx.Client) -> None:
        super().__init__(daemon=True)
        self.key = secrets.token_hex(8)
        self._chief = chief
        self.start()

    def run(self) -> None:
        """Send it."""
        given = {"Idempotency-Key": self.key}
        with suppress(httpx.TransportError):  # the server ends before the answer
            self._chief.post("/v1/media", files={"file": _film()}, headers=given)


@cache
def _film() -> bytes:
    return _FILM.make()


_sending: list[_Sending] = []


def find_upload(chief: httpx.Client) -> str:
    """The key of an upload that is under way: the last one, or a new one if that has ended."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if not (_sending and _sending[-1].is_alive()):
            _sending.append(_Sending(chief))
        answer = chief.get(f"/v1/media/uploads/{_sending[-1].key}")
        if answer.status_code != httpx.codes.NOT_FOUND:  # a wrong key is refused whatever it asks
            return _sending[-1].key
        time.sleep(0.01)
    raise TimeoutError("no upload is under way")


_MAKERS: dict[str, Callable[[httpx.Client], str]] = {
    "key_id": _key,
    "invitation_id": _invitation,
    "person_id": _person,
    "media_id": _media,
    "name": _file,
}
