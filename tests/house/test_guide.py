"""The commands of docs/guide.md work as they stand, one after the other, on a new server."""

import re
import subprocess
import sys
from pathlib import Path

from tests.contract.newsrooms import running_newsroom
from tests.media.pictures import encoded, picture

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"(?ms)^```sh\n(.*?)^```", (ROOT / "docs" / "guide.md").read_text())
README = (ROOT / "README.md").read_text()
_SLUG = re.compile(r'"slug": "([a-z0-9-]+)"')


def test_the_commands_of_the_guide_can_be_run(tmp_path: Path) -> None:
    """In one shell, with the README's variables, each command succeeds on a new server."""
    with running_newsroom(tmp_path) as newsroom:
        program = tmp_path / "dateline"
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m app "$@"\n')
        program.chmod(0o755)
        (tmp_path / "eagle.jpg").write_bytes(encoded(picture()))
        key = newsroom.chief.headers["Authorization"].removeprefix("Bearer ")
        script = "\n".join(
            (
                f"export DATELINE_URL={newsroom.server.url} DATELINE_API_KEY={key}",
                f'export PATH="{tmp_path}:$PATH"',
                'curl() { command curl -sS --fail-with-body "$@"; }',
                *BLOCKS,
            )
        )
        ran = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        shown = newsroom.reader.get("/coverages/pier-fire").raise_for_status().text
    assert "Two engines on their way" in shown


def test_no_slug_is_used_twice() -> None:
    """The README and the guide open each coverage once, so that both can be followed in a row."""
    slugs = _SLUG.findall("\n".join([README, *BLOCKS]))
    assert len(slugs) == len(set(slugs)) >= 3
