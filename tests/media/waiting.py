"""Waiting for what is made later."""

import time

from tests.conftest import Newsroom
from tests.media.sending import Json

_PATIENCE = 60.0  # seconds


def wait_for_avif(newsroom: Newsroom, media: Json) -> None:
    """Wait until each AVIF address answers with an AVIF file."""
    until = time.monotonic() + _PATIENCE
    waiting = [r["url"] for r in media["renditions"] if r["type"] == "image/avif"]
    while waiting:
        head = newsroom.reader.head(waiting[0])
        if head.headers["content-type"] == "image/avif":
            waiting.pop(0)
            continue
        assert time.monotonic() < until, "no AVIF came"
        time.sleep(0.05)
