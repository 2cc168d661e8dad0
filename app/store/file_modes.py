"""File modes: only the user who runs the program may read its files.

The database holds drafts, password hashes and secrets of authenticator apps. The process's umask
makes every new file 0600 and every new folder 0700, including those of its workers; files that an
earlier version or a copy has left readable are restricted.
"""

import logging
import os
import stat
from pathlib import Path

_log = logging.getLogger(__name__)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def set_private_umask() -> None:
    """Make new files of this process and its children unreadable for other users."""
    os.umask(_OTHERS)


def restrict_mode(path: Path) -> None:
    """Remove other users' access to an existing file or folder; log a warning if that fails."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)
    except FileNotFoundError:
        return
    except OSError as error:
        _log.warning(
            "%s can be read by other users of this machine: restrict its mode (%s)",
            path,
            error.strerror,
        )
