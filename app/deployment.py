"""Deployment checks: what of the settings and of the machine is legal, and unlikely to be meant.

What cannot work stops the start (`settings.py`). This is what would work, and do harm in silence.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from app.settings import Settings
from app.store.database_url import parse_database_url
from app.store.engine import Store
from app.wiring import utc_now

_PREFIX = "DATELINE_"
_OF_TOOLS = ("DATELINE_URL", "DATELINE_API_KEY")
_ENV_FILE = Path(".env")
MOUNTS = Path("/proc/self/mounts")
# File systems of other machines, on which SQLite's locks and its shared memory do not hold.
_REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre"})
_REMOTE_BY_FUSE = ("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone")
_CLOCK_SLACK = timedelta(seconds=5)
_WIDEST = {4: 8, 6: 7}  # bits of the widest networks that are somebody's own (RFC 1918, 4193)
_DEFAULT_PASSWORDS = frozenset({"dateline", "postgres", "password", "secret", "changeme"})


def check_settings(
    settings: Settings, environment: Mapping[str, str] | None = None, mounts: Path = MOUNTS
) -> list[str]:
    """What an operator would want to know before the first reader comes.

    Args:
        settings: the operator's.
        environment: from which they were read; None for this process's and `.env`.
        mounts: the kernel's table of file systems.

    Returns:
        A sentence for each thing, with the setting's name; none where all is well.
    """
    if environment is None:
        environment = {**_read_env_file(), **os.environ}
    found = chain(
        _check_names(environment),
        _check_address(settings),
        _check_proxies(settings),
        _check_database(settings, mounts),
        _check_files(settings),
    )
    return list(dict.fromkeys(found))


def _read_env_file() -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(_ENV_FILE).items()}


def _check_names(environment: Iterable[str]) -> Iterator[str]:
    known = [*(f"{_PREFIX}{name.upper()}" for name in Settings.model_fields), *_OF_TOOLS]
    for name in sorted(environment):
        # Names are taken in any case, as the settings are.
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            words = {each.removeprefix(_PREFIX): each for each in known}
            nearest = get_close_matches(name.upper().removeprefix(_PREFIX), words, 1)
            meant = f": is {words[nearest[0]]} meant?" if nearest else "."
            yield f"{name[:100]} is no setting of Dateline, and does nothing{meant}"


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
            "can be read on their way."
        )
    if not is_local and settings.log_level == "debug":
        yield "DATELINE_LOG_LEVEL is debug: each reader's address and request is written down."


async def check_clock(store: Store, now: Callable[[], datetime] = utc_now) -> list[str]:
    """What is wrong with this machine's clock, by which entries and embargoes go.

    Args:
        store: the database, whose server has a clock of its own.
        now: this machine's.

    Returns:
        A sentence, or none.
    """
    before = now()
    theirs = await store.read_clock()
    after = now()
    if theirs is None or before - _CLOCK_SLACK <= theirs <= after + _CLOCK_SLACK:
        return []
    apart = round(abs((theirs - after).total_seconds()))
    warning = (
        f"The clocks of this machine and of the database (DATELINE_DATABASE_URL) are {apart} "
        "seconds apart: times of entries and embargoes go by this machine's. Set both by NTP."
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
            f"DATELINE_TRUSTED_PROXIES is {named}: anybody may name any address as their own, and "
            "no address is limited. Name the proxy's address."
        )


def _check_database(settings: Settings, mounts: Path) -> Iterator[str]:
    url = parse_database_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        if url.password is not None and str(url.password).lower() in _DEFAULT_PASSWORDS:
            yield "DATELINE_DATABASE_URL has a password that everybody tries first."
        return
    folder = Path(url.database or "").absolute().parent
    kind = file_system(folder, mounts)
    if kind in _REMOTE or kind.startswith(_REMOTE_BY_FUSE):
        yield (
            f"DATELINE_DATABASE_URL is a SQLite file in {folder}, on a network file system "
            f"({kind}), where its locks do not hold and it can be destroyed: use a local disk, "
            "or PostgreSQL."
        )
    if settings.workers > 1:
        yield (
            f"DATELINE_WORKERS is {settings.workers} with SQLite, which takes one writer at a "
            "time: set DATELINE_DATABASE_URL to a PostgreSQL database."
        )


def file_system(folder: Path, mounts: Path = MOUNTS) -> str:
    """The type of the file system that a folder is on, as the kernel calls it; empty if unknown.

    Args:
        folder: an absolute path, which need not be there.
        mounts: the kernel's table.
    """
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    found, longest = "", -1
    for line in lines:
        _, place, kind, *_ = line.split(" ")
        # Spaces and the like stand as octal numbers.
        mounted = Path(place.encode("latin-1", "replace").decode("unicode_escape"))
        if folder.is_relative_to(mounted) and len(mounted.parts) >= longest:
            found, longest = kind, len(mounted.parts)
    return found


def _check_files(settings: Settings) -> Iterator[str]:
    for name, path in _secret_files(settings):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if mode & stat.S_IROTH:
            yield (
                f"{path} ({name}) can be read by every user of this machine: "
                f"take that away (chmod o-rwx {path})."
            )


def _secret_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield "settings", _ENV_FILE
    # On a machine of one's own everybody is oneself: only a server is looked at.
    is_server = settings.public_url is not None or not _is_loopback(settings.host)
    url = parse_database_url(settings.database_url)
    if is_server and url.get_backend_name() == "sqlite" and url.database:
        yield "DATELINE_DATABASE_URL", Path(url.database)
