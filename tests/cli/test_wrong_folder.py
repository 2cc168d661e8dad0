"""Commands in a folder where no server has created a database."""

import asyncio
from pathlib import Path

import pytest

from app.cli import database
from app.cli.database import find_database
from app.settings import Settings
from tests.cli.tool import Tool


@pytest.mark.parametrize(
    "words",
    [
        ("key", "create", "desk"),
        ("key", "list"),
        ("person", "list"),
        ("post", "fire", "Smoke"),
        ("export", "fire"),
        ("import", "fire.jsonl"),
    ],
    ids=" ".join,
)
def test_a_command_in_a_wrong_folder_creates_nothing(tool: Tool, words: tuple[str, ...]) -> None:
    """It refuses with one line that names the missing file and what to do, and leaves no file."""
    elsewhere = tool.without_database()
    (elsewhere.folder / "fire.jsonl").write_text('{"format":"dateline-journal","version":2}\n')
    complaint = elsewhere(*words).complaint
    assert str(elsewhere.folder / "dateline.db") in complaint
    assert "dateline serve" in complaint
    assert [path.name for path in elsewhere.folder.iterdir()] == ["fire.jsonl"]


def test_a_database_that_is_named_in_full_is_created(
    tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absolute path is not that of a wrong folder."""
    monkeypatch.setenv("DATELINE_DATABASE_URL", f"sqlite:///{tmp_path / 'newsroom.db'}")
    assert tool.without_database()("key", "create", "desk").text
    assert (tmp_path / "newsroom.db").exists()


async def test_a_server_that_is_starting_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that is run directly after `dateline serve &` finds the database of that server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(database, "_PATIENCE", 60)
    waiting = asyncio.create_task(asyncio.to_thread(find_database, Settings(_env_file=None)))
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    (tmp_path / "dateline.db").touch()
    await waiting
