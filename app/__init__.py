"""Dateline: a server for live coverage."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("dateline")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0.0.0"
