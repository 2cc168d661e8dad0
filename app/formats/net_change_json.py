"""JSON of net changes: of entries, and of what sources say."""

from typing import Any

from app.formats.public_json import PublicJson
from app.formats.rfc3339 import format_time
from app.formats.statement_json import encode_value
from app.timeline.figure import Figure
from app.timeline.net_change import Correction, FigureChange, NetChange, Reassessment

Json = dict[str, Any]


def encode_net_change(change: NetChange, form: PublicJson) -> Json:
    """Encode the net change of an entry, with its states before and after."""
    after = form.entry(change.after)
    return {
        "entry_id": change.after.id,
        "kind": change.kind,
        "title": after["title"],
        "note": change.note,
        "at": format_time(change.at),
        "seq": change.seq,
        "url": after["url"],
        "assessed": [encode_reassessment(each) for each in change.reassessments],
        "before": change.before and form.entry(change.before),
        "after": after,
    }


def encode_correction(correction: Correction, form: PublicJson) -> Json:
    """Encode an event of the register of corrections."""
    change, entry = correction.change, correction.entry
    return {
        "coverage": correction.coverage.slug,
        "entry_id": entry.id,
        "kind": change.kind,
        "title": entry.title or None,
        "note": change.note,
        "at": format_time(change.at),
        "seq": change.seq,
        "cursor": str(correction.cursor),
        "url": f"{form.base_url}/coverages/{correction.coverage.slug}/entries/{entry.id}",
        "assessed": [encode_reassessment(each) for each in change.reassessments],
    }


def encode_reassessment(reassessment: Reassessment) -> Json:
    """Encode a claim or figure that was assessed."""
    source = reassessment.source
    return {
        "text": reassessment.text,
        "source": {"name": source.name, "url": source.url},
        "status": reassessment.status,
        "note": reassessment.note,
    }


def encode_figure_change(change: FigureChange) -> Json:
    """Encode the net change of what a source says; its names are written as in the last figure."""
    figure = change.after or change.before
    assert figure is not None
    return {
        "metric": figure.metric,
        "group": figure.group,
        "source": {"name": figure.source.name, "url": figure.source.url},
        "before": _encode_content(change.before),
        "after": _encode_content(change.after),
        "entry_id": change.entry_id,
    }


def _encode_content(figure: Figure | None) -> Json | None:
    if figure is None:
        return None
    return {**encode_value(figure), "status": figure.status, "note": figure.note}
