"""Who of a machine may read what the program keeps: whoever runs it, and nobody else.

The record holds drafts, hashes of passwords and secrets of authenticator apps. The process's umask
makes every new file 0600 and every folder 0700, those of its workers among them; what an earlier
version or a copy has left readable is narrowed.
"""

import logging
import os
import stat
from pathlib import Path

_log = logging.getLogger(__name__)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private() -> None:
    """Keep what this process and its children make from other users of the machine."""
    os.umask(_OTHERS)


def narrow(path: Path) -> None:
    """Take a file or folder that is there from other users; one that is not ours is named."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)
    except FileNotFoundError:
        return
    except OSError as error:
        _log.warning(
            "%s can be read by other users of this machine: take it from them (%s)",
            path,
            error.strerror,
        )
