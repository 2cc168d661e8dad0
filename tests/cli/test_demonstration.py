"""`dateline demo`: it starts, publishes events and leaves no files behind."""

import json
import signal
import subprocess
from pathlib import Path

import httpx
import pytest
from httpx_sse import connect_sse

from tests.cli.tool import Tool, end

_TIMEOUT = 60.0  # seconds for an answer on a busy machine


@pytest.mark.full("the next test ends by Ctrl-C", but=["SIGTERM"])
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=lambda signum: signum.name)
def test_the_demonstration_is_alive_and_leaves_nothing(
    tool: Tool, tmp_path: Path, signum: signal.Signals
) -> None:
    """The page, stream, API key and sign-in link work; a signal during a stream ends it cleanly."""
    (tmp_path / "temporary").mkdir()
    process = tool.start(
        "demo", "--port", "0", "--speed", "600", TMPDIR=str(tmp_path / "temporary")
    )
    output = _invitation(process)
    assert output.startswith("The landing on the Moon, 20 July 1969, as live coverage at 600 times")
    page, index = (_word_after(output, name) for name in ("page", "index"))
    api = page.replace("/coverages/", "/v1/coverages/")
    with httpx.Client(timeout=_TIMEOUT) as reader:
        assert "What we know so far: the morning of 20 July" in reader.get(page).text
        assert page.removeprefix(index.rstrip("/")) in reader.get(index).text
    key = next(word for word in output.split() if word.startswith("dateline_"))
    link = next(word for word in output.split() if "/desk/welcome/" in word)
    with httpx.Client(timeout=_TIMEOUT) as invited:
        response = invited.post(link, headers={"Origin": index.rstrip("/")})
        assert response.status_code == 303
        assert "/desk/people" in invited.get(f"{index}desk").text
    with (
        httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=_TIMEOUT) as client,
        connect_sse(client, "GET", f"{api}/events") as stream,
    ):
        frames = stream.iter_sse()
        while not next(frames).data:
            pass
        written = client.post(f"{api}/entries", json={"body": "Hello from Earth"}).json()
        assert written["published_at"].startswith("1969-07-20T")
        while json.loads(next(frames).data)["cursor"] != written["cursor"]:
            pass
        result = end(process, signum)
    assert (result.code, result.err) == (0, "")
    assert list((tmp_path / "temporary").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]


def test_a_story_is_chosen_by_its_name(tool: Tool) -> None:
    """`--story front` names the story, and serves its page with the edition and the day before."""
    process = tool.start("demo", "--port", "0", "--story", "front")
    output = _invitation(process)
    assert output.startswith("A day of war in Ulvenna, an invented region, as live coverage at 60")
    page = _word_after(output, "page")
    with httpx.Client(timeout=_TIMEOUT) as reader:
        shown = reader.get(page).text
        assert "The morning in ten points" in shown
        yesterday = page.replace("ulvenna-4-may", "ulvenna-3-may")
        assert yesterday in shown
        api = page.replace("/coverages/", "/v1/coverages/")
        edition = reader.get(api).json()["editions"][1]
        for address in edition["url"], yesterday:
            assert address in output
            assert reader.get(address).is_success
        assert reader.get(f"{api}/claims?status=disputed").json()["claims"]
        assert reader.get(f"{api}/figures").json()["figures"]
    result = end(process, signal.SIGINT)
    assert (result.code, result.err) == (0, "")


def test_a_story_that_there_is_not_is_one_line(tool: Tool) -> None:
    """An unknown story is refused in one line, which names those that there are."""
    assert tool("demo", "--story", "back").complaint == (
        "there is no story 'back': name one of apollo, front"
    )


def _invitation(process: subprocess.Popen[str]) -> str:
    """Read what the command prints when the server is ready."""
    output = ""
    while "Ctrl-C" not in output:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        output += line
    return output


def _word_after(output: str, name: str) -> str:
    words = output.split()
    return words[words.index(name) + 1]


@pytest.mark.full("two servers, one after another")
def test_what_is_kept_can_be_served_again(tool: Tool) -> None:
    """`--keep` leaves a database that can be exported; a second run into it is refused."""
    process = tool.start("demo", "--port", "0", "--keep", "kept")
    while "Ctrl-C" not in process.stdout.readline():
        pass
    assert end(process, signal.SIGINT).code == 0
    kept_tool = tool.at(tool.folder / "kept")
    exported = kept_tool("export", "apollo-11")
    assert "Eagle undocks" in exported.text
    assert "holds a database already" in tool("demo", "--port", "0", "--keep", "kept").complaint
    assert kept_tool("export", "apollo-11").out == exported.out


def test_a_folder_that_cannot_be_made_is_one_line(tool: Tool) -> None:
    """A file where the folder should be is reported in one line that names it."""
    (tool.folder / "file").touch()
    assert "file" in tool("demo", "--port", "0", "--keep", "file").complaint
