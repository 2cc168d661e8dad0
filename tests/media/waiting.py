"""Waiting for renditions that are created in the background."""

import time

import httpx

from tests.media.sending import Json

_TIMEOUT = 60.0  # seconds


def wait_for_avif(reader: httpx.Client, media: Json) -> None:
    """Wait until each AVIF address serves an AVIF file."""
    deadline = time.monotonic() + _TIMEOUT
    pending = [r["url"] for r in media["renditions"] if r["type"] == "image/avif"]
    while pending:
        head = reader.head(pending[0])
        if head.headers["content-type"] == "image/avif":
            pending.pop(0)
            continue
        assert time.monotonic() < deadline, "no AVIF came"
        time.sleep(0.05)
