"""Both loops that the hub runs on."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

Loops = Mapping[str, Callable[[], asyncio.AbstractEventLoop]]


def pytest_asyncio_loop_factories(item: pytest.Function) -> Loops:
    """The library's loop, and for tests with real lines uvloop's too, with which uvicorn serves."""
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if hasattr(item.module, "Exchange"):
        loops["uvloop"] = uvloop.new_event_loop
    return loops
