"""Reading the audit in tests."""

from typing import Any

import httpx


def newest_deeds(chief: httpx.Client, number: int) -> list[dict[str, Any]]:
    """The newest lines that are no refusals: those are written a little later than they happen."""
    page = chief.get("/v1/audit", params={"limit": 100}).raise_for_status().json()
    deeds = [line for line in page["audit"] if not line["action"].startswith("refuse")]
    return deeds[:number]
