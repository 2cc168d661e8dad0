"""Import of foreign documents: pure functions from another system's format to a journal's lines.

Each format has one importer, which returns an `Intake` or raises `IntakeError`, whatever its input.
"""

from app.intake.document import IntakeError
from app.intake.guardian.page import journal_from_guardian
from app.intake.journal import Intake
from app.intake.sourcefabric.response import journal_from_sourcefabric

__all__ = ["Intake", "IntakeError", "journal_from_guardian", "journal_from_sourcefabric"]
