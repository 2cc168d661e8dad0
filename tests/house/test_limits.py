"""The table of limits agrees with the settings."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import Settings

TABLE = Path(__file__).parents[2] / "docs" / "reference" / "limits.md"
ROW = re.compile(r"^\|[^|]+\| (?P<default>[^|]+) \| `DATELINE_(?P<name>[A-Z_]+)` \|", re.MULTILINE)
UNITS = {
    "": 1,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
    "seconds": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 86_400,
}
# Settings with a number or a duration that are no limits.
OTHER = {"port", "workers", "heartbeat", "hsts", "safety_delay", "keep_retracted", "embed_cards"}
LIMITS = [
    name
    for name, field in Settings.model_fields.items()
    if isinstance(field.default, int | float | timedelta) and name not in OTHER
]


def _rows() -> list[tuple[str, str]]:
    return [(row["name"].lower(), row["default"]) for row in ROW.finditer(TABLE.read_text())]


def _number(text: str) -> float:
    number, _, unit = text.partition(" ")
    return float(number.replace(",", "")) * UNITS[unit]


def test_every_limit_that_is_a_setting_is_in_the_table() -> None:
    """The table has exactly the settings that are limits."""
    assert {name for name, _ in _rows()} == set(LIMITS)


@pytest.mark.parametrize(("name", "documented"), _rows())
def test_the_table_has_the_settings_defaults(name: str, documented: str) -> None:
    """The documented default equals the setting's, in any unit."""
    default = Settings.model_fields[name].default
    expected = default.total_seconds() if isinstance(default, timedelta) else default
    assert _number(documented) == expected
