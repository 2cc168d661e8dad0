"""The command `dateline`: runs the server, and acts as a client of one for newsroom tools."""

import gc
import sys

from app.cli.command import find_root
from app.cli.refusal import Refused
from app.settings_error import SettingsError
from app.store.errors import StoreError
from app.store.file_modes import set_private_umask


def main() -> None:
    """Run the command; an error that the user can correct is one line, without a traceback."""
    set_private_umask()
    # Imports leave no garbage, and collections while they run take a fifth of their time.
    gc.disable()
    try:
        _check_words()
        root = find_root(sys.argv[1:])
        gc.enable()
        root()
    except (Refused, SettingsError, StoreError) as error:
        sys.stderr.write(f"dateline: {error}\n")
        sys.exit(1)


def _check_words() -> None:
    # Arguments that are not UTF-8 arrive with lone surrogates, which no later code can encode.
    for word in sys.argv:
        if any("\ud800" <= c <= "\udfff" for c in word):
            raise Refused(f"{word!a} is not UTF-8")
