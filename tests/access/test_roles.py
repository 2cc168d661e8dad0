"""Promises of who may do what."""

import pytest

from app.access.roles import ROLES, Caller, NotAllowed


@pytest.mark.parametrize("place", range(len(ROLES)))
def test_each_role_may_do_what_those_before_it_may(place: int):
    """And nothing of those behind it."""
    caller = Caller("key:1", "Ann", ROLES[place])
    assert [caller.may(role) for role in ROLES] == [n <= place for n in range(len(ROLES))]
    for number, role in enumerate(ROLES):
        if number <= place:
            caller.check(role)
        else:
            with pytest.raises(NotAllowed, match=f"needs the role {role}.*'Ann' is"):
                caller.check(role)


def test_the_roles_are_the_contracts():
    """From the least to the most."""
    assert ROLES == ("contributor", "editor", "chief")
