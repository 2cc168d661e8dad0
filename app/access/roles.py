"""Roles: three of them, each with all permissions of the one before it.

A *contributor* writes drafts of their own; an *editor* publishes, amends, corrects, retracts and
pins; a *chief* also opens and changes coverages, and gives out roles and keys. A role holds in the
whole newsroom or in single coverages; for a person with both, the higher one counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

Role = Literal["contributor", "editor", "chief"]
ROLES: tuple[Role, ...] = get_args(Role)


class NotSignedIn(Exception):
    """The request is not authenticated: it has no valid key or session."""


class NotAllowed(Exception):
    """The caller is authenticated, but does not have the required role or permission."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller of a request.

    `id` (`key:…` or `person:…`) never changes. `role` is the role in the whole newsroom, None for a
    caller with single coverages only; `coverages` has the roles in those, by slug. In a caller that
    `within` has restricted to one coverage, `here` is that coverage's slug and `newsroom` the role
    in the whole newsroom.
    """

    id: str
    name: str
    role: Role | None
    coverages: Mapping[str, Role] = field(default_factory=dict)
    here: str | None = None
    newsroom: Role | None = None

    @property
    def is_person(self) -> bool:
        """Whether the caller is a person with a session, not a tool with a key."""
        return self.id.startswith("person:")

    def role_in(self, coverage: str) -> Role | None:
        """Return the caller's role in a coverage; None for none."""
        roles = [role for role in (self.role, self.coverages.get(coverage)) if role]
        return max(roles, key=ROLES.index, default=None)

    def within(self, coverage: str) -> "Caller":
        """Return the caller restricted to a coverage, whose roles `may` and `check` then use."""
        return replace(
            self,
            role=self.role_in(coverage),
            coverages={},
            here=coverage,
            newsroom=self.role if self.here is None else self.newsroom,
        )

    def may(self, role: Role) -> bool:
        """Whether the caller has at least this role."""
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(role)

    def may_everywhere(self, role: Role) -> bool:
        """Whether the caller has at least this role in the whole newsroom."""
        has = self.role if self.here is None else self.newsroom
        return has is not None and ROLES.index(has) >= ROLES.index(role)

    def may_somewhere(self, role: Role) -> bool:
        """Whether the caller has at least this role in the newsroom or in any coverage."""
        return self.may(role) or any(self.within(slug).may(role) for slug in self.coverages)

    def check(self, role: Role) -> None:
        """Check that the caller has at least this role.

        Raises:
            NotAllowed: the caller does not have it.
        """
        if not self.may(role):
            has = f"is {self.role}" if self.role else "has no role here"
            raise NotAllowed(f"This needs the role {role}; {self.name!r} {has}.")
