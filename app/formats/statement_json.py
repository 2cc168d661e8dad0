"""JSON of claims and figures, in one form for records and for clients."""

from typing import Any

from app.formats.rfc3339 import (
    format_date_or_time,
    format_time,
    parse_date_or_time,
    parse_time,
)
from app.timeline.claim import Assessment, Claim, Source
from app.timeline.figure import Figure

Json = dict[str, Any]


def encode_claim(claim: Claim) -> Json:
    """Encode a claim with its earlier assessments."""
    return {
        "id": claim.id,
        "text": claim.text,
        "source": _encode_source(claim.source),
        "status": claim.status,
        "note": claim.note,
        "at": format_time(claim.at),
        "history": [
            {"status": past.status, "note": past.note, "at": format_time(past.at)}
            for past in claim.history
        ],
    }


def decode_claim(record: Json) -> Claim:
    """Decode the result of `encode_claim`."""
    history = tuple(
        Assessment(past["status"], past["note"], parse_time(past["at"]))
        for past in record["history"]
    )
    return Claim(
        id=record["id"],
        text=record["text"],
        source=Source(**record["source"]),
        status=record["status"],
        note=record["note"],
        at=parse_time(record["at"]),
        history=history,
    )


def encode_figure(figure: Figure) -> Json:
    """Encode a figure; `as_of` is a date, a time or null."""
    return {
        "metric": figure.metric,
        "group": figure.group,
        **encode_value(figure),
        "source": _encode_source(figure.source),
        "status": figure.status,
        "note": figure.note,
    }


def encode_value(figure: Figure) -> Json:
    """Encode the value of a figure and the time that it is of."""
    return {
        "low": figure.low,
        "high": figure.high,
        "about": figure.about,
        "text": figure.text,
        "as_of": figure.as_of and format_date_or_time(figure.as_of),
    }


def decode_figure(record: Json) -> Figure:
    """Decode the result of `encode_figure`."""
    as_of = record["as_of"] and parse_date_or_time(record["as_of"])
    return Figure(**{**record, "source": Source(**record["source"]), "as_of": as_of})


def _encode_source(source: Source) -> Json:
    return {"name": source.name, "url": source.url}
