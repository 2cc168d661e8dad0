"""Promises of links that can be used once, in both databases."""

import asyncio
from datetime import datetime, timedelta

import pytest

from app.access.acceptance import AccountDetails, accept_invitation
from app.access.directory import change_person, list_people
from app.access.invitations import (
    LIFETIME,
    SET_UP_LIFETIME,
    Invitation,
    InvitationEnded,
    UnknownInvitation,
    delete_expired_invitations,
    end_invitation,
    find_invitation,
    invite,
    invite_back,
    list_invitations,
    make_set_up_link,
)
from app.access.people import EmailTaken, Person, UnknownPerson, find_person
from app.access.roles import NotSignedIn
from app.access.sessions import SessionConfig, begin_session, find_session
from app.store.engine import Store
from tests.access.newsroom import HOUR, open_coverage, take_in
from tests.databases import Database
from tests.record import stored_text
from tests.strategies import START

ADA = AccountDetails("ada@example.org", "Ada", "a hash")
A_MOMENT = timedelta(milliseconds=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Both: a link that can be used once depends on how a database keeps writers apart."""
    return request.param


async def made(store: Store, **options: str) -> tuple[Invitation, str]:
    """An invitation of an editor, and its secret."""
    async with store.writing() as session:
        return await invite(session, "editor", "operator", START, **options)


async def taken(
    store: Store, secret: str, details: AccountDetails = ADA, now: datetime = START
) -> Person:
    """Who takes a link."""
    async with store.writing() as session:
        return await accept_invitation(session, secret, details, now)


async def looked_at(store: Store, secret: str, now: datetime = START) -> Invitation:
    """What a link is for."""
    async with store.reading() as session:
        return await find_invitation(session, secret, now)


async def set_up(store: Store, now: datetime = START) -> str | None:
    """What a start of the server makes."""
    async with store.writing() as session:
        return await make_set_up_link(session, now)


async def test_a_link_gives_its_role_once(store: Store):
    """Looking at it, however often, uses nothing up; the second who takes it is refused."""
    _, secret = await made(store)
    for _ in range(3):
        assert (await looked_at(store, secret)).role == "editor"
    person = await taken(store, secret)
    assert (person.role, person.email, person.name) == ("editor", "ada@example.org", "Ada")
    with pytest.raises(InvitationEnded, match="has been used"):
        await taken(store, secret, AccountDetails("eve@example.org", "Eve", "a hash"))
    with pytest.raises(InvitationEnded, match="has been used"):
        await looked_at(store, secret)
    async with store.reading() as session:
        assert [person.name for person in await list_people(session)] == ["Ada"]


async def test_of_many_who_take_a_link_at_once_one_gets_in(store: Store):
    """The others are told that it has been used."""
    _, secret = await made(store)
    all_details = [
        AccountDetails(f"guest{n}@example.org", f"Guest {n}", "a hash") for n in range(6)
    ]
    found = await asyncio.gather(
        *(taken(store, secret, details) for details in all_details), return_exceptions=True
    )
    assert sum(isinstance(each, Person) for each in found) == 1
    assert sum(isinstance(each, InvitationEnded) for each in found) == 5


async def test_an_invitation_ends_after_seven_days(store: Store):
    """To the millisecond."""
    _, secret = await made(store)
    last = START + LIFETIME - A_MOMENT
    assert (await looked_at(store, secret, last)).ends_at == START + timedelta(days=7)
    with pytest.raises(InvitationEnded):
        await taken(store, secret, now=START + LIFETIME)
    assert (await taken(store, secret, now=last)).name == "Ada"


async def test_an_invitation_to_one_coverage_gives_no_role_elsewhere(store: Store):
    """Who takes it works there and nowhere else."""
    slug = await open_coverage(store)
    _, secret = await made(store, coverage=slug)
    caller = (await taken(store, secret)).caller
    assert caller.role is None
    assert caller.role_in(slug) == "editor"
    assert caller.role_in("other") is None


async def test_an_address_in_the_invitation_is_theirs(store: Store):
    """Whatever the guest typed; capitals do not matter."""
    _, secret = await made(store, email="Bob@Example.org")
    assert (await taken(store, secret)).email == "bob@example.org"


async def test_an_address_has_one_person(store: Store):
    """Neither an invitation nor a guest takes another's; the link can still be used."""
    await take_in(store, "bob")
    with pytest.raises(EmailTaken):
        await made(store, email="BOB@example.org")
    _, secret = await made(store)
    with pytest.raises(EmailTaken):
        await taken(store, secret, AccountDetails("bob@example.org", "Eve", "a hash"))
    assert (await taken(store, secret)).name == "Ada"


async def test_the_secret_is_nowhere_in_the_record(store: Store):
    """Whoever reads the database cannot come in by an open link."""
    _, secret = await made(store)
    assert secret not in await stored_text(store)


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "x" * 5000, "\x00" * 43, "é" * 43, "../.."])
async def test_what_is_no_secret_opens_nothing(store: Store, secret: str):
    """Of whatever shape, without a fault of the database."""
    await made(store)
    with pytest.raises(InvitationEnded, match="no such link"):
        await looked_at(store, secret)


async def test_an_ended_link_is_of_no_use(store: Store):
    """It stays in the list with the time of its end, which a second end does not move."""
    invitation, secret = await made(store)
    async with store.writing() as session:
        ended = await end_invitation(session, invitation.id, START + HOUR)
        again = await end_invitation(session, invitation.id, START + 2 * HOUR)
        assert ended.ends_at == again.ends_at == START + HOUR
        assert await list_invitations(session) == [ended]
    with pytest.raises(InvitationEnded):
        await taken(store, secret, now=START + HOUR)


async def test_ending_a_used_link_changes_nothing(store: Store):
    """Who came in by it stays."""
    invitation, secret = await made(store)
    await taken(store, secret)
    async with store.writing() as session:
        assert (await end_invitation(session, invitation.id, START)).ends_at == invitation.ends_at


@pytest.mark.parametrize("invitation_id", ["0" * 16, "", "x", "\x00", "a" * 500])
async def test_a_link_that_is_not_there_cannot_be_ended(store: Store, invitation_id: str):
    """Said so, whatever was asked for; the set-up link is none that anybody gave out."""
    await set_up(store)
    async with store.writing() as session:
        with pytest.raises(UnknownInvitation):
            await end_invitation(session, invitation_id, START)
        assert await list_invitations(session) == []


async def test_the_set_up_link_makes_the_first_chief(store: Store):
    """Within a day."""
    secret = await set_up(store)
    assert secret is not None
    with pytest.raises(InvitationEnded):
        await looked_at(store, secret, START + SET_UP_LIFETIME)
    assert (await taken(store, secret, now=START + SET_UP_LIFETIME - A_MOMENT)).role == "chief"


async def test_a_new_start_ends_the_old_set_up_link(store: Store):
    """Only what was printed last works."""
    first, second = await set_up(store), await set_up(store)
    assert first
    assert second
    with pytest.raises(InvitationEnded):
        await taken(store, first)
    assert (await taken(store, second)).role == "chief"
    assert await set_up(store) is None


async def test_the_set_up_link_ends_once_there_is_anybody(store: Store):
    """Who was taken in otherwise meanwhile is not joined by a chief whom nobody asked for."""
    secret = await set_up(store)
    assert secret is not None
    await take_in(store, "bob", "chief")
    with pytest.raises(InvitationEnded):
        await taken(store, secret)


async def test_a_link_back_in_changes_the_password_and_ends_sessions(store: Store):
    """Without a new password it signs in, and nothing else."""
    bob = await take_in(store, "bob")
    config = SessionConfig()
    async with store.writing() as session:
        browser = await begin_session(session, bob, "Firefox", START)
        links = [(await invite_back(session, bob, "operator", START))[1] for _ in range(2)]
    assert await taken(store, links[0], AccountDetails(bob.email, bob.name, None)) == bob
    async with store.reading() as session:
        assert (await find_session(session, browser, START, config)).person == bob
    await taken(store, links[1], AccountDetails(bob.email, bob.name, "another hash"))
    async with store.reading() as session:
        with pytest.raises(NotSignedIn):
            await find_session(session, browser, START, config)
    assert "another hash" in await stored_text(store)


async def test_a_new_password_ends_all_other_links_back_in(store: Store):
    """An older one that somebody else holds lets nobody in any more; those of others stay."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    async with store.writing() as session:
        first, second = [(await invite_back(session, bob, "operator", START))[1] for _ in range(2)]
        others = (await invite_back(session, eve, "operator", START))[1]
    await taken(store, second, AccountDetails(bob.email, bob.name, "another hash"))
    with pytest.raises(InvitationEnded):
        await taken(store, first)
    assert (await taken(store, others, AccountDetails(eve.email, eve.name, None))) == eve


async def test_who_loses_access_takes_their_links_along(store: Store):
    """Neither those that they gave out nor those that would let them back in work any more."""
    await take_in(store, "ann", "chief")
    bob = await take_in(store, "bob", "chief")
    async with store.writing() as session:
        given = (await invite(session, "chief", bob.caller.id, START))[1]
        back = (await invite_back(session, bob, "operator", START))[1]
        others = (await invite(session, "editor", "operator", START))[1]
        await change_person(session, bob.id, {"disabled": True}, START)
        with pytest.raises(UnknownPerson):
            await invite_back(session, await find_person(session, bob.id), "operator", START)
    for secret in (given, back):
        with pytest.raises(InvitationEnded):
            await taken(store, secret)
    assert (await taken(store, others)).name == "Ada"


async def test_ended_links_are_forgotten_after_a_month(store: Store):
    """The list does not grow for ever, and an open link is never dropped."""
    invitation, _ = await made(store)
    month = timedelta(days=30)
    async with store.writing() as session:
        await delete_expired_invitations(session, invitation.ends_at + month - A_MOMENT)
        assert await list_invitations(session) == [invitation]
        await delete_expired_invitations(session, invitation.ends_at + month)
        assert await list_invitations(session) == []
