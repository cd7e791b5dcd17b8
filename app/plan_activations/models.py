"""What a plan needs before it is active: one error with a name for each thing that is missing. ``domain.md`` R7.2."""

from collections.abc import Collection, Iterable
from uuid import UUID

from app.kernel.db import Row
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.plan_contents.models import ActionPrincipal, ActionStatus
from app.plans.models import Plan, PlanKind

#: The two sides between which a SIP is made (HSL 16:4, SoL 2025:400 10:8-9).
BOTH_SIDES = frozenset({ActionPrincipal.REGION, ActionPrincipal.MUNICIPALITY})


class CoordinatorRequired(Conflict):
    """R3.3, R7.3: when several authorities do something together, somebody coordinates."""

    title = Words("Samordnare saknas", "A coordinator is required")
    detail = Words(
        "Flera myndigheter är med i planen: utse en samordnare i ärendet först.",
        "Several authorities take part in the plan: appoint a coordinator in the case first.",
    )


class ActionMissing(Conflict):
    """Statutory item one: which interventions are needed."""

    title = Words("Planen har inga åtgärder", "The plan has no actions")
    detail = Words("En plan som gäller har minst en åtgärd.", "A plan that is active has at least one action.")


class BothPrincipalsRequired(Conflict):
    """Statutory item two: what the region answers for, and what the municipality."""

    title = Words("Bara en huvudman har åtgärder", "Only one principal has actions")
    detail = Words(
        "En SIP har minst en åtgärd från regionen och en från kommunen, eller skälet i oneSidedReason.",
        "A SIP has at least one action of the region and one of the municipality, or the reason in oneSidedReason.",
    )


class OthersMeasuresMissing(Conflict):
    """Statutory item three: measures of somebody else than region and municipality."""

    title = Words("Åtgärder av andra saknas", "Measures of others are missing")
    detail = Words(
        "Lägg till en åtgärd som någon annan står för, eller skriv i othersMeasuresNote att det inte finns någon.",
        "Add an action that somebody else answers for, or say in othersMeasuresNote that there is none.",
    )


class OverallPrincipalMissing(Conflict):
    """Statutory item four: who has the overall responsibility."""

    title = Words("Samlat ansvar saknas", "Overall responsibility is missing")
    detail = Words(
        "Ange vilken huvudman som har det samlade ansvaret (overallPrincipal).",
        "State which principal has the overall responsibility (overallPrincipal).",
    )


class MainResponsibleMissing(Conflict):
    """Somebody follows the plan up and closes it (R7.10)."""

    title = Words("Huvudansvarig saknas", "The main responsible is missing")
    detail = Words("Ange mainResponsibleId.", "Give mainResponsibleId.")


class ChildViewNotRecorded(Conflict):
    """R7.2: the child's view, or the reason that it is missing."""

    title = Words("Barnets syn saknas i planen", "The child's view is missing in the plan")
    detail = Words(
        "Skriv planens childView eller childViewMissingReason.", "Write the plan's childView or childViewMissingReason."
    )


def require_complete(plan: Plan, actions: Iterable[Row]) -> None:
    """Raise the error that names what is missing; a Barnets plan needs no statutory items (R7.3)."""
    principals = {ActionPrincipal(row["principal"]) for row in actions if row["status"] != ActionStatus.STOPPED}
    if not principals:
        raise ActionMissing
    if plan.kind == PlanKind.SIP:
        _require_statutory(plan, principals)
    if plan.main_responsible_id is None:
        raise MainResponsibleMissing
    if not plan.child_view and not plan.child_view_missing_reason:
        raise ChildViewNotRecorded


def _require_statutory(plan: Plan, principals: set[ActionPrincipal]) -> None:
    if not principals >= BOTH_SIDES and not plan.one_sided_reason:
        raise BothPrincipalsRequired
    if not (principals - BOTH_SIDES) and not plan.others_measures_note:
        raise OthersMeasuresMissing
    if plan.overall_principal is None:
        raise OverallPrincipalMissing


def require_coordinator(authority_ids: Collection[UUID], coordinator_id: UUID | None) -> None:
    """Raise ``CoordinatorRequired`` when several authorities are parties and nobody coordinates."""
    if len(set(authority_ids)) > 1 and coordinator_id is None:
        raise CoordinatorRequired
