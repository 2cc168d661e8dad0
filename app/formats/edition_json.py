"""JSON of editions and translations, in one form for records and for clients."""

from collections.abc import Mapping
from typing import Any

from app.formats.rfc3339 import format_time, parse_time
from app.timeline.edition import Edition, Outdated, Translation

Json = dict[str, Any]


def encode_edition(edition: Edition) -> Json:
    """Encode an edition without its address."""
    return {"slug": edition.slug, "language": edition.language, "title": edition.title}


def encode_translation(translation: Translation) -> Json:
    """Encode the original of a translation, without its address."""
    outdated = translation.outdated
    return {
        "coverage": translation.coverage,
        "entry_id": translation.entry_id,
        "revision": translation.revision,
        "language": translation.language,
        "outdated": outdated
        and {
            "because": outdated.because,
            "revision": outdated.revision,
            "note": outdated.note,
            "language": outdated.language,
            "at": format_time(outdated.at),
        },
    }


def decode_translation(record: Mapping[str, Any] | None) -> Translation | None:
    """Decode the result of `encode_translation`; None stays None."""
    if record is None:
        return None
    outdated = record["outdated"]
    return Translation(
        coverage=record["coverage"],
        entry_id=record["entry_id"],
        revision=record["revision"],
        language=record["language"],
        outdated=outdated and Outdated(**{**outdated, "at": parse_time(outdated["at"])}),
    )
