"""Dateline with a counter of its database statements: `python -m bench.counted FILE serve`.

FILE holds the count as 8 bytes, little-endian, so that it can be read while the server runs. Only
statements through SQLAlchemy are counted, not other access to SQLite.
"""

import mmap
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


def count_statements(file: Path) -> None:
    """Start counting."""
    file.write_bytes(bytes(8))
    with file.open("r+b") as opened:
        count = mmap.mmap(opened.fileno(), 8)
    number = 0

    def one_more(*_: Any) -> None:
        nonlocal number
        number += 1
        count[:] = number.to_bytes(8, "little")

    event.listen(Engine, "before_cursor_execute", one_more)


if __name__ == "__main__":
    count_statements(Path(sys.argv.pop(1)))
    from app.cli import main

    main()
