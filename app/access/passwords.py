"""Passwords: the rules for new ones, their hashes, and their verification.

Passwords are stored as argon2id hashes. Computing one takes tens of milliseconds of a processor, so
threads beside the event loop compute a few at a time. When too many requests wait, further ones are
refused, so that a flood of sign-ins takes no processor time from readers. Clients that are known
already, by a link, a session or a browser that has signed in before, have a queue and a thread of
their own, which anonymous clients cannot fill.

New passwords are refused if they are short, or if zxcvbn needs fewer than ten thousand million
guesses, with the person's and the newsroom's names among the words that it tries first.
"""

import asyncio
import os
import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pwdlib import PasswordHash

MIN_LENGTH = 12  # characters
MAX_LENGTH = 1000
_MIN_SCORE = 4  # of zxcvbn's scores from 0 to 4: more than 10^10 guesses
# The first characters that zxcvbn judges: if they are strong, so is the whole. The time that zxcvbn
# takes explodes with the length if many characters may stand for letters, and it holds the GIL.
_SCORED = 32
# More words to try first: those in every copy of this program, and common ones missing in zxcvbn.
_KNOWN = (
    *("dateline", "newsroom", "liveblog", "correcthorsebatterystaple"),
    *("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "пароль", "contraseña", "wachtwoord"),
)
_WAITING = 32  # hashes of a queue that run or wait

Result = TypeVar("Result")


class WeakPassword(Exception):
    """A new password that is too short, too long, or too easily guessed."""


class TooManySignIns(Exception):
    """Too many sign-ins are being processed; the client has to try again later."""


class HashQueue:
    """A bounded queue of hashes, with threads that compute them.

    Args:
        name: the prefix of the threads' names.
        threads: the number of hashes that are computed concurrently.
    """

    def __init__(self, name: str, threads: int) -> None:
        # At the event loop's priority: a thread of lower priority could hold the GIL while the loop
        # waits for it.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._waiting = 0

    async def run(self, do: Callable[[], Result]) -> Result:
        """Compute a hash in one of the threads.

        Raises:
            TooManySignIns: the queue is full.
        """
        if self._waiting >= _WAITING:
            raise TooManySignIns("Too many people are signing in. Try again in a few seconds.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, do)
        finally:
            self._waiting -= 1


_anonymous_queue = HashQueue("passwords", max(1, (os.cpu_count() or 1) // 2))
_known_queue = HashQueue("known-passwords", 1)


async def hash_password(password: str) -> str:
    """Hash a password for storage.

    Raises:
        TooManySignIns: the queue is full.
    """
    return await _known_queue.run(lambda: _hashes().hash(password))


async def verify_password(password: str, digest: str | None, *, is_known: bool = False) -> bool:
    """Whether a password matches a hash.

    Without a hash this takes just as long, so that the response time does not reveal which
    addresses exist.

    Args:
        password: the password as it was typed.
        digest: the stored hash; None if there is none.
        is_known: whether the client is known already and uses the queue for known clients.

    Raises:
        TooManySignIns: the queue is full.
    """

    def verify() -> bool:
        dummy = _dummy_hash()  # always, so that the first call's time reveals nothing either
        return _hashes().verify(password[:MAX_LENGTH], digest or dummy)

    queue = _known_queue if is_known else _anonymous_queue
    return await queue.run(verify) and digest is not None


@cache
def _hashes() -> "PasswordHash":
    # Imported by the thread that computes the first hash.
    from pwdlib import PasswordHash  # noqa: PLC0415
    from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415

    # Of the equally strong parameters that OWASP recommends, those with one thread and the least
    # time: each wrong password of an attacker costs the server this much memory and time.
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=47_104, parallelism=1),))


@cache
def _dummy_hash() -> str:
    return _hashes().hash(secrets.token_hex(16))


def check_new_password(password: str, *own: str) -> None:
    """Check that a new password is long enough and hard to guess.

    Args:
        password: the chosen password.
        own: the person's name and address, and the newsroom's name.

    Raises:
        WeakPassword: the password is refused; the message says why.
    """
    if len(password) < MIN_LENGTH:
        raise WeakPassword(f"A password needs {MIN_LENGTH} characters at least.")
    if len(password) > MAX_LENGTH:
        raise WeakPassword(f"A password has {MAX_LENGTH} characters at most.")
    from zxcvbn_rs_py import zxcvbn  # noqa: PLC0415  commands without passwords do not need it

    # Each text whole, in parts, and run together: each form costs an attacker one guess.
    words = {w for text in own for w in (text, *text.split("@"), *re.split(r"\W+|_", text))}
    words |= {re.sub(r"\W", "", text) for text in own}
    judged = zxcvbn(password[:_SCORED], [*sorted(w.lower() for w in words if w), *_KNOWN])
    if int(judged.score) < _MIN_SCORE:
        raise WeakPassword(
            "This password is easily guessed: it is among the common ones, or made of a few common"
            " words, rows of keys, dates, or your own name. Four words that have nothing to do with"
            " each other make a good one."
        )
