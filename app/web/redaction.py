"""Log redaction: what opens a door does not get into the log, wherever it comes from.

A request's address holds secrets where a link or another site's form has put them: an invitation
in the path, the identity provider's code in the query. Exceptions tell of addresses that hold
passwords. So it is done where everything that is written passes, and not where it is said.

Much of what is written was chosen by a client, and this runs on the event loop: texts are cut
first, and no part of a pattern is without a bound that another match may begin in.
"""

import logging
import re
from collections.abc import Mapping

_GONE = "…"
_LONGEST = 4000  # characters of a message, of what is put into it, and of a traceback's line
_MOST_LINES = 400  # of a traceback
# Members of queries whose values are no secrets; those of others are left out.
_PLAIN = (
    "after|at|before|coverage|format|key_events|lang|lasteventid|last-event-id|limit|lite|order"
    "|since|status|tag|until|wait"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A key keeps its first part, which is its id and is shown at the desk.
    (re.compile(r"\b(dateline_[0-9a-f]{8}_)[\w-]+"), rf"\1{_GONE}"),
    (re.compile(r"(/desk/welcome/)[^\s/?#\"']+"), rf"\1{_GONE}"),
    (
        re.compile(
            r"(\b[a-z][a-z0-9+.-]{0,31}://[^\s/@:]{0,200}:)[^\s/]{1,500}(?=@)", re.IGNORECASE
        ),
        rf"\1{_GONE}",
    ),
    (
        re.compile(rf"([?&](?!(?:{_PLAIN})=)[^=&?\s#]{{0,200}}=)[^&\s#\"']+", re.IGNORECASE),
        rf"\1{_GONE}",
    ),
    (re.compile(r"(\b(?:bearer|basic)\s{1,9})[\w.~+/=-]+", re.IGNORECASE), rf"\1{_GONE}"),
    (
        re.compile(r"(\b(?:set-)?cookie\b['\"]?\s{0,9}[:=,]\s{0,9})[^\r\n]+", re.IGNORECASE),
        rf"\1{_GONE}",
    ),
    (
        re.compile(
            r"(\b(?:password|passwd|client_secret|access_token|id_token|refresh_token|token)\b"
            r"['\"]?\s{0,9}[:=]\s{0,9}['\"]?)[^\s'\"&,;)]+",
            re.IGNORECASE,
        ),
        rf"\1{_GONE}",
    ),
)


def redact(text: str) -> str:
    """A text without the secrets in it that have a form by which they are known.

    Args:
        text: of which the first 4,000 characters are taken.
    """
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + _GONE
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


class Redaction(logging.Filter):
    """A filter of a log's handler, which takes secrets out of each record."""

    def __init__(self) -> None:
        super().__init__()
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Take them out; every record is written."""
        record.msg = redact(str(record.msg))
        if isinstance(record.args, Mapping):
            record.args = {name: _redacted(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(_redacted(value) for value in record.args)
        if record.exc_info and not record.exc_text:
            # The formatter takes it from here, and does not make it anew.
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            # By lines: the last ones of a long traceback say what happened.
            lines = record.exc_text.splitlines()
            if len(lines) > _MOST_LINES:
                lines = [*lines[: _MOST_LINES // 2], _GONE, *lines[-_MOST_LINES // 2 :]]
            record.exc_text = "\n".join(map(redact, lines))
        return True


def _redacted(value: object) -> object:
    # Numbers stay numbers, for formats such as %d; what else there is would be written as text.
    return value if isinstance(value, int | float) or value is None else redact(str(value))
