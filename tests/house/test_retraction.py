"""All retractions go through one function, since an incomplete one leaves text behind."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_one_function_retracts() -> None:
    """Only `newsroom/retraction.py` creates a tombstone and redacts stored answers."""
    names = ("rules.retract(", "change.retract(", "import retract\n", "redact_entry(")
    callers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if any(name in path.read_text() for name in names)
    }
    assert callers == {
        "app/desk/api/entries.py",  # calls the function below
        "app/newsroom/retraction.py",
        "app/store/idempotency.py",  # defines `redact_entry`
    }
