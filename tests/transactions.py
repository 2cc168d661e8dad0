"""A monitor that reports whatever a task waits for while it has a transaction open.

A task that waits yields to the event loop. The monitor wraps every task and checks it at that
moment: if the task is in `Store.reading` or `Store.writing`, it must be waiting below SQLAlchemy or
the database driver. So a client, a thread, a process, a lock or a pause is found at any depth,
and so is a second transaction within the first, for which all connections may be in use. Long
computations do not yield, and are found by name: renderers and password hashes are reported if they
run in a transaction.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import wraps
from typing import Any

import jinja2
import markdown_it
import pwdlib
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats import html_sanitiser
from app.store.engine import Store
from tests.long_turns import turn

_DATABASE = ("/sqlalchemy/", "/psycopg/", "/aiosqlite/", "/store/ending.py")
MARK = "inside a transaction:"
# What is patched: the store first, then long computations.
WATCHED: list[tuple[Any, tuple[str, ...]]] = [
    (Store, ("reading", "writing", "migrate")),
    (jinja2.Template, ("render",)),
    (markdown_it.MarkdownIt, ("render",)),
    (html_sanitiser, ("sanitise",)),
    (pwdlib.PasswordHash, ("hash", "verify")),
]
_open: dict[asyncio.Task[Any], str] = {}  # tasks in a transaction, and where it was opened


def install(report: Callable[[str], None]) -> None:
    """Watch every task of this process that begins after the first database was migrated.

    Args:
        report: called with each fault, as one line that contains `MARK`.
    """
    for name in ("reading", "writing"):
        setattr(Store, name, _track(getattr(Store, name), name, report))
    migrate = Store.migrate

    async def migrate_and_watch(store: Store) -> list[str]:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(
            lambda loop, work, **options: _create_task(loop, work, report, **options)
        )
        return await migrate(store)

    Store.migrate = migrate_and_watch  # type: ignore[method-assign]
    for owner, names in WATCHED[1:]:
        for name in names:
            setattr(owner, name, _report_calls(getattr(owner, name), report))


def _track(
    opener: Callable[..., AbstractAsyncContextManager[AsyncSession]],
    name: str,
    report: Callable[[str], None],
) -> Callable[..., AbstractAsyncContextManager[AsyncSession]]:
    @asynccontextmanager
    async def opened(store: Store, **options: bool) -> AsyncIterator[AsyncSession]:
        task = asyncio.current_task()
        assert task is not None
        if task in _open:
            report(f"{name} is opened {MARK} {_open[task]}")
        async with opener(store, **options) as session:
            before = _open.get(task)
            _open[task] = before or f"{name} by {task.get_name()}"
            try:
                yield session
            finally:
                if before is None:
                    del _open[task]

    return opened


def _report_calls(work: Callable[..., Any], report: Callable[[str], None]) -> Callable[..., Any]:
    @wraps(work)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            task = asyncio.current_task()
        except RuntimeError:  # a thread without a loop
            task = None
        if task in _open:
            report(f"{work.__qualname__} runs {MARK} {_open[task]}")
        return work(*args, **kwargs)

    return wrapper


def _create_task(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    report: Callable[[str], None],
    **options: Any,
) -> asyncio.Task[Any]:
    return asyncio.Task(_WatchedCoroutine(work, report), loop=loop, **options)


class _WatchedCoroutine(Coroutine[Any, Any, Any]):
    """A coroutine that is checked whenever it yields to the event loop."""

    def __init__(self, work: Any, report: Callable[[str], None]) -> None:
        self._work = work
        self._report = report

    def send(self, value: Any) -> Any:
        with turn(self._report):
            waited = self._work.send(value)
        self._check()
        return waited

    def throw(self, *error: Any) -> Any:
        waited = self._work.throw(*error)
        self._check()
        return waited

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._work.__await__()  # type: ignore[no-any-return]

    def _check(self) -> None:
        task = asyncio.current_task()
        if task not in _open:
            return
        frames = list(_frames(self._work))
        if not any(library in file for file, _ in frames for library in _DATABASE):
            stack = " > ".join(f"{file.rpartition('/')[2]}:{name}" for file, name in frames[-6:])
            self._report(f"{stack} waits {MARK} {_open[task]}")


def _frames(work: Any) -> Generator[tuple[str, str], None, None]:
    """Yield file and name of each waiting function, from the outermost to the innermost."""
    while work is not None:
        for code, waited in (("cr_code", "cr_await"), ("gi_code", "gi_yieldfrom")):
            if hasattr(work, code):
                code_object = getattr(work, code)
                yield code_object.co_filename, code_object.co_qualname
                work = getattr(work, waited)
                break
        else:
            yield type(work).__module__, type(work).__name__
            return


def to_standard_error(fault: str) -> None:
    """Write a fault to the server's log, where tests read it."""
    sys.stderr.write(f"{fault}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    from app.cli import main

    install(to_standard_error)
    main()
