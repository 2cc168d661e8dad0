"""Tests of the size of the desk's scripts, in bytes as they are sent."""

import gzip

from rjsmin import jsmin

from app.desk.pages.coverages import LATER, STATIC, TRANSFORMS
from app.web.js_bundle import bundle_modules

_DESK, _COMPOSER = 28 * 1024, 15 * 1024  # bytes, gzip
_PASSKEYS = 2 * 1024
_LATER = 8 * 1024  # of each part that is loaded when it is needed
_PARTS = STATIC / "desk"


def _compressed_size(script: str) -> int:
    later = [name.removeprefix("desk/") for name in TRANSFORMS]
    return len(gzip.compress(jsmin(bundle_modules(script, _PARTS, later)).encode(), 9))


def test_the_desk_is_light() -> None:
    """The desk's scripts take at most 28 KB, of which the composer and the outbox at most 15."""
    desk = _compressed_size((_PARTS / "desk.js").read_text())
    composer = _compressed_size('import "./composer.js";\nimport "./outbox.js";\n')
    print(f"\ndesk {desk} bytes, of which the composer {composer}")  # noqa: T201
    assert composer <= _COMPOSER
    assert desk <= _DESK


def test_passkeys_are_light_and_no_part_of_the_desk() -> None:
    """The passkey script takes at most 2 KB with its imports, and the desk does not load it."""
    weight = _compressed_size((_PARTS / "passkeys.js").read_text())
    print(f"\npasskeys {weight} bytes")  # noqa: T201
    assert weight <= _PASSKEYS
    assert "navigator.credentials" not in TRANSFORMS["desk/desk.js"](
        (_PARTS / "desk.js").read_text()
    )


def test_what_is_loaded_later_is_light_and_no_part_of_the_desk() -> None:
    """Each part that is loaded when it is needed takes at most 8 KB with its imports.

    The desk's own script has none of them.
    """
    desk = TRANSFORMS["desk/desk.js"]((_PARTS / "desk.js").read_text())
    for name in LATER:
        weight = _compressed_size((_PARTS / name).read_text())
        print(f"\n{name} {weight} bytes")  # noqa: T201
        assert weight <= _LATER, name
    for word in ("FigurePrompt", "OnlyReported {", "OriginalText {", "joinBodies"):
        assert word not in desk
