"""Passwords: which may be chosen, what is kept of them, and whether one is right.

Kept are argon2id hashes. Making or checking one takes tens of milliseconds of a processor, so it
happens in a thread beside the loop, a few at a time; when too many wait for that, the next is
turned away, and whoever floods the door takes no processor from the readers. Who is known already,
by a link, a session or a browser that has signed in before, has a queue and a thread apart, which
strangers cannot fill. Refuses what is short,
and what zxcvbn guesses in fewer than ten thousand million tries, with the person's and the
newsroom's names among the words that it tries first.
"""

import asyncio
import os
import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn_rs_py import zxcvbn

SHORTEST = 12  # characters
LONGEST = 1000
_STRONG = 4  # of zxcvbn's scores from 0 to 4: more than 10^10 guesses
# A strong beginning makes the whole strong. The time that zxcvbn takes grows with the length beyond
# all bounds where many signs may stand for letters, and it holds the interpreter meanwhile.
_JUDGED = 32
# Tried first too: words that stand in every copy of this program, and what zxcvbn's own lists lack.
_KNOWN = (
    *("dateline", "newsroom", "liveblog", "correcthorsebatterystaple"),
    *("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "пароль", "contraseña", "wachtwoord"),
)
_WAITING = 32  # checks that wait for their turn

Result = TypeVar("Result")

# Of the choices of equal strength that OWASP names, the one that takes one thread and little time:
# somebody who floods the door takes as much memory and time as this for each wrong password.
_hashes = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=47_104, parallelism=1),))


class WeakPassword(Exception):
    """A password that is too short, or too easily guessed."""


class TooManySignIns(Exception):
    """So many people sign in at this moment that one more has to wait."""


class HashQueue:
    """Hashes that wait for a thread.

    Args:
        name: of the threads.
        threads: how many hashes are computed at a time.
    """

    def __init__(self, name: str, threads: int) -> None:
        # At the loop's priority: the loop would wait while one that stands back is in Python.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._waiting = 0

    async def run(self, do: Callable[[], Result]) -> Result:
        """Compute one.

        Raises:
            TooManySignIns: too many wait.
        """
        if self._waiting >= _WAITING:
            raise TooManySignIns("Very many people sign in just now. Try again in a few seconds.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, do)
        finally:
            self._waiting -= 1


_strangers = HashQueue("passwords", max(1, (os.cpu_count() or 1) // 2))
_known = HashQueue("known-passwords", 1)


async def hash_password(password: str) -> str:
    """What is kept of a password.

    Raises:
        TooManySignIns: it is not its turn yet.
    """
    return await _known.run(lambda: _hashes.hash(password))


async def fits_hash(password: str, kept: str | None, *, is_known: bool = False) -> bool:
    """Whether a password is the right one.

    It takes as long where nothing is kept: how long an answer takes does not tell who works here.

    Args:
        password: as it was typed.
        kept: the hash; None for none.
        is_known: whether whoever tries is known already, and does not wait for strangers.

    Raises:
        TooManySignIns: it is not its turn yet.
    """

    def verify() -> bool:
        nobodys = _nobodys()  # always, so that the first time does not tell either
        return _hashes.verify(password[:LONGEST], kept or nobodys)

    queue = _known if is_known else _strangers
    return await queue.run(verify) and kept is not None


@cache
def _nobodys() -> str:
    return _hashes.hash(secrets.token_hex(16))


def check_new_password(password: str, *own: str) -> None:
    """Refuse a password that others would guess.

    Args:
        password: the one that was chosen.
        own: name and address of whose it will be, and the newsroom's name.

    Raises:
        WeakPassword: it is one of those; says what is wrong with it.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(f"A password needs {SHORTEST} characters at least.")
    if len(password) > LONGEST:
        raise WeakPassword(f"A password has {LONGEST} characters at most.")
    # Whole, in parts, and run together: each of them costs a guesser one try.
    words = {w for text in own for w in (text, *text.split("@"), *re.split(r"\W+|_", text))}
    words |= {re.sub(r"\W", "", text) for text in own}
    judged = zxcvbn(password[:_JUDGED], [*sorted(w.lower() for w in words if w), *_KNOWN])
    if int(judged.score) < _STRONG:
        raise WeakPassword(
            "This password is easily guessed: it is among the common ones, or made of a few common"
            " words, rows of keys, dates, or your own name. Four words that have nothing to do with"
            " each other make a good one."
        )
