"""Claims and figures of the contract tests, and the requests that assess and read them."""

from typing import Any

import httpx

from tests.contract.timeline import Json, Timeline

MINISTRY, CENTRE = "Armenian Defence Ministry", "The Centre"
CLAIM = {"source": MINISTRY, "text": "The army took control of Madagiz"}
FIGURE = {"metric": "killed", "value": "107", "source": MINISTRY}


def assess(timeline: Timeline, entry: Json, **form: Any) -> Json:
    """Assess a claim or figure of an entry."""
    return timeline.act(entry["id"], "assessment", form)


def try_to_assess(timeline: Timeline, entry_id: str, form: Json, **headers: str) -> httpx.Response:
    """Assess, and return the response, which may be a refusal."""
    address = f"{timeline.path}/entries/{entry_id}/assessment"
    return timeline.newsroom.editor.post(address, json=form, headers=headers)


def figure(value: str, source: Any = MINISTRY, **fields: Any) -> Json:
    """Return the form of a figure."""
    return {
        "metric": "killed",
        "group": "Armenian soldiers",
        "value": value,
        "source": source,
        **fields,
    }


def report(timeline: Timeline, value: str, source: Any = MINISTRY, **fields: Any) -> Json:
    """Publish an entry with one figure and nothing else."""
    return timeline.publish(None, figures=[figure(value, source, **fields)])


def ledger(timeline: Timeline, **query: Any) -> list[Json]:
    """Return the coverage's ledger."""
    groups: list[Json] = timeline.read("/figures", **query)["figures"]
    return groups


def current(timeline: Timeline, **query: Any) -> list[tuple[Any, Any]]:
    """Return the current and the earlier lower bound of each source of the only group."""
    (group,) = ledger(timeline, **query)
    return [(s["low"], s["earlier"] and s["earlier"]["low"]) for s in group["sources"]]
