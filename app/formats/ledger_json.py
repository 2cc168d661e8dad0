"""JSON and CSV of claims and figures across the entries of a coverage."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from app.formats.rfc3339 import format_time
from app.formats.statement_json import encode_claim, encode_figure, encode_value
from app.timeline.ledger import FlatLine, LedgerGroup, Observation
from app.timeline.published_claim import PublishedClaim

Json = dict[str, Any]

_COLUMNS = (
    *("metric", "group", "source", "source_url", "low", "high", "about", "text", "as_of"),
    *("status", "note", "entry_id", "published_at", "url", "superseded_by"),
)
# Spreadsheet programs run a cell that begins with one of these as a formula, some of them also with
# the full-width form.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class LedgerJson:
    """Encodes the claims and figures of one coverage.

    Args:
        address: the address of the coverage's page.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    def claim(self, published: PublishedClaim) -> Json:
        """Encode a claim with its place."""
        return {
            **encode_claim(published.claim),
            "entry_id": published.entry_id,
            "published_at": format_time(published.published_at),
            "url": self._url(published.entry_id),
        }

    def group(self, group: LedgerGroup) -> Json:
        """Encode the sources on a metric and group."""
        return {
            "metric": group.metric,
            "group": group.group,
            "sources_differ": group.sources_differ,
            "sources": [
                {
                    **self._observation(line.current),
                    "earlier": line.earlier and encode_value(line.earlier.figure),
                }
                for line in group.sources
            ],
        }

    def flat(self, line: FlatLine) -> Json:
        """Encode an observation with its successor."""
        return {**self._observation(line.observation), "superseded_by": line.superseded_by}

    def _observation(self, observation: Observation) -> Json:
        return {
            **encode_figure(observation.figure),
            "entry_id": observation.entry_id,
            "published_at": format_time(observation.published_at),
            "url": self._url(observation.entry_id),
        }

    def _url(self, entry_id: str) -> str:
        return f"{self._address}/entries/{entry_id}"

    def table(self, lines: Iterable[FlatLine]) -> bytes:
        """Encode observations as CSV (RFC 4180) in UTF-8, with a header.

        A text that a spreadsheet program would run as a formula is preceded by an apostrophe.
        """
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS)
        writer.writeheader()
        for line in lines:
            record = self.flat(line)
            source = record.pop("source")
            record |= {"source": source["name"], "source_url": source["url"]}
            writer.writerow({name: _cell(value) for name, value in record.items()})
        return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
