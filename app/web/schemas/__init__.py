"""The shapes of answers, for the OpenAPI document; `framing/history.py` makes the answers."""

from pydantic import BaseModel

from app.web.schemas.audit import Audit, AuditLine
from app.web.schemas.coverage import Coverage, Coverages, Imported
from app.web.schemas.entry import Draft, Drafts, Entry, WrittenEntry
from app.web.schemas.event import Event, Events
from app.web.schemas.key import Ended, Key, Keys, NewKey, RevokedKey
from app.web.schemas.media import Media, UploadProgress
from app.web.schemas.passkey import PasskeyChallenge, PasskeyDescriptor
from app.web.schemas.person import (
    ChangedPerson,
    Invitation,
    Invitations,
    NewInvitation,
    People,
    Person,
)
from app.web.schemas.problem import Health, Problem
from app.web.schemas.timeline import Entries, Revisions
from app.web.schemas.visit import Preview, Visit, Visits

__all__ = [
    "ANSWERS",
    "Audit",
    "AuditLine",
    "ChangedPerson",
    "Coverage",
    "Coverages",
    "Draft",
    "Drafts",
    "Ended",
    "Entries",
    "Entry",
    "Event",
    "Events",
    "Health",
    "Imported",
    "Invitation",
    "Invitations",
    "Key",
    "Keys",
    "Media",
    "NewInvitation",
    "NewKey",
    "PasskeyChallenge",
    "PasskeyDescriptor",
    "People",
    "Person",
    "Preview",
    "Problem",
    "Revisions",
    "RevokedKey",
    "UploadProgress",
    "Visit",
    "Visits",
    "WrittenEntry",
]

ANSWERS: tuple[type[BaseModel], ...] = (
    Coverages,
    Coverage,
    Entries,
    Entry,
    Revisions,
    Event,
    Events,
    WrittenEntry,
    Drafts,
    Draft,
    Keys,
    Key,
    NewKey,
    RevokedKey,
    Ended,
    Audit,
    AuditLine,
    People,
    Person,
    ChangedPerson,
    Invitations,
    Invitation,
    NewInvitation,
    Imported,
    Visits,
    Visit,
    Preview,
    Media,
    UploadProgress,
    PasskeyChallenge,
    PasskeyDescriptor,
    Health,
    Problem,
)
