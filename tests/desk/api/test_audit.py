"""Tests of the audit log: each action is recorded once, without the text of entries."""

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import desk
from app.access.audit import NOBODY, list_audit, record_audit
from app.clock import utc_now
from app.main import create_app, open_html_renderer
from app.newsroom.schedule import purge_expired
from app.settings import Settings
from app.wiring import open_services
from tests.callers import ApiCaller, make_callers
from tests.conftest import Newsroom
from tests.dateline import running_server
from tests.signed_in import PASSWORD, sign_in, take_in, try_sign_in

AuditEntry = dict[str, Any]

_DOCUMENT = create_app(Settings(_env_file=None)).openapi()
# Operations that write no audit entry: a preview, a conversion, presence, and a passkey challenge.
ACTIONS = {
    operation["operationId"]
    for path in _DOCUMENT["paths"].values()
    for method, operation in path.items()
    if method != "get"
} - {"previewEntry", "convertToMarkdown", "keepVisit", "endVisit", "createPasskeyChallenge"}
REFUSALS = {
    *("refuseSignIn", "refuseCode", "refusePasskey"),
    *("refuseAction", "refuseKey", "refuseInvitation"),
}


def _audit(client: httpx.Client, **query: Any) -> list[AuditEntry]:
    answer = client.get("/v1/audit", params={"limit": 100, **query})
    assert answer.status_code == 200, answer.text
    entries: list[AuditEntry] = answer.json()["audit"]
    return entries


def _caller(newsroom: Newsroom, slug: str | None, role: str, credential: str) -> ApiCaller:
    callers = make_callers(newsroom.server, slug, roles=[role])  # type: ignore[list-item]
    return next(caller for caller in callers if caller.door == credential)


def test_each_deed_is_one_line_that_names_who_what_and_where(newsroom: Newsroom, slug: str):
    """An entry's changes are recorded by operation name, with caller, entry and coverage.

    This holds for people and for API keys. The audit log contains no text of the entry.
    """
    path = f"/v1/coverages/{slug}/entries"
    with _caller(newsroom, None, "editor", "session").client(newsroom.server) as ed:
        entry = ed.post(path, json={"headline": "Quince jam", "draft": True}).json()["id"]
        ed.post(f"{path}/{entry}/publication")
        ed.post(f"{path}/{entry}/correction", json={"note": "Plum", "headline": "Plum jam"})
        ed.post(f"{path}/{entry}/retraction", json={"note": "No jam"})
        assert ed.post(f"{path}/{entry}/retraction", json={"note": "No jam"}).status_code == 409
    records = _audit(newsroom.chief, coverage=slug)
    actions = ["retractEntry", "correctEntry", "publishDraft", "publishEntry", "openCoverage"]
    assert [record["action"] for record in records] == actions
    assert {record["thing"] for record in records[:-1]} == {entry}
    assert {record["caller"].partition(":")[0] for record in records} == {"person", "key"}
    assert all(word not in str(records) for word in ("jam", "Plum"))
    assert records[1]["detail"]["revision"] == 2


def test_typing_is_one_line_that_counts(newsroom: Newsroom, slug: str):
    """Consecutive saves of a draft by one caller are one audit entry with a count.

    A save by another caller begins a new audit entry.
    """
    path = f"/v1/coverages/{slug}/entries"
    draft = newsroom.editor.post(path, json={"headline": "a", "draft": True}).json()["id"]
    for client, words in (newsroom.editor, "bcd"), (newsroom.chief, "ef"), (newsroom.editor, "g"):
        for word in words:
            answer = client.patch(
                f"{path}/{draft}", json={"headline": word}, headers={"If-Match": "*"}
            )
            assert answer.status_code == 200
    records = [
        record for record in _audit(newsroom.chief, coverage=slug) if record["thing"] == draft
    ]
    assert [record["detail"].get("times") for record in records] == [1, 2, 3, None]
    assert [record["at"] for record in records] == sorted(
        (li["at"] for li in records), reverse=True
    )


def test_a_repeated_answer_is_no_second_deed(newsroom: Newsroom, slug: str):
    """Three requests with the same idempotency key are one audit entry."""
    path = f"/v1/coverages/{slug}/entries"
    for _ in range(3):
        headers = {"Idempotency-Key": f"once-{slug}"}
        assert newsroom.editor.post(path, json={"headline": "x"}, headers=headers).is_success
    actions = [record["action"] for record in _audit(newsroom.chief, coverage=slug)]
    assert actions.count("publishEntry") == 1


def test_what_somebody_may_not_do_is_told(newsroom: Newsroom, slug: str):
    """A refused action is recorded with caller, network, operation and number of attempts.

    A request with an invalid body is not recorded.
    """
    path = f"/v1/coverages/{slug}/entries"
    assert newsroom.editor.post(path, json={}).status_code == 422
    for address in "203.0.113.20", "203.0.113.21", "2001:db8:7:1::1", "2001:db8:7:2::1":
        headers = {"X-Forwarded-For": address}
        answer = newsroom.contributor.post(path, json={"headline": "x"}, headers=headers)
        assert answer.status_code == 403
    with _caller(newsroom, slug, "contributor", "session").client(newsroom.server) as page:
        assert page.get("/desk/keys").status_code == 403
    *refused, opened = _audit(newsroom.chief, coverage=slug)
    assert opened["action"] == "openCoverage"
    attempts = {
        (record["action"], record["detail"]["from"], record["detail"]["times"])
        for record in refused
    }
    assert attempts == {
        ("refuseAction", "203.0.113.0/24", 2),
        ("refuseAction", "2001:db8:7::/48", 2),
    }
    assert {record["detail"]["asked"] for record in refused} == {"publishEntry"}
    assert {record["name"] for record in refused} == {"test contributor"}
    page_line = next(li for li in _audit(newsroom.chief) if li["action"] == "refuseAction")
    assert (page_line["detail"]["asked"], page_line["caller"][:7]) == ("/desk/keys", "person:")


def test_a_key_that_is_none_is_told(newsroom: Newsroom):
    """An unknown API key is recorded with network and number of attempts, without the key."""
    for _ in range(3):
        headers = {"Authorization": "Bearer dateline_0000", "X-Forwarded-For": "203.0.113.30"}
        assert newsroom.reader.get("/v1/keys", headers=headers).status_code == 401
    record = next(li for li in _audit(newsroom.chief) if li["action"] == "refuseKey")
    assert (record["caller"], record["detail"]["times"]) == ("nobody", 3)
    assert record["detail"]["from"] == "203.0.113.0/24"
    assert "dateline_0000" not in str(record)


@pytest.mark.full("a server of its own")
def test_who_is_throttled_is_told(tmp_path: Path):
    """Rate-limited sign-ins and rate-limited requests of an API key are recorded."""
    with running_server(tmp_path, writes_per_minute="30") as server:
        take_in(server, "tea@example.org", "Tea", "editor")
        chief, eager = server.key("chief"), server.key("contributor")
        for _ in range(7):
            try_sign_in(server, "tea@example.org", "guess")
        url, headers = f"{server.url}/v1/desk", {"Authorization": f"Bearer {eager}"}
        statuses = [httpx.get(url, headers=headers).status_code for _ in range(32)]
        assert statuses.count(429) >= 1
        with httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {chief}"}
        ) as client:
            records = _audit(client)
    details = {
        (record["action"], record["detail"].get("reason")): record["detail"] for record in records
    }
    assert details["refuseSignIn", None]["times"] == 5
    assert details["refuseSignIn", "too many tries"]["times"] == 2
    assert details["refuseAction", "too many requests"]["times"] == statuses.count(429)


def test_wrong_codes_are_told(newsroom: Newsroom):
    """A wrong code is recorded with the person and the network it came from.

    The code is sent to the removal of a second factor.
    """
    with _caller(newsroom, None, "editor", "session").client(newsroom.server) as ed:
        token = ed.get("/desk/account").text.partition('name="token" value="')[2]
        form = {"token": token.partition('"')[0], "code": "000000"}
        assert ed.post("/desk/account/second-factor/removal", data=form).status_code == 422
        record = next(li for li in _audit(newsroom.chief) if li["action"] == "refuseCode")
    assert (record["caller"][:7], record["detail"]["from"]) == ("person:", "127.0.0.0/24")


async def test_the_audit_ends_after_the_time_that_was_chosen(tmp_path: Path):
    """Audit entries older than `keep_audit` are purged; younger ones stay."""
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
            assert [record.action for record in await list_audit(session, 9)] == ["9"]


def test_what_goes_out_by_itself_is_the_schedules_deed(newsroom: Newsroom, slug: str):
    """The publication of a scheduled entry is recorded with `schedule` as the caller."""
    path = f"/v1/coverages/{slug}"
    for delay in (1, 4, 16):  # seconds: on a slow machine the first may be over when it arrives
        cursor = newsroom.reader.get(path).json()["cursor"]
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + delay))
        draft = {"headline": "Later", "embargo_until": soon}
        entry = newsroom.editor.post(f"{path}/entries", json=draft).json()
        if entry["status"] == "scheduled":
            break
    newsroom.reader.get(f"{path}/events", params={"after": cursor, "wait": 30})
    record = _audit(newsroom.chief, coverage=slug)[0]
    assert (record["caller"], record["action"], record["thing"]) == (
        "schedule",
        "publishDraft",
        entry["id"],
    )


def test_coming_and_going_is_told_but_no_password(newsroom: Newsroom):
    """Sign-in, sign-out and failed sign-ins are recorded, the latter with a count.

    Neither passwords nor an unknown e-mail address are recorded.
    """
    take_in(newsroom.server, "tea@example.org", "Tea", "editor")
    _audit(newsroom.chief)  # Writes the pending refusals of earlier tests.
    with sign_in(newsroom.server, "tea@example.org") as tea:
        page = tea.get("/desk").text
        token = page.partition('name="token" value="')[2].partition('"')[0]
        assert tea.post("/desk/sign-out", data={"token": token}).status_code == 303
    for email in ("tea@example.org", "hunter2-in-the-wrong-field"):
        for _ in range(2):
            headers = {"X-Forwarded-For": "203.0.113.44"}
            try_sign_in(newsroom.server, email, "swordfish", **headers)
    records = _audit(newsroom.chief)[:4]
    assert [record["action"] for record in records] == [*["refuseSignIn"] * 2, "signOut", "signIn"]
    assert [record["detail"].get("times") for record in records[:2]] == [2, 2]
    assert [record["detail"].get("from") for record in records] == [
        *["203.0.113.0/24"] * 2,
        None,
        "127.0.0.0/24",
    ]
    assert records[1]["thing"] == records[2]["caller"].removeprefix("person:")
    assert not {PASSWORD, "swordfish", "hunter2"} & set(str(records).replace("-", "'").split("'"))


def test_the_audit_goes_on_page_by_page(newsroom: Newsroom, slug: str):
    """Following `next` gives each older audit entry once; it is null on the last page."""
    for number in range(7):
        newsroom.editor.post(f"/v1/coverages/{slug}/entries", json={"headline": str(number)})
    all_records = _audit(newsroom.chief, coverage=slug)
    assert len(all_records) == 8
    collected: list[AuditEntry] = []
    address = f"/v1/audit?coverage={slug}&limit=3"
    while address:
        page = newsroom.chief.get(address).json()
        collected += page["audit"]
        address = page["next"]
    assert collected == all_records


def test_a_chief_of_one_coverage_is_told_of_that_alone(newsroom: Newsroom, slug: str):
    """A chief of one coverage reads that coverage's audit entries and no others.

    Without the `coverage` parameter the answer is restricted to that coverage; another one is a
    403.
    """
    other = f"{slug}-other"
    newsroom.chief.post("/v1/coverages", json={"slug": other, "title": "Other"})
    for credential in ("key", "session"):
        with _caller(newsroom, slug, "chief", credential).client(newsroom.server) as chief:
            assert {record["coverage"] for record in _audit(chief)} == {slug}
            assert _audit(chief) == _audit(chief, coverage=slug)
            assert chief.get("/v1/audit", params={"coverage": other}).status_code == 403
            assert chief.get("/v1/audit", params={"coverage": "no-such"}).status_code == 403
    assert newsroom.chief.get("/v1/audit", params={"coverage": "no-such"}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=101", "before=x", "before=99999999999999999999"),
        *("caller=%00", "action=a%0Ab", "day=", "day=0"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(newsroom: Newsroom, query: str):
    """An invalid query is a 422, also where it holds what no database takes for text."""
    assert newsroom.chief.get(f"/v1/audit?{query}").status_code == 422


@pytest.mark.parametrize("action", sorted(ACTIONS | REFUSALS))
def test_every_deed_of_the_api_has_its_words(action: str):
    """The audit page has a description of every action."""
    template = Path(desk.__file__).parent / "templates" / "desk" / "audit_words.html"
    assert f'"{action}": _("' in template.read_text()


def test_the_page_tells_the_same_in_the_newsrooms_time(newsroom: Newsroom, slug: str):
    """The audit page shows the same entries with their times in UTC.

    Chiefs have a link to it on the desk; an editor has no link and gets a 403.
    """
    newsroom.editor.post(f"/v1/coverages/{slug}/entries", json={"headline": "x"})
    with _caller(newsroom, slug, "chief", "session").client(newsroom.server) as chief:
        assert 'href="/desk/audit"' in chief.get("/desk").text
        page = chief.get("/desk/audit", params={"limit": 1})
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        assert "wrote a new entry" in page.text
        (time,) = re.findall(r"<time datetime=\"(.*?)\">(.*?)</time>", page.text, re.DOTALL)
        day, clock = time[0].removesuffix("Z").partition(".")[0].split("T")
        assert re.sub(r"<.*?>", "", time[1]) == f"{day} {clock} UTC"
        older = page.text.partition('<a href="/desk/audit?limit=1&amp;before=')[2].partition('"')[0]
        assert "opened a coverage" in chief.get(f"/desk/audit?before={older}").text
    with _caller(newsroom, slug, "editor", "session").client(newsroom.server) as ed:
        assert 'href="/desk/audit"' not in ed.get("/desk").text
        assert ed.get("/desk/audit").status_code == 403


def test_the_page_of_the_audit_names_what_it_lists_and_filters_it(newsroom: Newsroom, slug: str):
    """Entries are named by their present headlines, with links; person, kind and day filter."""
    path = f"/v1/coverages/{slug}/entries"
    server = newsroom.server
    with (
        _caller(newsroom, None, "chief", "session").client(server) as chief,
        _caller(newsroom, None, "editor", "session").client(server) as ed,
    ):
        entry = ed.post(path, json={"headline": "Quince jam"}).json()["id"]
        chief.post(path, json={"headline": "Plum jam", "draft": True})
        line = _audit(chief, coverage=slug, action="publishEntry")[-1]
        everything = chief.get(f"/desk/audit?coverage={slug}&caller=&action=&day=").text
        assert f'<a href="/coverages/{slug}/entries/{entry}"' in everything
        assert "Quince jam" in everything
        assert "Plum jam" in everything
        own = {"coverage": slug, "caller": line["caller"], "day": line["at"][:10]}
        filtered = chief.get("/desk/audit", params=own).text
        assert "Quince jam" in filtered
        assert "Plum jam" not in filtered
        assert "Quince jam" not in chief.get("/desk/audit", params=own | {"day": "2020-01-01"}).text
        assert _audit(chief, **own, action="pinEntry") == []
        chief.post(f"{path}/{entry}/retraction", json={"note": "Wrong."}).raise_for_status()
        assert "Quince jam" not in chief.get("/desk/audit", params=own).text
        assert chief.get("/desk/audit", params={"day": "someday"}).status_code == 422
