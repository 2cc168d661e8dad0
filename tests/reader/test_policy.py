"""Promises of the policy that goes with every page, and of the nonce in it."""

import gzip
import re

import pytest
import pytest_asyncio

from tests.formats.parsed import parse
from tests.reader.doors import Answer, Doors, ask, header

pytestmark = pytest.mark.asyncio(loop_scope="module")

POLICY = "content-security-policy"
WITH_DATA = [
    "/coverages/SLUG",
    "/coverages/SLUG?tag=x",
    "/coverages/SLUG?at=2100-01-01T00:00:00Z",
    "/coverages/SLUG/entries/ID",
]
WITHOUT_DATA = ["/", "/coverages/SLUG?lite=true", "/coverages/SLUG/entries/ID?lite=true"]
REFUSED = [
    "/coverages/nobody",
    "/coverages/SLUG/entries/nothing",
    "/nothing",
    "/coverages/SLUG?at=x",
]
MACHINES = [
    "/v1/coverages",
    "/v1/coverages/SLUG/entries",
    "/v1/coverages/SLUG/events",
    "/v1/coverages/nobody",
    "/coverages/SLUG/feed.json",
    "/coverages/SLUG/feed.atom",
    "/openapi.json",
    "/metrics",
    "/healthz",
    "/static/dateline.svg",
]
BROWSER = {"accept": "text/html"}


@pytest_asyncio.fixture(loop_scope="module")
async def places(doors: Doors) -> dict[str, str]:
    """What stands for SLUG and ID."""
    slug = await doors.open_coverage()
    entry = await doors.write("POST", f"/{slug}/entries", {"headline": "One", "tags": ["x"]})
    return {"SLUG": slug, "ID": entry["id"]}


def _at(address: str, places: dict[str, str]) -> str:
    for name, place in places.items():
        address = address.replace(name, place)
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


@pytest.mark.parametrize("address", [*WITH_DATA, *WITHOUT_DATA, *REFUSED, "/docs"])
async def test_every_page_has_a_strict_policy(
    doors: Doors, places: dict[str, str], address: str
) -> None:
    """Nothing is allowed that is not named, nothing inline, no frame, no other base."""
    answer = await ask(doors.hot, _at(address, places), **BROWSER)
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
    inline = address in WITH_DATA or address == "/docs"
    assert len(rules["script-src"]) == 1 + inline


@pytest.mark.parametrize("address", WITH_DATA)
async def test_the_nonce_is_the_one_of_the_data(
    doors: Doors, places: dict[str, str], address: str
) -> None:
    """Made anew or kept, plain or compressed: the header and the page belong together."""
    for encoding in ("identity", "gzip"):
        answer = await doors.both(_at(address, places), accept_encoding=encoding)
        body = gzip.decompress(answer[2]) if encoding == "gzip" else answer[2]
        scripts = parse(body.decode()).all("script")
        nonces = [e.attributes["nonce"] for e in scripts if "src" not in e.attributes]
        assert nonces == [_nonce(answer)]
        assert re.fullmatch("[0-9a-f]{32}", nonces[0] or "")


async def test_each_page_in_each_state_has_another_nonce(
    doors: Doors, places: dict[str, str]
) -> None:
    """What is written, or asked for, with one in it stands on a page that has another."""
    seen: list[str] = []
    for number in range(3):
        seen += [_nonce(await doors.both(_at(address, places))) for address in WITH_DATA]
        await doors.write("POST", f"/{places['SLUG']}/entries", {"headline": f"{number}"})
    assert len(seen) == len(set(seen))


async def test_who_has_the_page_keeps_its_policy(doors: Doors, places: dict[str, str]) -> None:
    """A 304 names no policy: the one that a cache has with the page goes on holding for it."""
    for address in (_at(each, places) for each in (*WITH_DATA, *WITHOUT_DATA)):
        etag = header(await ask(doors.hot, address), "etag")
        assert etag is not None
        for door in (doors.hot, doors.made.app):
            unchanged = await ask(door, address, if_none_match=etag)
            assert unchanged[0] == 304
            assert header(unchanged, POLICY) is None


async def test_the_nonce_is_taken_back_behind_the_data(
    doors: Doors, places: dict[str, str]
) -> None:
    """Later entries come into a page whose nonce is public: by then it opens nothing."""
    page = (await ask(doors.hot, _at(WITH_DATA[0], places)))[2].decode()
    data, policy = (
        page.index('type="application/ld+json"'),
        page.lower().index(f'http-equiv="{POLICY}"'),
    )
    assert data < policy < page.index("<body>")
    (element,) = [e for e in parse(page).all("meta") if "http-equiv" in e.attributes]
    assert element.attributes["content"] == "script-src 'self'"


@pytest.mark.parametrize("address", [*WITH_DATA, *WITHOUT_DATA, *REFUSED, *MACHINES, "/docs"])
async def test_every_answer_is_of_the_type_that_it_says(
    doors: Doors, places: dict[str, str], address: str
) -> None:
    """`script-src 'self'` holds only if no browser takes a document of the API for a script."""
    answers = [
        await ask(doors.hot, _at(address, places), method, **accept)
        for method in ("GET", "HEAD")
        for accept in (BROWSER, {"accept": "*/*", "origin": "https://other.example"})
    ]
    for answer in answers:
        said = [value for name, value in answer[1] if name.lower() == b"x-content-type-options"]
        assert said == [b"nosniff"]
        assert header(answer, "content-type")
