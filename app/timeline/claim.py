"""Claim: a statement of a named source, and how far the newsroom has established it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Required, TypedDict

from app.timeline.errors import TooManyAssessments, UnknownStatement

AssessmentStatus = Literal["reported", "confirmed", "disputed", "false", "withdrawn"]
LARGEST_CLAIM_COUNT = 12  # of an entry
LARGEST_HISTORY = 20  # assessments of a claim before its present one


@dataclass(frozen=True, slots=True)
class Source:
    """Who said something, by name, with the address of the statement if it is online."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """How far the newsroom had established a claim, with its public note, from a time on."""

    status: AssessmentStatus
    note: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of a source.

    `text` is None for the whole entry. `status`, `note` and `at` are the present assessment;
    `history` are the earlier ones, oldest first. The id is unique in the entry.
    """

    id: str
    text: str | None
    source: Source
    status: AssessmentStatus
    note: str | None
    at: datetime
    history: tuple[Assessment, ...] = ()

    def assessed(self, assessment: Assessment, pointer: str) -> "Claim":
        """Return the claim with another present assessment; the same one again changes nothing.

        Args:
            assessment: the new assessment.
            pointer: the place of the claim in the request, for errors.

        Raises:
            TooManyAssessments: the history is full.
        """
        if (self.status, self.note) == (assessment.status, assessment.note):
            return self
        if len(self.history) >= LARGEST_HISTORY:
            raise TooManyAssessments(
                pointer, f"The claim was assessed {LARGEST_HISTORY} times, which is the most."
            )
        past = Assessment(self.status, self.note, self.at)
        return replace(
            self,
            status=assessment.status,
            note=assessment.note,
            at=assessment.at,
            history=(*self.history, past),
        )


class ClaimFields(TypedDict, total=False):
    """A claim as the newsroom writes it; without `id` it is a new one."""

    source: Required[Source]
    id: str
    text: str | None
    status: AssessmentStatus
    note: str | None


def merge_claims(
    current: Sequence[Claim], written: Sequence[ClaimFields], ids: Sequence[str], at: datetime
) -> tuple[Claim, ...]:
    """Return an entry's claims after a write: those that it leaves out are removed.

    A claim that is written by its id keeps the text and the assessment that the write leaves out,
    so that a change of another member never takes back an assessment.

    Args:
        current: the entry's present claims.
        written: the claims to have from now on, in this order.
        ids: an id for each of `written`, used for a new claim.
        at: the time of the write, which a new assessment gets.

    Raises:
        UnknownStatement: `written` names a claim that the entry does not have, or one twice.
        TooManyAssessments: a claim was assessed too often.
    """
    known = {claim.id: claim for claim in current}
    merged = []
    for position, (fields, new_id) in enumerate(zip(written, ids, strict=True)):
        pointer = f"/claims/{position}"
        assessment = Assessment(fields.get("status", "reported"), fields.get("note"), at)
        if "id" not in fields:
            claim = Claim(
                new_id, fields.get("text"), fields["source"], assessment.status, assessment.note, at
            )
        elif fields["id"] not in known:
            raise UnknownStatement(f"{pointer}/id", "The entry has no claim of this id.")
        else:
            claim = known.pop(fields["id"])
            claim = replace(claim, text=fields.get("text", claim.text), source=fields["source"])
            if "note" in fields and "status" not in fields:
                assessment = replace(assessment, status=claim.status)
            if fields.keys() & {"status", "note"}:
                claim = claim.assessed(assessment, pointer)
        merged.append(claim)
    return tuple(merged)


def assess_claim(
    claims: Sequence[Claim], claim_id: str, assessment: Assessment
) -> tuple[Claim, ...]:
    """Return the claims with another assessment of one of them.

    Raises:
        UnknownStatement: there is no claim of that id.
        TooManyAssessments: it was assessed too often.
    """
    pointer = "/claim"
    if claim_id not in {claim.id for claim in claims}:
        raise UnknownStatement(pointer, "The entry has no claim of this id.")
    return tuple(
        claim.assessed(assessment, pointer) if claim.id == claim_id else claim for claim in claims
    )


def without_history(claims: Sequence[Claim], at: datetime) -> tuple[Claim, ...]:
    """Return the claims of an entry that is not public, or becomes it.

    Nobody saw how a draft was assessed, and it may be saved any number of times.
    """
    return tuple(replace(claim, at=at, history=()) for claim in claims)
