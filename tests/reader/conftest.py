"""Fixtures of the readers' tests."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.reader.newsroom_app import NewsroomApp, open_newsroom_app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def newsroom_app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NewsroomApp]:
    """A newsroom application per file.

    Its tests run in its event loop and use their own coverages.
    """
    async with open_newsroom_app(tmp_path_factory.mktemp("doors")) as newsroom_app:
        yield newsroom_app
