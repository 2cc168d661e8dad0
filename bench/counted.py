"""Dateline with its database statements counted: `python -m bench.counted FILE serve`.

The count stands in FILE as 8 bytes, little-endian, so that it can be read while the server runs.
Counts what goes through SQLAlchemy; what asks SQLite by another way would not be seen.
"""

import mmap
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


def count_statements(file: Path) -> None:
    """Count from here on."""
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
