"""The command `dateline`: serves, and speaks to a server as a newsroom's tool."""

import sys

from app.cli import keys, serving
from app.cli.command import command
from app.settings import SettingsError
from app.store.engine import StoreError

__all__ = ["command", "keys", "main", "serving"]


def main() -> None:
    """Run the command; what the operator can mend is one line, without a traceback."""
    try:
        command()
    except (SettingsError, StoreError) as error:
        sys.stderr.write(f"dateline: {error}\n")
        sys.exit(1)
