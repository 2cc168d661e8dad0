"""Resources for the path parameters whose ids the server chooses and no example can name."""

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
    """Return a client with the key; cached, as creating one costs more than a request.

    Args:
        base_url: of the server.
        key: a chief's, as the value of `Authorization`.
    """
    return httpx.Client(base_url=base_url, headers={"Authorization": key}, timeout=120)


@cache
def find_target(chief: httpx.Client, name: str) -> str | None:
    """Return the value of a path parameter; the resource is created once and not used up.

    Args:
        chief: a client with a chief's key.
        name: the parameter's.

    Returns:
        None for a parameter whose example exists.
    """
    return _MAKERS[name](chief) if name in _MAKERS else None


def _post(chief: httpx.Client, address: str, **document: str) -> httpx.Response:
    return chief.post(address, json=document).raise_for_status()


def _key(chief: httpx.Client) -> str:
    return str(_post(chief, "/v1/keys", name="To be revoked", role="contributor").json()["id"])


def _invitation(chief: httpx.Client) -> str:
    return str(_post(chief, "/v1/invitations", role="contributor").json()["id"])


def new_template(chief: httpx.Client) -> str:
    """Create a template; returns its id."""
    return str(_post(chief, "/v1/templates", name="Goal", body="{scorer} scores.").json()["id"])


def _person(chief: httpx.Client) -> str:
    email = f"{secrets.token_hex(4)}@news.example"
    link = _post(chief, "/v1/invitations", role="editor", email=email).json()["link"]
    form = {"name": "J. Mercer", "password": "a long walk to the harbour"}
    answer = httpx.post(link, data=form, headers={"Origin": str(chief.base_url).rstrip("/")})
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    people = chief.get("/v1/people").raise_for_status().json()["people"]
    return next(str(person["id"]) for person in people if person["email"] == email)


@cache
def _picture(chief: httpx.Client) -> tuple[str, str]:
    """Return the id of a picture, and the name of its file."""
    answer = chief.post("/v1/media", files={"file": encoded(picture())}).raise_for_status()
    media = answer.json()
    return media["id"], media["url"].rpartition("/")[2]


def _media(chief: httpx.Client) -> str:
    return _picture(chief)[0]


def _file(chief: httpx.Client) -> str:
    return _picture(chief)[1]


# A video that has to be converted, which takes a while.
_RECIPE = Recipe(video="mpeg4", size=(640, 360), frames=240, audio=None)
_TIMEOUT = 60.0  # seconds


class _Upload(threading.Thread):
    """An upload of a video, whose progress is available by `key` until it is answered."""

    def __init__(self, chief: httpx.Client) -> None:
        super().__init__(daemon=True)
        self.key = secrets.token_hex(8)
        self._chief = chief
        self.start()

    def run(self) -> None:
        """Send the video."""
        headers = {"Idempotency-Key": self.key}
        with suppress(httpx.TransportError):  # the server may stop first
            self._chief.post("/v1/media", files={"file": _video()}, headers=headers)


@cache
def _video() -> bytes:
    return _RECIPE.make()


_uploads: list[_Upload] = []


def find_upload(chief: httpx.Client) -> str:
    """Return the key of an upload in progress; a new one is started if the last has ended."""
    deadline = time.monotonic() + _TIMEOUT
    while time.monotonic() < deadline:
        if not (_uploads and _uploads[-1].is_alive()):
            _uploads.append(_Upload(chief))
        answer = chief.get(f"/v1/media/uploads/{_uploads[-1].key}")
        if answer.status_code != httpx.codes.NOT_FOUND:  # a malformed key is refused in any case
            return _uploads[-1].key
        time.sleep(0.01)
    raise TimeoutError("no upload is under way")


_MAKERS: dict[str, Callable[[httpx.Client], str]] = {
    "key_id": _key,
    "invitation_id": _invitation,
    "person_id": _person,
    "media_id": _media,
    "name": _file,
    "template_id": new_template,
}
