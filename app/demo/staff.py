"""The demo users and their one assignment (uppdrag) each. Everybody here is made up.

The first sixteen are those of ``api.md`` section 4; new ones go last, because a user's place gives the id.
"""

from typing import Final, NamedTuple
from uuid import UUID

from app.demo.directory import UNIT_RECORDS, demo_id
from app.permissions import Role


class Somebody(NamedTuple):
    """A demo user. Family members act in person and have a personnummer instead of a unit."""

    subject: str
    name: str
    title: str
    role: Role
    unit: str | None = None
    personnummer: str | None = None
    is_system: bool = False

    @property
    def description(self) -> str:
        """Role and unit in Swedish, and the role's code, which is what the API speaks of."""
        place = "" if self.unit is None else f", {UNIT_RECORDS[self.unit].name}"
        return f"{self.title}{place} ({self.role})"

    @property
    def email(self) -> str | None:
        """An address in the unit's own reserved domain; nobody knows the family's."""
        if self.unit is None or self.is_system:
            return None
        return f"{self.subject}@{UNIT_RECORDS[self.unit].function_address.partition('@')[2]}"


# Skatteverket's test numbers (app/people/testnumbers.py). The two guardians share the child of the main story.
GUARDIAN_ONE: Final = "198703122385"
GUARDIAN_TWO: Final = "198709132396"
YOUTH_ONE: Final = "201010072393"
GUARDIAN_THREE: Final = "198809122396"

R = Role
EVERYBODY: Final = (
    Somebody("gnesta.school", "Sara Ekdahl", "Specialpedagog", R.PRACTITIONER, "gnesta-skola"),
    Somebody("gnesta.social", "Amir Haddad", "Socialsekreterare", R.PRACTITIONER, "gnesta-ifo"),
    Somebody("gnesta.coordinator", "Karin Wallin", "Samordnare", R.COORDINATOR, "gnesta-samordning"),
    Somebody("gnesta.familycentre", "Elin Forsberg", "Familjestödjare", R.PRACTITIONER, "gnesta-familjecentral"),
    Somebody("gnesta.logreviewer", "Gunilla Öst", "Logggranskare", R.LOG_REVIEWER, "gnesta-barn-och-utbildning"),
    Somebody("katrineholm.coordinator", "Petter Lindholm", "Samordnare", R.COORDINATOR, "katrineholm-samordning"),
    Somebody("region.bup", "Hanna Sjögren", "Teamledare", R.TEAM_LEAD, "region-bup-nykoping"),
    Somebody("vingaker.manager", "Birgitta Malm", "Enhetschef", R.UNIT_MANAGER, "vingaker-kontaktgrupper"),
    Somebody("vingaker.leader", "Jonas Ek", "Kontaktgruppsledare", R.GROUP_LEADER, "vingaker-kontaktgrupper"),
    Somebody("guardian.one", "Maria Sandell", "Vårdnadshavare", R.GUARDIAN, personnummer=GUARDIAN_ONE),
    Somebody("guardian.two", "Johan Sandell", "Vårdnadshavare", R.GUARDIAN, personnummer=GUARDIAN_TWO),
    Somebody("youth.one", "Liam Norberg", "Ungdom", R.YOUNG_PERSON, personnummer=YOUTH_ONE),
    Somebody("stats.reader", "Ulla Grahn", "Statistikläsare", R.STATISTICS_READER, "lansstod"),
    Somebody("sys.admin", "Mikael Dahl", "Systemadministratör", R.SYSTEM_ADMIN, "lansstod"),
    Somebody(
        "system.gnesta-school", "Elevregistret i Gnesta", "System", R.CASE_ADMIN, "gnesta-skola",
        is_system=True,
    ),
    Somebody(
        "system.vingaker-import", "Inläsningen i Vingåker", "System", R.CASE_ADMIN, "vingaker-kontaktgrupper",
        is_system=True,
    ),
    Somebody("gnesta.school2", "Oskar Nyberg", "Skolkurator", R.PRACTITIONER, "gnesta-skola"),
    Somebody("gnesta.schoolmanager", "Lena Hjort", "Rektor, enhetschef", R.UNIT_MANAGER, "gnesta-skola"),
    Somebody("gnesta.otherschool", "David Åberg", "Mentor", R.PRACTITIONER, "gnesta-skola-2"),
    Somebody("gnesta.preschool", "Ida Blom", "Specialpedagog", R.PRACTITIONER, "gnesta-forskola"),
    Somebody("gnesta.studenthealth", "Åsa Rydell", "Skolsköterska", R.PRACTITIONER, "gnesta-elevhalsa"),
    Somebody("gnesta.socialmanager", "Per Sundin", "Enhetschef", R.UNIT_MANAGER, "gnesta-ifo"),
    Somebody("gnesta.privateschool", "Nadia Rahimi", "Specialpedagog", R.PRACTITIONER, "friskola"),
    Somebody("region.bup-katrineholm", "Erik Lund", "Psykolog", R.PRACTITIONER, "region-bup-katrineholm"),
    Somebody("region.bvc", "Camilla Frid", "BVC-sjuksköterska", R.PRACTITIONER, "region-bvc-gnesta"),
    Somebody("region.midwife", "Annika Berglund", "Barnmorska", R.PRACTITIONER, "region-mhv-gnesta"),
    Somebody("region.youthclinic", "Tove Lind", "Kurator", R.PRACTITIONER, "region-ungdomsmottagning-gnesta"),
    Somebody("katrineholm.school", "Henrik Falk", "Specialpedagog", R.PRACTITIONER, "katrineholm-skola"),
    Somebody("katrineholm.social", "Susanne Vik", "Socialsekreterare", R.PRACTITIONER, "katrineholm-ifo"),
    Somebody("strangnas.social", "Mattias Borg", "Socialsekreterare", R.PRACTITIONER, "strangnas-ifo"),
    Somebody("strangnas.school", "Emma Holst", "Specialpedagog", R.PRACTITIONER, "strangnas-skola"),
    Somebody("vingaker.social", "Leila Omar", "Socialsekreterare", R.PRACTITIONER, "vingaker-ifo"),
    Somebody("vingaker.school", "Fredrik Gran", "Skolkurator", R.PRACTITIONER, "vingaker-skola"),
    Somebody("vingaker.leader2", "Malin Ros", "Kontaktgruppsledare", R.GROUP_LEADER, "vingaker-kontaktgrupper"),
    Somebody("strangnas.coordinator", "Maja Ceder", "Samordnare", R.COORDINATOR, "strangnas-samordning"),
    Somebody("gnesta.coordinator2", "Jens Moberg", "Samordnare", R.COORDINATOR, "gnesta-samordning"),
    Somebody("region.bupmanager", "Kerstin Dahlin", "Enhetschef", R.UNIT_MANAGER, "region-bup-nykoping"),
    Somebody("gnesta.familymanager", "Inger Staaf", "Enhetschef", R.UNIT_MANAGER, "gnesta-familjecentral"),
    Somebody("gnesta.openpreschool", "Fatima Sahin", "Förskollärare", R.PRACTITIONER, "gnesta-oppen-forskola"),
    Somebody("region.youthmanager", "Pia Rönn", "Enhetschef", R.UNIT_MANAGER, "region-ungdomsmottagning-gnesta"),
    Somebody("region.bup-eskilstuna", "Lars Holm", "Teamledare", R.TEAM_LEAD, "region-bup-eskilstuna"),
    Somebody("region.bup-katrineholm2", "Stina Berg", "Teamledare", R.TEAM_LEAD, "region-bup-katrineholm"),
    Somebody("vingaker.leader3", "Anders Holm", "Kontaktgruppsledare", R.GROUP_LEADER, "vingaker-kontaktgrupper"),
    Somebody("vingaker.leader4", "Sofia Lundin", "Kontaktgruppsledare", R.GROUP_LEADER, "vingaker-kontaktgrupper"),
    Somebody("vingaker.leader5", "Hassan Ali", "Kontaktgruppsledare", R.GROUP_LEADER, "vingaker-kontaktgrupper"),
    Somebody("vingaker.leader6", "Eva Sterner", "Kontaktgruppsledare", R.GROUP_LEADER, "vingaker-kontaktgrupper"),
    Somebody("guardian.three", "Amina Warsame", "Vårdnadshavare", R.GUARDIAN, personnummer=GUARDIAN_THREE),
)  # fmt: skip

USER_IDS: Final[dict[str, UUID]] = {
    person.subject: demo_id("0000", 4, number) for number, person in enumerate(EVERYBODY, start=1)
}
ASSIGNMENT_IDS: Final[dict[str, UUID]] = {
    person.subject: demo_id("0000", 5, number) for number, person in enumerate(EVERYBODY, start=1)
}
