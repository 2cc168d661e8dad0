"""Dateline under test: a real `dateline serve` on a new SQLite file, with its limits raised."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx

from bench.generators import temporary_folder
from bench.server import Target, end, free_port, launch

ROOT = Path(__file__).parents[1]
SLUG = "bench"
EVENTS = f"/v1/coverages/{SLUG}/events"
SOCKET = f"/v1/coverages/{SLUG}/socket"
ENTRIES = f"/v1/coverages/{SLUG}/entries"
_BODY = "Two engines are on their way to the harbour."
# Thousands of readers with one address, who all connect at once, are intended here.
LIMITS = {
    "DATELINE_STREAM_CAPACITY": "50000",
    "DATELINE_STREAMS_PER_ADDRESS": "50000",
    "DATELINE_CONNECTS_PER_SECOND": "100000",
    "DATELINE_CONNECTIONS_PER_SECOND": "100000",
    "DATELINE_CONNECTIONS_PER_ADDRESS": "50000",
    "DATELINE_LOOP_SHARE": "1",
    "DATELINE_WRITES_PER_MINUTE": "1000000",
    "DATELINE_LOG_LEVEL": "warning",
}


def marked_entry(body: str = _BODY) -> dict[str, object]:
    """Return an entry with the generator's markers, which an event has to contain exactly once.

    They are in the place: an event contains a body as Markdown and as HTML, and a headline also as
    the title.
    """
    return {"headline": "Smoke over pier 4", "body": body, "place": {"name": "@n=%N@@t=%T@"}}


@dataclass
class Dateline:
    """One server on its own database, which can be stopped and restarted."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    limits: Mapping[str, str] = field(default_factory=lambda: LIMITS)
    program: Path = ROOT  # the checkout that is run

    @property
    def environment(self) -> dict[str, str]:
        """The server's environment variables."""
        return {
            **self.limits,
            "DATELINE_PORT": str(self.port),
            "DATELINE_DATABASE_URL": f"sqlite:///{self.folder}/dateline.db",
            "PYTHONPATH": str(self.program),
        }

    @property
    def python(self) -> str:
        """The interpreter: the checkout's own if it has one."""
        own = self.program / ".venv" / "bin" / "python"
        return sys.executable if self.program == ROOT or not own.exists() else str(own)

    @property
    def url(self) -> str:
        """The server's base URL."""
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def key(self) -> str:
        """A chief's API key."""
        return self.run("key", "create", "bench", "--role", "chief")

    def run(self, *words: str, stdin: str = "") -> str:
        """Run the command `dateline` and return its output; `stdin` is its standard input."""
        done = subprocess.run(
            [self.python, "-m", "app", *words],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    @property
    def probe(self) -> Path:
        """The Unix socket of a server that was started with `is_probed`."""
        return self.folder / "probe"

    def start(
        self, *, counted: bool = False, is_probed: bool = False, descriptors: int | None = None
    ) -> None:
        """Start the server.

        Args:
            counted: store the number of its database statements beside the database.
            is_probed: let it tell the sizes of its structures at `probe`.
            descriptors: its limit of file descriptors; None to inherit this process's.
        """
        program = ["-m", "app"]
        if counted:
            program = ["-m", "bench.counted", str(self.folder / "statements")]
        elif is_probed:
            program = ["-m", "bench.probe", str(self.probe)]
        command = [self.python, *program, "serve"]
        if descriptors:
            command = ["prlimit", f"--nofile={descriptors}", *command]
        self.process = launch(command, self.port, self.folder, self.environment)

    def stop(self) -> None:
        """Stop the server."""
        if self.process:
            end(self.process)
        self.process = None

    def client(self) -> httpx.Client:
        """Return an HTTP client with the newsroom's key."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=60
        )

    def statements(self) -> int:
        """Return the number of database statements since a start with `counted`."""
        return int.from_bytes((self.folder / "statements").read_bytes(), "little")

    def target(self, path: str = EVENTS) -> Target:
        """Return where the load generators read and publish."""
        assert self.process
        return Target(
            self.process,
            self.port,
            path,
            ENTRIES,
            json.dumps(marked_entry()),
            publish_headers=[
                f"Authorization: Bearer {self.key}",
                "Content-Type: application/json",
            ],
            cursor=self.cursor(),
        )

    def cursor(self) -> str:
        """Return the head of the coverage's journal."""
        return str(httpx.get(f"{self.url}/v1/coverages/{SLUG}").json()["cursor"])


@contextmanager
def dateline(
    *,
    counted: bool = False,
    is_probed: bool = False,
    limits: Mapping[str, str] = LIMITS,
    program: Path = ROOT,
    descriptors: int | None = None,
) -> Iterator[Dateline]:
    """Run Dateline with an empty live coverage for the length of a block."""
    with temporary_folder() as folder:
        server = Dateline(Path(folder), free_port(), limits=limits, program=program)
        server.start(counted=counted, is_probed=is_probed, descriptors=descriptors)
        try:
            with server.client() as client:
                coverage = {"slug": SLUG, "title": "Fire at the harbour"}
                client.post("/v1/coverages", json=coverage).raise_for_status()
            yield server
        finally:
            server.stop()


def record_event() -> str:
    """Let Dateline format one event, so that every other system publishes the same bytes.

    Returns:
        The event's line of JSON, with `%N` and `%T` in place of number and time stamp.
    """
    with dateline() as server:
        with server.client() as client:
            client.post(ENTRIES, json=marked_entry()).raise_for_status()
        headers = {"Accept": "text/event-stream", "Last-Event-ID": ""}
        with httpx.stream("GET", f"{server.url}{EVENTS}?after=0", headers=headers) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: ") and "%N" in line:
                    return line.removeprefix("data: ")
    raise RuntimeError("the stream ended before the event")
