"""Which role, in which relation, may do what."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.permissions.deeds import Permission
from app.permissions.roles import CASEWORK, EVERY_ROLE, FAMILY, MANAGERS, Relation, Role


@dataclass(frozen=True, slots=True)
class Grant:
    """These roles, standing in one of these relations, may."""

    roles: frozenset[Role]
    relations: frozenset[Relation]


def _grant(roles: Iterable[Role], *relations: Relation) -> Grant:
    return Grant(frozenset(roles), frozenset(relations))


_ANYONE, _OWN, _MEMBER = Relation.ANYONE, Relation.OWN_UNIT, Relation.MEMBER
_CONTACT, _COORDINATOR = Relation.NAMED_CONTACT_OF, Relation.COORDINATOR_OF
_GUARDIAN, _SELF = Relation.GUARDIAN_OF, Relation.ONESELF
_LEADER = Relation.LEADER_OF
_MAIN, _DOCUMENTER, _INVITED = Relation.MAIN_RESPONSIBLE_OF, Relation.DOCUMENTER_OF, Relation.INVITED

_LEADERS = {Role.GROUP_LEADER}
#: Who moves many records at once: each record still asks for what its own deed asks by hand.
_IN_BULK = MANAGERS | {Role.CASE_ADMIN, Role.SYSTEM_ADMIN}
_COUNTING = MANAGERS | {Role.STATISTICS_READER, Role.PROGRAMME_LEAD, Role.STEERING_MEMBER}

P = Permission
TABLE: dict[Permission, tuple[Grant, ...]] = {
    P.ME_READ: (_grant(EVERY_ROLE, _ANYONE),),
    P.ORGANISATION_READ: (_grant(EVERY_ROLE, _ANYONE),),
    P.ORGANISATION_MANAGE: (_grant({Role.SYSTEM_ADMIN}, _ANYONE),),
    P.USER_LIST: (_grant(CASEWORK | {Role.LOG_REVIEWER, Role.SYSTEM_ADMIN}, _ANYONE),),
    P.USER_READ: (
        _grant({Role.SYSTEM_ADMIN}, _ANYONE),
        _grant(CASEWORK | {Role.LOG_REVIEWER}, Relation.OWN_AUTHORITY, _OWN),
    ),
    P.USER_MANAGE: (_grant({Role.SYSTEM_ADMIN}, _ANYONE), _grant(MANAGERS, _OWN)),
    P.CHILD_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.CHILD_CREATE: (_grant(CASEWORK, _ANYONE),),
    P.CHILD_LOOKUP: (_grant(CASEWORK, _ANYONE),),
    P.CHILD_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.CHILD_EDIT: (_grant(CASEWORK, _OWN),),
    P.CHILD_SHIELD: (_grant(CASEWORK, _OWN),),
    P.GUARDIAN_READ: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.GUARDIAN_EDIT: (_grant(CASEWORK, _OWN),),
    P.IDENTIFIER_READ: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.IDENTIFIER_EDIT: (_grant(CASEWORK, _OWN),),
    P.PROTECTED_READ: (_grant(MANAGERS | {Role.CASE_ADMIN}, _OWN), _grant(CASEWORK, _CONTACT, _COORDINATOR)),
    P.CHECKPOINT_PASS: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.SIBLING_READ: (_grant(CASEWORK, _OWN),),
    P.SIBLING_EDIT: (_grant(CASEWORK, _OWN),),
    P.ACCOUNT_GIVE: (_grant(CASEWORK, _OWN),),
    P.CONSENT_REQUIREMENTS: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.CONSENT_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.CONSENT_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.CONSENT_CREATE: (_grant(CASEWORK, _OWN),),
    P.CONSENT_ANSWER: (_grant(CASEWORK, _OWN), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.CONSENT_WITHDRAW: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.DISCLOSURE_LIST: (_grant(CASEWORK | {Role.LOG_REVIEWER}, _ANYONE),),
    P.DISCLOSURE_READ: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.DISCLOSURE_CREATE: (_grant(CASEWORK, _OWN),),
    P.DISCLOSURE_COMPLETE: (_grant(CASEWORK, _OWN),),
    P.DISCLOSURE_REVOKE: (_grant(CASEWORK, _OWN),),
    P.CASE_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.CASE_CREATE: (_grant(CASEWORK, _ANYONE),),
    P.CASE_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.CASE_EDIT: (_grant(CASEWORK, _OWN),),
    P.CASE_ACTIVATE: (_grant(CASEWORK, _OWN),),
    P.CASE_DISCARD: (_grant(CASEWORK, _OWN),),
    P.CASE_PAUSE: (_grant(CASEWORK, _CONTACT, _COORDINATOR), _grant(MANAGERS, _OWN)),
    P.CASE_RESUME: (_grant(CASEWORK, _CONTACT, _COORDINATOR), _grant(MANAGERS, _OWN)),
    P.CASE_CLOSE: (_grant(CASEWORK, _CONTACT, _COORDINATOR),),
    P.CASE_REOPEN: (_grant(CASEWORK, _OWN),),
    P.CASE_CONTACT: (_grant(CASEWORK, _CONTACT, _COORDINATOR), _grant(MANAGERS, _OWN)),
    P.CASE_COORDINATOR: (_grant(CASEWORK, _CONTACT, _COORDINATOR), _grant(MANAGERS, _OWN)),
    P.CASE_DECLINE: (_grant(FAMILY, _GUARDIAN, _SELF),),
    P.MEMBER_ADD: (_grant(CASEWORK, _CONTACT, _COORDINATOR), _grant(MANAGERS, _OWN)),
    P.MEMBER_END: (_grant(CASEWORK, _CONTACT, _COORDINATOR, _MEMBER), _grant(MANAGERS, _OWN)),
    P.TRANSFER_CREATE: (_grant(CASEWORK, _CONTACT, _COORDINATOR), _grant(MANAGERS, _OWN)),
    P.TRANSFER_READ: (_grant(CASEWORK, _OWN, _MEMBER, _INVITED),),
    P.TRANSFER_ACCEPT: (_grant(CASEWORK, _INVITED),),
    P.TRANSFER_WITHDRAW: (_grant(CASEWORK, _OWN),),
    P.CHRONOLOGY_READ: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.CHRONOLOGY_ADD: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.CHRONOLOGY_CORRECT: (_grant(CASEWORK, _OWN),),
    P.ACCESS_LOG_READ: (_grant({Role.LOG_REVIEWER, Role.DPO}, Relation.OWN_AUTHORITY), _grant(MANAGERS, _OWN)),
    P.ACCESS_LOG_EXTRACT: (_grant(FAMILY, _GUARDIAN, _SELF),),
    P.DESK_READ: (_grant(EVERY_ROLE, _ANYONE),),
    P.DESK_MANAGE: (_grant({Role.SYSTEM_ADMIN}, _ANYONE), _grant(MANAGERS | {Role.COORDINATOR}, _OWN)),
    P.REQUEST_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.REQUEST_CREATE: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.REQUEST_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.REQUEST_HANDLE: (_grant(CASEWORK, _OWN),),
    P.COORDINATOR_ACCEPT: (_grant(CASEWORK, _INVITED),),
    P.COORDINATOR_HANDOVER: (_grant(CASEWORK, _COORDINATOR), _grant(MANAGERS, _OWN)),
    P.COORDINATOR_ACKNOWLEDGE: (_grant(CASEWORK, _ANYONE),),
    P.ABSENCE_LIST: (_grant(CASEWORK, _ANYONE),),
    P.ABSENCE_REPORT: (_grant(CASEWORK, _SELF), _grant(MANAGERS, _OWN)),
    P.WORKLOAD_READ: (_grant(MANAGERS | {Role.COORDINATOR}, _ANYONE),),
    P.TEMPLATE_READ: (_grant(EVERY_ROLE, _ANYONE),),
    P.TEMPLATE_PROPOSE: (_grant({Role.PROGRAMME_LEAD, Role.SYSTEM_ADMIN}, _ANYONE),),
    P.TEMPLATE_PUBLISH: (_grant({Role.SYSTEM_ADMIN}, _ANYONE),),
    P.WELLBEING_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.WELLBEING_CREATE: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.WELLBEING_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.WELLBEING_EDIT: (_grant(CASEWORK, _OWN),),
    P.WELLBEING_SHARE: (_grant(CASEWORK, _OWN),),
    P.WELLBEING_CONFIRM: (_grant(CASEWORK, _OWN), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.MEETING_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.MEETING_CREATE: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.MEETING_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.MEETING_EDIT: (_grant(CASEWORK, _OWN),),
    P.INVITATION_ANSWER: (_grant(CASEWORK, _INVITED), _grant(FAMILY, _INVITED)),
    P.INVITATION_EXPLAIN: (_grant(MANAGERS, _INVITED),),
    P.MINUTES_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.MINUTES_WRITE: (_grant(CASEWORK, _DOCUMENTER),),
    P.PLAN_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.PLAN_CREATE: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.PLAN_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.PLAN_EDIT: (_grant(CASEWORK, _OWN, _COORDINATOR, _MAIN, _DOCUMENTER),),
    P.PLAN_REFUSE: (_grant(MANAGERS, _OWN, _MEMBER),),
    P.PLAN_ACCEPT: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.PLAN_ACTIVATE: (_grant(CASEWORK, _COORDINATOR, _MAIN),),
    P.PLAN_FOLLOW_UP: (_grant(CASEWORK, _COORDINATOR, _MAIN, _DOCUMENTER),),
    P.PLAN_CLOSE: (_grant(CASEWORK, _MAIN),),
    P.PLAN_DELIVER: (_grant(CASEWORK, _COORDINATOR, _MAIN, _DOCUMENTER),),
    P.PLAN_RECEIVE: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.CRISIS_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.CRISIS_WRITE: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.ACTION_ADD: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.ACTION_EDIT: (_grant(CASEWORK, _OWN), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.ACTION_ASK: (_grant(CASEWORK, _CONTACT, _COORDINATOR, _MAIN),),
    P.GROUP_READ: (_grant(EVERY_ROLE, _ANYONE),),
    P.GROUP_MANAGE: (_grant(MANAGERS, _OWN),),
    P.SESSION_READ: (_grant(CASEWORK, _OWN), _grant(_LEADERS, _LEADER)),
    P.SESSION_WRITE: (_grant(CASEWORK, _OWN), _grant(_LEADERS, _LEADER)),
    P.QUEUE_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.QUEUE_JOIN: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.QUEUE_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.QUEUE_MANAGE: (_grant(CASEWORK, _OWN),),
    P.QUEUE_CONSENT: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.QUEUE_WITHDRAW: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.DEMAND_READ: (_grant(_COUNTING, _ANYONE),),
    P.PLACE_OFFER_ANSWER: (_grant(CASEWORK, _OWN), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.PLACE_LIST: (_grant(CASEWORK | FAMILY | _LEADERS, _ANYONE),),
    P.PLACE_READ: (_grant(CASEWORK, _OWN), _grant(_LEADERS, _LEADER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.PLACE_GIVE: (_grant(CASEWORK, _OWN),),
    P.PLACE_REVIEW: (_grant(CASEWORK, _OWN), _grant(_LEADERS, _LEADER)),
    P.PLACE_END: (_grant(CASEWORK, _OWN), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.ATTENDANCE_READ: (_grant(CASEWORK, _OWN), _grant(_LEADERS, _LEADER)),
    P.ATTENDANCE_WRITE: (_grant(CASEWORK, _OWN), _grant(_LEADERS, _LEADER)),
    P.GROUP_FOLLOW_UP_READ: (_grant(CASEWORK, _OWN), _grant(_LEADERS, _LEADER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.GROUP_FOLLOW_UP_WRITE: (_grant(CASEWORK, _OWN), _grant(_LEADERS, _LEADER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.GROUP_RESULT_READ: (_grant(_COUNTING, _ANYONE),),
    P.CENTRE_READ: (_grant(EVERY_ROLE, _ANYONE),),
    P.CENTRE_MANAGE: (_grant({Role.SYSTEM_ADMIN}, _ANYONE), _grant(MANAGERS, _OWN)),
    P.CENTRE_ANSWER: (_grant(CASEWORK, _OWN),),
    P.VISIT_READ: (_grant(CASEWORK, _OWN), _grant(_COUNTING - MANAGERS, _ANYONE)),
    P.VISIT_COUNT: (_grant(CASEWORK, _OWN),),
    P.REFERRAL_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.REFERRAL_CREATE: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.REFERRAL_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.REFERRAL_EDIT: (_grant(CASEWORK, _OWN), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.REFERRAL_SEND: (_grant(CASEWORK, _OWN), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.REFERRAL_HANDLE: (_grant(CASEWORK, _INVITED),),
    P.REFERRAL_WITHDRAW: (_grant(CASEWORK, _OWN), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.SUPPORT_READ: (_grant(CASEWORK, _OWN),),
    P.SUPPORT_MANAGE: (_grant(MANAGERS, _OWN),),
    P.SUPPORT_USE_LIST: (_grant(CASEWORK, _ANYONE),),
    P.SUPPORT_USE_CREATE: (_grant(CASEWORK, _OWN),),
    P.SUPPORT_USE_READ: (_grant(CASEWORK, _OWN),),
    P.SUPPORT_USE_RECORD: (_grant(CASEWORK, _OWN),),
    P.SUPPORT_USE_EXTEND: (_grant(MANAGERS, _OWN),),
    P.SUPPORT_COUNT_READ: (_grant(CASEWORK, _OWN), _grant(_COUNTING - MANAGERS, _ANYONE)),
    P.ACTIVITY_CREATE: (_grant(CASEWORK, _ANYONE),),
    P.ACTIVITY_MANAGE: (_grant(CASEWORK, _OWN),),
    P.ACTIVITY_COUNT: (_grant(CASEWORK, _OWN),),
    P.REGISTRATION_LIST: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.REGISTRATION_CREATE: (_grant(CASEWORK | FAMILY, _ANYONE),),
    P.REGISTRATION_READ: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.REGISTRATION_ANSWER: (_grant(CASEWORK, _OWN, _MEMBER), _grant(FAMILY, _GUARDIAN, _SELF)),
    P.TEAM_READ: (_grant(EVERY_ROLE, _ANYONE),),
    P.TEAM_MANAGE: (_grant({Role.TEAM_LEAD, Role.UNIT_MANAGER}, _OWN), _grant(CASEWORK, _LEADER)),
    P.MATTER_LIST: (_grant(CASEWORK, _ANYONE),),
    P.MATTER_CREATE: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.MATTER_READ: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.MATTER_WRITE: (_grant(CASEWORK, _OWN, _MEMBER, _LEADER),),
    P.DEADLINE_LIST: (_grant(CASEWORK, _ANYONE),),
    P.DEADLINE_READ: (_grant(CASEWORK, _OWN),),
    P.DEADLINE_EXTEND: (_grant(CASEWORK, _OWN),),
    P.IMPORT_LIST: (_grant(_IN_BULK, _ANYONE),),
    P.IMPORT_CREATE: (_grant(_IN_BULK, _ANYONE),),
    P.IMPORT_READ: (_grant(_IN_BULK, _SELF),),
    P.IMPORT_CANCEL: (_grant(_IN_BULK, _SELF),),
    P.EXPORT_LIST: (_grant(_IN_BULK, _ANYONE),),
    P.EXPORT_CREATE: (_grant(_IN_BULK, _ANYONE),),
    P.EXPORT_READ: (_grant(_IN_BULK, _SELF),),
    P.EVENT_LIST: (_grant(CASEWORK | FAMILY | _LEADERS | {Role.SYSTEM_ADMIN}, _ANYONE),),
    P.WEBHOOK_LIST: (_grant(_IN_BULK, _ANYONE),),
    P.WEBHOOK_READ: (_grant(_IN_BULK, _SELF),),
    P.WEBHOOK_CREATE: (_grant(_IN_BULK, _ANYONE),),
    P.WEBHOOK_MANAGE: (_grant(_IN_BULK, _SELF),),
}


def may(role: Role, permission: Permission, relations: frozenset[Relation]) -> bool:
    """Whether a role that stands in these relations to a record has a permission on it."""
    return any(role in grant.roles and not grant.relations.isdisjoint(relations) for grant in TABLE[permission])


def may_ever(role: Role, permission: Permission) -> bool:
    """Whether a role holds a permission in any relation at all."""
    return any(role in grant.roles for grant in TABLE[permission])
