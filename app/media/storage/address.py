"""Selects the library that a setting names: a folder, or `s3://BUCKET/PREFIX`."""

import re
from importlib.util import find_spec
from pathlib import Path

from app.media.storage.disk import DiskLibrary
from app.media.storage.storage import Library

_S3 = re.compile(
    r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*))?/?"
)


def check_media_url(url: str) -> str:
    """Refuse an address that names no library.

    Raises:
        ValueError: the address is malformed, or a package that it needs is not installed.
    """
    if not _S3.fullmatch(url):
        raise ValueError("expected s3://BUCKET or s3://BUCKET/PREFIX")
    if find_spec("boto3") is None:  # importing it takes a third of a second
        raise ValueError("S3 storage needs the extra dateline[s3]")
    return url


def open_library(url: str | None, folder: Path) -> Library:
    """Return the library at an address.

    Args:
        url: an address that `check_media_url` accepts; None for the folder.
        folder: a folder of this machine.
    """
    match = _S3.fullmatch(url) if url else None
    if match is None:
        return DiskLibrary(folder)
    from app.media.storage.s3 import S3Library  # noqa: PLC0415  an optional extra, and slow to import

    return S3Library(match[1], match[2] or "")
