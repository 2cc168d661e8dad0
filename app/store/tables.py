"""The database tables, separate from the pure values.

A row holds the whole JSON record of its value (`state`); the other columns serve queries and are
derived from it. Times are integers, milliseconds since 1970 in UTC, in both databases.

People's secrets are not stored: of sessions and invitations only the SHA-256, of passwords only the
argon2 hash. The one exception is the secret of an authenticator app, which its codes come from.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    Text,
    false,
    literal_column,
    text,
    true,
)
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SERIAL = BigInteger().with_variant(Integer, "sqlite")


class Timestamp(TypeDecorator[datetime]):
    """An aware datetime, stored with millisecond precision."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Convert to milliseconds since 1970."""
        return None if value is None else (value - _EPOCH) // timedelta(milliseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert back to a datetime in UTC."""
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


class CoverageRow(SQLModel, table=True):
    """A coverage and the head of its journal; the lock on its row orders the journal's commits.

    `language` is the primary subtag of its language, `key_events` change less often than `state`;
    `withdrawn` is the JSON record of a withdrawal, None while it is not withdrawn. `listing` and
    `part` are the list and the part of the sitemap that it is in (`store/listing.py`).
    `is_in_order` is whether each entry has the time of the event that published it, which only an
    imported journal may lack.
    """

    __tablename__ = "coverage"

    slug: str = Field(primary_key=True, max_length=100)
    epoch: str = Field(max_length=32)
    head_seq: int = Field(sa_type=BigInteger)
    status: str
    listing: str = Field(sa_column_kwargs={"server_default": "planned"})
    part: int = Field(sa_column_kwargs={"server_default": text("0")})
    created_at: datetime = Field(sa_type=Timestamp)
    updated_at: datetime = Field(sa_type=Timestamp, sa_column_kwargs={"server_default": text("0")})
    edition_of: str | None = Field(max_length=100, index=True)
    language: str = Field(default="en", max_length=100, sa_column_kwargs={"server_default": "en"})
    state: str = Field(sa_type=Text)
    key_events: str = Field("[]", sa_type=Text, sa_column_kwargs={"server_default": "[]"})
    frontier: bytes | None = Field(default=None, sa_type=LargeBinary)  # of its log
    withdrawn: str | None = Field(default=None, sa_type=Text)
    is_archived: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    is_in_order: bool = Field(default=True, sa_column_kwargs={"server_default": true()})

    __table_args__ = (
        Index("coverage_by_listing", "listing", "created_at", "slug"),
        Index("coverage_by_language", "listing", "language", "created_at", "slug"),
        Index("coverage_by_update", "updated_at"),
        Index("coverage_by_part", "part", "updated_at"),
    )


# Conditions of partial indexes, which are used only for a query that has them without parameters.
IS_SCHEDULED: ColumnClause[bool] = literal_column("entry.status = 'scheduled'")
IS_DRAFT: ColumnClause[bool] = literal_column("entry.seq IS NULL")
IS_RETRACTED: ColumnClause[bool] = literal_column("entry.status = 'retracted'")
IS_KEY_EVENT: ColumnClause[bool] = literal_column("entry.key_event")
HAS_PLACE: ColumnClause[bool] = literal_column("entry.has_place")


def _partial_index(name: str, *columns: str, where: ColumnClause[bool]) -> Index:
    """An index of the rows of `entry` that meet a condition."""
    condition = text(where.name.replace("entry.", ""))
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class EntryRow(SQLModel, table=True):
    """An entry in its current state, public or not; `original_*` name the one it translates.

    `language` is in lower case, since language tags are compared without regard to case.
    """

    __tablename__ = "entry"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    id: str = Field(primary_key=True, max_length=100)
    status: str
    seq: int | None = Field(sa_type=BigInteger)
    key_event: bool
    has_place: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    language: str
    author: str | None
    published_at: datetime | None = Field(sa_type=Timestamp)
    embargo_until: datetime | None = Field(sa_type=Timestamp)
    updated_at: datetime = Field(sa_type=Timestamp)
    original_coverage: str | None = Field(max_length=100)
    original_id: str | None = Field(max_length=100)
    state: str = Field(sa_type=Text)

    __table_args__ = (
        Index("entry_by_seq", "coverage", "seq", "published_at"),
        Index("entry_by_original", "original_coverage", "original_id"),
        _partial_index("entry_by_embargo", "embargo_until", where=IS_SCHEDULED),
        _partial_index("entry_of_drafts", "coverage", "updated_at", "id", where=IS_DRAFT),
        _partial_index("entry_of_tombstones", "coverage", "updated_at", "id", where=IS_RETRACTED),
        _partial_index("entry_of_key_events", "coverage", "seq", where=IS_KEY_EVENT),
        _partial_index("key_events_by_time", "coverage", "published_at", "seq", where=IS_KEY_EVENT),
        _partial_index("entry_of_places", "coverage", "seq", where=HAS_PLACE),
        Index("entry_by_language", "coverage", "language", "seq"),
    )


class EntryTagRow(SQLModel, table=True):
    """A tag of a published entry, with the entry's seq."""

    __tablename__ = "entry_tag"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    tag: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True, max_length=100)
    seq: int = Field(sa_type=BigInteger)

    __table_args__ = (
        Index("entry_tag_by_entry", "coverage", "entry_id"),
        Index("entry_tag_by_seq", "coverage", "tag", "seq"),
    )


class MediaRow(SQLModel, table=True):
    """A picture or video that entries may name; `task` is the pending operation on its files.

    The files of an imported medium are elsewhere, and its `created_at` is None; `origin` is the id
    of the medium whose files are to be copied. `taken_by` and `coverage` are its owners.
    """

    __tablename__ = "media"

    id: str = Field(primary_key=True, max_length=100)
    state: str = Field(sa_type=Text)
    created_at: datetime | None = Field(default=None, sa_type=Timestamp)
    task: str | None = Field(default=None, index=True)
    origin: str | None = Field(default=None, max_length=100)
    taken_by: str | None = Field(default=None)
    coverage: str | None = Field(default=None, foreign_key="coverage.slug", max_length=100)


class EntryMediaRow(SQLModel, table=True):
    """An entry that shows a picture or video, public or not."""

    __tablename__ = "entry_media"

    media: str = Field(primary_key=True, max_length=100)
    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    entry_id: str = Field(primary_key=True, max_length=100)

    __table_args__ = (Index("entry_media_by_entry", "coverage", "entry_id"),)


class KeyRow(SQLModel, table=True):
    """An API key for the whole newsroom or one coverage; only its SHA-256 is stored."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    name: str
    role: str
    coverage: str | None = Field(default=None, foreign_key="coverage.slug", max_length=100)
    digest: bytes = Field(sa_type=LargeBinary)
    made_by: str | None = Field(default=None)
    created_at: datetime = Field(sa_type=Timestamp)
    revoked_at: datetime | None = Field(sa_type=Timestamp)


class IdempotencyRow(SQLModel, table=True):
    """The response of an idempotent request, kept for 24 hours.

    `role` is the caller's role at that time. `kind`, `coverage` and `thing` name what was written,
    `version` is its revision tag, and `body` the JSON of the response.
    """

    __tablename__ = "idempotency"

    caller: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    digest: bytes = Field(sa_type=LargeBinary)
    role: str | None = Field(default=None)
    is_new: bool
    kind: str | None = Field(default=None)
    coverage: str | None = Field(default=None, max_length=100)
    thing: str | None = Field(default=None)
    version: str | None = Field(default=None)
    body: bytes = Field(sa_type=LargeBinary)
    at: datetime = Field(sa_type=Timestamp)

    __table_args__ = (
        Index("idempotency_by_age", "at"),
        Index("idempotency_by_thing", "kind", "coverage", "thing"),
    )


class PersonRow(SQLModel, table=True):
    """A person who signs in with a password, or through the newsroom's identity provider."""

    __tablename__ = "person"

    id: str = Field(primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str
    role: str | None
    password: str | None
    subject: str | None = Field(unique=True)
    invited_by: str | None
    created_at: datetime = Field(sa_type=Timestamp)
    disabled_at: datetime | None = Field(sa_type=Timestamp)
    totp_secret: str | None = Field(default=None)
    totp_since: datetime | None = Field(default=None, sa_type=Timestamp)
    totp_step: int | None = Field(default=None, sa_type=BigInteger)
    totp_wrong: int = Field(default=0)
    totp_wrong_at: datetime | None = Field(default=None, sa_type=Timestamp)
    language: str | None = Field(default=None)


class RecoveryCodeRow(SQLModel, table=True):
    """A single-use code that replaces a person's authenticator app."""

    __tablename__ = "recovery_code"

    person: str = Field(primary_key=True, foreign_key="person.id")
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)


class ChallengeRow(SQLModel, table=True):
    """A sign-in that waits for the second factor."""

    __tablename__ = "challenge"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    person: str = Field(foreign_key="person.id", index=True)
    onward: str
    ends_at: datetime = Field(sa_type=Timestamp)


class PasskeyRow(SQLModel, table=True):
    """A passkey: the public key whose private key is on a person's device."""

    __tablename__ = "passkey"

    id: str = Field(primary_key=True)
    credential: bytes = Field(unique=True, sa_type=LargeBinary)
    person: str = Field(foreign_key="person.id", index=True)
    rp_id: str
    name: str
    public_key: bytes = Field(sa_type=LargeBinary)
    sign_count: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Timestamp)
    used_at: datetime | None = Field(sa_type=Timestamp)


class UsedChallengeRow(SQLModel, table=True):
    """A challenge that a passkey has signed, kept until the challenge expires."""

    __tablename__ = "used_challenge"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    ends_at: datetime = Field(sa_type=Timestamp, index=True)


class ServerKeyRow(SQLModel, table=True):
    """Random bytes that all processes of a newsroom share."""

    __tablename__ = "server_key"

    name: str = Field(primary_key=True)
    key: bytes = Field(sa_type=LargeBinary)


class CoverageRoleRow(SQLModel, table=True):
    """A person's role in one coverage, in addition to their role in the newsroom."""

    __tablename__ = "coverage_role"

    person: str = Field(primary_key=True, foreign_key="person.id")
    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    role: str


class SessionRow(SQLModel, table=True):
    """A sign-in session of a person's browser.

    `second_factor` is the kind of second factor that they used, `passkey` the id of their passkey.
    """

    __tablename__ = "session"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    person: str = Field(foreign_key="person.id", index=True)
    browser: str
    second_factor: str | None
    passkey: str | None = Field(index=True)
    device: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=Timestamp)
    seen_at: datetime = Field(sa_type=Timestamp)


class DeviceRow(SQLModel, table=True):
    """A browser that a person has signed in with; `wrong` counts its consecutive wrong codes."""

    __tablename__ = "device"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    person: str = Field(primary_key=True, foreign_key="person.id", index=True)
    seen_at: datetime = Field(sa_type=Timestamp, index=True)
    wrong: int = Field(default=0)
    wrong_at: datetime | None = Field(default=None, sa_type=Timestamp)


class LoginStateRow(SQLModel, table=True):
    """A used login state of the identity provider, stored so that it cannot be used again."""

    __tablename__ = "login_state"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    ends_at: datetime = Field(sa_type=Timestamp, index=True)


class InvitationRow(SQLModel, table=True):
    """A single-use link that adds a person to the newsroom, or gives one access again."""

    __tablename__ = "invitation"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: str = Field(unique=True)
    email: str | None = Field(max_length=254)
    role: str | None
    coverage: str | None = Field(foreign_key="coverage.slug", max_length=100)
    person: str | None = Field(foreign_key="person.id")
    invited_by: str | None
    created_at: datetime = Field(sa_type=Timestamp)
    ends_at: datetime = Field(sa_type=Timestamp)
    used_at: datetime | None = Field(sa_type=Timestamp)


class AuditRow(SQLModel, table=True):
    """An action of a caller."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True, sa_type=_SERIAL)
    at: datetime = Field(sa_type=Timestamp)
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
        Index("audit_by_caller", "caller", "id"),
        Index("audit_by_action", "action", "id"),
    )


class WithdrawnRow(SQLModel, table=True):
    """An entry in its state before its retraction, kept for the newsroom for a while."""

    __tablename__ = "withdrawn"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    entry_id: str = Field(primary_key=True, max_length=100)
    at: datetime = Field(sa_type=Timestamp, index=True)
    state: str = Field(sa_type=Text)
