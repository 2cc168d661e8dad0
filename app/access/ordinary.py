"""Words that passwords are so often made of that they are tried first.

Refuses nothing itself: it says what is left of a password once such words, rows of keys, repeats
and years are taken out of it.
"""

import re
from collections.abc import Iterable
from itertools import takewhile

_WORDS = """
abc access account admin adobe agent alpha amanda america andrea andrew angel animal apple april
arsenal ashley august autumn babygirl banana baseball basketball batman beautiful blink boston
breaking butterfly carlos changeme charlie cheese chelsea chicken chocolate coffee computer
contrasena cookie correcthorsebatterystaple dallas daniel dateline december default diamond dragon
editor elephant everton fashion february flower football forever freedom friday friend ginger
google guest hallo hannah happy harley headline heaven hello hockey hunter iloveyou incorrect
internet january jasmine jennifer jessica jesus jordan joshua july june killer kristina letmein
liverpool login london lovely loveme madrid manager manchester march marina martin master matrix
maverick melissa mercedes michael michelle mikhail minecraft monday monkey montagne mother mustang
myspace natasha newsroom nicole ninja november october office orange parola paris passphrase
passwd passwort password peanut pepper pokemon princess private purple qazwsx qwerty rainbow
reporter root samsung saturday scooter secret september shadow silver simple snoopy soccer sommer
spring starwars student summer sunday sunshine superman superuser sweet system tarzan tequiero
test thomas thunder thursday tigger trustno truelove tuesday twitter user vanessa wachtwoord
warcraft wednesday welcome whatever william winter yankees yamaha yellow zxcvbn
"""
_ROWS = (
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm"),
    *("abcdefghijklmnopqrstuvwxyz", "01234567890", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"),
    *("1q2w3e4r5t6y7u8i9o0p", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
)
_STEP = 4  # keys side by side, from which on it is no coincidence
_SHORTEST = 3  # letters of a name that count
_LETTERS_FOR_SIGNS = str.maketrans("@4301!|$57", "aaeolllsst")
_YEAR = re.compile(r"(?:19|20)\d\d")
_REPEAT = re.compile(r"(.+?)\1{2,}")
_GAP = "\n"


def remainder(password: str, own: Iterable[str] = ()) -> str:
    """What is left of a password, in small letters.

    Args:
        password: as it was typed.
        own: what is known of whose it is: their name, their address.
    """
    parts = {part for text in own for part in re.split(r"\W+|_", text.lower())}
    words = {*_WORDS.split(), *(part for part in parts if len(part) >= _SHORTEST)}
    left = _YEAR.sub(_GAP, _REPEAT.sub(_GAP, password.lower()))
    left = _without_rows(left)
    for word in sorted(words, key=lambda word: (-len(word), word)):
        left = _without(left, word)
    return left.replace(_GAP, "")


def _without(text: str, word: str) -> str:
    """A text without a word, be it written with signs for letters: `p@ssw0rd`."""
    while (
        start := text.translate(_LETTERS_FOR_SIGNS).find(word.translate(_LETTERS_FOR_SIGNS))
    ) >= 0:
        text = text[:start] + _GAP + text[start + len(word) :]
    return text


def _without_rows(text: str) -> str:
    rows = [row for typed in _ROWS for row in (typed, typed[::-1])]
    kept, place = [], 0
    while place < len(text):
        length = max(_run(text, place, row) for row in rows)
        kept.append(_GAP if length >= _STEP else text[place])
        place += length if length >= _STEP else 1
    return "".join(kept)


def _run(text: str, place: int, row: str) -> int:
    """How many letters from a place on stand side by side in a row of keys."""
    at = row.find(text[place])
    pairs = zip(text[place:], row[at:] if at >= 0 else "", strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
