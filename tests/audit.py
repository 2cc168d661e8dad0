"""Helper for tests that read the audit log."""

from typing import Any

import httpx


def newest_actions(chief: httpx.Client, number: int) -> list[dict[str, Any]]:
    """Return the newest audit entries, except refusals, which are written with a delay."""
    document = chief.get("/v1/audit", params={"limit": 100}).raise_for_status().json()
    actions = [entry for entry in document["audit"] if not entry["action"].startswith("refuse")]
    return actions[:number]
