"""The content security policy of every page, and its nonce."""

import gzip
import re
from pathlib import Path

import pytest
import pytest_asyncio

from tests.formats.parsed import parse
from tests.reader.newsroom_app import Answer, NewsroomApp, ask, header, open_newsroom_app

pytestmark = pytest.mark.asyncio(loop_scope="module")

POLICY = "content-security-policy"
WITH_INLINE_DATA = [
    "/coverages/SLUG",
    "/coverages/SLUG?tag=x",
    "/coverages/SLUG?at=2100-01-01T00:00:00Z",
    "/coverages/SLUG/entries/ID",
]
WITHOUT_INLINE_DATA = ["/", "/coverages/SLUG?lite=true", "/coverages/SLUG/entries/ID?lite=true"]
REFUSED = [
    "/coverages/nobody",
    "/coverages/SLUG/entries/nothing",
    "/nothing",
    "/coverages/SLUG?at=x",
    "/coverages/SLUG/entries/ID?at=1969-07-20T20:17:40Z",
]
MACHINE_READABLE = [
    "/v1/coverages",
    "/v1/coverages/SLUG/entries",
    "/v1/coverages/SLUG/events",
    "/v1/coverages/nobody",
    "/coverages/SLUG/feed.json",
    "/coverages/SLUG/feed.atom",
    "/coverages/SLUG/timemap",
    "/openapi.json",
    "/metrics",
    "/healthz",
    "/static/dateline.svg",
]
BROWSER = {"accept": "text/html"}


@pytest_asyncio.fixture(loop_scope="module")
async def path_values(newsroom_app: NewsroomApp) -> dict[str, str]:
    """The values of SLUG and ID in addresses."""
    slug = await newsroom_app.open_coverage()
    entry = await newsroom_app.write("POST", f"/{slug}/entries", {"headline": "One", "tags": ["x"]})
    return {"SLUG": slug, "ID": entry["id"]}


def _fill(address: str, path_values: dict[str, str]) -> str:
    for name, value in path_values.items():
        address = address.replace(name, value)
    return address


def _rules(answer: Answer) -> dict[str, list[str]]:
    policy = header(answer, POLICY)
    assert policy is not None
    rules = [rule.split() for rule in policy.split(";")]
    assert len({name for name, *_ in rules}) == len(rules)
    return {name: sources for name, *sources in rules}


def _nonce(answer: Answer) -> str:
    (nonce,) = [s for s in _rules(answer)["script-src"] if s.startswith("'nonce-")]
    return nonce.removeprefix("'nonce-").removesuffix("'")


@pytest.mark.parametrize("address", [*WITH_INLINE_DATA, *WITHOUT_INLINE_DATA, *REFUSED, "/docs"])
async def test_every_page_has_a_strict_policy(
    newsroom_app: NewsroomApp, path_values: dict[str, str], address: str
) -> None:
    """The policy allows only named sources, and nothing inline without a nonce."""
    answer = await ask(newsroom_app.cached, _fill(address, path_values), **BROWSER)
    assert (answer[0] >= 400) == (address in REFUSED)
    assert header(answer, "content-type") == "text/html; charset=utf-8"
    rules = _rules(answer)
    assert rules["default-src"] == ["'none'"]
    assert rules["base-uri"] == ["'none'"]
    assert rules["form-action"] == rules["frame-ancestors"] == ["'self'"]
    assert rules["style-src"] == rules["connect-src"] == ["'self'"]
    allowed = {source for sources in rules.values() for source in sources}
    assert not {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*"} & allowed
    assert rules["script-src"][0] == "'self'"
    inline = address in WITH_INLINE_DATA or address == "/docs"
    assert len(rules["script-src"]) == 1 + inline


@pytest.mark.parametrize("address", WITH_INLINE_DATA)
async def test_the_nonce_is_the_one_of_the_data(
    newsroom_app: NewsroomApp, path_values: dict[str, str], address: str
) -> None:
    """The nonce in the policy is that of the inline data, cached or not, compressed or not."""
    for encoding in ("identity", "gzip"):
        answer = await newsroom_app.ask_both(_fill(address, path_values), accept_encoding=encoding)
        body = gzip.decompress(answer[2]) if encoding == "gzip" else answer[2]
        scripts = parse(body.decode()).all("script")
        nonces = [e.attributes["nonce"] for e in scripts if "src" not in e.attributes]
        assert nonces == [_nonce(answer)]
        assert re.fullmatch("[0-9a-f]{32}", nonces[0] or "")


async def test_each_page_in_each_state_has_another_nonce(
    newsroom_app: NewsroomApp, path_values: dict[str, str]
) -> None:
    """Each page has a different nonce, and a new one after each change of the coverage."""
    nonces: list[str] = []
    for number in range(3):
        nonces += [
            _nonce(await newsroom_app.ask_both(_fill(address, path_values)))
            for address in WITH_INLINE_DATA
        ]
        await newsroom_app.write(
            "POST", f"/{path_values['SLUG']}/entries", {"headline": f"{number}"}
        )
    assert len(nonces) == len(set(nonces))


async def test_who_has_the_page_keeps_its_policy(
    newsroom_app: NewsroomApp, path_values: dict[str, str]
) -> None:
    """A 304 has no policy, so that a cache keeps the one of its stored page."""
    for address in (_fill(each, path_values) for each in (*WITH_INLINE_DATA, *WITHOUT_INLINE_DATA)):
        etag = header(await ask(newsroom_app.cached, address), "etag")
        assert etag is not None
        for app in (newsroom_app.cached, newsroom_app.uncached.app):
            unchanged = await ask(app, address, if_none_match=etag)
            assert unchanged[0] == 304
            assert header(unchanged, POLICY) is None


async def test_the_nonce_is_taken_back_behind_the_data(
    newsroom_app: NewsroomApp, path_values: dict[str, str]
) -> None:
    """A `meta` policy after the inline data forbids further inline scripts.

    Entries that are added later cannot use the nonce, although it is public.
    """
    page = (await ask(newsroom_app.cached, _fill(WITH_INLINE_DATA[0], path_values)))[2].decode()
    data, policy = (
        page.index('type="application/ld+json"'),
        page.lower().index(f'http-equiv="{POLICY}"'),
    )
    assert data < policy < page.index("<body>")
    (element,) = [e for e in parse(page).all("meta") if "http-equiv" in e.attributes]
    assert element.attributes["content"] == "script-src 'self'"


@pytest.mark.parametrize(
    "address", [*WITH_INLINE_DATA, *WITHOUT_INLINE_DATA, *REFUSED, *MACHINE_READABLE, "/docs"]
)
async def test_every_answer_is_of_the_type_that_it_says(
    newsroom_app: NewsroomApp, path_values: dict[str, str], address: str
) -> None:
    """Every answer has a content type and `nosniff`.

    Otherwise a browser could run an API document as a script despite `script-src 'self'`.
    """
    answers = [
        await ask(newsroom_app.cached, _fill(address, path_values), method, **accept)
        for method in ("GET", "HEAD")
        for accept in (BROWSER, {"accept": "*/*", "origin": "https://other.example"})
    ]
    for answer in answers:
        values = [value for name, value in answer[1] if name.lower() == b"x-content-type-options"]
        assert values == [b"nosniff"]
        assert header(answer, "content-type")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/coverages/nobody/embed"),
        ("GET", "/coverages/nobody/embed/"),
        ("GET", "/coverages/SLUG/embed?limit=0"),
        ("POST", "/coverages/SLUG/embed"),
        ("GET", "/coverages/WITHDRAWN/embed"),
    ],
)
async def test_whoever_frames_a_coverage_may_frame_its_error_page(
    newsroom_app: NewsroomApp, path_values: dict[str, str], method: str, address: str
) -> None:
    """The sites that may frame an embed may frame each error page there, whose links leave it."""
    if "WITHDRAWN" in address:
        slug = await newsroom_app.open_coverage()
        await newsroom_app.write("PUT", f"/{slug}/withdrawal", {"note": "By order."})
        path_values["WITHDRAWN"] = slug
    answer = await ask(newsroom_app.cached, _fill(address, path_values), method, **BROWSER)
    if 300 <= answer[0] < 400:
        location = header(answer, "location")
        answer = await ask(newsroom_app.cached, location, method, **BROWSER)
    assert answer[0] >= 400
    assert _rules(answer)["frame-ancestors"] == ["*"]
    page = parse(answer[2].decode())
    assert page.one("base").attributes["target"] == "_blank"
    assert ("By order." in answer[2].decode()) == ("WITHDRAWN" in address)


async def test_a_browser_takes_the_policy_of_changed_settings(tmp_path: Path) -> None:
    """After a restart with other hosts in a policy, a page that a browser holds is sent anew.

    After one with the same settings it is not.
    """
    addresses = ["/", "/coverages/c0", "/coverages/c0/embed"]
    etags: list[list[str | None]] = []
    for changed in ({}, {}, {"csp_hosts": ("https://a.test",), "frame_ancestors": ()}):
        async with open_newsroom_app(tmp_path, **changed) as newsroom_app:
            if not etags:
                await newsroom_app.open_coverage()
            answers = [await ask(newsroom_app.cached, address) for address in addresses]
            assert [answer[0] for answer in answers] == [200] * len(addresses)
            etags.append([header(answer, "etag") for answer in answers])
    before, repeated, after = etags
    assert before == repeated
    assert not set(before) & set(after)
