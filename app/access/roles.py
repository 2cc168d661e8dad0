"""The three roles, each of which may do all that the one before it may.

A *contributor* writes drafts of their own; an *editor* publishes, amends, corrects, retracts and
pins; a *chief* also opens and changes coverages and gives out keys.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["contributor", "editor", "chief"]
ROLES: tuple[Role, ...] = get_args(Role)


class NotSignedIn(Exception):
    """Nobody in the newsroom: no key, or one that is not, or no longer, valid."""


class NotAllowed(Exception):
    """Somebody in the newsroom whose role does not go so far."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `id` stays the same for as long as the key lives."""

    id: str
    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether the caller's role goes as far as `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def check(self, role: Role) -> None:
        """Refuse a caller whose role does not go as far as `role`.

        Raises:
            NotAllowed: it does not.
        """
        if not self.may(role):
            raise NotAllowed(f"This needs the role {role}; {self.name!r} is {self.role}.")
