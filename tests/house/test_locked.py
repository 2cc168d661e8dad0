"""The locked versions from which the image is built, and its software bill of materials."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-build.lock")
PIN = re.compile(r"^([\w.-]+)==(\S+)((?: ;[^\\\n]*)?)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)\n")


@cache
def _project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def _wanted(lock: str) -> list[Requirement]:
    """Return the requirements in pyproject.toml whose versions the lock pins."""
    if lock == "requirements-build.lock":
        lines = [*_project()["dependency-groups"]["build"], *_project()["build-system"]["requires"]]
    else:
        project = _project()["project"]
        extras = project["optional-dependencies"]
        lines = [*project["dependencies"], *extras["postgres"], *extras["redis"]]
    return [Requirement(line) for line in lines]


def _blocks(lock: str) -> list[str]:
    """Return a lock's requirements, each with its hashes."""
    lines = (ROOT / lock).read_text().splitlines(keepends=True)
    whole = "".join(line for line in lines if not line.lstrip().startswith("#"))
    return [part for part in re.split(r"(?m)^(?=\S)", whole) if part.strip()]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_part_is_one_version_known_by_its_hashes(lock: str) -> None:
    """Each requirement is pinned with hashes, without which pip could accept a replacement."""
    blocks = _blocks(lock)
    assert blocks
    for block in blocks:
        match = PIN.fullmatch(block)
        assert match is not None, block.splitlines()[0]
        assert match[4], f"{match[1]} has no hash"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(lock: str) -> None:
    """A lock has no index and no URL: the source of packages is the installer's choice."""
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"(?m)^\s*(-i|-f|--\w*index|--find-links|--trusted-host)\b", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_of_what_the_project_asks_for(lock: str) -> None:
    """Each requirement of pyproject.toml is locked, at a version that it allows."""
    versions: dict[str, set[str]] = {}
    for block in _blocks(lock):
        match = PIN.fullmatch(block)
        assert match is not None
        versions.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    for wanted in _wanted(lock):
        locked = versions.get(canonicalize_name(wanted.name))
        assert locked, f"{wanted.name} is not in {lock}: CONTRIBUTING.md says how to renew it"
        assert all(Version(version) in wanted.specifier for version in locked), wanted


def test_the_image_takes_nothing_that_is_not_locked() -> None:
    """Every `pip install` in the Dockerfile installs a lock, or the wheel that was just built."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    installs = re.findall(r"pip (?:--python \S+ )?install ([^&\n]+)", text)
    assert len(installs) >= 3
    for install in installs:
        is_locked = "--require-hashes" in install and "-r requirements" in install
        assert is_locked or "--no-deps --no-index" in install, install


@pytest.mark.full("the build makes the list, and reading an environment takes minutes")
def test_the_list_of_parts_is_cyclonedx_and_whole(tmp_path: Path) -> None:
    """The Dockerfile's command yields a valid CycloneDX document with all requirements."""
    # Each process of the suite would spend two seconds on it for this one test.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    [line] = re.findall(r"cyclonedx-py ([^&\n]+)", text)
    *options, _interpreter = shlex.split(line)
    target = tmp_path / "sbom.cdx.json"
    options[options.index("--output-file") + 1] = str(target)
    program = [sys.executable, "-m", "cyclonedx_py", *options, sys.executable]
    completed = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    document = target.read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None
    parts = json.loads(document)["components"]
    names = {canonicalize_name(part["name"]) for part in parts if part["version"]}
    needed = {
        canonicalize_name(wanted.name)
        for wanted in _wanted("requirements.lock")
        if wanted.marker is None or wanted.marker.evaluate()
    }
    assert needed <= names


def test_the_image_is_the_program_and_nothing_beside_it() -> None:
    """The last stage copies only the built environment: no source, history, tests or `.env`."""
    last = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.findall(r"(?m)^(?:COPY|ADD) (.*)$", last) == [
        "--from=build /opt/dateline /opt/dateline"
    ]
    assert re.search(r"(?m)^USER (?!root)\w+$", last)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".git", ".env*", ".venv"} <= set(ignored)
    target = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert target["targets"]["wheel"]["packages"] == ["app"]
