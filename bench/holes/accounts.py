"""Item 9: lock-outs, the audit log, and secrets in logs."""

from pathlib import Path

import httpx

from bench.dateline import ENTRIES
from bench.holes.hole import Hole
from bench.holes.newsroom import PASSWORD, Newsroom, newsroom, sign_in, token, yes

_PROVIDER = {
    "OIDC_ISSUER": "http://127.0.0.1:9",  # nothing listens there, and nothing is requested
    "OIDC_CLIENT_ID": "bench",
    "OIDC_CLIENT_SECRET": "bench",
}
_TIMES = 60


def _known_browser(program: Path) -> str:
    with newsroom(program) as room:
        room.join("editor", role="editor")
        with room.signed_in("editor") as browser:
            browser.post("/desk/sign-out", data={"token": token(browser)})
            for number in range(_TIMES):
                with room.client(f"127.0.2.{number // 4 + 1}") as stranger:
                    sign_in(stranger, "editor", f"a wrong password {number}")
            return str(sign_in(browser, "editor").status_code)


def _provider(program: Path) -> str:
    with newsroom(program, _PROVIDER) as room, room.client() as client:
        path = "/desk/sign-in/provider/return?code=x&state=x"
        asked = [client.get(path).status_code for _ in range(_TIMES)]
        return f"{asked.count(429)} of {_TIMES}"


def _lines(room: Newsroom) -> list[dict[str, object]]:
    return list(room.chief.get("/v1/audit?limit=100").raise_for_status().json()["audit"])


def _keys_of_the_command(program: Path) -> str:
    with newsroom(program) as room:
        return yes(any(line["caller"] == "operator" for line in _lines(room)))


def _addresses(program: Path) -> str:
    with newsroom(program) as room:
        room.join("editor", role="editor")
        with room.signed_in("editor"):
            return yes(any("127.0.0" in str(line) for line in _lines(room)))


def _refusals(program: Path) -> str:
    with newsroom(program) as room, room.with_key("contributor") as client:
        before = len(_lines(room))
        assert client.post(ENTRIES, json={"body": "Not mine to publish"}).is_client_error
        return yes(len(_lines(room)) > before)


def _debug(program: Path) -> str:
    with newsroom(program, {"LOG_LEVEL": "debug"}) as room:
        link = room.link(role="editor", email="editor@example.org")
        with room.client() as browser:
            browser.get(link)
        room.take(link, "editor")
        with room.signed_in("editor") as browser:
            secrets = {
                "links": link.rpartition("/")[2],
                "keys": room.server.key,
                "passwords": PASSWORD,
                "sessions": _session(browser),
            }
            browser.get("/desk")
        return ", ".join(what for what, secret in secrets.items() if secret in room.log) or "none"


def _session(browser: httpx.Client) -> str:
    return max((cookie.value or "" for cookie in browser.cookies.jar), key=len)


HOLES = (
    Hole(
        9,
        f"{_TIMES} wrong passwords from others: in a known browser, the right one",
        _known_browser,
    ),
    Hole(9, f"of {_TIMES} false returns from the identity provider are rate-limited", _provider),
    Hole(9, "the audit records keys of the command line", _keys_of_the_command),
    Hole(9, "the audit records addresses", _addresses),
    Hole(9, "the audit records refused requests of people and keys", _refusals),
    Hole(9, "secrets in the log at level debug", _debug),
)
