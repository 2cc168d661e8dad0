"""Asks every route of a running newsroom as everybody, with the names of things that are there."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
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
        self._clients = {id(a): clients.enter_context(a.client(server)) for a in self.askers}

    def _make_things(self) -> None:
        live = {"slug": LIVE, "title": "Live"}
        plan = {"slug": PLAN, "title": f"Plan {SECRETS[PLAN]}", "status": "planned"}
        for coverage in live, plan:
            self.chief.post("/v1/coverages", json=coverage).raise_for_status()
        made = self.chief.post(f"/v1/coverages/{LIVE}/entries", json={"headline": "Public"})
        key = self.chief.post("/v1/keys", json={"name": "x", "role": "contributor"})
        self.entry_id, self.key_id = made.json()["id"], key.json()["id"]
        link = self.chief.post("/v1/invitations", json={"role": "contributor"})
        self.invitation_id = link.json()["id"]
        self.drafts = {slug: self.draft(NOBODY, slug) for slug in COVERAGES}

    def client(self, asker: Asker) -> httpx.Client:
        """Whoever it is, with what they carry."""
        return self._clients[id(asker)]

    def draft(self, asker: Asker, coverage: str) -> str:
        """A new draft of the asker's; the chief's where they may have none."""
        writer = self.client(asker) if asker.role_in(coverage) else self.chief
        form = {"headline": f"Draft {SECRETS[coverage]}", "draft": True}
        made = writer.post(f"/v1/coverages/{coverage}/entries", json=form)
        assert made.status_code == 201, made.text
        draft_id: str = made.json()["id"]
        return draft_id

    def address(self, route: str, coverage: str, entry_id: str) -> str:
        """A route's address with the names of things that are there."""
        path = route.partition(" ")[2]
        names = {"slug": coverage, "entry_id": entry_id, "key_id": self.key_id, "number": "1"}
        names |= {"invitation_id": self.invitation_id, "person_id": "0" * 16, "secret": "x"}
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
        **headers: str,
    ) -> httpx.Response:
        """What an asker is answered.

        Args:
            route: one of the router's.
            asker: who.
            coverage: the one in the path.
            entry_id: the entry in the path; None for one that is there.
            origin: which page asks; empty if it does not say.
            headers: further ones.
        """
        if entry_id is None and route in OF_DRAFTS:
            entry_id = self.draft(asker, coverage)
        if entry_id is None:
            entry_id = self.entry_id if coverage == LIVE else self.drafts[coverage]
        door = DOORS[route]
        query = {n: v.replace("URL", self.server.url) for n, v in door.query.items()}
        query = {n: v.replace("SLUG", coverage) for n, v in query.items()}
        typed = door.data and {n: v.replace("ASKER", asker.name) for n, v in door.data.items()}
        method = route.partition(" ")[0].replace("MOUNT", "GET")
        request = self.client(asker).build_request(
            method,
            self.address(route, coverage, entry_id),
            params=query,
            json=door.json,
            data=typed,
            headers={**door.headers, **headers},
        )
        request.headers["Origin"] = self.server.url if origin == OURS else origin
        if not origin:
            del request.headers["Origin"]
        return self.client(asker).send(request)

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
        address = self.server.url.replace("http:", "ws:") + f"/v1/coverages/{coverage}/socket"
        carried = {**asker.headers, **headers}
        with connect(address, additional_headers=carried, proxy=None) as socket:
            with suppress(ConnectionClosed):
                return "hello" in str(socket.recv(timeout=10))
            assert socket.close_code == 4404
            return False


@contextmanager
def open_matrix(folder: Path) -> Iterator[Matrix]:
    """A newsroom of its own."""
    with running_server(folder) as server, ExitStack() as clients:
        yield Matrix(server, clients)
