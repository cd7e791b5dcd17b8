"""The law of the house: who may do what, in one enum and one table.

A permission is granted by a pair: the **role** a person acts in (their assignment, *uppdrag*) and the
**relation** that role has to the record at hand. Nothing else grants anything. The table is printed into
``permissions.txt`` so that people who read no code can review it (``domain.md`` 12.22, R1.1-R1.4).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.codes import Coded


class Role(Coded):
    """What a person's assignment makes of them (roll)."""

    PRACTITIONER = "practitioner", "Handläggare", "Practitioner"
    NAMED_CONTACT = "named_contact", "Fast kontakt", "Named contact"
    COORDINATOR = "coordinator", "Samordnare", "Coordinator"
    UNIT_MANAGER = "unit_manager", "Enhetschef", "Unit manager"
    CASE_ADMIN = "case_admin", "Ärendeadministratör", "Case administrator"
    TEAM_LEAD = "team_lead", "Teamledare", "Team lead"
    GROUP_LEADER = "group_leader", "Gruppledare", "Group leader"
    LOG_REVIEWER = "log_reviewer", "Logggranskare", "Log reviewer"
    DPO = "dpo", "Dataskyddsombud", "Data protection officer"
    PROGRAMME_LEAD = "programme_lead", "Programledare", "Programme lead"
    STEERING_MEMBER = "steering_member", "Ledamot i styrgruppen", "Steering group member"
    STATISTICS_READER = "statistics_reader", "Statistikläsare", "Statistics reader"
    SYSTEM_ADMIN = "system_admin", "Systemadministratör", "System administrator"
    GUARDIAN = "guardian", "Vårdnadshavare", "Guardian"
    YOUNG_PERSON = "young_person", "Ung person", "Young person"


class Relation(Coded):
    """How the caller stands to a record."""

    ANYONE = "anyone", "Vem som helst i rollen", "Anyone in the role"
    OWN_UNIT = "own_unit", "Den egna enhetens post", "Of the record's own unit"
    OWN_AUTHORITY = "own_authority", "Den egna myndighetens post", "Of the record's own authority"
    MEMBER = "member", "Medlem i kretsen", "Member of the circle"
    INVITED = "invited", "Inbjuden", "Invited"
    NAMED_CONTACT_OF = "named_contact_of", "Postens fasta kontakt", "The record's named contact"
    COORDINATOR_OF = "coordinator_of", "Postens samordnare", "The record's coordinator"
    GUARDIAN_OF = "guardian_of", "Barnets vårdnadshavare", "The child's guardian"
    ONESELF = "oneself", "Den det gäller", "The person concerned"


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
    DEADLINE_LIST = "deadline.list"
    DEADLINE_READ = "deadline.read"
    DEADLINE_EXTEND = "deadline.extend"


@dataclass(frozen=True, slots=True)
class Grant:
    """These roles, standing in one of these relations, may."""

    roles: frozenset[Role]
    relations: frozenset[Relation]


def _grant(roles: Iterable[Role], *relations: Relation) -> Grant:
    return Grant(frozenset(roles), frozenset(relations))


EVERY_ROLE = frozenset(Role)
CASEWORK = frozenset(
    {Role.PRACTITIONER, Role.NAMED_CONTACT, Role.COORDINATOR, Role.UNIT_MANAGER, Role.CASE_ADMIN, Role.TEAM_LEAD}
)
FAMILY = frozenset({Role.GUARDIAN, Role.YOUNG_PERSON})
STAFF = EVERY_ROLE - FAMILY
MANAGERS = frozenset({Role.UNIT_MANAGER})

_ANYONE, _OWN, _MEMBER = Relation.ANYONE, Relation.OWN_UNIT, Relation.MEMBER
_CONTACT, _COORDINATOR = Relation.NAMED_CONTACT_OF, Relation.COORDINATOR_OF
_GUARDIAN, _SELF = Relation.GUARDIAN_OF, Relation.ONESELF

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
    P.TRANSFER_READ: (_grant(CASEWORK, _OWN, _MEMBER, Relation.INVITED),),
    P.TRANSFER_ACCEPT: (_grant(CASEWORK, Relation.INVITED),),
    P.TRANSFER_WITHDRAW: (_grant(CASEWORK, _OWN),),
    P.CHRONOLOGY_READ: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.CHRONOLOGY_ADD: (_grant(CASEWORK, _OWN, _MEMBER),),
    P.CHRONOLOGY_CORRECT: (_grant(CASEWORK, _OWN),),
    P.ACCESS_LOG_READ: (_grant({Role.LOG_REVIEWER, Role.DPO}, Relation.OWN_AUTHORITY), _grant(MANAGERS, _OWN)),
    P.ACCESS_LOG_EXTRACT: (_grant(FAMILY, _GUARDIAN, _SELF),),
    P.DEADLINE_LIST: (_grant(CASEWORK, _ANYONE),),
    P.DEADLINE_READ: (_grant(CASEWORK, _OWN),),
    P.DEADLINE_EXTEND: (_grant(CASEWORK, _OWN),),
}

#: Roles that never carry identifiable data about a child: the database gives them no party (R1.1, R1.2).
WITHOUT_PARTY = frozenset(
    {
        Role.SYSTEM_ADMIN,
        Role.STATISTICS_READER,
        Role.PROGRAMME_LEAD,
        Role.STEERING_MEMBER,
        Role.LOG_REVIEWER,
        Role.DPO,
    }
)


def may(role: Role, permission: Permission, relations: frozenset[Relation]) -> bool:
    """Whether a role that stands in these relations to a record has a permission on it."""
    return any(role in grant.roles and not grant.relations.isdisjoint(relations) for grant in TABLE[permission])


def may_ever(role: Role, permission: Permission) -> bool:
    """Whether a role holds a permission in any relation at all."""
    return any(role in grant.roles for grant in TABLE[permission])


def scope_of(permission: Permission) -> str:
    """The OAuth scope that covers a permission: ``cases.read`` or ``cases.write`` (conventions.md 3.1)."""
    area, deed = permission.split(".")
    return f"{_SCOPE_AREAS[area]}.{'read' if deed in _READS else 'write'}"


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
    "access_log": "audit",
}
