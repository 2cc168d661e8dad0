"""Promises of the budget of loop time: a client has a share, and everybody else the rest."""

from collections.abc import Iterator

import httpx
import pytest

from tests.dateline import DatelineServer, running_server

PAGE = "/v1/coverages/fire/entries"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server that trusts no proxy here and gives each address a hundredth of its time."""
    folder = tmp_path_factory.mktemp("budget")
    settings = {"trusted_proxies": "192.0.2.1", "loop_share": "0.01"}
    with running_server(folder, **settings) as opened:
        bearer = {"Authorization": f"Bearer {opened.key('chief')}"}
        with httpx.Client(base_url=opened.url, headers=bearer) as chief:
            coverage = {"slug": "fire", "title": "A fire"}
            chief.post("/v1/coverages", json=coverage).raise_for_status()
        yield opened


def client(server: DatelineServer, address: str, **headers: str) -> httpx.Client:
    """A client that comes from an address of this machine."""
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=server.url, transport=transport, headers=headers, timeout=60)


def use_up(attacker: httpx.Client) -> httpx.Response:
    """Ask for something else each time until it is refused; gives the refusal."""
    for number in range(2000):
        answer = attacker.get(PAGE, params={"tag": f"t{number}"})
        if answer.status_code != 200:
            return answer
    raise AssertionError("nothing was refused")


def test_who_has_used_up_their_share_is_told_to_wait(server: DatelineServer):
    """As a problem that says for how long, readable from other sites; a browser gets a page."""
    with client(server, "127.0.0.21", Origin="https://reader.example") as attacker:
        refusal = use_up(attacker)
        assert refusal.status_code == 429
        assert refusal.json()["type"] == "/problems/too-many-requests"
        assert 1 <= int(refusal.headers["retry-after"]) <= 10
        assert refusal.headers["access-control-allow-origin"] == "*"
        page = attacker.get("/coverages/fire?tag=x", headers={"Accept": "text/html"})
        assert page.status_code == 429
        assert page.headers["content-type"].startswith("text/html")


def test_others_are_answered_meanwhile(server: DatelineServer):
    """From another address; from the same one those who are ready-made, alive or known."""
    with client(server, "127.0.0.22") as other, client(server, "127.0.0.23") as attacker:
        other.get(PAGE).raise_for_status()
        use_up(attacker)
        assert other.get(PAGE).status_code == 200
        assert attacker.get(PAGE).status_code == 200  # what is kept costs nothing
        assert attacker.get("/healthz").status_code == 200


def test_the_newsroom_is_not_shut_out_by_its_neighbours(server: DatelineServer):
    """Who has shown a key goes on behind an address that has used up its share."""
    bearer = {"Authorization": f"Bearer {server.key('editor')}"}
    with client(server, "127.0.0.24") as attacker, client(server, "127.0.0.24", **bearer) as editor:
        editor.get("/v1/coverages/fire/drafts").raise_for_status()
        use_up(attacker)
        for number in range(20):
            sent = {"headline": f"Report {number}"}
            assert editor.post(PAGE, json=sent).status_code == 201
        invented = {"Authorization": "Bearer dateline_00000000_" + "0" * 48}
        assert attacker.get(PAGE, params={"tag": "x"}, headers=invented).status_code == 429


def test_a_long_query_is_paid_for_where_the_page_is_kept(server: DatelineServer):
    """Reading 7,000 parameters that a page ignores takes longer than making most pages."""
    query = "&".join(["%41"] * 7000)
    with client(server, "127.0.0.26", Accept="text/html") as attacker:
        attacker.get("/coverages/fire").raise_for_status()
        asked = (attacker.get(f"/coverages/fire?{query}").status_code for _ in range(300))
        assert 429 in asked


def test_dashboards_that_poll_never_meet_it(server: DatelineServer):
    """A thousand polls from one address cost less than one page, since they are kept ready."""
    with client(server, "127.0.0.25") as dashboard:
        for _ in range(1000):
            assert dashboard.get(PAGE).status_code == 200
