"""What the desk's scripts weigh on the line, in bytes as they are sent."""

import re

from app.desk.pages import STATIC
from tests.conftest import Newsroom

_SCRIPTS = 25 * 1024  # bytes at most, in Brotli, as browsers ask for it over TLS
_ELSEWHERE = {"proposal.js"}  # of other pages than a coverage's desk
_ICON = re.compile(r'<link rel="icon" href="([^"]+)/dateline\.svg"')


def _weigh(newsroom: Newsroom, address: str, coding: str) -> int:
    with newsroom.reader.stream("GET", address, headers={"Accept-Encoding": coding}) as answer:
        assert answer.is_success, address
        answer.read()
        return answer.num_bytes_downloaded


def test_the_scripts_of_a_coverages_desk_are_light(newsroom: Newsroom) -> None:
    """All of them together, with what is fetched later; the reader's, which it uses, not."""
    (folder,) = _ICON.findall(newsroom.reader.get("/").text)
    names = {path.name for path in (STATIC / "desk").glob("*.js")} - _ELSEWHERE
    weights = {
        coding: sum(_weigh(newsroom, f"{folder}/desk/{name}", coding) for name in names)
        for coding in ("br", "gzip")
    }
    print(f"\nthe desk: {weights} bytes in {len(names)} modules")  # noqa: T201  figures
    assert weights["br"] <= _SCRIPTS
