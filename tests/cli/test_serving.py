"""`dateline serve` and what belongs to it: starting, ending, the tables."""

import json
import signal
import socket

import httpx
import pytest
from sqlalchemy import create_engine, text

from app import __version__
from tests.cli.tool import Tool, end


def test_the_version_is_told(tool: Tool) -> None:
    """`dateline --version` serves nothing."""
    assert tool("--version").text == f"dateline {__version__}\n"


def test_any_free_port_is_named_once_it_is_known(tool: Tool) -> None:
    """With port 0 the printed address is the one that answers; Ctrl-C ends it without a trace."""
    process = tool.start("serve", DATELINE_PORT="0", DATELINE_LOG_LEVEL="warning")
    url = process.stdout.readline().split()[-1]
    told = "".join(process.stdout.readline() for _ in range(4))
    assert f"{url}/desk/welcome/" in told
    assert "dateline key create" in told
    assert httpx.get(f"{url}/readyz", timeout=120).is_success
    said = end(process, signal.SIGINT)
    assert (said.code, said.err) == (0, "")


def test_a_port_that_is_taken_is_one_line(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers do not share a port; the line names the setting."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("DATELINE_PORT", str(taken.getsockname()[1]))
        for command in ("serve", "demo"):
            complaint = tool(command).complaint
            assert "Address already in use" in complaint
            assert "DATELINE_PORT" in complaint


def test_migrating_twice_applies_nothing_more(tool: Tool) -> None:
    """`dateline migrate` says what it did."""
    assert json.loads(tool("migrate", "--json").out)["applied"]
    assert json.loads(tool("migrate", "--json").out) == {"applied": []}
    assert tool("migrate").text == "Nothing to apply.\n"


@pytest.mark.parametrize("command", [["serve"], ["migrate"], ["key", "list"], ["export", "fire"]])
def test_a_newer_database_is_left_alone(tool: Tool, command: list[str]) -> None:
    """Every command stops with one line before a database that a later version has made."""
    tool("migrate")
    engine = create_engine(f"sqlite:///{tool.folder}/dateline.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert "newer than this program" in tool(*command).complaint
