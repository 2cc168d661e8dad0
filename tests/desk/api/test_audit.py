"""Promises of the audit: who did what stands in it, once, and words of entries nowhere."""

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import desk
from app.access.audit import NOBODY, list_audit, record_audit
from app.main import create_app, open_html_renderer
from app.newsroom.schedule import purge_expired
from app.settings import Settings
from app.wiring import open_services, utc_now
from tests.callers import Asker, make_askers
from tests.conftest import Newsroom
from tests.dateline import running_server
from tests.signed_in import PASSWORD, sign_in, take_in, try_sign_in

Line = dict[str, Any]

_DOCUMENT = create_app(Settings(_env_file=None)).openapi()
# What leaves no line: looking at a preview, being there, and being asked for a passkey.
DEEDS = {
    operation["operationId"]
    for path in _DOCUMENT["paths"].values()
    for method, operation in path.items()
    if method != "get"
} - {"previewEntry", "keepVisit", "endVisit", "createPasskeyChallenge"}
REFUSALS = {
    *("refuseSignIn", "refuseCode", "refusePasskey"),
    *("refuseAction", "refuseKey", "refuseInvitation"),
}


def _audit(client: httpx.Client, **query: Any) -> list[Line]:
    answer = client.get("/v1/audit", params={"limit": 100, **query})
    assert answer.status_code == 200, answer.text
    lines: list[Line] = answer.json()["audit"]
    return lines


def _asker(newsroom: Newsroom, slug: str | None, role: str, door: str) -> Asker:
    found = make_askers(newsroom.server, slug, roles=[role])  # type: ignore[list-item]
    return next(asker for asker in found if asker.door == door)


def test_each_deed_is_one_line_that_names_who_what_and_where(newsroom: Newsroom, slug: str):
    """Of a key or a person, by the operation's name, without a word of the entry."""
    path = f"/v1/coverages/{slug}/entries"
    with _asker(newsroom, None, "editor", "session").client(newsroom.server) as ed:
        entry = ed.post(path, json={"headline": "Quince jam", "draft": True}).json()["id"]
        ed.post(f"{path}/{entry}/publication")
        ed.post(f"{path}/{entry}/correction", json={"note": "Plum", "headline": "Plum jam"})
        ed.post(f"{path}/{entry}/retraction", json={"note": "No jam"})
        assert ed.post(f"{path}/{entry}/retraction", json={"note": "No jam"}).status_code == 409
    lines = _audit(newsroom.chief, coverage=slug)
    made = ["retractEntry", "correctEntry", "publishDraft", "publishEntry", "openCoverage"]
    assert [line["action"] for line in lines] == made
    assert {line["thing"] for line in lines[:-1]} == {entry}
    assert {line["caller"].partition(":")[0] for line in lines} == {"person", "key"}
    assert all(word not in str(lines) for word in ("jam", "Plum"))
    assert lines[1]["detail"]["revision"] == 2


def test_typing_is_one_line_that_counts(newsroom: Newsroom, slug: str):
    """A draft's saves that follow each other, by one caller; another's begin a new line."""
    path = f"/v1/coverages/{slug}/entries"
    draft = newsroom.editor.post(path, json={"headline": "a", "draft": True}).json()["id"]
    for client, words in (newsroom.editor, "bcd"), (newsroom.chief, "ef"), (newsroom.editor, "g"):
        for word in words:
            told = client.patch(
                f"{path}/{draft}", json={"headline": word}, headers={"If-Match": "*"}
            )
            assert told.status_code == 200
    lines = [line for line in _audit(newsroom.chief, coverage=slug) if line["thing"] == draft]
    assert [line["detail"].get("times") for line in lines] == [1, 2, 3, None]
    assert [line["at"] for line in lines] == sorted((li["at"] for li in lines), reverse=True)


def test_a_repeated_answer_is_no_second_deed(newsroom: Newsroom, slug: str):
    """The same request with its name, three times: one entry, one line."""
    path = f"/v1/coverages/{slug}/entries"
    for _ in range(3):
        named = {"Idempotency-Key": f"once-{slug}"}
        assert newsroom.editor.post(path, json={"headline": "x"}, headers=named).is_success
    actions = [line["action"] for line in _audit(newsroom.chief, coverage=slug)]
    assert actions.count("publishEntry") == 1


def test_what_somebody_may_not_do_is_told(newsroom: Newsroom, slug: str):
    """Who tried what, from where, as often as that was in one line; a wrong payload leaves none."""
    path = f"/v1/coverages/{slug}/entries"
    assert newsroom.editor.post(path, json={}).status_code == 422
    for address in "203.0.113.20", "203.0.113.21", "2001:db8:7:1::1", "2001:db8:7:2::1":
        headers = {"X-Forwarded-For": address}
        answer = newsroom.contributor.post(path, json={"headline": "x"}, headers=headers)
        assert answer.status_code == 403
    with _asker(newsroom, slug, "contributor", "session").client(newsroom.server) as page:
        assert page.get("/desk/keys").status_code == 403
    *refused, opened = _audit(newsroom.chief, coverage=slug)
    assert opened["action"] == "openCoverage"
    found = {(line["action"], line["detail"]["from"], line["detail"]["times"]) for line in refused}
    assert found == {
        ("refuseAction", "203.0.113.0/24", 2),
        ("refuseAction", "2001:db8:7::/48", 2),
    }
    assert {line["detail"]["asked"] for line in refused} == {"publishEntry"}
    assert {line["name"] for line in refused} == {"test contributor"}
    page_line = next(li for li in _audit(newsroom.chief) if li["action"] == "refuseAction")
    assert (page_line["detail"]["asked"], page_line["caller"][:7]) == ("/desk/keys", "person:")


def test_a_key_that_is_none_is_told(newsroom: Newsroom):
    """From where and how often; never the key."""
    for _ in range(3):
        headers = {"Authorization": "Bearer dateline_0000", "X-Forwarded-For": "203.0.113.30"}
        assert newsroom.reader.get("/v1/keys", headers=headers).status_code == 401
    line = next(li for li in _audit(newsroom.chief) if li["action"] == "refuseKey")
    assert (line["caller"], line["detail"]["times"]) == ("nobody", 3)
    assert line["detail"]["from"] == "203.0.113.0/24"
    assert "dateline_0000" not in str(line)


@pytest.mark.full("a server of its own")
def test_who_is_throttled_is_told(tmp_path: Path):
    """Kind: a refusal without a trace. Too many tries at a door, too many requests of a key."""
    with running_server(tmp_path, writes_per_minute="30") as server:
        take_in(server, "tea@example.org", "Tea", "editor")
        chief, eager = server.key("chief"), server.key("contributor")
        for _ in range(7):
            try_sign_in(server, "tea@example.org", "guess")
        url, headers = f"{server.url}/v1/desk", {"Authorization": f"Bearer {eager}"}
        found = [httpx.get(url, headers=headers).status_code for _ in range(32)]
        assert found.count(429) >= 1
        with httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {chief}"}
        ) as client:
            lines = _audit(client)
    told = {(line["action"], line["detail"].get("reason")): line["detail"] for line in lines}
    assert told["refuseSignIn", None]["times"] == 5
    assert told["refuseSignIn", "too many tries"]["times"] == 2
    assert told["refuseAction", "too many requests"]["times"] == found.count(429)


def test_wrong_codes_are_told(newsroom: Newsroom):
    """At the second step of signing in, by whose they would be and from where."""
    with _asker(newsroom, None, "editor", "session").client(newsroom.server) as ed:
        token = ed.get("/desk/account").text.partition('name="token" value="')[2]
        form = {"token": token.partition('"')[0], "code": "000000"}
        assert ed.post("/desk/account/second-factor/removal", data=form).status_code == 422
        line = next(li for li in _audit(newsroom.chief) if li["action"] == "refuseCode")
    assert (line["caller"][:7], line["detail"]["from"]) == ("person:", "127.0.0.0/24")


async def test_the_audit_ends_after_the_time_that_was_chosen(tmp_path: Path):
    """The operator's setting; what is younger stays."""
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/dateline.db",
        media_dir=tmp_path / "media",
        keep_audit=timedelta(days=10),
    )
    async with open_services(settings, open_html_renderer(settings)[0], utc_now) as services:
        now = services.now()
        async with services.store.writing() as session:
            for days in (11, 9):
                await record_audit(session, NOBODY, f"{days}", now - timedelta(days=days))
        await purge_expired(services)
        async with services.store.reading() as session:
            assert [line.action for line in await list_audit(session, 9)] == ["9"]


def test_what_goes_out_by_itself_is_the_schedules_deed(newsroom: Newsroom, slug: str):
    """A scheduled entry, once its time has come."""
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    path = f"/v1/coverages/{slug}"
    made = newsroom.editor.post(
        f"{path}/entries", json={"headline": "Later", "embargo_until": soon}
    ).json()
    cursor = newsroom.reader.get(path).json()["cursor"]
    newsroom.reader.get(f"{path}/events", params={"after": cursor, "wait": 10})
    line = _audit(newsroom.chief, coverage=slug)[0]
    assert (line["caller"], line["action"], line["thing"]) == (
        "schedule",
        "publishDraft",
        made["id"],
    )


def test_coming_and_going_is_told_but_no_password(newsroom: Newsroom):
    """Who signed in and out, and who was refused, as often as that was."""
    take_in(newsroom.server, "tea@example.org", "Tea", "editor")
    _audit(newsroom.chief)  # what was refused before is written down
    with sign_in(newsroom.server, "tea@example.org") as tea:
        page = tea.get("/desk").text
        token = page.partition('name="token" value="')[2].partition('"')[0]
        assert tea.post("/desk/sign-out", data={"token": token}).status_code == 303
    for email in ("tea@example.org", "hunter2-in-the-wrong-field"):
        for _ in range(2):
            headers = {"X-Forwarded-For": "203.0.113.44"}
            try_sign_in(newsroom.server, email, "swordfish", **headers)
    lines = _audit(newsroom.chief)[:4]
    assert [line["action"] for line in lines] == [*["refuseSignIn"] * 2, "signOut", "signIn"]
    assert [line["detail"].get("times") for line in lines[:2]] == [2, 2]
    assert [line["detail"].get("from") for line in lines] == [
        *["203.0.113.0/24"] * 2,
        None,
        "127.0.0.0/24",
    ]
    assert lines[1]["thing"] == lines[2]["caller"].removeprefix("person:")
    assert not {PASSWORD, "swordfish", "hunter2"} & set(str(lines).replace("-", "'").split("'"))


def test_the_audit_goes_on_page_by_page(newsroom: Newsroom, slug: str):
    """`next` leads to each older line once, and is null at the end."""
    for number in range(7):
        newsroom.editor.post(f"/v1/coverages/{slug}/entries", json={"headline": str(number)})
    whole = _audit(newsroom.chief, coverage=slug)
    assert len(whole) == 8
    found: list[Line] = []
    address = f"/v1/audit?coverage={slug}&limit=3"
    while address:
        page = newsroom.chief.get(address).json()
        found += page["audit"]
        address = page["next"]
    assert found == whole


def test_a_chief_of_one_coverage_is_told_of_that_alone(newsroom: Newsroom, slug: str):
    """Without asking for it they get its lines, and of another one they get none."""
    other = f"{slug}-other"
    newsroom.chief.post("/v1/coverages", json={"slug": other, "title": "Other"})
    for door in ("key", "session"):
        with _asker(newsroom, slug, "chief", door).client(newsroom.server) as chief:
            assert {line["coverage"] for line in _audit(chief)} == {slug}
            assert _audit(chief) == _audit(chief, coverage=slug)
            assert chief.get("/v1/audit", params={"coverage": other}).status_code == 403
            assert chief.get("/v1/audit", params={"coverage": "no-such"}).status_code == 403
    assert newsroom.chief.get("/v1/audit", params={"coverage": "no-such"}).status_code == 404


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "before=x", "before=99999999999999999999"]
)
def test_a_query_that_makes_no_sense_is_refused(newsroom: Newsroom, query: str):
    """A 422, by key as on the page."""
    assert newsroom.chief.get(f"/v1/audit?{query}").status_code == 422


@pytest.mark.parametrize("deed", sorted(DEEDS | REFUSALS))
def test_every_deed_of_the_api_has_its_words(deed: str):
    """The page says what was done in words of people, not by the name of an operation."""
    template = Path(desk.__file__).parent / "templates" / "desk" / "audit.html"
    assert f'"{deed}": "' in template.read_text()


def test_the_page_tells_the_same_in_the_newsrooms_time(newsroom: Newsroom, slug: str):
    """Chiefs find it from every page of the desk; others are neither shown the way nor let in."""
    newsroom.editor.post(f"/v1/coverages/{slug}/entries", json={"headline": "x"})
    with _asker(newsroom, slug, "chief", "session").client(newsroom.server) as chief:
        assert 'href="/desk/audit"' in chief.get("/desk").text
        page = chief.get("/desk/audit", params={"limit": 1})
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        assert "wrote a new entry" in page.text
        (told,) = re.findall(r"<time datetime=\"(.*?)\">(.*?)</time>", page.text, re.DOTALL)
        day, clock = told[0].removesuffix("Z").partition(".")[0].split("T")
        assert re.sub(r"<.*?>", "", told[1]) == f"{day} {clock} UTC"
        older = page.text.partition('<a href="/desk/audit?limit=1&amp;before=')[2].partition('"')[0]
        assert "opened a coverage" in chief.get(f"/desk/audit?before={older}").text
    with _asker(newsroom, slug, "editor", "session").client(newsroom.server) as ed:
        assert 'href="/desk/audit"' not in ed.get("/desk").text
        assert ed.get("/desk/audit").status_code == 403
