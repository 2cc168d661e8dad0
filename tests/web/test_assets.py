"""Promises of the files that pages are made with."""

import gzip
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.web.assets import Assets

SCRIPT = (
    'import { b } from "./b.js"; // a comment\n/** and another */\nexport const a = `x  ${b}`;\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two modules, a style sheet and a picture."""
    (tmp_path / "a.js").write_text(SCRIPT)
    (tmp_path / "b.js").write_text("export const b = 1;\n" * 50)
    (tmp_path / "look.css").write_text("/* ink */\np {\n  color: red;\n}\n" * 20)
    (tmp_path / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / ".hidden").write_text("secret")
    return tmp_path


def _client(assets: Assets) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(assets.routes())
    transport = httpx.ASGITransport(app)
    headers = {"Accept-Encoding": "identity"}
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


async def test_modules_find_each_other_beside_them(folder: Path) -> None:
    """One digest stands before all names, so that a relative import needs no rewriting."""
    assets = Assets([folder])
    assert assets.address("a.js").rpartition("/")[0] == assets.address("b.js").rpartition("/")[0]
    async with _client(assets) as client:
        assert (await client.get(assets.address("b.js"))).text.startswith("export const b")


async def test_an_address_is_kept_for_good_and_changes_with_any_file(folder: Path) -> None:
    """Immutable for a year; whatever is changed, all have new addresses."""
    before = Assets([folder]).address("a.js")
    async with _client(Assets([folder])) as client:
        assert "immutable" in (await client.get(before)).headers["cache-control"]
    (folder / "b.js").write_text("export const b = 2;")
    assert Assets([folder]).address("a.js") != before


async def test_a_page_of_yesterday_gets_what_there_is_today(folder: Path) -> None:
    """An old digest leads to the file as it is, which is not kept for good."""
    async with _client(Assets([folder])) as client:
        answer = await client.get("/static/000000000000/look.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"


async def test_comments_stay_at_home(folder: Path) -> None:
    """Scripts and styles are sent without them; the text of a template literal is not touched."""
    assets = Assets([folder])
    async with _client(assets) as client:
        script = (await client.get(assets.address("a.js"))).text
        style = (await client.get(assets.address("look.css"))).text
    assert "comment" not in script
    assert "another" not in script
    assert "`x  ${b}`" in script
    assert "ink" not in style


async def test_a_file_is_compressed_once_for_who_takes_gzip(folder: Path) -> None:
    """The same bytes under another ETag; a picture stays as it is."""
    assets = Assets([folder])
    async with _client(assets) as client:
        plain = await client.get(assets.address("look.css"))
        packed = await client.get(
            assets.address("look.css"), headers={"Accept-Encoding": "br, gzip"}
        )
        picture = await client.get(assets.address("dot.png"), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.text == plain.text
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in picture.headers
    assert gzip.compress(plain.content)[:2] == b"\x1f\x8b"


async def test_who_has_a_file_is_told_so(folder: Path) -> None:
    """A condition on the ETag is answered with 304 and no body."""
    assets = Assets([folder], {"/static/a.js": "a.js"})
    async with _client(assets) as client:
        first = await client.get("/static/a.js")
        again = await client.get("/static/a.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_other_sites_may_import_a_module(folder: Path) -> None:
    """Whoever asks, so that a cache between cannot give them an answer without the permission."""
    assets = Assets([folder])
    async with _client(assets) as client:
        answer = await client.get(assets.address("a.js"))
    assert answer.headers["access-control-allow-origin"] == "*"
    assert re.match("text/javascript", answer.headers["content-type"])


@pytest.mark.parametrize(
    "name", ["none.js", ".hidden", "../conftest.py", "%2e%2e/conftest.py", "", "a.js/b", "x%00y"]
)
async def test_nothing_else_is_served(folder: Path, name: str) -> None:
    """Only files that were there at the start, and none that hides."""
    assets = Assets([folder])
    async with _client(assets) as client:
        answer = await client.get(f"/static/{assets.address('a.js').split('/')[2]}/{name}")
    assert answer.status_code == 404


async def test_a_later_folder_comes_before(folder: Path, tmp_path: Path) -> None:
    """A newsroom's file takes the place of ours of the same name; folders below are served too."""
    own = tmp_path / "own"
    (own / "fonts").mkdir(parents=True)
    (own / "look.css").write_text("p{color:blue}")
    (own / "fonts" / "a.woff2").write_bytes(b"font")
    assets = Assets([folder, own])
    async with _client(assets) as client:
        assert (await client.get(assets.address("look.css"))).text == "p{color:blue}"
        assert (await client.get(assets.address("fonts/a.woff2"))).content == b"font"
