"""`/.well-known/security.txt`: the operator's contact for vulnerability reports."""

from datetime import UTC, datetime, timedelta

import httpx
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings

ADDRESS = "/.well-known/security.txt"


async def _ask(app: FastAPI) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://news.example") as client,
    ):
        return await client.get(ADDRESS)


def _settings(folder: object, contact: tuple[str, ...] = ()) -> Settings:
    return Settings(
        database_url=f"sqlite:///{folder}/dateline.db",
        public_url="https://live.news.example",
        security_contact=contact,
    )


async def test_it_names_the_operators_contacts(tmp_path, monkeypatch):
    """Each contact has a line in the configured order, next to the file's canonical address."""
    contacts = "mailto:security@news.example, https://news.example/report"
    monkeypatch.setenv("DATELINE_SECURITY_CONTACT", contacts)
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/dateline.db", public_url="https://live.news.example"
    )
    answer = await _ask(create_app(settings))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert [line for line in lines if line.startswith("Contact: ")] == [
        "Contact: mailto:security@news.example",
        "Contact: https://news.example/report",
    ]
    assert f"Canonical: https://live.news.example{ADDRESS}" in lines


async def test_it_is_never_out_of_date(tmp_path):
    """`Expires` is always more than a month and less than a year ahead (RFC 9116)."""
    clock = [datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC)]
    app = create_app(_settings(tmp_path, ("tel:+37410000000",)), lambda: clock[-1])
    for now in (*clock, datetime(2028, 2, 29, tzinfo=UTC)):
        clock.append(now)
        [expires] = [
            line.removeprefix("Expires: ")
            for line in (await _ask(app)).text.splitlines()
            if line.startswith("Expires: ")
        ]
        lifetime = datetime.fromisoformat(expires) - now
        assert timedelta(days=31) < lifetime < timedelta(days=365)


async def test_without_a_contact_there_is_none(tmp_path):
    """Without a contact the file is a 404, not an empty document."""
    answer = await _ask(create_app(_settings(tmp_path)))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
