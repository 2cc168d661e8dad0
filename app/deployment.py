"""Deployment checks: find settings and machine states that are legal but probably unintended.

Settings that cannot work stop start-up (`settings.py`). These checks find settings that would work,
and do harm without notice.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from app.clock import utc_now
from app.settings import Settings
from app.store.database_url import parse_database_url
from app.store.engine import Store

_PREFIX = "DATELINE_"
_OF_TOOLS = ("DATELINE_URL", "DATELINE_API_KEY")
_ENV_FILE = Path(".env")
MOUNTS = Path("/proc/self/mounts")
# Network file systems, on which SQLite's locks and shared memory do not work.
_REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre"})
_REMOTE_BY_FUSE = ("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone")
_CLOCK_SLACK = timedelta(seconds=5)
_WIDEST = {4: 8, 6: 7}  # prefix lengths of the widest private networks (RFC 1918, 4193)
_DEFAULT_PASSWORDS = frozenset({"dateline", "postgres", "password", "secret", "changeme"})


def check_settings(
    settings: Settings, environment: Mapping[str, str] | None = None, mounts: Path = MOUNTS
) -> list[str]:
    """Check the settings for mistakes that an operator would want to know before serving.

    Args:
        settings: the operator's settings.
        environment: the variables they were read from; None for this process's and `.env`.
        mounts: the kernel's table of mounted file systems.

    Returns:
        One sentence for each finding, with the setting's name; empty if there is none.
    """
    if environment is None:
        environment = {name: value or "" for name, value in dotenv_values(_ENV_FILE).items()}
        environment |= os.environ
    known = [*(f"{_PREFIX}{name.upper()}" for name in Settings.model_fields), *_OF_TOOLS]
    unknown: list[str] = []
    for name in sorted(environment):
        # Names are case-insensitive, as in the settings.
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            words = {each.removeprefix(_PREFIX): each for each in known}
            nearest = get_close_matches(name.upper().removeprefix(_PREFIX), words, 1)
            meant = f": is {words[nearest[0]]} meant?" if nearest else "."
            unknown.append(f"{name[:100]} is no setting of Dateline, and does nothing{meant}")
    warnings = chain(
        unknown,
        _check_address(settings),
        _check_proxies(settings),
        _check_database(settings, mounts),
        _check_files(settings),
    )
    return list(dict.fromkeys(warnings))


def _check_address(settings: Settings) -> Iterator[str]:
    is_open = not _is_loopback(settings.host)
    if settings.public_url is None:
        if is_open:
            yield (
                "DATELINE_PUBLIC_URL is not set, though the server listens beyond this machine "
                f"(DATELINE_HOST={settings.host}): links lead to {settings.base_url}, and the "
                "desk's cookies lack Secure. Set it to the address that readers use."
            )
        return
    is_local = _is_loopback(urlsplit(settings.public_url).hostname or "")
    if is_local and is_open:
        yield (
            f"DATELINE_PUBLIC_URL is {settings.public_url}, which only this machine can reach, "
            f"though the server listens beyond it (DATELINE_HOST={settings.host})."
        )
    if not is_local and settings.public_url.startswith("http:"):
        yield (
            f"DATELINE_PUBLIC_URL is {settings.public_url}: without HTTPS, passwords and sessions "
            "can be read in transit."
        )
    if not is_local and settings.log_level == "debug":
        yield "DATELINE_LOG_LEVEL is debug: each reader's address and request is logged."


async def check_clock(store: Store, now: Callable[[], datetime] = utc_now) -> list[str]:
    """Compare this machine's clock, which times entries and embargoes, with the database's.

    Args:
        store: the database, whose server has a clock of its own.
        now: reads this machine's clock.

    Returns:
        One sentence if the clocks differ; otherwise empty.
    """
    before = now()
    theirs = await store.read_clock()
    after = now()
    if theirs is None or before - _CLOCK_SLACK <= theirs <= after + _CLOCK_SLACK:
        return []
    apart = round(abs((theirs - after).total_seconds()))
    warning = (
        f"The clocks of this machine and of the database (DATELINE_DATABASE_URL) are {apart} "
        "seconds apart: entries and embargoes use this machine's clock. Synchronise both by NTP."
    )
    return [warning]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_proxies(settings: Settings) -> Iterator[str]:
    trusted = settings.trusted_proxies
    networks = [] if trusted == "*" else [ip_network(part.strip()) for part in trusted.split(",")]
    wide = [str(each) for each in networks if each.prefixlen < _WIDEST[each.version]]
    if trusted == "*" or wide:
        named = wide[0] if wide else "*"
        yield (
            f"DATELINE_TRUSTED_PROXIES is {named}: any client can claim any address, and no "
            "address is limited. Name the proxy's address."
        )


def _check_database(settings: Settings, mounts: Path) -> Iterator[str]:
    url = parse_database_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        if url.password is not None and str(url.password).lower() in _DEFAULT_PASSWORDS:
            yield "DATELINE_DATABASE_URL has a well-known default password."
        return
    folder = Path(url.database or "").absolute().parent
    kind = file_system(folder, mounts)
    if kind in _REMOTE or kind.startswith(_REMOTE_BY_FUSE):
        yield (
            f"DATELINE_DATABASE_URL is a SQLite file in {folder}, on a network file system "
            f"({kind}), where its locks do not work and it can be corrupted: use a local disk, "
            "or PostgreSQL."
        )
    if settings.workers > 1:
        yield (
            f"DATELINE_WORKERS is {settings.workers} with SQLite, which takes one writer at a "
            "time: set DATELINE_DATABASE_URL to a PostgreSQL database."
        )


def file_system(folder: Path, mounts: Path = MOUNTS) -> str:
    """Return the kernel's name for the type of a folder's file system; empty if unknown.

    Args:
        folder: an absolute path, which need not exist.
        mounts: the kernel's table of mounted file systems.
    """
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    file_system_type, longest = "", -1
    for line in lines:
        _, place, kind, *_ = line.split(" ")
        # The table escapes spaces and the like as octal numbers.
        mounted = Path(place.encode("latin-1", "replace").decode("unicode_escape"))
        if folder.is_relative_to(mounted) and len(mounted.parts) >= longest:
            file_system_type, longest = kind, len(mounted.parts)
    return file_system_type


def _check_files(settings: Settings) -> Iterator[str]:
    secret_files = [("settings", _ENV_FILE)]
    # A personal machine has no other users, so only a server's database is checked.
    is_server = settings.public_url is not None or not _is_loopback(settings.host)
    url = parse_database_url(settings.database_url)
    if is_server and url.get_backend_name() == "sqlite" and url.database:
        secret_files.append(("DATELINE_DATABASE_URL", Path(url.database)))
    for name, path in secret_files:
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if mode & stat.S_IROTH:
            yield (
                f"{path} ({name}) can be read by every user of this machine: "
                f"remove that permission (chmod o-rwx {path})."
            )
