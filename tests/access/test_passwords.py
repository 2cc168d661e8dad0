"""Promises of passwords: which may be chosen, and what a flood of them costs."""

import asyncio

import pytest

from app.access.passwords import (
    MAX_LENGTH,
    MIN_LENGTH,
    TooManySignIns,
    WeakPassword,
    check_new_password,
    hash_password,
    verify_password,
)


@pytest.mark.parametrize(
    "password",
    [
        "a long walk to the harbour",
        "seven boats left",
        "kQ2#vX9pL0zT",
        "8f03b2916475",
        "длинная дорога к морю",
        "x" * 3 + "tramwayrailingsoup",
    ],
)
def test_words_that_have_nothing_to_do_with_each_other_make_a_password(password: str):
    """So do letters without any meaning, in any script."""
    check_new_password(password, "Ada Meier", "ada@example.org", "The Courier")


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "P@ssw0rd2024!",
        "qwertyuiop123",
        "1qaz2wsx3edc4",
        "123456789012",
        "aaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "Summer2026!!!!",
        "letmeinletmein1",
        "AdaMeier1234",
        "ada.meier.example",
        "TheCourier2026",
        "            ",
        "correcthorsebatterystaple",
        "йцукенгшщзхъ",
        "1q2w3e4r5t6y7u8i",
        "administrator",
        "motdepasse123",
        "unbelievable1",
        "manchesterunited",
        "liverpoolfc1892",
        "iloveyouforever",
        "charlieandlola1",
        "qwertyuiop[]\\",
        "zaq12wsxcde3",
        "11223344556677",
        "michaeljordan23",
    ],
)
def test_what_is_guessed_first_is_refused(password: str):
    """Ordinary words, rows of keys, repeats, years, and whose password it is."""
    with pytest.raises(WeakPassword, match="easily guessed"):
        check_new_password(password, "Ada Meier", "ada.meier@example.org", "The Courier")


def test_a_password_has_a_length():
    """Both ends are told in characters."""
    with pytest.raises(WeakPassword, match=f"{MIN_LENGTH} characters at least"):
        check_new_password("kQ2#vX9pL0z")
    with pytest.raises(WeakPassword, match=f"{MAX_LENGTH} characters at most"):
        check_new_password("kQ2#vX9pL0zT" * 100)


async def test_a_password_fits_its_own_hash_alone():
    """Two hashes of one password differ; where nothing is kept, nothing fits."""
    kept, again = await hash_password("seven boats left"), await hash_password("seven boats left")
    assert kept != again
    assert "seven" not in kept
    assert await verify_password("seven boats left", kept)
    assert not await verify_password("seven boats came", kept)
    assert not await verify_password("seven boats left", None)


@pytest.mark.full("each of its tries computes a hash")
async def test_a_flood_is_turned_away_and_leaves_nothing_behind():
    """Of very many at once some are told to come again, and afterwards there is room as before."""
    kept = await hash_password("seven boats left")
    flood = [verify_password("seven boats came", kept) for _ in range(100)]
    found = await asyncio.gather(*flood, return_exceptions=True)
    turned_away = [each for each in found if isinstance(each, TooManySignIns)]
    assert len(turned_away) == 100 - 32
    assert [each for each in found if each is False] == [False] * 32
    assert await verify_password("seven boats left", kept)
