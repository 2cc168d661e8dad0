"""The database: opening it, refusing it, losing and recovering the connection."""

import asyncio
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import select

from app.store import sqlite
from app.store.coverages import find_coverage
from app.store.database_url import parse_database_url
from app.store.engine import READS_ANONYMOUSLY, Store
from app.store.errors import StoreError
from app.store.journal import lock_coverage
from app.timeline.entry import Body
from app.timeline.errors import UnknownCoverage
from tests.record import Record, publish_one
from tests.servers import PostgresServer
from tests.strategies import Action


async def open_store(folder: Path) -> Store:
    """Open a migrated store in a file."""
    store = Store(f"sqlite:///{folder}/dateline.db")
    await store.migrate()
    return store


async def refusal(url: str) -> str:
    """Return the message with which migrating and checking a database are both refused."""
    store = Store(url)
    messages = set()
    for operation in (store.migrate, store.check):
        with pytest.raises(StoreError) as caught:
            await operation()
        messages.add(str(caught.value))
    await store.close()
    assert all("\n" not in line and "cannot open the database" in line for line in messages)
    return messages.pop()


@pytest.mark.parametrize(
    ("text", "driver", "database"),
    [
        ("sqlite:///dateline.db", "sqlite+aiosqlite", "dateline.db"),
        ("sqlite:////var/lib/dateline.db", "sqlite+aiosqlite", "/var/lib/dateline.db"),
        ("postgresql://ann:secret@db/news", "postgresql+psycopg", "news"),
        ("postgres://ann:secret@db/news", "postgresql+psycopg", "news"),
        ("postgresql+asyncpg://db/news", "postgresql+psycopg", "news"),
    ],
)
def test_an_address_gets_the_driver_that_is_here(text: str, driver: str, database: str):
    """A database URL gets this program's driver, whichever driver it names."""
    url = parse_database_url(text)
    assert (url.drivername, url.database) == (driver, database)


@pytest.mark.parametrize(
    "text", ["", "x", "dateline.db", "mysql://db/news", "sqlite", "oracle://x", "https://x.example"]
)
def test_another_kind_of_address_is_refused(text: str):
    """Any other URL is refused with the expected forms."""
    with pytest.raises(ValueError, match="expected sqlite:///FILE or postgresql://"):
        parse_database_url(text)


@pytest.mark.parametrize("text", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_record_that_would_be_gone_with_the_process_is_refused(text: str):
    """An in-memory SQLite database is refused, since the journal would be lost with the process."""
    with pytest.raises(ValueError, match="expected a file"):
        parse_database_url(text)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    """A file that is not a database is refused and unchanged."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear editor, " * 200)
    assert "not a database" in await refusal(f"sqlite:///{path}")
    assert path.read_text() == "Dear editor, " * 200


async def test_a_folder_is_no_database(tmp_path: Path):
    """A folder, and a path below a file, are refused."""
    await refusal(f"sqlite:///{tmp_path}")
    (tmp_path / "file").write_text("")
    store = Store(f"sqlite:///{tmp_path}/file/below/dateline.db")
    with pytest.raises(StoreError, match="cannot open the database"):
        await store.migrate()
    await store.close()


async def test_a_server_that_is_not_there_is_said_so(tmp_path: Path):
    """An unreachable server is reported without the password."""
    message = await refusal(f"postgresql://ann:secret@/news?host={tmp_path}")
    assert "secret" not in message
    assert "ann" in message


async def test_the_folder_of_the_file_is_made(tmp_path: Path):
    """Missing folders of the database file are created."""
    store = await open_store(tmp_path / "a" / "b")
    await store.check()
    await store.close()
    assert (tmp_path / "a" / "b" / "dateline.db").is_file()


async def test_a_committed_change_outlives_a_power_cut(tmp_path: Path):
    """SQLite synchronizes at each commit, enforces foreign keys and overwrites deleted data."""
    store = await open_store(tmp_path)
    for pool in (store._writers, store._readers):
        async with pool.connect() as connection:
            pragmas = {
                name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
            }
        assert pragmas == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "secure_delete": 1,
        }
    await store.close()


@pytest.mark.parametrize("size", [10, 3_000, 60_000])
async def test_retracted_words_are_gone_from_the_file_itself(tmp_path: Path, size: int):
    """Law 5: retracted text is overwritten in the database file, however long it was."""
    store = await open_store(tmp_path)
    record = await Record(store).open()
    secret = "cassiopeia"
    body = Body(f"<p>{secret * (size // 10)}</p>", secret)
    entry = await record.publish(f"{secret} headline", body=body, tags=(secret,), key_event=True)
    await record.act_all(
        [Action("amend", fields={"tags": (secret, "moon")}), Action("change", head={"title": "x"})]
    )
    await record.publish("Another")
    await record.retract(entry)
    await store.close()
    raw = _bytes_below(tmp_path)
    assert b"It was wrong." in raw
    assert secret.encode() not in raw


def _bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("kind", ["folder", "text"])
async def test_a_database_that_cannot_be_opened_leaves_no_thread(tmp_path: Path, kind: str):
    """A thread that is left would report its end to a loop that may be closed by then."""
    path = tmp_path / "named"
    if kind == "folder":
        path.mkdir()
    else:
        path.write_text("Dear editor, " * 200)
    before = set(threading.enumerate())
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError):
        await store.migrate()
    await store.close()
    left = set(threading.enumerate()) - before
    assert [thread for thread in left if "connection_worker" in thread.name] == []


async def test_a_writer_that_has_to_wait_too_long_gives_up(tmp_path: Path, monkeypatch):
    """A writer that waits longer than the busy time-out fails, and the next one succeeds."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 50)
    store = await open_store(tmp_path)
    record = await Record(store).open()
    other_connection = sqlite3.connect(tmp_path / "dateline.db", isolation_level=None)
    other_connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        await publish_one(store, record.slug, "late")
    other_connection.execute("ROLLBACK")
    other_connection.close()
    assert await publish_one(store, record.slug, "next") == 2
    await store.close()


async def test_writers_of_one_file_wait_in_line(tmp_path: Path, monkeypatch):
    """100 writers of one process wait for each other, however short SQLite's busy time-out is."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 50)
    store = await open_store(tmp_path)
    record = await Record(store).open()
    seqs = await asyncio.gather(*(publish_one(store, record.slug, f"w{n}") for n in range(100)))
    assert seqs == list(range(2, 102))
    await store.close()


async def test_a_refusal_inside_a_transaction_undoes_it(store: Store):
    """An exception inside a transaction rolls it back and is raised unchanged."""
    with pytest.raises(UnknownCoverage):
        async with store.writing() as session:
            await lock_coverage(session, "unknown")
    await Record(store).open()


async def test_a_database_that_went_away_is_found_again(postgres: PostgresServer):
    """While the server is down every operation fails; afterwards the same store works again."""
    store = Store(postgres.fresh_database())
    await store.migrate()
    record = await Record(store).open()
    assert await publish_one(store, record.slug, "before") == 2
    postgres.stop()
    try:
        with pytest.raises(StoreError):
            await store.check()
        with pytest.raises(DBAPIError):
            await publish_one(store, record.slug, "meanwhile")
        async with store.reading() as session:
            with pytest.raises(DBAPIError):
                await find_coverage(session, record.slug)
    finally:
        postgres.start()
    await store.check()
    assert await publish_one(store, record.slug, "after") == 3
    async with store.reading() as session:
        assert (await find_coverage(session, record.slug)).cursor.seq == 3
    await store.close()


async def test_a_transaction_that_the_server_cut_off_left_nothing(postgres: PostgresServer):
    """If the server ends a transaction's session, the writer fails and nothing is stored."""
    store = Store(postgres.fresh_database())
    await store.migrate()
    record = await Record(store).open()

    async def write() -> None:
        async with store.writing() as session:
            await lock_coverage(session, record.slug)
            postgres._execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE state = 'idle in transaction'"
            )
            await lock_coverage(session, record.slug)

    with pytest.raises(DBAPIError):
        await write()
    assert await publish_one(store, record.slug, "next") == 2
    await store.close()


async def test_anonymous_clients_leave_connections_to_the_newsroom(store: Store):
    """While 40 anonymous readers hold connections, another reader still gets one."""
    is_over = asyncio.Event()

    async def read_long() -> None:
        READS_ANONYMOUSLY.set(True)
        async with store.reading() as session:
            await session.exec(select(1))
            await is_over.wait()

    anonymous = [asyncio.create_task(read_long()) for _ in range(40)]
    for _ in range(4):
        async with asyncio.timeout(30), store.reading() as session:
            await session.exec(select(1))
    assert not any(task.done() for task in anonymous)
    is_over.set()
    await asyncio.gather(*anonymous)


def test_a_connection_on_its_way_back_is_waited_for(tmp_path: Path) -> None:
    """Closing the store waits for a connection that a cancelled task is still returning."""

    async def run() -> None:
        store = await open_store(tmp_path)
        is_reading = asyncio.Event()

        async def read() -> None:
            async with store.reading() as session:
                raw = await (await session.connection()).get_raw_connection()
                connection = raw.driver_connection
                assert connection is not None
                slow.add(asyncio.create_task(connection._execute(time.sleep, 0.3)))
                is_reading.set()
                await asyncio.Event().wait()

        slow: set[asyncio.Task[None]] = set()
        reading = asyncio.create_task(read())
        await is_reading.wait()
        reading.cancel()
        await store.close()
        assert reading.cancelled()

    asyncio.run(run())


async def test_a_write_that_is_cancelled_ends_in_order(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A cancelled write is committed or rolled back completely, and nothing is logged."""
    store = await open_store(tmp_path)
    record = await Record(store).open()
    seq = 1
    for turns in range(0, 300, 3):
        writing = asyncio.create_task(publish_one(store, record.slug, f"w{turns}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait({writing})
        after = await publish_one(store, record.slug, f"after{turns}")
        assert after - seq in {1, 2}
        seq = after
    assert caplog.records == []
    await store.close()
