"""Tests of the directory of people, in both databases."""

import asyncio

import pytest

from app.access.directory import PersonFields, change_person, list_people
from app.access.people import LastChief, Person, UnknownPerson, find_by_email, find_person
from app.store.engine import Store
from app.timeline.errors import UnknownCoverage
from tests.access.newsroom import HOUR, open_coverage, take_in
from tests.strategies import START


async def change(store: Store, person: Person, **fields: object) -> Person:
    """Change a person and return them."""
    async with store.writing() as session:
        return await change_person(session, person.id, PersonFields(**fields), START + HOUR)  # type: ignore[typeddict-item]


async def test_what_is_left_out_stays(store: Store):
    """A change sets only the given fields."""
    await take_in(store, "ann", "chief")
    bob, slug = await take_in(store, "bob"), await open_coverage(store)
    assert (await change(store, bob, name="Robert")).name == "Robert"
    reassigned = await change(store, bob, role=None, coverages={slug: "editor"})
    assert (reassigned.name, reassigned.role, reassigned.coverages) == (
        "Robert",
        None,
        {slug: "editor"},
    )
    disabled = await change(store, bob, disabled=True)
    assert (disabled.disabled_at, disabled.coverages) == (START + HOUR, {slug: "editor"})
    enabled = await change(store, bob, disabled=False, coverages={})
    assert (enabled.disabled_at, enabled.coverages, enabled.name) == (None, {}, "Robert")


async def test_the_time_of_the_loss_does_not_move(store: Store):
    """Disabling a person again keeps the first time."""
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        await change_person(session, bob.id, {"disabled": True}, START)
        person = await change_person(session, bob.id, {"disabled": True}, START + HOUR)
    assert person.disabled_at == START


@pytest.mark.parametrize("fields", [{"role": "editor"}, {"role": None}, {"disabled": True}])
async def test_the_last_chief_keeps_role_and_access(store: Store, fields: dict[str, object]):
    """The last chief keeps role and access; a disabled or one-coverage chief is not counted."""
    slug = await open_coverage(store)
    ann, bob, eve = [await take_in(store, name, "chief") for name in ("ann", "bob", "eve")]
    await change(store, bob, disabled=True)
    await change(store, eve, role=None, coverages={slug: "chief"})
    with pytest.raises(LastChief, match="Ann"):
        await change(store, ann, **fields)
    assert (await change(store, ann, name="Anna")).role == "chief"
    await change(store, bob, disabled=False)
    await change(store, ann, **fields)


async def test_two_chiefs_cannot_take_the_role_from_each_other(store: Store):
    """Of two chiefs who are demoted at the same time one stays chief."""
    last: Person | None = None
    for number in range(5):
        pair = [await take_in(store, f"{name}{number}", "chief") for name in ("ann", "bob")]
        if last is not None:
            await change(store, last, role="editor")
        results = await asyncio.gather(
            *(change(store, person, role="editor") for person in pair), return_exceptions=True
        )
        assert sum(isinstance(result, LastChief) for result in results) == 1
        async with store.reading() as session:
            (last,) = [p for p in await list_people(session) if p.role == "chief"]


async def test_a_role_in_no_coverage_is_refused_whole(store: Store):
    """A role in an unknown coverage is refused, and nothing of the change is stored."""
    bob = await take_in(store, "bob")
    for slug in ("nowhere", "\x00", "x" * 500):
        with pytest.raises(UnknownCoverage):
            await change(store, bob, name="Robert", coverages={slug: "editor"})
    async with store.reading() as session:
        assert await find_person(session, bob.id) == bob


@pytest.mark.parametrize("person_id", ["", "x", "0" * 16, "\x00", "a" * 500])
async def test_nobody_can_be_changed_who_is_not_there(store: Store, person_id: str):
    """An unknown person id raises `UnknownPerson`, whatever its form."""
    async with store.writing() as session:
        with pytest.raises(UnknownPerson):
            await change_person(session, person_id, {"name": "x"}, START)


@pytest.mark.parametrize("email", ["", "\x00@example.org", "nobody@example.org", "é@example.org"])
async def test_nobody_is_found_by_what_is_no_address_of_theirs(store: Store, email: str):
    """An unknown address is not found, without a database error; case and spaces are ignored."""
    bob = await take_in(store, "bob")
    async with store.reading() as session:
        assert await find_by_email(session, email) is None
        assert await find_by_email(session, " BOB@example.org ") == bob


async def test_everybody_is_listed_by_name(store: Store):
    """People are listed by name with their roles, including disabled ones."""
    slug = await open_coverage(store)
    eve, bob = await take_in(store, "eve"), await take_in(store, "bob")
    await change(store, bob, disabled=True, coverages={slug: "chief"})
    async with store.reading() as session:
        listed = await list_people(session)
    assert [person.name for person in listed] == ["Bob", "Eve"]
    assert listed[0].coverages == {slug: "chief"}
    assert listed[0].disabled_at is not None
    assert listed[1] == eve
