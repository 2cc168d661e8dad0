"""The tables of the newsroom's people: who they are, where they signed in, what they did.

Secrets are nowhere: a session and an invitation are known by the SHA-256 of theirs, a password by
its argon2 hash. The one exception is the secret of an authenticator app, from which codes are
computed.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text
from sqlmodel import Field, SQLModel

from app.store.tables import Moment

_SERIAL = BigInteger().with_variant(Integer, "sqlite")


class PersonRow(SQLModel, table=True):
    """Somebody who signs in: by a password, or by the newsroom's identity provider."""

    __tablename__ = "person"

    id: str = Field(primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str
    role: str | None
    password: str | None
    subject: str | None = Field(unique=True)
    invited_by: str | None
    created_at: datetime = Field(sa_type=Moment)
    disabled_at: datetime | None = Field(sa_type=Moment)
    totp_secret: str | None = Field(default=None)
    totp_since: datetime | None = Field(default=None, sa_type=Moment)
    totp_step: int | None = Field(default=None, sa_type=BigInteger)
    totp_wrong: int = Field(default=0)
    totp_wrong_at: datetime | None = Field(default=None, sa_type=Moment)


class RecoveryCodeRow(SQLModel, table=True):
    """A code that stands in once for the app of a person's second factor."""

    __tablename__ = "recovery_code"

    person: str = Field(primary_key=True, foreign_key="person.id")
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)


class ChallengeRow(SQLModel, table=True):
    """A sign-in that waits for the second factor."""

    __tablename__ = "challenge"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    person: str = Field(foreign_key="person.id", index=True)
    onward: str
    ends_at: datetime = Field(sa_type=Moment)


class PasskeyRow(SQLModel, table=True):
    """A passkey: the public half of a key whose other half a person's device holds."""

    __tablename__ = "passkey"

    id: str = Field(primary_key=True)
    credential: bytes = Field(unique=True, sa_type=LargeBinary)
    person: str = Field(foreign_key="person.id", index=True)
    rp_id: str
    name: str
    public_key: bytes = Field(sa_type=LargeBinary)
    sign_count: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(sa_type=Moment)


class UsedChallengeRow(SQLModel, table=True):
    """A challenge that a passkey has signed, until it would have ended."""

    __tablename__ = "used_challenge"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    ends_at: datetime = Field(sa_type=Moment, index=True)


class ServerKeyRow(SQLModel, table=True):
    """Random bytes that all processes of a newsroom share."""

    __tablename__ = "server_key"

    name: str = Field(primary_key=True)
    key: bytes = Field(sa_type=LargeBinary)


class CoverageRoleRow(SQLModel, table=True):
    """How far a person's role goes in one coverage, beyond their role in the newsroom."""

    __tablename__ = "coverage_role"

    person: str = Field(primary_key=True, foreign_key="person.id")
    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    role: str


class SessionRow(SQLModel, table=True):
    """A browser that a person signed in with.

    `second_factor` is how they showed one, `passkey` the id of the passkey that they showed.
    """

    __tablename__ = "session"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    person: str = Field(foreign_key="person.id", index=True)
    browser: str
    second_factor: str | None
    passkey: str | None = Field(index=True)
    device: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=Moment)
    seen_at: datetime = Field(sa_type=Moment)


class DeviceRow(SQLModel, table=True):
    """A browser that a person has signed in with before; `wrong` are codes in a row from there."""

    __tablename__ = "device"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    person: str = Field(primary_key=True, foreign_key="person.id", index=True)
    seen_at: datetime = Field(sa_type=Moment, index=True)
    wrong: int = Field(default=0)
    wrong_at: datetime | None = Field(default=None, sa_type=Moment)


class LoginStateRow(SQLModel, table=True):
    """A sign-in by the identity provider that has come back, so that it does not a second time."""

    __tablename__ = "login_state"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    ends_at: datetime = Field(sa_type=Moment, index=True)


class InvitationRow(SQLModel, table=True):
    """A link that makes whoever takes it first one of the newsroom, or lets somebody back in."""

    __tablename__ = "invitation"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: str = Field(unique=True)
    email: str | None = Field(max_length=254)
    role: str | None
    coverage: str | None = Field(foreign_key="coverage.slug", max_length=100)
    person: str | None = Field(foreign_key="person.id")
    invited_by: str | None
    created_at: datetime = Field(sa_type=Moment)
    ends_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(sa_type=Moment)


class AuditRow(SQLModel, table=True):
    """One thing that somebody did."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True, sa_type=_SERIAL)
    at: datetime = Field(sa_type=Moment)
    caller: str
    name: str
    action: str
    coverage: str | None = Field(max_length=100)
    thing: str | None
    detail: str = Field(sa_type=Text)

    __table_args__ = (
        Index("audit_by_coverage", "coverage", "id"),
        Index("audit_by_thing", "thing", "id"),
        Index("audit_by_age", "at"),
    )


class VisitRow(SQLModel, table=True):
    """An open desk, and what is being written at it."""

    __tablename__ = "visit"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    visit: str = Field(primary_key=True, max_length=64)
    caller: str
    name: str
    entry_id: str | None = Field(max_length=100)
    seen_at: datetime = Field(sa_type=Moment)


class WithdrawnRow(SQLModel, table=True):
    """What a retraction took from the public, kept for the newsroom for a while."""

    __tablename__ = "withdrawn"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    entry_id: str = Field(primary_key=True, max_length=100)
    at: datetime = Field(sa_type=Moment, index=True)
    state: str = Field(sa_type=Text)
