"""Log redaction: removes secrets from every log record.

A request's address holds secrets where a link or another site's form has put them: an invitation in
the path, the identity provider's code in the query. Exceptions quote addresses that hold passwords.
So a filter on the log handler redacts all records, instead of each place that logs.

Clients choose much of the logged text, and the filter runs on the event loop. So texts are
truncated first, and every part of a pattern in which another match could begin is bounded.
"""

import logging
import re
from collections.abc import Mapping

_ELLIPSIS = "…"
_LONGEST = 4000  # characters of a message, of each argument, and of a traceback's line
_MOST_LINES = 400  # lines of a traceback
# Query parameters whose values are no secrets; the values of all others are redacted.
_PLAIN = (
    "after|at|before|coverage|format|key_events|lang|lasteventid|last-event-id|limit|lite|order"
    "|since|status|tag|until|wait"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # The first part of a key stays: it is the key's id, which the desk shows too.
    (re.compile(r"\b(dateline_[0-9a-f]{8}_)[\w-]+"), rf"\1{_ELLIPSIS}"),
    (re.compile(r"(/desk/welcome/)[^\s/?#\"']+"), rf"\1{_ELLIPSIS}"),
    (
        re.compile(
            r"(\b[a-z][a-z0-9+.-]{0,31}://[^\s/@:]{0,200}:)[^\s/]{1,500}(?=@)", re.IGNORECASE
        ),
        rf"\1{_ELLIPSIS}",
    ),
    (
        re.compile(rf"([?&](?!(?:{_PLAIN})=)[^=&?\s#]{{0,200}}=)[^&\s#\"']+", re.IGNORECASE),
        rf"\1{_ELLIPSIS}",
    ),
    (re.compile(r"(\b(?:bearer|basic)\s{1,9})[\w.~+/=-]+", re.IGNORECASE), rf"\1{_ELLIPSIS}"),
    (
        re.compile(r"(\b(?:set-)?cookie\b['\"]?\s{0,9}[:=,]\s{0,9})[^\r\n]+", re.IGNORECASE),
        rf"\1{_ELLIPSIS}",
    ),
    (
        re.compile(
            r"(\b(?:password|passwd|client_secret|access_token|id_token|refresh_token|token)\b"
            r"['\"]?\s{0,9}[:=]\s{0,9}['\"]?)[^\s'\"&,;)]+",
            re.IGNORECASE,
        ),
        rf"\1{_ELLIPSIS}",
    ),
)


def redact(text: str) -> str:
    """Return a text without the secrets that the patterns recognise.

    Args:
        text: any text; only its first 4,000 characters are kept.
    """
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + _ELLIPSIS
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class Redaction(logging.Filter):
    """A filter for log handlers that redacts each record."""

    def __init__(self) -> None:
        super().__init__()
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record; return True, so that every record is logged."""
        record.msg = redact(str(record.msg))
        if isinstance(record.args, Mapping):
            record.args = {name: _redacted(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(_redacted(value) for value in record.args)
        if record.exc_info and not record.exc_text:
            # The handler's formatter uses this text instead of formatting the exception again.
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            # Truncated by lines: the last lines of a long traceback say what happened.
            lines = record.exc_text.splitlines()
            if len(lines) > _MOST_LINES:
                lines = [*lines[: _MOST_LINES // 2], _ELLIPSIS, *lines[-_MOST_LINES // 2 :]]
            record.exc_text = "\n".join(map(redact, lines))
        return True


def _redacted(value: object) -> object:
    # Numbers stay numbers, for formats such as %d; all other values are logged as text.
    return value if isinstance(value, int | float) or value is None else redact(str(value))
