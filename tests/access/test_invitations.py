"""Tests of one-time links, in both databases."""

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
    """Both databases: using a link once depends on how each isolates concurrent writers."""
    return request.param


async def create(store: Store, **options: str) -> tuple[Invitation, str]:
    """Create an editor's invitation; returns it and its secret."""
    async with store.writing() as session:
        return await invite(session, "editor", "operator", START, **options)


async def accept(
    store: Store, secret: str, details: AccountDetails = ADA, now: datetime = START
) -> Person:
    """Accept an invitation; returns the person."""
    async with store.writing() as session:
        return await accept_invitation(session, secret, details, now)


async def look_up(store: Store, secret: str, now: datetime = START) -> Invitation:
    """Return the invitation of a secret."""
    async with store.reading() as session:
        return await find_invitation(session, secret, now)


async def start_server(store: Store, now: datetime = START) -> str | None:
    """Return the set-up link's secret, as a start of the server creates it."""
    async with store.writing() as session:
        return await make_set_up_link(session, now)


async def test_a_link_gives_its_role_once(store: Store):
    """A link gives its role to the first who accepts it; looking it up does not use it."""
    _, secret = await create(store)
    for _ in range(3):
        assert (await look_up(store, secret)).role == "editor"
    person = await accept(store, secret)
    assert (person.role, person.email, person.name) == ("editor", "ada@example.org", "Ada")
    with pytest.raises(InvitationEnded, match="has been used"):
        await accept(store, secret, AccountDetails("eve@example.org", "Eve", "a hash"))
    with pytest.raises(InvitationEnded, match="has been used"):
        await look_up(store, secret)
    async with store.reading() as session:
        assert [person.name for person in await list_people(session)] == ["Ada"]


async def test_of_many_who_take_a_link_at_once_one_gets_in(store: Store):
    """Of concurrent acceptances of a link one succeeds."""
    _, secret = await create(store)
    all_details = [
        AccountDetails(f"guest{n}@example.org", f"Guest {n}", "a hash") for n in range(6)
    ]
    results = await asyncio.gather(
        *(accept(store, secret, details) for details in all_details), return_exceptions=True
    )
    assert sum(isinstance(result, Person) for result in results) == 1
    assert sum(isinstance(result, InvitationEnded) for result in results) == 5


async def test_an_invitation_ends_after_seven_days(store: Store):
    """An invitation expires after seven days, to the millisecond."""
    _, secret = await create(store)
    last = START + LIFETIME - A_MOMENT
    assert (await look_up(store, secret, last)).ends_at == START + timedelta(days=7)
    with pytest.raises(InvitationEnded):
        await accept(store, secret, now=START + LIFETIME)
    assert (await accept(store, secret, now=last)).name == "Ada"


async def test_an_invitation_to_one_coverage_gives_no_role_elsewhere(store: Store):
    """An invitation to one coverage gives a role in that coverage only."""
    slug = await open_coverage(store)
    _, secret = await create(store, coverage=slug)
    caller = (await accept(store, secret)).caller
    assert caller.role is None
    assert caller.role_in(slug) == "editor"
    assert caller.role_in("other") is None


async def test_an_address_in_the_invitation_is_theirs(store: Store):
    """The invitation's e-mail address replaces the guest's, in lower case."""
    _, secret = await create(store, email="Bob@Example.org")
    assert (await accept(store, secret)).email == "bob@example.org"


async def test_an_address_has_one_person(store: Store):
    """An e-mail address belongs to one person; a refused acceptance does not use the link."""
    await take_in(store, "bob")
    with pytest.raises(EmailTaken):
        await create(store, email="BOB@example.org")
    _, secret = await create(store)
    with pytest.raises(EmailTaken):
        await accept(store, secret, AccountDetails("bob@example.org", "Eve", "a hash"))
    assert (await accept(store, secret)).name == "Ada"


async def test_the_secret_is_nowhere_in_the_record(store: Store):
    """The secret of an invitation is not stored."""
    _, secret = await create(store)
    assert secret not in await stored_text(store)


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "x" * 5000, "\x00" * 43, "é" * 43, "../.."])
async def test_what_is_no_secret_opens_nothing(store: Store, secret: str):
    """An unknown secret is refused, without a database error."""
    await create(store)
    with pytest.raises(InvitationEnded, match="no such link"):
        await look_up(store, secret)


async def test_an_ended_link_is_of_no_use(store: Store):
    """An ended link cannot be used; ending it again keeps the time."""
    invitation, secret = await create(store)
    async with store.writing() as session:
        ended = await end_invitation(session, invitation.id, START + HOUR)
        repeated = await end_invitation(session, invitation.id, START + 2 * HOUR)
        assert ended.ends_at == repeated.ends_at == START + HOUR
        assert await list_invitations(session) == [ended]
    with pytest.raises(InvitationEnded):
        await accept(store, secret, now=START + HOUR)


async def test_ending_a_used_link_changes_nothing(store: Store):
    """Ending a used link changes nothing."""
    invitation, secret = await create(store)
    await accept(store, secret)
    async with store.writing() as session:
        assert (await end_invitation(session, invitation.id, START)).ends_at == invitation.ends_at


@pytest.mark.parametrize("invitation_id", ["0" * 16, "", "x", "\x00", "a" * 500])
async def test_a_link_that_is_not_there_cannot_be_ended(store: Store, invitation_id: str):
    """Ending an unknown link raises `UnknownInvitation`; the set-up link is not listed."""
    await start_server(store)
    async with store.writing() as session:
        with pytest.raises(UnknownInvitation):
            await end_invitation(session, invitation_id, START)
        assert await list_invitations(session) == []


async def test_the_set_up_link_makes_the_first_chief(store: Store):
    """The set-up link creates the first chief, within a day."""
    secret = await start_server(store)
    assert secret is not None
    with pytest.raises(InvitationEnded):
        await look_up(store, secret, START + SET_UP_LIFETIME)
    assert (await accept(store, secret, now=START + SET_UP_LIFETIME - A_MOMENT)).role == "chief"


async def test_a_new_start_ends_the_old_set_up_link(store: Store):
    """A new start of the server replaces the set-up link; with a chief it creates none."""
    first, second = await start_server(store), await start_server(store)
    assert first
    assert second
    with pytest.raises(InvitationEnded):
        await accept(store, first)
    assert (await accept(store, second)).role == "chief"
    assert await start_server(store) is None


async def test_the_set_up_link_ends_once_there_is_anybody(store: Store):
    """The set-up link ends as soon as there is a person."""
    secret = await start_server(store)
    assert secret is not None
    await take_in(store, "bob", "chief")
    with pytest.raises(InvitationEnded):
        await accept(store, secret)


async def test_a_link_back_in_changes_the_password_and_ends_sessions(store: Store):
    """A personal link sets a new password and then ends all sessions; without one it signs in."""
    bob = await take_in(store, "bob")
    config = SessionConfig()
    async with store.writing() as session:
        session_secret = await begin_session(session, bob, "Firefox", START)
        links = [(await invite_back(session, bob, "operator", START))[1] for _ in range(2)]
    assert await accept(store, links[0], AccountDetails(bob.email, bob.name, None)) == bob
    async with store.reading() as session:
        assert (await find_session(session, session_secret, START, config)).person == bob
    await accept(store, links[1], AccountDetails(bob.email, bob.name, "another hash"))
    async with store.reading() as session:
        with pytest.raises(NotSignedIn):
            await find_session(session, session_secret, START, config)
    assert "another hash" in await stored_text(store)


async def test_a_new_password_ends_all_other_links_back_in(store: Store):
    """A new password ends the person's other personal links; other people's stay."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    async with store.writing() as session:
        first, second = [(await invite_back(session, bob, "operator", START))[1] for _ in range(2)]
        others = (await invite_back(session, eve, "operator", START))[1]
    await accept(store, second, AccountDetails(bob.email, bob.name, "another hash"))
    with pytest.raises(InvitationEnded):
        await accept(store, first)
    assert (await accept(store, others, AccountDetails(eve.email, eve.name, None))) == eve


async def test_who_loses_access_takes_their_links_along(store: Store):
    """Disabling a person ends the links that they gave out, and their own personal links."""
    await take_in(store, "ann", "chief")
    bob = await take_in(store, "bob", "chief")
    async with store.writing() as session:
        invited_by_bob = (await invite(session, "chief", bob.caller.id, START))[1]
        back = (await invite_back(session, bob, "operator", START))[1]
        others = (await invite(session, "editor", "operator", START))[1]
        await change_person(session, bob.id, {"disabled": True}, START)
        with pytest.raises(UnknownPerson):
            await invite_back(session, await find_person(session, bob.id), "operator", START)
    for secret in (invited_by_bob, back):
        with pytest.raises(InvitationEnded):
            await accept(store, secret)
    assert (await accept(store, others)).name == "Ada"


async def test_ended_links_are_forgotten_after_a_month(store: Store):
    """Ended links are deleted after 30 days."""
    invitation, _ = await create(store)
    month = timedelta(days=30)
    async with store.writing() as session:
        await delete_expired_invitations(session, invitation.ends_at + month - A_MOMENT)
        assert await list_invitations(session) == [invitation]
        await delete_expired_invitations(session, invitation.ends_at + month)
        assert await list_invitations(session) == []
