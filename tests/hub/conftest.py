"""Event loops that the hub's tests run on."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

Loops = Mapping[str, Callable[[], asyncio.AbstractEventLoop]]


def pytest_asyncio_loop_factories(item: pytest.Function) -> Loops:
    """Run each test on asyncio's loop, and those with real connections on uvloop's as well."""
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if hasattr(item.module, "HubHarness"):
        loops["uvloop"] = uvloop.new_event_loop
    return loops
