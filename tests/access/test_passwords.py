"""Tests of passwords: which are accepted, and how many are verified at once."""

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
    """Unrelated words and random characters are accepted, in any script."""
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
    """Common words, keyboard rows, repetitions, years and the person's own names are refused."""
    with pytest.raises(WeakPassword, match="easily guessed"):
        check_new_password(password, "Ada Meier", "ada.meier@example.org", "The Courier")


def test_a_password_has_a_length():
    """A password has a minimum and a maximum length, which the error names in characters."""
    with pytest.raises(WeakPassword, match=f"{MIN_LENGTH} characters at least"):
        check_new_password("kQ2#vX9pL0z")
    with pytest.raises(WeakPassword, match=f"{MAX_LENGTH} characters at most"):
        check_new_password("kQ2#vX9pL0zT" * 100)


async def test_a_password_fits_its_own_hash_alone():
    """A password matches its own hash only; hashes are salted, and None matches nothing."""
    first_hash, second_hash = (
        await hash_password("seven boats left"),
        await hash_password("seven boats left"),
    )
    assert first_hash != second_hash
    assert "seven" not in first_hash
    assert await verify_password("seven boats left", first_hash)
    assert not await verify_password("seven boats came", first_hash)
    assert not await verify_password("seven boats left", None)


@pytest.mark.full("each of its tries computes a hash")
async def test_a_flood_is_turned_away_and_leaves_nothing_behind():
    """Verifications beyond the queue's limit are refused, and later ones succeed again."""
    digest = await hash_password("seven boats left")
    verifications = [verify_password("seven boats came", digest) for _ in range(100)]
    results = await asyncio.gather(*verifications, return_exceptions=True)
    refused = [result for result in results if isinstance(result, TooManySignIns)]
    assert len(refused) == 100 - 32
    assert [result for result in results if result is False] == [False] * 32
    assert await verify_password("seven boats left", digest)
