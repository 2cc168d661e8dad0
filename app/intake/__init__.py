"""Foreign documents become our journal: pure functions from what another system wrote to lines.

Each format has one importer, which gives an `Intake` or raises `IntakeError`, whatever it is fed.
"""

from app.intake.document import IntakeError
from app.intake.guardian.page import journal_from_guardian
from app.intake.journal import Intake
from app.intake.sourcefabric.answer import journal_from_sourcefabric

__all__ = ["Intake", "IntakeError", "journal_from_guardian", "journal_from_sourcefabric"]
