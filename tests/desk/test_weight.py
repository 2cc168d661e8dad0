"""What the desk's scripts weigh, in bytes as they are sent."""

import gzip

from rjsmin import jsmin

from app.desk.pages import STATIC

_DESK, _COMPOSER = 25 * 1024, 14 * 1024  # bytes at most
_ENTRANCE = "desk.js"


def _imports(name: str) -> set[str]:
    """A script with all of the desk's own that it needs."""
    found, waiting = set(), {name}
    while waiting:
        script = (STATIC / "desk" / waiting.pop()).read_text()
        found.add(script)
        needed = {line.split('"')[1] for line in script.splitlines() if ' from "./' in line}
        texts = {(STATIC / "desk" / each).read_text(): each for each in needed}
        waiting |= {each for text, each in texts.items() if text not in found}
    return found


def _weigh(scripts: set[str]) -> int:
    return sum(len(gzip.compress(jsmin(script).encode(), 9)) for script in scripts)


def test_the_desk_is_light() -> None:
    """All its scripts take at most 25 KB, those of the composer and the outbox 14 of them."""
    desk = _imports(_ENTRANCE)
    composer = _imports("composer.js") | _imports("outbox.js")
    print(f"\ndesk {_weigh(desk)} bytes in {len(desk)} files, composer {_weigh(composer)}")  # noqa: T201
    assert len(composer) > 10
    assert _weigh(composer) <= _COMPOSER
    assert _weigh(desk) <= _DESK
