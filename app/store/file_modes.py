"""File modes: only the user who runs the program may read its files.

The database holds drafts, password hashes and secrets of authenticator apps. The process's umask
makes every new file 0600 and every new folder 0700, including those of its workers; files that an
earlier version or a copy has left readable are restricted. What is not Dateline's is left as it is,
even if a setting names it by mistake: without access to `/tmp`, say, a machine's other programs
fail.
"""

import logging
import os
import re
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
        _warn(path, error.strerror)


def restrict_folder(path: Path, own: re.Pattern[str]) -> None:
    """Remove other users' access to an existing folder in which there is nothing foreign.

    Args:
        path: the folder.
        own: matches the names of Dateline's own files in it.
    """
    try:
        with os.scandir(path) as entries:
            foreign = next((entry.name for entry in entries if not own.fullmatch(entry.name)), None)
        is_open = path.stat().st_mode & _OTHERS
    except OSError:  # whoever uses it reports the reason
        return
    if foreign is None:
        restrict_mode(path)
    elif is_open:
        _warn(path, f"not done here, because of {foreign} in it")


def _warn(path: Path, reason: str | None) -> None:
    _log.warning(
        "%s can be read by other users of this machine: restrict its mode (%s)", path, reason
    )
