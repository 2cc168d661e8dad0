"""Import worker: a separate process that reads an archive and computes the rows of its coverage.

Reading takes some 0.4 ms of processor time a line, almost all of it in Python: a thread beside the
event loop would hold the GIL, and every reader would wait. It also takes several times the memory
of the archive, which the end of the process gives back.

The archive is its standard input, and the file with the rows its standard output.
"""

import os
import pickle
import sys
from collections.abc import Iterable
from typing import BinaryIO

from app.intake.archive import DamagedLine, read_archive
from app.store.copies import write_copy

NO_SPACE = 74  # the exit status if the file cannot be written: EX_IOERR of sysexits.h


def convert(lines: Iterable[bytes], epoch: str, slug: str | None, file: BinaryIO) -> None:
    """Read an archive, and write what the import has to store.

    Args:
        lines: the lines of the archive.
        epoch: the epoch of the copy.
        slug: the slug of the copy; None keeps the original's.
        file: receives the counts and then the rows; only what is wrong if a line is damaged.
    """
    try:
        archive = read_archive(lines, epoch, slug)
    except DamagedLine as damage:
        pickle.dump(str(damage), file)
        return
    assert archive.coverage is not None
    parts = ("events", "entries", "drafts")
    pickle.dump({part: len(getattr(archive, part)) for part in parts}, file)
    everything = [*archive.entries.values(), *archive.drafts]
    write_copy(file, archive.coverage, everything, archive.events)


def main() -> None:
    """Convert the archive."""
    os.setpgid(0, 0)  # so that Ctrl-C in a terminal interrupts only the server
    epoch, slug, niceness = sys.argv[1:]
    os.nice(int(niceness))
    try:
        convert(sys.stdin.buffer, epoch, slug or None, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except OSError:
        sys.exit(NO_SPACE)


if __name__ == "__main__":
    main()
