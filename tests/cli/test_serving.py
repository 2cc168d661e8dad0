"""`dateline serve` and `dateline migrate`."""

import json
import signal
import socket

import httpx
import pytest
from sqlalchemy import create_engine, text

from app import __version__
from tests.cli.tool import Tool, end


def test_the_version_is_told(tool: Tool) -> None:
    """`dateline --version` prints the version."""
    assert tool("--version").text == f"dateline {__version__}\n"


def test_any_free_port_is_named_once_it_is_known(tool: Tool) -> None:
    """With port 0 the printed address is the one served; Ctrl-C exits with 0 and no error."""
    process = tool.start("serve", DATELINE_PORT="0", DATELINE_LOG_LEVEL="warning")
    url = process.stdout.readline().split()[-1]
    output = "".join(process.stdout.readline() for _ in range(4))
    assert f"{url}/desk/welcome/" in output
    assert "dateline key create" in output
    assert httpx.get(f"{url}/readyz", timeout=120).is_success
    result = end(process, signal.SIGINT)
    assert (result.code, result.err) == (0, "")


def test_a_port_that_is_taken_is_one_line(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port in use is reported in one line that names DATELINE_PORT."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("DATELINE_PORT", str(listener.getsockname()[1]))
        for command in ("serve", "demo"):
            complaint = tool(command).complaint
            assert "Address already in use" in complaint
            assert "DATELINE_PORT" in complaint


def test_migrating_twice_applies_nothing_more(tool: Tool) -> None:
    """`dateline migrate` lists the migrations that it applied; a second run applies none."""
    assert json.loads(tool("migrate", "--json").out)["applied"]
    assert json.loads(tool("migrate", "--json").out) == {"applied": []}
    assert tool("migrate").text == "Nothing to apply.\n"


@pytest.mark.parametrize("command", [["serve"], ["migrate"], ["key", "list"], ["export", "fire"]])
def test_a_newer_database_is_left_alone(tool: Tool, command: list[str]) -> None:
    """Every command refuses a database of a newer version in one line."""
    tool("migrate")
    engine = create_engine(f"sqlite:///{tool.folder}/dateline.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert "newer than this program" in tool(*command).complaint
