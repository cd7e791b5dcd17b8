"""Everything that can be asked for, and the OAuth scope that covers it."""

from enum import StrEnum
from typing import Final

FULL_SCOPE: Final = "tillsammans"


class Permission(StrEnum):
    """Everything that can be asked for. Each value is ``resource.deed``."""

    ME_READ = "me.read"
    ORGANISATION_READ = "organisation.read"
    ORGANISATION_MANAGE = "organisation.manage"
    USER_LIST = "user.list"
    USER_READ = "user.read"
    USER_MANAGE = "user.manage"
    CHILD_LIST = "child.list"
    CHILD_CREATE = "child.create"
    CHILD_LOOKUP = "child.lookup"
    CHILD_READ = "child.read"
    CHILD_EDIT = "child.edit"
    CHILD_SHIELD = "child.shield"
    GUARDIAN_READ = "guardian.read"
    GUARDIAN_EDIT = "guardian.edit"
    IDENTIFIER_READ = "identifier.read"
    IDENTIFIER_EDIT = "identifier.edit"
    PROTECTED_READ = "protected.read"
    CHECKPOINT_PASS = "checkpoint.pass"  # noqa: S105 - passing, not a password
    SIBLING_READ = "sibling.read"
    SIBLING_EDIT = "sibling.edit"
    ACCOUNT_GIVE = "account.give"
    CONSENT_REQUIREMENTS = "consent.requirements"
    CONSENT_LIST = "consent.list"
    CONSENT_READ = "consent.read"
    CONSENT_CREATE = "consent.create"
    CONSENT_ANSWER = "consent.answer"
    CONSENT_WITHDRAW = "consent.withdraw"
    DISCLOSURE_LIST = "disclosure.list"
    DISCLOSURE_READ = "disclosure.read"
    DISCLOSURE_CREATE = "disclosure.create"
    DISCLOSURE_COMPLETE = "disclosure.complete"
    DISCLOSURE_REVOKE = "disclosure.revoke"
    CASE_LIST = "case.list"
    CASE_CREATE = "case.create"
    CASE_READ = "case.read"
    CASE_EDIT = "case.edit"
    CASE_ACTIVATE = "case.activate"
    CASE_DISCARD = "case.discard"
    CASE_PAUSE = "case.pause"
    CASE_RESUME = "case.resume"
    CASE_CLOSE = "case.close"
    CASE_REOPEN = "case.reopen"
    CASE_CONTACT = "case.contact"
    CASE_COORDINATOR = "case.coordinator"
    CASE_DECLINE = "case.decline"
    MEMBER_ADD = "member.add"
    MEMBER_END = "member.end"
    TRANSFER_CREATE = "transfer.create"
    TRANSFER_READ = "transfer.read"
    TRANSFER_ACCEPT = "transfer.accept"
    TRANSFER_WITHDRAW = "transfer.withdraw"
    CHRONOLOGY_READ = "chronology.read"
    CHRONOLOGY_ADD = "chronology.add"
    CHRONOLOGY_CORRECT = "chronology.correct"
    ACCESS_LOG_READ = "access_log.read"
    ACCESS_LOG_EXTRACT = "access_log.extract"
    DESK_READ = "desk.read"
    DESK_MANAGE = "desk.manage"
    REQUEST_LIST = "request.list"
    REQUEST_CREATE = "request.create"
    REQUEST_READ = "request.read"
    REQUEST_HANDLE = "request.handle"
    COORDINATOR_ACCEPT = "coordinator.accept"
    COORDINATOR_HANDOVER = "coordinator.handover"
    COORDINATOR_ACKNOWLEDGE = "coordinator.acknowledge"
    ABSENCE_LIST = "absence.list"
    ABSENCE_REPORT = "absence.report"
    WORKLOAD_READ = "workload.read"
    TEMPLATE_READ = "template.read"
    TEMPLATE_PROPOSE = "template.propose"
    TEMPLATE_PUBLISH = "template.publish"
    WELLBEING_LIST = "wellbeing.list"
    WELLBEING_CREATE = "wellbeing.create"
    WELLBEING_READ = "wellbeing.read"
    WELLBEING_EDIT = "wellbeing.edit"
    WELLBEING_SHARE = "wellbeing.share"
    WELLBEING_CONFIRM = "wellbeing.confirm"
    MEETING_LIST = "meeting.list"
    MEETING_CREATE = "meeting.create"
    MEETING_READ = "meeting.read"
    MEETING_EDIT = "meeting.edit"
    INVITATION_ANSWER = "invitation.answer"
    INVITATION_EXPLAIN = "invitation.explain"
    MINUTES_READ = "minutes.read"
    MINUTES_WRITE = "minutes.write"
    PLAN_LIST = "plan.list"
    PLAN_CREATE = "plan.create"
    PLAN_READ = "plan.read"
    PLAN_EDIT = "plan.edit"
    PLAN_REFUSE = "plan.refuse"
    PLAN_ACCEPT = "plan.accept"
    PLAN_ACTIVATE = "plan.activate"
    PLAN_FOLLOW_UP = "plan.follow_up"
    PLAN_CLOSE = "plan.close"
    PLAN_DELIVER = "plan.deliver"
    PLAN_RECEIVE = "plan.receive"
    CRISIS_READ = "crisis.read"
    CRISIS_WRITE = "crisis.write"
    ACTION_ADD = "action.add"
    ACTION_EDIT = "action.edit"
    ACTION_ASK = "action.ask"
    GROUP_READ = "group.read"
    GROUP_MANAGE = "group.manage"
    SESSION_READ = "session.read"
    SESSION_WRITE = "session.write"
    QUEUE_LIST = "queue.list"
    QUEUE_JOIN = "queue.join"
    QUEUE_READ = "queue.read"
    QUEUE_MANAGE = "queue.manage"
    QUEUE_CONSENT = "queue.consent"
    QUEUE_WITHDRAW = "queue.withdraw"
    DEMAND_READ = "demand.read"
    PLACE_OFFER_ANSWER = "place_offer.answer"
    PLACE_LIST = "place.list"
    PLACE_READ = "place.read"
    PLACE_GIVE = "place.give"
    PLACE_REVIEW = "place.review"
    PLACE_END = "place.end"
    ATTENDANCE_READ = "attendance.read"
    ATTENDANCE_WRITE = "attendance.write"
    GROUP_FOLLOW_UP_READ = "group_follow_up.read"
    GROUP_FOLLOW_UP_WRITE = "group_follow_up.write"
    GROUP_RESULT_READ = "group_result.read"
    CENTRE_READ = "centre.read"
    CENTRE_MANAGE = "centre.manage"
    CENTRE_ANSWER = "centre.answer"
    VISIT_READ = "visit.read"
    VISIT_COUNT = "visit.count"
    REFERRAL_LIST = "referral.list"
    REFERRAL_CREATE = "referral.create"
    REFERRAL_READ = "referral.read"
    REFERRAL_EDIT = "referral.edit"
    REFERRAL_SEND = "referral.send"
    REFERRAL_HANDLE = "referral.handle"
    REFERRAL_WITHDRAW = "referral.withdraw"
    SUPPORT_READ = "support.read"
    SUPPORT_MANAGE = "support.manage"
    SUPPORT_USE_LIST = "support_use.list"
    SUPPORT_USE_CREATE = "support_use.create"
    SUPPORT_USE_READ = "support_use.read"
    SUPPORT_USE_RECORD = "support_use.record"
    SUPPORT_USE_EXTEND = "support_use.extend"
    SUPPORT_COUNT_READ = "support_count.read"
    ACTIVITY_CREATE = "activity.create"
    ACTIVITY_MANAGE = "activity.manage"
    ACTIVITY_COUNT = "activity.count"
    REGISTRATION_LIST = "registration.list"
    REGISTRATION_CREATE = "registration.create"
    REGISTRATION_READ = "registration.read"
    REGISTRATION_ANSWER = "registration.answer"
    TEAM_READ = "team.read"
    TEAM_MANAGE = "team.manage"
    MATTER_LIST = "matter.list"
    MATTER_CREATE = "matter.create"
    MATTER_READ = "matter.read"
    MATTER_WRITE = "matter.write"
    DEADLINE_LIST = "deadline.list"
    DEADLINE_READ = "deadline.read"
    DEADLINE_EXTEND = "deadline.extend"
    IMPORT_LIST = "import.list"
    IMPORT_CREATE = "import.create"
    IMPORT_READ = "import.read"
    IMPORT_CANCEL = "import.cancel"
    EXPORT_LIST = "export.list"
    EXPORT_CREATE = "export.create"
    EXPORT_READ = "export.read"
    EVENT_LIST = "event.list"
    WEBHOOK_LIST = "webhook.list"
    WEBHOOK_READ = "webhook.read"
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_MANAGE = "webhook.manage"


def scope_of(permission: Permission) -> str:
    """The OAuth scope that covers a permission: ``cases.read`` or ``cases.write`` (conventions.md 3.1)."""
    area, deed = permission.split(".")
    return f"{_SCOPE_AREAS[area]}.{'read' if deed in _READS else 'write'}"


def in_scope(permission: Permission, scopes: frozenset[str]) -> bool:
    """Whether a token with these scopes reaches as far as the permission."""
    return FULL_SCOPE in scopes or scope_of(permission) in scopes


_READS = frozenset({"read", "list", "lookup", "requirements", "extract"})
_SCOPE_AREAS = {
    "me": "directory",
    "organisation": "directory",
    "user": "directory",
    "child": "children",
    "guardian": "children",
    "identifier": "children",
    "protected": "children",
    "checkpoint": "children",
    "sibling": "children",
    "account": "children",
    "consent": "consents",
    "disclosure": "consents",
    "case": "cases",
    "member": "cases",
    "transfer": "cases",
    "chronology": "cases",
    "deadline": "cases",
    "desk": "directory",
    "request": "coordination",
    "coordinator": "coordination",
    "absence": "coordination",
    "workload": "coordination",
    "template": "directory",
    "wellbeing": "wellbeing",
    "meeting": "meetings",
    "invitation": "meetings",
    "minutes": "meetings",
    "plan": "plans",
    "crisis": "plans",
    "action": "plans",
    "group": "groups",
    "session": "groups",
    "queue": "groups",
    "demand": "statistics",
    "place_offer": "groups",
    "place": "groups",
    "attendance": "groups",
    "group_follow_up": "groups",
    "group_result": "statistics",
    "centre": "directory",
    "visit": "centres",
    "referral": "referrals",
    "support": "directory",
    "support_use": "support",
    "support_count": "statistics",
    "activity": "directory",
    "registration": "activities",
    "team": "directory",
    "matter": "teams",
    "import": "imports",
    "export": "exports",
    "event": "events",
    "webhook": "webhooks",
    "access_log": "audit",
}
