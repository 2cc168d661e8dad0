"""An instrument that finds whatever a task waits for while it has a transaction open.

A task that waits gives control back to the loop. The instrument stands between every task and the
loop, and looks at that moment: if the task is in `Store.reading` or `Store.writing`, what it waits
for must lie behind SQLAlchemy, which is the database driver. So a client, a thread, a process, a
lock or a pause is found, whatever it is called and however deep it lies; and so is a second
transaction in the first, for which all connections may be taken. What computes for long without
waiting is found by name: renderers and hashes refuse to run in a transaction.
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

MARK = "inside a transaction:"
# What is replaced, the store first, then what computes for long.
WATCHED: list[tuple[Any, tuple[str, ...]]] = [
    (Store, ("reading", "writing", "migrate")),
    (jinja2.Template, ("render",)),
    (markdown_it.MarkdownIt, ("render",)),
    (html_sanitiser, ("sanitise",)),
    (pwdlib.PasswordHash, ("hash", "verify")),
]
_open: dict[asyncio.Task[Any], str] = {}  # the tasks with a transaction, and where it was opened


def install(report: Callable[[str], None]) -> None:
    """Watch every task of this process that begins after the first database was migrated.

    Args:
        report: told of each fault, in one line that holds `MARK`.
    """
    for name in ("reading", "writing"):
        setattr(Store, name, _noting(getattr(Store, name), name, report))
    migrate = Store.migrate

    async def migrate_and_watch(store: Store) -> list[str]:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, work, **options: _begin(loop, work, report, **options))
        return await migrate(store)

    Store.migrate = migrate_and_watch  # type: ignore[method-assign]
    for owner, names in WATCHED[1:]:
        for name in names:
            setattr(owner, name, _refusing(getattr(owner, name), report))


def _noting(
    opener: Callable[[Store], AbstractAsyncContextManager[AsyncSession]],
    name: str,
    report: Callable[[str], None],
) -> Callable[[Store], AbstractAsyncContextManager[AsyncSession]]:
    @asynccontextmanager
    async def opened(store: Store) -> AsyncIterator[AsyncSession]:
        task = asyncio.current_task()
        assert task is not None
        if task in _open:
            report(f"{name} is opened {MARK} {_open[task]}")
        async with opener(store) as session:
            before = _open.get(task)
            _open[task] = before or f"{name} by {task.get_name()}"
            try:
                yield session
            finally:
                if before is None:
                    del _open[task]

    return opened


def _refusing(work: Callable[..., Any], report: Callable[[str], None]) -> Callable[..., Any]:
    @wraps(work)
    def refuse(*args: Any, **kwargs: Any) -> Any:
        try:
            task = asyncio.current_task()
        except RuntimeError:  # a thread beside the loop
            task = None
        if task in _open:
            report(f"{work.__qualname__} runs {MARK} {_open[task]}")
        return work(*args, **kwargs)

    return refuse


def _begin(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    report: Callable[[str], None],
    **options: Any,
) -> asyncio.Task[Any]:
    return asyncio.Task(_Watched(work, report), loop=loop, **options)


class _Watched(Coroutine[Any, Any, Any]):
    """A coroutine that is looked at whenever it gives control back."""

    def __init__(self, work: Any, report: Callable[[str], None]) -> None:
        self._work = work
        self._report = report

    def send(self, value: Any) -> Any:
        waited = self._work.send(value)
        self._look()
        return waited

    def throw(self, *error: Any) -> Any:
        waited = self._work.throw(*error)
        self._look()
        return waited

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._work.__await__()  # type: ignore[no-any-return]

    def _look(self) -> None:
        task = asyncio.current_task()
        if task not in _open:
            return
        places = list(_frames(self._work))
        if not any("/sqlalchemy/" in file for file, _ in places):
            where = " > ".join(f"{file.rpartition('/')[2]}:{name}" for file, name in places[-6:])
            self._report(f"{where} waits {MARK} {_open[task]}")


def _frames(work: Any) -> Generator[tuple[str, str], None, None]:
    """The file and name of each function that waits, from the task's own to the innermost."""
    while work is not None:
        for code, waited in (("cr_code", "cr_await"), ("gi_code", "gi_yieldfrom")):
            if hasattr(work, code):
                found = getattr(work, code)
                yield found.co_filename, found.co_qualname
                work = getattr(work, waited)
                break
        else:
            yield type(work).__module__, type(work).__name__
            return


def to_standard_error(fault: str) -> None:
    """Where a server's faults are told: its log is a test's to read."""
    sys.stderr.write(f"{fault}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    from app.cli import main

    install(to_standard_error)
    main()
