"""Static assets."""

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
    """Two modules, a style sheet, a picture and a hidden file."""
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
    """All assets share one digest in their path, so that relative imports work."""
    assets = Assets([folder])
    assert assets.address("a.js").rpartition("/")[0] == assets.address("b.js").rpartition("/")[0]
    async with _client(assets) as client:
        assert (await client.get(assets.address("b.js"))).text.startswith("export const b")


async def test_an_address_is_kept_for_good_and_changes_with_any_file(folder: Path) -> None:
    """An address is immutable for a year, and changes with any file."""
    before = Assets([folder]).address("a.js")
    async with _client(Assets([folder])) as client:
        assert "immutable" in (await client.get(before)).headers["cache-control"]
    (folder / "b.js").write_text("export const b = 2;")
    assert Assets([folder]).address("a.js") != before


async def test_a_page_of_yesterday_gets_what_there_is_today(folder: Path) -> None:
    """An outdated digest serves the current file with a short lifetime."""
    async with _client(Assets([folder])) as client:
        response = await client.get("/static/000000000000/look.css")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=300"


async def test_comments_stay_at_home(folder: Path) -> None:
    """Scripts and styles are served without comments; template literals are unchanged."""
    assets = Assets([folder])
    async with _client(assets) as client:
        script = (await client.get(assets.address("a.js"))).text
        style = (await client.get(assets.address("look.css"))).text
    assert "comment" not in script
    assert "another" not in script
    assert "`x  ${b}`" in script
    assert "ink" not in style


async def test_a_file_is_compressed_once_for_who_takes_gzip(folder: Path) -> None:
    """With gzip the same text is served with another ETag; a picture is not compressed."""
    assets = Assets([folder])
    async with _client(assets) as client:
        plain = await client.get(assets.address("look.css"))
        compressed = await client.get(
            assets.address("look.css"), headers={"Accept-Encoding": "gzip, br;q=0"}
        )
        picture = await client.get(assets.address("dot.png"), headers={"Accept-Encoding": "gzip"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert compressed.headers["vary"] == "Accept-Encoding"
    assert compressed.text == plain.text
    assert compressed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in picture.headers
    assert gzip.compress(plain.content)[:2] == b"\x1f\x8b"


async def test_who_takes_brotli_gets_the_smaller_one(folder: Path) -> None:
    """Brotli, if accepted, is preferred to gzip and smaller, and has an ETag of its own."""
    assets = Assets([folder])
    address = assets.address("look.css")
    tags, sizes = set(), []
    async with _client(assets) as client:
        for coding in ("identity", "gzip", "gzip, deflate, br"):
            async with client.stream(
                "GET", address, headers={"Accept-Encoding": coding}
            ) as response:
                tags.add(response.headers["etag"])
                sizes.append(int(response.headers["content-length"]))
    assert response.headers["content-encoding"] == "br"
    assert len(tags) == 3
    assert sizes == sorted(sizes, reverse=True)


async def test_who_has_a_file_is_told_so(folder: Path) -> None:
    """A matching If-None-Match gets a 304 without a body."""
    assets = Assets([folder], {"/static/a.js": "a.js"})
    async with _client(assets) as client:
        first = await client.get("/static/a.js")
        repeated = await client.get(
            "/static/a.js", headers={"If-None-Match": first.headers["etag"]}
        )
    assert (repeated.status_code, repeated.content) == (304, b"")
    assert repeated.headers["etag"] == first.headers["etag"]


async def test_other_sites_may_import_a_module(folder: Path) -> None:
    """Every asset allows cross-origin reads, so that a shared cache cannot store one without."""
    assets = Assets([folder])
    async with _client(assets) as client:
        response = await client.get(assets.address("a.js"))
    assert response.headers["access-control-allow-origin"] == "*"
    assert re.match("text/javascript", response.headers["content-type"])


@pytest.mark.parametrize(
    "name", ["none.js", ".hidden", "../conftest.py", "%2e%2e/conftest.py", "", "a.js/b", "x%00y"]
)
async def test_nothing_else_is_served(folder: Path, name: str) -> None:
    """Only files that existed at the start are served, and no hidden ones."""
    assets = Assets([folder])
    async with _client(assets) as client:
        response = await client.get(f"/static/{assets.address('a.js').split('/')[2]}/{name}")
    assert response.status_code == 404


async def test_a_later_folder_comes_before(folder: Path, tmp_path: Path) -> None:
    """A file in a later folder overrides one of the same name, and subfolders are served."""
    override = tmp_path / "own"
    (override / "fonts").mkdir(parents=True)
    (override / "look.css").write_text("p{color:blue}")
    (override / "fonts" / "a.woff2").write_bytes(b"font")
    assets = Assets([folder, override])
    async with _client(assets) as client:
        assert (await client.get(assets.address("look.css"))).text == "p{color:blue}"
        assert (await client.get(assets.address("fonts/a.woff2"))).content == b"font"
