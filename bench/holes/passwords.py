"""Item 7: passwords that can be guessed, and second factors."""

from pathlib import Path

from bench.holes.hole import Hole
from bench.holes.newsroom import Newsroom, newsroom, yes

# Derived from the top of lists of leaked passwords; all have 12 characters or more.
_COMMON = [
    "password1234",
    "passwordpassword",
    "password123456",
    "password12345",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "qwertyuiop123",
    "qwertyuiopasdf",
    "qwerty123456",
    "123456789012",
    "1234567890123",
    "123123123123",
    "111111111111",
    "abc123abc123",
    "abcdefghijkl",
    "abcd12345678",
    "iloveyou1234",
    "iloveyouforever",
    "welcome12345",
    "letmein12345",
    "administrator",
    "admin1234567",
    "changeme1234",
    "trustno1trustno1",
    "sunshine1234",
    "princess1234",
    "football1234",
    "baseball1234",
    "superman1234",
    "michaeljordan",
    "charlie12345",
    "liverpoolfc1",
    "manchesterunited",
    "chocolate123",
    "butterfly123",
    "qazwsxedcrfv",
    "zaq12wsxcde3",
    "q1w2e3r4t5y6",
    "p@ssw0rd1234",
    "Passw0rd1234",
    "Summer2024!!",
    "Winter2025!!",
    "monkeymonkey",
    "dragondragon",
    "mustang12345",
    "starwars1234",
    "pokemon12345",
    "whatever1234",
    "skateboarding",
    "snowboarding",
    "christopher1",
    "jonathan1234",
    "alexander123",
    "thunderbird1",
    "unbelievable",
    "babygirl1234",
    "sweetheart12",
    "lovelovelove",
    "ihateyou1234",
    "justinbieber",
    "harrypotter1",
    "playstation3",
    "marlboro1234",
    "blink182blink",
    "1qazxsw23edc",
    "zxcvbnm12345",
    "asdfghjkl123",
    "147258369147",
    "789456123789",
    "13579246810q",
    "california12",
    "chelsea12345",
    "arsenal12345",
]


def _accepted(program: Path) -> str:
    with newsroom(program) as room:
        links = [room.link(role="contributor") for _ in _COMMON]
        pairs = enumerate(zip(links, _COMMON, strict=True))
        taken = sum(room.take(link, f"p{n}", word).is_redirect for n, (link, word) in pairs)
        return f"{taken} of {len(_COMMON)}"


def _account(room: Newsroom, words: str) -> bool:
    room.join("editor", role="editor")
    with room.signed_in("editor") as browser:
        return words in browser.get("/desk/account").text.lower()


def _codes(program: Path) -> str:
    with newsroom(program) as room:
        return yes(_account(room, "second factor"))


def _passkeys(program: Path) -> str:
    with newsroom(program) as room:
        return yes(_account(room, "passkey"))


def _enforced(program: Path) -> str:
    with newsroom(program, {"SECOND_FACTOR": "editor"}) as room:
        room.join("editor", role="editor")
        with room.signed_in("editor") as browser:
            return yes(not browser.get("/desk").is_success)


HOLES = (
    Hole(7, "common passwords of 12 and more characters that are accepted", _accepted),
    Hole(7, "people can set up codes of an authenticator app", _codes),
    Hole(7, "people can set up passkeys", _passkeys),
    Hole(7, "DATELINE_SECOND_FACTOR=editor refuses people without one", _enforced),
)
