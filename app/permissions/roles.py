"""In what a person acts, and how they stand to a record."""

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
    MAIN_RESPONSIBLE_OF = "main_responsible_of", "Planens huvudansvariga", "The plan's main responsible"
    DOCUMENTER_OF = "documenter_of", "Den som dokumenterar", "The plan's or meeting's documenter"
    LEADER_OF = "leader_of", "Gruppens eller teamets ledare", "Leader of the group or team"
    ONESELF = "oneself", "Den det gäller", "The person concerned"


EVERY_ROLE = frozenset(Role)
CASEWORK = frozenset(
    {Role.PRACTITIONER, Role.NAMED_CONTACT, Role.COORDINATOR, Role.UNIT_MANAGER, Role.CASE_ADMIN, Role.TEAM_LEAD}
)
FAMILY = frozenset({Role.GUARDIAN, Role.YOUNG_PERSON})
STAFF = EVERY_ROLE - FAMILY
MANAGERS = frozenset({Role.UNIT_MANAGER})

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
