"""File modes: other users of the machine cannot read the program's files."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from app.store.engine import Store, StoreError
from app.store.file_modes import restrict_mode
from tests.dateline import DatelineServer, running_server
from tests.media.pictures import encoded, picture
from tests.media.sending import sent

ROOT = Path(__file__).parents[2]


@pytest.fixture
def _zero_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _modes_open_to_others(folder: Path) -> dict[str, str]:
    """The modes of paths below a folder that permit any access to group or others."""
    modes = {path: path.lstat().st_mode for path in folder.rglob("*")}
    return {str(p): oct(stat.S_IMODE(m)) for p, m in modes.items() if m & 0o077}


def test_nothing_that_a_server_makes_is_for_others(tmp_path: Path):
    """File modes: even with a umask of 0, the server's files and exports are private."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    settings = {"media_dir": str(folder / "kept" / "media")}
    server = DatelineServer(folder, **settings)
    server.environment["DATELINE_DATABASE_URL"] = f"sqlite:///{folder}/record/dateline.db"
    server.umask = 0
    try:
        server.start()
        key = server.key("chief")
        (folder / "server.log").unlink()  # the test's own
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=server.url, headers=headers) as chief:
            coverage = {"slug": "fire", "title": "Fire"}
            assert chief.post("/v1/coverages", json=coverage).status_code == 201
            media = sent(chief, encoded(picture()), alt="A fire")
            entry = {"headline": "x", "media": [media["id"]]}
            published = chief.post("/v1/coverages/fire/entries", json=entry)
            assert published.status_code == 201
        server.command("export", "fire", "-o", "fire.ndjson", "--public")
        files = {path.name for path in folder.rglob("*")}
        assert {"dateline.db", "dateline.db-wal", "dateline.db-shm", "fire.ndjson"} <= files
        assert media["id"] in files
        assert _modes_open_to_others(folder) == {}
        path = f"/v1/coverages/fire/entries/{published.json()['id']}/retraction"
        response = httpx.post(f"{server.url}{path}", json={"note": "No"}, headers=headers)
        assert response.status_code == 200
        assert (folder / "kept" / "media" / "withdrawn").is_dir()
        assert _modes_open_to_others(folder) == {}
    finally:
        server.stop()


async def test_what_was_readable_is_narrowed_at_the_start(tmp_path: Path):
    """The database files and media folders of an earlier version become private at the start."""
    media = tmp_path / "media"
    store = Store(f"sqlite:///{tmp_path}/dateline.db")
    await store.migrate()
    await store.close()
    (media / "incoming").mkdir(parents=True)
    (media / "incoming").chmod(0o700)
    for path in tmp_path / "dateline.db", media:
        path.chmod(0o755)
    with running_server(tmp_path, media_dir=str(media)):
        (tmp_path / "server.log").unlink()  # the test's own
        assert _modes_open_to_others(tmp_path) == {}


def test_a_folder_that_others_use_stays_theirs(tmp_path: Path):
    """A folder of media in which there is something else is left as it is, and said to be open."""
    shared = tmp_path / "shared"
    (shared / "theirs").mkdir(parents=True)
    shared.chmod(0o1777)
    with running_server(tmp_path, media_dir=str(shared)) as server:
        headers = {"Authorization": f"Bearer {server.key('chief')}"}
        with httpx.Client(base_url=server.url, headers=headers) as chief:
            sent(chief, encoded(picture()), alt="A fire")
        server.stop()
        server.start()
        assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
        assert set(_modes_open_to_others(shared)) <= {str(shared / "theirs")}
        assert f"{shared} can be read by other users" in server.log()


@pytest.mark.parametrize("kind", ["folder", "text", "another program's"])
async def test_what_turns_out_to_be_no_database_of_ours_keeps_its_mode(tmp_path: Path, kind: str):
    """A path that is named by mistake is refused, and those who use it can go on."""
    path = tmp_path / "named"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("Dear editor, " * 200)
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE bookmarks (address TEXT)")
            connection.commit()
    path.chmod(0o755)
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError):
        await store.migrate()
    await store.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


@pytest.mark.usefixtures("_zero_umask")
async def test_a_store_is_private_whoever_opens_it(tmp_path: Path):
    """A store creates private files by an explicit mode, without relying on the umask."""
    store = Store(f"sqlite:///{tmp_path}/deep/record.db")
    await store.migrate()
    try:
        assert _modes_open_to_others(tmp_path) == {}
        assert (tmp_path / "deep" / "record.db-wal").exists()
    finally:
        await store.close()


def test_what_cannot_be_narrowed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A file whose mode cannot be changed is reported in one sentence; a missing one is not."""
    file = tmp_path / "theirs"
    file.touch(mode=0o644)
    file.chmod(0o644)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    restrict_mode(file)
    restrict_mode(tmp_path / "nothing")
    (message,) = caplog.messages
    assert str(file) in message
    assert "can be read by other users" in message


@pytest.mark.full("another program")
def test_a_server_that_another_program_starts_is_private(tmp_path: Path):
    """The factory for uvicorn sets the umask to 0o077."""
    script = "import os; from app.main import serve_app; serve_app(); print(oct(os.umask(0)))"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    completed = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        umask=0,
    )
    assert completed.stdout.strip() == "0o77"
