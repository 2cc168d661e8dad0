"""The three roles, each of which may do all that the one before it may.

A *contributor* writes drafts of their own; an *editor* publishes, amends, corrects, retracts and
pins; a *chief* also opens and changes coverages, and gives out roles and keys. A role goes for the
whole newsroom or for single coverages; where somebody has both, the higher one counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

Role = Literal["contributor", "editor", "chief"]
ROLES: tuple[Role, ...] = get_args(Role)


class NotSignedIn(Exception):
    """Nobody in the newsroom: no key or session, or one that is not, or no longer, valid."""


class NotAllowed(Exception):
    """Somebody in the newsroom whose role does not go so far."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `id` (`key:…` or `person:…`) stays the same for as long as the key or person is.

    `role` is that in the whole newsroom, None for who works in single coverages only; `coverages`
    are those, by slug. A caller that is handed on as one coverage knows them has it as `here`, and
    as `newsroom` the role that they have in all of them.
    """

    id: str
    name: str
    role: Role | None
    coverages: Mapping[str, Role] = field(default_factory=dict)
    here: str | None = None
    newsroom: Role | None = None

    @property
    def is_person(self) -> bool:
        """Whether somebody asks by a session, and not a tool by its key."""
        return self.id.startswith("person:")

    def role_in(self, coverage: str) -> Role | None:
        """How far the caller's role goes in a coverage; None for not at all."""
        roles = [role for role in (self.role, self.coverages.get(coverage)) if role]
        return max(roles, key=ROLES.index, default=None)

    def within(self, coverage: str) -> "Caller":
        """The same caller as that coverage knows them: `may` and `check` are of that coverage."""
        return replace(
            self,
            role=self.role_in(coverage),
            coverages={},
            here=coverage,
            newsroom=self.role if self.here is None else self.newsroom,
        )

    def may(self, role: Role) -> bool:
        """Whether the caller's role goes as far as `role`."""
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(role)

    def may_everywhere(self, role: Role) -> bool:
        """Whether it goes as far in the whole newsroom."""
        has = self.role if self.here is None else self.newsroom
        return has is not None and ROLES.index(has) >= ROLES.index(role)

    def may_somewhere(self, role: Role) -> bool:
        """Whether it goes as far in the newsroom, or in any coverage."""
        return self.may(role) or any(self.within(slug).may(role) for slug in self.coverages)

    def check(self, role: Role) -> None:
        """Refuse a caller whose role does not go as far as `role`.

        Raises:
            NotAllowed: it does not.
        """
        if not self.may(role):
            has = f"is {self.role}" if self.role else "has no role here"
            raise NotAllowed(f"This needs the role {role}; {self.name!r} {has}.")
