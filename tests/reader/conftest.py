"""What tests of readers ask for: one newsroom for all tests of a file."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.reader.doors import Doors, open_doors


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    """A newsroom for a file, whose tests run in its loop and use coverages of their own."""
    async with open_doors(tmp_path_factory.mktemp("doors")) as doors:
        yield doors
