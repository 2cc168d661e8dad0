"""Schemas of answers, for the OpenAPI document; `formats/public_json.py` encodes the answers."""

from pydantic import BaseModel

from app.web.openapi.schemas.audit import Audit, AuditLine
from app.web.openapi.schemas.coverage import Availability, Coverage, Coverages, Imported
from app.web.openapi.schemas.entry import Draft, Drafts, Entry, WrittenEntry
from app.web.openapi.schemas.event import Event, Events
from app.web.openapi.schemas.key import Ended, Key, Keys, NewKey, RevokedKey
from app.web.openapi.schemas.log import Leaf, LogKey, Proof
from app.web.openapi.schemas.media import Media, UploadProgress
from app.web.openapi.schemas.net_change import Corrections, NetChanges
from app.web.openapi.schemas.passkey import PasskeyChallenge, PasskeyDescriptor
from app.web.openapi.schemas.person import (
    ChangedPerson,
    Invitation,
    Invitations,
    NewInvitation,
    People,
    Person,
)
from app.web.openapi.schemas.problem import Health, Problem
from app.web.openapi.schemas.statement import Claims, Figures
from app.web.openapi.schemas.template import Template, Templates
from app.web.openapi.schemas.timeline import Entries, Revisions, SearchResults
from app.web.openapi.schemas.visit import Conversion, Preview, PublicCopy, Reach, Visit, Visits

__all__ = [
    "ANSWERS",
    "Audit",
    "AuditLine",
    "Availability",
    "ChangedPerson",
    "Claims",
    "Conversion",
    "Corrections",
    "Coverage",
    "Coverages",
    "Draft",
    "Drafts",
    "Ended",
    "Entries",
    "Entry",
    "Event",
    "Events",
    "Figures",
    "Health",
    "Imported",
    "Invitation",
    "Invitations",
    "Key",
    "Keys",
    "Leaf",
    "LogKey",
    "Media",
    "NetChanges",
    "NewInvitation",
    "NewKey",
    "PasskeyChallenge",
    "PasskeyDescriptor",
    "People",
    "Person",
    "Preview",
    "Problem",
    "Proof",
    "PublicCopy",
    "Reach",
    "Revisions",
    "RevokedKey",
    "SearchResults",
    "Template",
    "Templates",
    "UploadProgress",
    "Visit",
    "Visits",
    "WrittenEntry",
]

ANSWERS: tuple[type[BaseModel], ...] = (
    Coverages,
    Coverage,
    Availability,
    Entries,
    Entry,
    Revisions,
    Claims,
    Figures,
    NetChanges,
    Corrections,
    Proof,
    Leaf,
    LogKey,
    SearchResults,
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
    Templates,
    Template,
    Imported,
    Visits,
    Visit,
    Conversion,
    Preview,
    PublicCopy,
    Reach,
    Media,
    UploadProgress,
    PasskeyChallenge,
    PasskeyDescriptor,
    Health,
    Problem,
)
