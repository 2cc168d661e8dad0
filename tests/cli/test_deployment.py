"""Warnings about settings that are valid but unlikely to be intended."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.clock import utc_now
from app.deployment import check_clock, check_settings, file_system
from app.settings import Settings, read_settings
from app.store.engine import Store
from tests.dateline import running_server

OPEN = {"host": "0.0.0.0"}
PUBLIC = {"public_url": "https://live.example.org"}
QUESTIONABLE_SETTINGS = {
    "open to others without a public URL": (OPEN, ["DATELINE_PUBLIC_URL", "0.0.0.0", "Secure"]),
    "a public URL of this machine": (
        OPEN | {"public_url": "http://127.0.0.1:8000"},
        ["DATELINE_PUBLIC_URL", "only this machine"],
    ),
    "a public URL without HTTPS": (
        {"public_url": "http://live.example.org"},
        ["DATELINE_PUBLIC_URL", "HTTPS"],
    ),
    "everything in the log of a public server": (
        PUBLIC | {"log_level": "debug"},
        ["DATELINE_LOG_LEVEL", "debug"],
    ),
    "every proxy trusted": ({"trusted_proxies": "*"}, ["DATELINE_TRUSTED_PROXIES", "*"]),
    "every address trusted": (
        {"trusted_proxies": "127.0.0.1, 0.0.0.0/0"},
        ["DATELINE_TRUSTED_PROXIES", "0.0.0.0/0"],
    ),
    "every IPv6 address trusted": (
        {"trusted_proxies": "2000::/3"},
        ["DATELINE_TRUSTED_PROXIES", "2000::/3"],
    ),
    "several writers on SQLite": (
        {"workers": 2, "broker_url": "redis://127.0.0.1"},
        ["DATELINE_WORKERS", "DATELINE_DATABASE_URL"],
    ),
    "a password that everybody tries": (
        {"database_url": "postgresql://dateline:dateline@db/dateline"},
        ["DATELINE_DATABASE_URL", "password"],
    ),
}
SOUND_SETTINGS = {
    "nothing set": {},
    "behind a proxy": PUBLIC,
    "on the network behind a proxy": PUBLIC | OPEN | {"trusted_proxies": "10.0.0.0/8,fd00::/8"},
    "several processes": PUBLIC
    | {
        "database_url": "postgresql://dateline:OWc2bF1x@db/dateline",
        "broker_url": "redis://127.0.0.1",
        "workers": 4,
    },
    "debugging on one's own machine": {"log_level": "debug"},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of an operator, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("chosen", "mentioned"), QUESTIONABLE_SETTINGS.values(), ids=QUESTIONABLE_SETTINGS
)
def test_what_is_hardly_meant_is_one_sentence(
    chosen: dict[str, object], mentioned: list[str]
) -> None:
    """Silent misconfiguration: the warning is one sentence with the setting and the consequence."""
    (warning,) = check_settings(Settings(_env_file=None, **chosen), {})
    assert warning.isprintable()
    assert warning.endswith(".")
    for term in mentioned:
        assert term in warning


@pytest.mark.parametrize("chosen", SOUND_SETTINGS.values(), ids=SOUND_SETTINGS)
def test_what_is_well_set_is_not_talked_about(chosen: dict[str, object]) -> None:
    """Sound settings cause no warning, since nobody reads one that comes at every start."""
    assert check_settings(Settings(_env_file=None, **chosen), {}) == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("DATELINE_PUBILC_URL", "is DATELINE_PUBLIC_URL meant?"),
        ("DATELINE_TRUSTED_PROXY", "is DATELINE_TRUSTED_PROXIES meant?"),
        ("dateline_databse_url", "is DATELINE_DATABASE_URL meant?"),
        ("DATELINE_XYZZY", "does nothing."),
    ],
)
def test_a_name_that_is_no_setting_is_said_with_the_nearest(name: str, hint: str) -> None:
    """Silent misconfiguration: the warning suggests the nearest setting and omits the value."""
    (warning,) = check_settings(Settings(_env_file=None), {name: "s3cret", "PATH": "/bin"})
    assert name in warning
    assert hint in warning
    assert "s3cret" not in warning


def test_every_setting_and_the_tools_own_are_known() -> None:
    """Every setting is known in upper and lower case, and so are the tools' own variables."""
    names = [f"DATELINE_{name.upper()}" for name in Settings.model_fields]
    known = [*names, *map(str.lower, names), "DATELINE_URL", "DATELINE_API_KEY", "OTHER_NAME"]
    assert check_settings(Settings(_env_file=None), dict.fromkeys(known, "x")) == []


def test_a_name_in_the_file_is_looked_at_and_the_file_too(folder: Path) -> None:
    """A misspelt name in `.env` is reported, and so is a world-readable `.env` until it is not."""
    file = folder / ".env"
    file.write_text("DATELINE_NAME=Harbour News\nDATELINE_PUBILC_URL=https://live.example.org\n")
    file.chmod(0o644)
    misspelt, readable = check_settings(read_settings())
    assert "is DATELINE_PUBLIC_URL meant?" in misspelt
    assert ".env" in readable
    assert "chmod" in readable
    file.chmod(0o640)
    assert check_settings(read_settings()) == [misspelt]


def test_a_database_that_everybody_may_read_is_said(folder: Path) -> None:
    """A world-readable database is reported on a public server and ignored on a local one."""
    file = folder / "dateline.db"
    file.touch()
    file.chmod(0o644)
    (warning,) = check_settings(Settings(_env_file=None, **PUBLIC), {})
    assert "dateline.db" in warning
    assert "DATELINE_DATABASE_URL" in warning
    assert check_settings(Settings(_env_file=None), {}) == []


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs"])
def test_a_database_on_a_network_file_system_is_said(folder: Path, kind: str) -> None:
    """Silent misconfiguration: SQLite's locks do not work on a network file system."""
    mounts = folder / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nserver:/x {folder} {kind} rw 0 0\n")
    (warning,) = check_settings(Settings(_env_file=None), {}, mounts)
    assert kind in warning
    assert "DATELINE_DATABASE_URL" in warning


def test_the_file_system_is_that_of_the_nearest_mount(folder: Path) -> None:
    """The innermost mount applies; of two mounts at the same path, the later one."""
    mounts = folder / "mounts"
    mounts.write_text(
        "disk / ext4 rw 0 0\na /srv nfs rw 0 0\nb /srv/my\\040data xfs rw 0 0\n"
        "c /srv/two nfs rw 0 0\nd /srv/two tmpfs rw 0 0\n"
    )
    expected = {
        "/": "ext4",
        "/home": "ext4",
        "/srv": "nfs",
        "/srv/other": "nfs",
        "/srv/my data/x": "xfs",
        "/srv/mydata": "nfs",
        "/srv/two/x": "tmpfs",
        "/srvtwo": "ext4",
    }
    file_systems = {path: file_system(Path(path), mounts) for path in expected}
    assert file_systems == expected
    assert file_system(Path("/"), folder / "nowhere") == ""
    assert file_system(Path("/proc"))


async def test_a_clock_that_is_not_the_databases_is_said(store: Store) -> None:
    """Silent misconfiguration: a clock two minutes off a remote database's is reported."""
    assert await check_clock(store) == []
    warnings = await check_clock(store, lambda: utc_now() - timedelta(minutes=2))
    if store.is_sqlite:
        assert warnings == []
    else:
        (warning,) = warnings
        assert "120 seconds apart" in warning
        assert "DATELINE_DATABASE_URL" in warning


def test_the_start_says_it_in_the_log_and_goes_on(folder: Path) -> None:
    """The log has each warning once, without the value of the unknown variable."""
    with running_server(folder, trusted_proxies="*", pubilc_url="s3cret") as server:
        log = server.log()
    misspelt, trusting = [line for line in log.splitlines() if line.startswith("WARNING:")]
    assert "DATELINE_PUBILC_URL" in misspelt
    assert "DATELINE_TRUSTED_PROXIES" in trusting
    assert "s3cret" not in log
