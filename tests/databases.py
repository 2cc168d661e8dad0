"""Stores for tests, in each supported database."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest

from app.store.engine import Store
from app.store.tables import CoverageRow
from tests.servers import PostgresServer, postgres_server

Database = Literal["sqlite", "postgresql"]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One PostgreSQL server for all tests; a test that stops it starts it again."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_record(postgres: PostgresServer) -> str:
    """The database for all tests that need one with tables, since migrating takes a while."""
    url = postgres.fresh_database()
    _migrate(url)
    return url


@pytest.fixture(scope="session")
def sqlite_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables, which each test copies, since migrating takes a while."""
    file = tmp_path_factory.mktemp("record") / "dateline.db"
    _migrate(f"sqlite:///{file}")
    return file


def _migrate(url: str) -> None:
    async def run() -> None:
        store = Store(url)
        await store.migrate()
        await store.close()

    with ThreadPoolExecutor(1) as pool:  # a running loop may exist in this thread
        pool.submit(asyncio.run, run()).result()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """The database of the test."""
    return request.param


@pytest.fixture
def empty_database(database: Database, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables; for SQLite the file does not exist yet."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path}/record/dateline.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.fresh_database()


@pytest.fixture
def record_url(database: Database, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of the database that the fixture `store` opens."""
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_record"), tmp_path / "dateline.db")
        return f"sqlite:///{tmp_path}/dateline.db"
    url: str = request.getfixturevalue("postgres_record")
    return url


@pytest.fixture
async def store(record_url: str) -> AsyncIterator[Store]:
    """A store with empty tables."""
    opened_store = Store(record_url)
    if not opened_store.is_sqlite:
        async with opened_store.writing() as session:
            for table in reversed(CoverageRow.metadata.sorted_tables):
                await session.exec(table.delete())
    yield opened_store
    await opened_store.close()
