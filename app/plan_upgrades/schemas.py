"""What comes in about an upgrade."""

from app.kernel.shapes import Prose
from app.plans.labels import InitiatorKind
from app.plans.schemas import PlanTexts


class PlanUpgrade(PlanTexts):
    """A SIP that follows a Barnets plan: linked to it, with nothing copied (R7.4)."""

    need_reason: Prose
    initiator_kind: InitiatorKind = InitiatorKind.PROFESSIONAL
