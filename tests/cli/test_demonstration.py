"""`dateline demo`: up at once, alive, and gone without a trace."""

import json
import signal
from pathlib import Path

import httpx
import pytest
from httpx_sse import connect_sse

from tests.cli.tool import Tool, end

_PATIENCE = 60.0  # seconds for an answer on a busy machine


@pytest.mark.full("the next test ends by Ctrl-C", but=["SIGTERM"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_the_demonstration_is_alive_and_leaves_nothing(
    tool: Tool, tmp_path: Path, how: signal.Signals
) -> None:
    """Its page is full, its stream moves, its key writes; ended with a stream open, it is gone."""
    (tmp_path / "temporary").mkdir()
    process = tool.start(
        "demo", "--port", "0", "--speed", "600", TMPDIR=str(tmp_path / "temporary")
    )
    told = ""
    while "Ctrl-C" not in told:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        told += line
    page, index = (_word_behind(told, name) for name in ("page", "index"))
    api = page.replace("/coverages/", "/v1/coverages/")
    with httpx.Client(timeout=_PATIENCE) as visitor:
        assert "What we know so far: the morning of 20 July" in visitor.get(page).text
        assert page.removeprefix(index.rstrip("/")) in visitor.get(index).text
    key = next(word for word in told.split() if word.startswith("dateline_"))
    link = next(word for word in told.split() if "/desk/welcome/" in word)
    with httpx.Client(timeout=_PATIENCE) as newcomer:
        entered = newcomer.post(link, headers={"Origin": index.rstrip("/")})
        assert entered.status_code == 303
        assert "/desk/people" in newcomer.get(f"{index}desk").text
    with (
        httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=_PATIENCE) as client,
        connect_sse(client, "GET", f"{api}/events") as stream,
    ):
        frames = stream.iter_sse()
        while not next(frames).data:
            pass
        written = client.post(f"{api}/entries", json={"body": "Hello from Earth"}).json()
        assert written["published_at"].startswith("1969-07-20T")
        while json.loads(next(frames).data)["cursor"] != written["cursor"]:
            pass
        said = end(process, how)
    assert (said.code, said.err) == (0, "")
    assert list((tmp_path / "temporary").iterdir()) == []
    assert [each.name for each in tmp_path.iterdir()] == ["temporary"]


def _word_behind(told: str, name: str) -> str:
    words = told.split()
    return words[words.index(name) + 1]


@pytest.mark.full("two servers, one after another")
def test_what_is_kept_can_be_served_again(tool: Tool) -> None:
    """--keep leaves the database, and is never played into twice."""
    process = tool.start("demo", "--port", "0", "--keep", "kept")
    while "Ctrl-C" not in process.stdout.readline():
        pass
    assert end(process, signal.SIGINT).code == 0
    kept = tool.at(tool.folder / "kept")
    exported = kept("export", "apollo-11")
    assert "Eagle undocks" in exported.text
    assert "holds a database already" in tool("demo", "--port", "0", "--keep", "kept").complaint
    assert kept("export", "apollo-11").out == exported.out


def test_a_folder_that_cannot_be_made_is_one_line(tool: Tool) -> None:
    """A file in the folder's place is named."""
    (tool.folder / "file").touch()
    assert "file" in tool("demo", "--port", "0", "--keep", "file").complaint
