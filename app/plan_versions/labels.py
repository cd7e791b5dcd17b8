"""What can differ between two versions of a plan, in words."""

from collections.abc import Mapping
from typing import NamedTuple

from app.codes import Coded, Text
from app.plan_contents.models import ActionPrincipal, ActionStatus, GoalHorizon, GoalStatus
from app.wheel_templates.models import WheelDimension


class PlanPart(Coded):
    """What part of a plan is another than before."""

    PLAN = "plan", "Planen", "The plan"
    NEED = "need", "Behov", "Need"
    GOAL = "goal", "Mål", "Goal"
    ACTION = "action", "Åtgärd", "Action"
    PARTY = "party", "Part", "Party"
    DISAGREEMENT = "disagreement", "Skild mening", "Disagreement"
    FOLLOW_UP = "follow_up", "Uppföljning", "Follow-up"


class ChangeKind(Coded):
    """How it is another than before."""

    ADDED = "added", "Tillagt", "Added"
    REMOVED = "removed", "Borttaget", "Removed"
    CHANGED = "changed", "Ändrat", "Changed"


class Part(NamedTuple):
    """A list in the snapshot: by what its items are known, what they are called after, what is compared in them."""

    part: PlanPart
    key: str
    title: str
    fields: Mapping[str, Text]


#: The plan's own fields, in the order in which changes are told.
FIELDS: Mapping[str, Text] = {
    "need_reason": Text("Varför planen behövs", "Why the plan is needed"),
    "question": Text("Frågeställning", "Question"),
    "what_matters": Text("Det är viktigt för barnet", "What matters to the child"),
    "child_view": Text("Barnets syn", "The child's view"),
    "child_view_missing_reason": Text("Varför barnets syn saknas", "Why the child's view is missing"),
    "plain_text": Text("Planen med enkla ord", "The plan in simple words"),
    "overall_responsible": Text("Samlat ansvar", "Overall responsibility"),
    "main_responsible": Text("Huvudansvarig", "Main responsible"),
    "chair": Text("Ordförande", "Chair"),
    "documenter": Text("Dokumentationsansvarig", "Documenter"),
    "named_contact": Text("Namngiven kontakt", "Named contact"),
    "coordinator": Text("Samordnare", "Coordinator"),
    "care_contact": Text("Fast vårdkontakt", "Permanent care contact"),
    "others_measures_note": Text("Åtgärder av andra", "Measures of others"),
    "next_follow_up_on": Text("Nästa uppföljning", "Next follow-up"),
}
_STATUS = Text("Läge", "Status")
PARTS: Mapping[str, Part] = {
    "needs": Part(
        PlanPart.NEED, "id", "description",
        {
            "description": Text("Beskrivning", "Description"),
            "wheel_dimensions": Text("Välmåendehjulet", "Wellbeing wheel"),
            "child_view": Text("Barnets syn", "The child's view"),
            "guardian_view": Text("Vårdnadshavares syn", "The guardians' view"),
        },
    ),
    "goals": Part(
        PlanPart.GOAL, "id", "text",
        {
            "text": Text("Mål", "Goal"),
            "horizon": Text("Sikt", "Term"),
            "evidence": Text("Så märks det", "How it shows"),
            "status": _STATUS,
        },
    ),
    "actions": Part(
        PlanPart.ACTION, "id", "description",
        {
            "description": Text("Beskrivning", "Description"),
            "principal": Text("Huvudman", "Principal"),
            "unit_name": Text("Enhet", "Unit"),
            "responsible_name": Text("Ansvarig", "Responsible"),
            "other_party_name": Text("Vem", "Who"),
            "start_on": Text("Från", "From"),
            "due_on": Text("Senast", "By"),
            "status": _STATUS,
            "result": Text("Resultat", "Result"),
        },
    ),
    "parties": Part(PlanPart.PARTY, "unit_id", "unit_name", {}),
    "disagreements": Part(PlanPart.DISAGREEMENT, "text", "text", {}),
    "follow_ups": Part(PlanPart.FOLLOW_UP, "id", "held_on", {}),
}  # fmt: skip
#: Whose codes a field holds.
CODES: Mapping[tuple[PlanPart, str], type[Coded]] = {
    (PlanPart.NEED, "wheel_dimensions"): WheelDimension,
    (PlanPart.GOAL, "horizon"): GoalHorizon,
    (PlanPart.GOAL, "status"): GoalStatus,
    (PlanPart.ACTION, "principal"): ActionPrincipal,
    (PlanPart.ACTION, "status"): ActionStatus,
}
#: A role or an authority, in the order in which it is read.
PERSON = ("name", "unit_name", "authority_name", "phone")
