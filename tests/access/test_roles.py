"""Tests of roles."""

import pytest

from app.access.roles import ROLES, Caller, NotAllowed


@pytest.mark.parametrize("index", range(len(ROLES)))
def test_each_role_may_do_what_those_before_it_may(index: int):
    """Each role includes the permissions of those before it, and none of those behind it."""
    caller = Caller("key:1", "Ann", ROLES[index])
    assert [caller.may(role) for role in ROLES] == [n <= index for n in range(len(ROLES))]
    for number, role in enumerate(ROLES):
        if number <= index:
            caller.check(role)
        else:
            with pytest.raises(NotAllowed, match=f"needs the role {role}.*'Ann' is"):
                caller.check(role)


def test_the_roles_are_the_contracts():
    """The roles are ordered from the fewest permissions to the most."""
    assert ROLES == ("contributor", "editor", "chief")
