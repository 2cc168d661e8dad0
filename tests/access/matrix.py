"""Asks every route of a running newsroom as everybody, with the names of things that are there."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.access.roles import ROLES
from tests.access.rules import DOORS, LIVE, OF_DRAFTS, PLAN
from tests.callers import NOBODY, Asker, make_askers
from tests.dateline import DatelineServer, running_server

COVERAGES = (LIVE, PLAN)
# Stand in what only those who have a role in the coverage may read, and nowhere else.
SECRETS = {LIVE: "zugzwang", PLAN: "torschlusspanik"}
OURS = "ours"  # the Origin of our own pages


def _png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


class Matrix:
    """A newsroom with a live coverage and a plan, and everybody who may ask it for something.

    Each asker has a role in the newsroom, in the live coverage only, or in the plan only.
    """

    def __init__(self, server: DatelineServer, clients: ExitStack) -> None:
        self.server = server
        bearer = {"Authorization": f"Bearer {server.key('chief')}"}
        self.chief = clients.enter_context(httpx.Client(base_url=server.url, headers=bearer))
        self._make_things()
        self.askers = [NOBODY, *make_askers(server, None, LIVE, PLAN, roles=ROLES)]
        # Somebody who asks for nothing: a reset of their second factor would sign an asker out.
        person = next(a for a in make_askers(server, None, roles=ROLES[:1]) if a.door == "session")
        self._names["person_id"] = str(person.id).removeprefix("person:")
        self._clients = {id(a): clients.enter_context(a.client(server)) for a in self.askers}

    def _make_things(self) -> None:
        live = {"slug": LIVE, "title": "Live"}
        plan = {"slug": PLAN, "title": f"Plan {SECRETS[PLAN]}", "status": "planned"}
        for coverage in live, plan:
            self.chief.post("/v1/coverages", json=coverage).raise_for_status()
        made = self.chief.post(f"/v1/coverages/{LIVE}/entries", json={"headline": "Public"})
        key = self.chief.post("/v1/keys", json={"name": "x", "role": "contributor"})
        guest = self.chief.post("/v1/invitations", json={"role": "contributor"})
        self.entry_id = made.json()["id"]
        sent = {"file": ("red.png", _png(), "image/png")}
        media = self.chief.post("/v1/media", files=sent).json()
        self._names = {
            "media_id": media["id"],
            "name": media["url"].rpartition("/")[2],
            "key_id": key.json()["id"],
            "invitation_id": guest.json()["id"],
            "secret": "x" * 43,
            "passkey_id": "0" * 16,
            "number": "1",
            "upload_key": "none",
        }
        self.drafts = {slug: self.draft(NOBODY, slug, SECRETS[slug]) for slug in COVERAGES}

    def representatives(self, route: str) -> list[Asker]:
        """Those who stand for everybody at a route in the ordinary run.

        Each role in the newsroom by the door that is usual there, a chief by the other one, chiefs
        of one coverage, and nobody.
        """
        usual = "session" if " /desk" in route else "key"
        return [
            asker
            for asker in self.askers
            if asker.role is None
            or (asker.door == usual and (asker.coverage is None or asker.role == "chief"))
            or (asker.door != usual and asker.coverage is None and asker.role == "chief")
        ]

    def client(self, asker: Asker) -> httpx.Client:
        """Whoever it is, with what they carry."""
        return self._clients[id(asker)]

    def draft(self, asker: Asker, coverage: str, words: str = "of somebody") -> str:
        """A new draft of the asker's; the chief's where they may have none."""
        writer = self.client(asker) if asker.role_in(coverage) else self.chief
        form = {"headline": f"Draft {words}", "draft": True}
        made = writer.post(f"/v1/coverages/{coverage}/entries", json=form)
        assert made.status_code == 201, made.text
        draft_id: str = made.json()["id"]
        return draft_id

    def address(self, route: str, coverage: str, entry_id: str, visit: str) -> str:
        """A route's address with the names of things that are there."""
        path = route.partition(" ")[2]
        names = {"slug": coverage, "entry_id": entry_id, "visit": visit, **self._names}
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", value)
        if route.startswith("MOUNT"):
            path += "/swagger-ui.css"
        return path.replace("{address:path}", "desk/desk.css")

    def ask(
        self,
        route: str,
        asker: Asker,
        coverage: str,
        entry_id: str | None = None,
        *,
        origin: str = OURS,
        query: Mapping[str, str] | None = None,
        **headers: str,
    ) -> httpx.Response:
        """What an asker is answered.

        Args:
            route: one of the router's.
            asker: who.
            coverage: the one in the path.
            entry_id: the entry in the path; None for one that is there.
            origin: which page asks; empty if it does not say.
            query: further members, where SLUG is the coverage.
            headers: further ones.
        """
        if entry_id is None and route in OF_DRAFTS:
            entry_id = self.draft(asker, coverage)
        if entry_id is None:
            entry_id = self.entry_id if coverage == LIVE else self.drafts[coverage]
        door = DOORS[route]
        members = {**door.query, **(query or {})}
        members = {n: v.replace("URL", self.server.url) for n, v in members.items()}
        members = {n: v.replace("SLUG", coverage) for n, v in members.items()}
        method = route.partition(" ")[0].replace("MOUNT", "GET")
        request = self.client(asker).build_request(
            method,
            self.address(route, coverage, entry_id, visit=f"tab-{id(asker)}"),
            params=members,
            json=door.json,
            data=door.data and {n: v.replace("TOKEN", asker.token) for n, v in door.data.items()},
            headers={**door.headers, **headers},
        )
        request.headers["Origin"] = self.server.url if origin == OURS else origin
        if not origin:
            del request.headers["Origin"]
        answer = self.client(asker).send(request, stream=True)
        try:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                return httpx.Response(answer.status_code, headers=answer.headers)
            answer.read()
            return answer
        finally:
            answer.close()

    def judge(self, route: str, asker: Asker, coverage: str) -> str:
        """The answer's kind, as the rules name it."""
        if route.startswith("SOCKET"):
            return "in" if self.hears(asker, coverage) else "404"
        answer = self.ask(route, asker, coverage)
        assert answer.status_code < 500, answer.text
        if answer.headers.get("location", "").startswith("/desk/sign-in?"):
            return "sign in"
        return str(answer.status_code) if answer.status_code in {401, 403, 404} else "in"

    def hears(self, asker: Asker, coverage: str, **headers: str) -> bool:
        """Whether a coverage's socket says hello to an asker."""
        first = self.listen(asker, coverage, **headers)
        assert "hello" in first or first.startswith("4404"), first
        return "hello" in first

    def listen(self, asker: Asker, coverage: str, after: str = "", **headers: str) -> str:
        """What a coverage's socket says first: a frame, or the code and reason of its end.

        Args:
            asker: who opens it.
            coverage: whose.
            after: the cursor asked for; none if empty.
            headers: further ones.
        """
        address = self.server.url.replace("http:", "ws:") + f"/v1/coverages/{coverage}/socket"
        address += f"?after={after}" if after else ""
        carried = {**asker.headers, **headers}
        with connect(address, additional_headers=carried, proxy=None) as socket:
            with suppress(ConnectionClosed):
                return str(socket.recv(timeout=10))
            return f"{socket.close_code} {socket.close_reason}"


@contextmanager
def open_matrix(folder: Path, *, is_watched: bool = False) -> Iterator[Matrix]:
    """A newsroom of its own; see `DatelineServer` for what is watched."""
    with running_server(folder, is_watched=is_watched) as server, ExitStack() as clients:
        yield Matrix(server, clients)
