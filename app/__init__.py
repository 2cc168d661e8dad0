"""Dateline: a server for live coverage."""

import sys
from importlib.metadata import PackageNotFoundError, version

# httpx imports its own command with click, rich and pygments, which take longer than httpx itself;
# it does without them if the import fails.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

try:
    __version__ = version("dateline")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0.0.0"
