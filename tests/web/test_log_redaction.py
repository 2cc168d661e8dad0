"""Redaction of secrets in the log."""

import io
import logging
import logging.config

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.logs import log_config
from app.web.log_redaction import Redaction, redact

SECRET = "Zk3-q_9xWv7LmN2p"
WITH_SECRETS = [
    f"GET /desk/welcome/{SECRET} HTTP/1.1",
    f"GET /desk/welcome/{SECRET}/?x=1 HTTP/1.1",
    f"GET /desk/sign-in/provider/return?code={SECRET}&state={SECRET}&iss=x HTTP/1.1",
    f"/?after=1&{SECRET[:2]}={SECRET}",
    f"/v1/coverages?limit=3&key={SECRET}",
    f"the key dateline_0a1b2c3d_{SECRET} is unknown",
    f"postgresql://dateline:{SECRET}@db.example/dateline",
    f"redis://:{SECRET}@127.0.0.1:6379/0",
    f"https://user:{SECRET}@example.org/x",
    f"Authorization: Bearer {SECRET}",
    f"authorization: basic {SECRET}==",
    f"cookie: __Host-dateline_session={SECRET}; other={SECRET}",
    f"Set-Cookie: a={SECRET}",
    f"(b'cookie', b'dateline_session={SECRET}')",
    f'{{"password": "{SECRET}", "x": 1}}',
    f"password={SECRET}&x",
    f"client_secret='{SECRET}'",
    f"{{'access_token': '{SECRET}'}}",
]
WITHOUT_SECRETS = [
    "GET /v1/coverages/moon-landing/events?after=7c9e4d21-3&limit=20&wait=25 HTTP/1.1",
    "GET /coverages/fire?at=2026-07-20T20:17:00Z&lang=hy&lite=true HTTP/1.1",
    "cannot open the database postgresql://dateline@db.example/dateline: no route to host",
    "the broker at redis://127.0.0.1:6379/0 does not answer; trying again",
    "Set DATELINE_PUBLIC_URL to the https:// address that readers use.",
    "12:30: 3 of 4 coverages, at https://example.org:8443/x@y",
]


@pytest.mark.parametrize("text", WITH_SECRETS)
def test_a_secret_is_taken_out(text: str) -> None:
    """Secrets in logs: secrets in URLs, headers and documents are replaced by an ellipsis."""
    assert SECRET not in redact(text)
    assert "…" in redact(text)


@pytest.mark.parametrize("text", WITHOUT_SECRETS)
def test_what_is_no_secret_stays(text: str) -> None:
    """Text without secrets is unchanged."""
    assert redact(text) == text


@given(st.text(max_size=200))
def test_taking_out_is_done_once(text: str) -> None:
    """Redaction is idempotent."""
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "piece",
    [
        *("a.", "a-", "a+.", "?", "&", "?a", "set-cookie", "cookie ", "a://:", "a://a:", "a:@"),
        *("bearer ", "bearer\t", "password ", "token=", "dateline_0a1b2c3d", "/desk/welcome", " "),
    ],
)
def test_what_a_client_makes_endless_is_cut(piece: str) -> None:
    """Quadratic work: however long a client's text, a log line and its cost are bounded."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(Redaction())
    long_text = piece * (1_000_000 // len(piece))
    record = logging.makeLogRecord({"msg": "%s", "args": (long_text,)})
    record.exc_info = (ValueError, ValueError(long_text), None)
    handler.handle(record)
    handler.handle(logging.makeLogRecord({"msg": long_text}))
    assert len(written.getvalue()) < 20_000


def test_the_end_of_a_long_traceback_is_kept() -> None:
    """A long traceback keeps its beginning and its end."""
    record = logging.makeLogRecord({"msg": "it failed"})
    record.exc_text = "\n".join([f"line {n}" for n in range(100_000)] + [f"Error: key={SECRET}"])
    Redaction().filter(record)
    lines = record.exc_text.splitlines()
    assert len(lines) < 500
    assert lines[0] == "line 0"
    assert lines[-1].startswith("Error: key=")


def test_everything_of_a_record_goes_through_it() -> None:
    """Secrets in logs: the message, its arguments and the exception with its cause are redacted."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(Redaction())
    log = logging.getLogger("a test of redaction")
    log.propagate = False
    log.addHandler(handler)
    key = f"dateline_0a1b2c3d_{SECRET}"
    log.warning(f"{key} came %d times", 3)  # noqa: G004
    log.warning("%(name)s", {"name": key})
    log.warning("%s %d %.1f %r", key, 5, 0.5, [key])
    failure = OSError(f"redis://:{SECRET}@host")
    failure.__cause__ = ValueError(key)
    log.error("it failed", exc_info=failure)
    log.removeHandler(handler)
    assert SECRET not in written.getvalue()
    assert "came 3 times" in written.getvalue()
    assert "5 0.5" in written.getvalue()
    assert "ValueError" in written.getvalue()


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("debug", {"app debug", "app warning", "app error", "other warning", "other error"}),
        ("info", {"app warning", "app error", "other warning", "other error"}),
        ("warning", {"app warning", "app error", "other warning", "other error"}),
        ("error", {"app error", "other error"}),
    ],
)
def test_the_level_is_of_this_program(
    level: str, shown: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The log level applies to this program; libraries never log below a warning."""
    root, app = logging.getLogger(), logging.getLogger("app")
    saved = root.handlers[:], root.level, app.level
    try:
        logging.config.dictConfig(log_config(level))
        for name in ("app", "other"):
            for severity in ("debug", "warning", "error"):
                getattr(logging.getLogger(f"{name}.x"), severity)(f"{name} {severity}")
    finally:
        root.handlers[:], _ = saved[0], root.setLevel(saved[1])
        app.setLevel(saved[2])
    lines = {line.partition(":")[2].strip() for line in capsys.readouterr().err.splitlines()}
    assert lines == shown
