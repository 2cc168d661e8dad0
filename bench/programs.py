"""The C programs: built with gcc if they are older than their sources."""

import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent / "load"
SCRATCH = Path(__file__).parent / ".scratch"
FLAGS = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion"]
_MEASURING = "answer histogram process dial"
PARTS = {
    "fanload": (
        f"fanload plan board readers reader account scanner publisher report {_MEASURING}",
        ["-lz"],
    ),
    "readload": (f"readload {_MEASURING}", ["-lz"]),
    "floor": ("floor", []),
}


class BuildError(Exception):
    """gcc is missing or failed; the message is its output."""


def has_uring() -> bool:
    """Whether liburing's header is installed (Debian: liburing-dev)."""
    return Path("/usr/include/liburing.h").exists()


def build(name: str, folder: Path = SCRATCH / "bin") -> Path:
    """Build a program unless it is newer than all its sources.

    Args:
        name: fanload, readload or floor.
        folder: the output folder; created if it does not exist.

    Returns:
        The path of the program.

    Raises:
        BuildError: gcc is missing, failed or printed a warning.
    """
    program = folder / name
    newest = max(path.stat().st_mtime for path in SOURCES.iterdir())
    if program.exists() and program.stat().st_mtime > newest:
        return program
    if not (gcc := shutil.which("gcc")):
        raise BuildError("gcc is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    parts, libraries = PARTS[name]
    if name == "floor" and has_uring():
        libraries = ["-DWITH_URING", "-luring"]
    sources = [str(SOURCES / f"{part}.c") for part in parts.split()]
    command = [gcc, *FLAGS, "-Werror", "-o", str(program), *sources, *libraries]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(done.stderr)
    return program
