"""The permission matrix: asks each route of a running server as callers of every role."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.access.roles import ROLES
from tests.access.rules import LIVE, OF_DRAFTS, PLAN, ROUTE_CASES
from tests.callers import NOBODY, ApiCaller, make_callers
from tests.dateline import DatelineServer, running_server

COVERAGES = (LIVE, PLAN)
# Words that only those with a role in the coverage may read; they occur nowhere else.
SECRETS = {LIVE: "zugzwang", PLAN: "torschlusspanik"}
OURS = "ours"  # the server's own Origin


def _png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


class Matrix:
    """A server with a live and a planned coverage, and callers of every role.

    Each caller has a role in the newsroom, in the live coverage only, or in the planned one only.
    """

    def __init__(self, server: DatelineServer, clients: ExitStack) -> None:
        self.server = server
        bearer = {"Authorization": f"Bearer {server.key('chief')}"}
        self.chief = clients.enter_context(httpx.Client(base_url=server.url, headers=bearer))
        self._make_things()
        self.callers = [NOBODY, *make_callers(server, None, LIVE, PLAN, roles=ROLES)]
        # A person who never asks: a reset of a caller's own second factor would sign that caller
        # out.
        person = next(a for a in make_callers(server, None, roles=ROLES[:1]) if a.door == "session")
        self._names["person_id"] = str(person.id).removeprefix("person:")
        self._clients = {id(a): clients.enter_context(a.client(server)) for a in self.callers}

    def _make_things(self) -> None:
        live = {"slug": LIVE, "title": "Live"}
        plan = {"slug": PLAN, "title": f"Plan {SECRETS[PLAN]}", "status": "planned"}
        for coverage in live, plan:
            self.chief.post("/v1/coverages", json=coverage).raise_for_status()
        entry = self.chief.post(f"/v1/coverages/{LIVE}/entries", json={"headline": "Public"})
        key = self.chief.post("/v1/keys", json={"name": "x", "role": "contributor"})
        invitation = self.chief.post("/v1/invitations", json={"role": "contributor"})
        self.entry_id = entry.json()["id"]
        files = {"file": ("red.png", _png(), "image/png")}
        media = self.chief.post("/v1/media", files=files).json()
        self._names = {
            "media_id": media["id"],
            "name": media["url"].rpartition("/")[2],
            "key_id": key.json()["id"],
            "invitation_id": invitation.json()["id"],
            "secret": "x" * 43,
            "passkey_id": "0" * 16,
            "number": "1",
            "upload_key": "none",
            "template_id": "0" * 16,
        }
        self.drafts = {slug: self.draft(NOBODY, slug, SECRETS[slug]) for slug in COVERAGES}

    def representatives(self, route: str) -> list[ApiCaller]:
        """Return the callers that represent all others at a route in the ordinary run.

        These are each role in the newsroom by the usual credential of the route, a chief by the
        other credential, chiefs of one coverage, and nobody.
        """
        usual = "session" if " /desk" in route else "key"
        return [
            caller
            for caller in self.callers
            if caller.role is None
            or (caller.door == usual and (caller.coverage is None or caller.role == "chief"))
            or (caller.door != usual and caller.coverage is None and caller.role == "chief")
        ]

    def client(self, caller: ApiCaller) -> httpx.Client:
        """Return the caller's client, which sends their credential."""
        return self._clients[id(caller)]

    def draft(self, caller: ApiCaller, coverage: str, headline: str = "of somebody") -> str:
        """Create a draft of the caller, or of the chief if they may not; returns its id."""
        writer = self.client(caller) if caller.role_in(coverage) else self.chief
        form = {"headline": f"Draft {headline}", "draft": True}
        answer = writer.post(f"/v1/coverages/{coverage}/entries", json=form)
        assert answer.status_code == 201, answer.text
        draft_id: str = answer.json()["id"]
        return draft_id

    def address(self, route: str, coverage: str, entry_id: str, visit: str) -> str:
        """Return a route's path with the ids of existing things."""
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
        caller: ApiCaller,
        coverage: str,
        entry_id: str | None = None,
        *,
        origin: str = OURS,
        query: Mapping[str, str] | None = None,
        **headers: str,
    ) -> httpx.Response:
        """Return the response to a caller; of an event stream, without its body.

        Args:
            route: a route of the router, such as `GET /v1/keys`.
            caller: the caller.
            coverage: the slug in the path.
            entry_id: the entry in the path; None for an existing one.
            origin: the `Origin` header; empty to send none.
            query: further query parameters, in which SLUG is the coverage.
            headers: further headers.
        """
        if entry_id is None and route in OF_DRAFTS:
            entry_id = self.draft(caller, coverage)
        if entry_id is None:
            entry_id = self.entry_id if coverage == LIVE else self.drafts[coverage]
        case = ROUTE_CASES[route]
        members = {**case.query, **(query or {})}
        members = {n: v.replace("URL", self.server.url) for n, v in members.items()}
        members = {n: v.replace("SLUG", coverage) for n, v in members.items()}
        method = route.partition(" ")[0].replace("MOUNT", "GET")
        request = self.client(caller).build_request(
            method,
            self.address(route, coverage, entry_id, visit=f"tab-{id(caller)}"),
            params=members,
            json=case.json,
            data=case.data and {n: v.replace("TOKEN", caller.token) for n, v in case.data.items()},
            headers={**case.headers, **headers},
        )
        request.headers["Origin"] = self.server.url if origin == OURS else origin
        if not origin:
            del request.headers["Origin"]
        answer = self.client(caller).send(request, stream=True)
        try:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                return httpx.Response(answer.status_code, headers=answer.headers)
            answer.read()
            return answer
        finally:
            answer.close()

    def judge(self, route: str, caller: ApiCaller, coverage: str) -> str:
        """Return the outcome as the rules name it: `in`, a status code, or `sign in`."""
        if route.startswith("SOCKET"):
            return "in" if self.hears(caller, coverage) else "404"
        answer = self.ask(route, caller, coverage)
        assert answer.status_code < 500, answer.text
        if answer.headers.get("location", "").startswith("/desk/sign-in?"):
            return "sign in"
        return str(answer.status_code) if answer.status_code in {401, 403, 404} else "in"

    def hears(self, caller: ApiCaller, coverage: str, **headers: str) -> bool:
        """Whether a coverage's WebSocket sends `hello` to the caller."""
        first = self.listen(caller, coverage, **headers)
        assert "hello" in first or first.startswith("4404"), first
        return "hello" in first

    def listen(self, caller: ApiCaller, coverage: str, after: str = "", **headers: str) -> str:
        """Return the first frame of a coverage's WebSocket, or the code and reason of its closing.

        Args:
            caller: the caller.
            coverage: the coverage's slug.
            after: the cursor to resume from; empty for none.
            headers: further headers.
        """
        address = self.server.url.replace("http:", "ws:") + f"/v1/coverages/{coverage}/socket"
        address += f"?after={after}" if after else ""
        carried = {**caller.headers, **headers}
        with connect(address, additional_headers=carried, proxy=None) as socket:
            with suppress(ConnectionClosed):
                return str(socket.recv(timeout=10))
            return f"{socket.close_code} {socket.close_reason}"


@contextmanager
def open_matrix(folder: Path, *, is_watched: bool = False) -> Iterator[Matrix]:
    """Run a server with a matrix; see `DatelineServer` for `is_watched`."""
    with running_server(folder, is_watched=is_watched) as server, ExitStack() as clients:
        yield Matrix(server, clients)
