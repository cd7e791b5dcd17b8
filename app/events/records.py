"""Where each type of record stands, and what it takes to hear that one of them has changed.

The types are those of the access log. Whoever may hear of a change is whoever may read the record by hand: the wall
shows its row, and the role holds the permission in the relation that the row gives. A type that is missing here is told
to nobody; ``tests/house/test_events.py`` holds the list against the program.
"""

from enum import Enum
from typing import NamedTuple

from app.permissions import Permission as P
from app.permissions import Relation


class Child(Enum):
    """How a record leads to the child whose protection hides it (R2.5)."""

    NOBODY = "it is about no child"
    ITSELF = "it is the child"
    KNOWN = "it names a child that the caller sees too"
    PERHAPS = "it names a child that the caller may know nothing of"


class Through(NamedTuple):
    """The record that this one hangs on, which knows the child: its table, and the column that names it."""

    table: str
    by: str


class Record(NamedTuple):
    """One type of record.

    ``shown`` is how the caller stands to a row for having it before them: ``ANYONE`` in the directory. ``unit`` is the
    column of whoever it belongs to. ``by_circle`` is for what has no row of its own to be asked: it is told of as the
    circle's record is. ``kept`` are operations that its own unit hears of, and nobody else.
    """

    table: str
    reads: P
    path: str | None = None
    circle: str | None = None
    child: Child = Child.NOBODY
    through: Through | None = None
    unit: str | None = "owner_unit_id"
    shown: Relation | None = None
    led: bool = False
    by_circle: bool = False
    kept: frozenset[str] = frozenset()


_CASE, _ENTRY = Through("cases", "case_id"), Through("queue_entries", "entry_id")
_MATTER, _ACTIVITY = Through("npf_matters", "matter_id"), Through("activities", "id")


def _of_child(table: str, reads: P) -> Record:
    # No address: it would name the child.
    return Record(table, reads, None, "child_id", Child.KNOWN)


def _of_case(table: str, reads: P, path: str) -> Record:
    return Record(table, reads, path, "case_id", Child.KNOWN, _CASE)


def _of_plan(table: str, path: str) -> Record:
    return _of_case(table, P.PLAN_READ, "/plans/{plan_id}" + path)


def _of_entry(table: str, reads: P, path: str) -> Record:
    return Record(table, reads, path, "entry_id", Child.PERHAPS, _ENTRY, led=True)


def _of_matter(table: str, path: str | None = None) -> Record:
    return Record(table, P.MATTER_READ, path, "matter_id", Child.PERHAPS, _MATTER)


def _told(table: str, reads: P, path: str | None, unit: str | None = None, through: Through | None = None) -> Record:
    """Of the directory."""
    return Record(table, reads, path, through=through, unit=unit, shown=Relation.ANYONE)


def _own(table: str, reads: P, path: str) -> Record:
    """A user's own: the wall shows it to nobody else."""
    return Record(table, reads, path, unit=None, shown=Relation.ONESELF)


def _inside(table: str, reads: P, path: str | None, unit: str, through: Through | None = None) -> Record:
    """Of the directory, but its unit's own."""
    return Record(table, reads, path, through=through, unit=unit)


RECORDS: dict[str, Record] = {
    "absence": _told("coordinator_absences", P.ABSENCE_LIST, "/coordinator-absences/{id}"),
    "action": _of_case("plan_actions", P.PLAN_READ, "/actions/{id}"),
    "action_question": _of_case("action_questions", P.PLAN_READ, "/actions/{action_id}/questions/{id}"),
    "activity": _told("activities", P.CENTRE_READ, "/activities/{id}", "unit_id"),
    "activity_attendance": _inside(
        "activity_attendances", P.ACTIVITY_COUNT, "/activities/{id}/attendance", "unit_id", _ACTIVITY
    ),
    "activity_evaluation": _inside(
        "activity_evaluations", P.ACTIVITY_COUNT, "/activities/{id}/evaluation", "unit_id", _ACTIVITY
    ),
    "activity_registration": Record("activity_registrations", P.REGISTRATION_READ, "/registrations/{id}", "id"),
    "assignment": _told("assignments", P.USER_READ, "/assignments/{id}", "unit_id"),
    "authority": _told("authorities", P.ORGANISATION_READ, "/authorities/{id}"),
    "case": Record("cases", P.CASE_READ, "/cases/{id}", "id", Child.KNOWN),
    "centre_part": _told("centre_parts", P.CENTRE_READ, "/family-centres/{centre_id}/parts/{id}"),
    "centre_visit": _inside(
        "centre_visits", P.VISIT_COUNT, "/family-centres/{centre_id}/visits/{id}", "unit_id",
        Through("family_centres", "centre_id"),
    ),
    "checkpoint": Record("children", P.CHILD_EDIT, None, "id", Child.ITSELF, by_circle=True),
    "child": Record("children", P.CHILD_READ, "/children/{id}", "id", Child.ITSELF),
    "chronology_event": _of_case(
        "chronology_events", P.CHRONOLOGY_READ, "/cases/{case_id}/chronology-events/{id}"
    ),
    "consent": Record("consents", P.CONSENT_READ, "/consents/{id}", "circle_id", Child.KNOWN),
    "contact_group": _told("contact_groups", P.GROUP_READ, "/contact-groups/{id}", "unit_id"),
    "coordination_desk": _told("coordination_desks", P.DESK_READ, "/coordination-desks/{id}", "unit_id"),
    "coordination_request": Record(
        "coordination_requests", P.REQUEST_READ, "/coordination-requests/{id}", "id", Child.PERHAPS
    ),
    "coordinator_assignment": _of_case(
        "coordinator_assignments", P.CASE_READ, "/cases/{case_id}/coordinators/{id}"
    ),
    "coordinator_sign": _told("coordinator_signs", P.COORDINATOR_ACKNOWLEDGE, None),
    "crisis_note": Record(
        "crisis_notes", P.CRISIS_READ, "/plans/{plan_id}/crisis-notes/{id}", "circle_id", Child.KNOWN, _CASE
    ),
    "deadline": Record("deadlines", P.DEADLINE_READ, "/deadlines/{id}", "circle_id", Child.PERHAPS),
    "desk_staff": _told("desk_staff", P.DESK_READ, "/coordination-desks/{desk_id}/staff"),
    "disclosure": Record("disclosures", P.DISCLOSURE_READ, "/disclosures/{id}", "circle_id", Child.KNOWN),
    "export": _own("exports", P.EXPORT_READ, "/exports/{id}"),
    "family_account": Record("children", P.ACCOUNT_GIVE, None, "id", Child.ITSELF, by_circle=True),
    "family_centre": _told("family_centres", P.CENTRE_READ, "/family-centres/{id}", "unit_id"),
    "family_centre_referral": Record(
        "family_centre_referrals", P.REFERRAL_READ, "/family-centre-referrals/{id}", "id", Child.PERHAPS
    ),
    "group_leader": _told("group_leaders", P.GROUP_READ, "/contact-groups/{group_id}/leaders/{id}"),
    "group_session": Record(
        "group_sessions", P.SESSION_READ, "/contact-groups/{group_id}/sessions/{id}", "group_id", led=True
    ),
    "guardianship": _of_child("guardianships", P.GUARDIAN_READ),
    "identifier": _of_child("child_identifiers", P.IDENTIFIER_READ),
    "import": _own("imports", P.IMPORT_READ, "/imports/{id}"),
    "matter_action": _of_matter("matter_actions", "/npf-teams/{team_id}/matters/{matter_id}/actions/{id}"),
    "matter_advice": _of_matter("matter_advices"),
    "matter_review": _of_matter("matter_reviews"),
    "meeting": Record("meetings", P.MEETING_READ, "/meetings/{id}", "case_id", Child.KNOWN),
    "meeting_invitation": _of_case(
        "meeting_invitations", P.MEETING_READ, "/meetings/{meeting_id}/invitations/{id}"
    ),
    "meeting_minutes": _of_case("meeting_minutes", P.MINUTES_READ, "/meetings/{meeting_id}/minutes"),
    "npf_matter": Record("npf_matters", P.MATTER_READ, "/npf-teams/{team_id}/matters/{id}", "id", Child.PERHAPS),
    "npf_team": _told("npf_teams", P.TEAM_READ, "/npf-teams/{id}", "unit_id"),
    "npf_team_member": _told("npf_team_members", P.TEAM_READ, "/npf-teams/{team_id}/members"),
    "organisation": _told("organisations", P.ORGANISATION_READ, None),
    "place": _of_entry("group_places", P.PLACE_READ, "/places/{id}"),
    "place_follow_up": _of_entry("place_follow_ups", P.GROUP_FOLLOW_UP_READ, "/places/{place_id}/follow-ups/{id}"),
    "place_review": _of_entry("place_reviews", P.PLACE_READ, "/places/{place_id}/reviews/{id}"),
    "plan": Record("plans", P.PLAN_READ, "/plans/{id}", "case_id", Child.KNOWN),
    "plan_acceptance": _of_plan("plan_acceptances", "/approvals/{id}"),
    "plan_closure": _of_plan("plan_closures", "/closure"),
    "plan_delivery": _of_plan("plan_deliveries", "/deliveries/{id}"),
    "plan_disagreement": _of_plan("plan_disagreements", "/disagreements/{id}"),
    "plan_follow_up": _of_plan("plan_follow_ups", "/follow-ups/{id}"),
    "plan_goal": _of_plan("plan_goals", "/goals/{id}"),
    "plan_need": _of_plan("plan_needs", "/needs/{id}"),
    "plan_version": _of_plan("plan_versions", "/versions/{number}"),
    "queue_entry": Record("queue_entries", P.QUEUE_READ, "/queue-entries/{id}", "id", Child.PERHAPS),
    "session_attendance": _of_entry(
        "session_attendances", P.ATTENDANCE_READ, "/contact-groups/{group_id}/sessions/{session_id}/attendance"
    ),
    "sibling_link": _of_child("sibling_links", P.SIBLING_READ),
    # How often an offer is used is its unit's own knowledge (R14.6).
    "support_offer": _told("support_offers", P.CENTRE_READ, "/support-offers/{id}", "unit_id")._replace(
        kept=frozenset({"recordSupportUse"})
    ),
    "support_use": Record(
        "support_uses", P.SUPPORT_USE_READ, "/support-offers/{offer_id}/uses/{id}", "id", Child.PERHAPS
    ),
    "transfer": _of_case("case_transfers", P.TRANSFER_READ, "/transfers/{id}"),
    "unit": _told("units", P.ORGANISATION_READ, "/units/{id}"),
    "user": _told("users", P.USER_READ, "/users/{id}"),
    "webhook_subscription": _own("webhook_subscriptions", P.WEBHOOK_READ, "/webhook-subscriptions/{id}"),
    "wellbeing_assessment": Record(
        "wellbeing_assessments", P.WELLBEING_READ, "/wellbeing-assessments/{id}", "circle_id", Child.KNOWN
    ),
    "wheel_template": _told("wheel_templates", P.TEMPLATE_READ, "/wheel-templates/{id}"),
}  # fmt: skip
