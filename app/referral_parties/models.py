"""Whom a referral is about, who receives it, and for whom the receiver is there. R12.4, R14.6, R21.1."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.codes import Coded
from app.kernel.db import Row
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.organisations.models import Sector, UnitType
from app.people.models import ProtectedIdentity

#: From this age on somebody decides whether the guardians are in it (R21.1, trap 6).
DECIDED_FROM = 13


class SenderKind(Coded):
    """Who refers."""

    PROFESSIONAL = "professional", "Någon som arbetar med barnet", "A professional"
    GUARDIAN = "guardian", "Vårdnadshavare", "Guardian"
    YOUNG_PERSON = "young_person", "Den unga själv", "The young person"


class AgeOutsideCentre(Problem):
    """R12.4: the age limits are the centre's or its part's; what fits is among the alternatives."""

    status = 422
    title = Words("Åldern passar inte här", "The age does not fit here")
    detail = Words(
        "Mottagaren vänder sig till en annan ålder. Under alternatives står de som passar, om det finns några.",
        "The receiver is for another age. Those that fit are among the alternatives, where there are any.",
    )


class CentreTakesNoReferrals(Conflict):
    """It is not open, or families come without a referral."""

    title = Words("Centralen tar inte emot remisser", "The centre takes no referrals")
    detail = Words(
        "Den är inte öppen, eller så kommer man dit utan remiss.",
        "It is not open, or families come there without a referral.",
    )


class YouthClinicIsOnesOwnChoice(Problem):
    """R14.6: a contact with a youth clinic is visible to no guardian and no school, so neither can make one."""

    status = 422
    title = Words("Den unga vänder sig dit själv", "The young person turns there themselves")
    detail = Words(
        "En kontakt med ungdomsmottagningen syns för ingen vårdnadshavare och ingen skola. Den unga tar den själv.",
        "A contact with the youth clinic is visible to no guardian and no school. The young person makes it.",
    )


class PrivateFromSchools(Conflict):
    """R14.6: what is private to a young person does not reach a school by a redirection."""

    title = Words("Får inte nå en skola", "It must not reach a school")
    detail = Words(
        "Det som är privat för en ung person skickas inte vidare till en skola.",
        "What is private to a young person is not passed on to a school.",
    )


class AgeUnknown(Problem):
    """R12.4: no age, no answer to whether it fits."""

    status = 422
    title = Words("Åldern är inte känd", "The age is not known")
    detail = Words(
        "Ange birthDate: barnets födelsedag, eller den dag då det väntas.",
        "Give birthDate: the day on which the child was born, or is expected.",
    )


class ReferredChildMissing(Problem):
    """A referral is about one child: one with a record, or somebody whom the family names."""

    status = 422
    title = Words("Ange vem det gäller", "Say whom it is about")
    detail = Words(
        "En vårdnadshavare anger childId, eller givenName och birthDate; en ung person utan journalpost sin birthDate; "
        "den som arbetar med barnet alltid childId.",
        "A guardian gives childId, or givenName and birthDate; a young person without a record their birthDate; a "
        "professional always childId.",
    )


class ReferredIsOfAge(Problem):
    """R2.9: from 18 on nobody is a guardian."""

    status = 422
    title = Words("Den som är myndig vänder sig dit själv", "Whoever is of age turns there themselves")
    detail = Words("En vårdnadshavare remitterar barn under 18 år.", "A guardian refers children below the age of 18.")


class PrivacyNotDecided(Problem):
    """R21.1: from 13 somebody decides, referral by referral, whether the guardians are in it."""

    status = 422
    title = Words("Ta ställning till om vårdnadshavarna är med", "Decide whether the guardians are in it")
    detail = Words(
        "Ange private: från 13 år finns inget förval när någon annan än den unga remitterar.",
        "Give private: from the age of 13 there is no default when somebody else than the young person refers.",
    )


@dataclass(frozen=True, slots=True)
class Referred:
    """Whom a referral is about: a child with a record, or somebody whom the family names; no age before birth."""

    given_name: str | None
    age: int | None
    born: date | None = None
    child: Row | None = None

    @property
    def child_id(self) -> UUID | None:
        """The child's record, where there is one."""
        return self.child["id"] if self.child else None

    @property
    def shielded(self) -> bool:
        """Whether the child is protected (R2.5)."""
        return self.child is not None and self.child["protected_identity"] != ProtectedIdentity.NONE


@dataclass(frozen=True, slots=True)
class Receiver:
    """The unit that receives, as which centre and part; a unit by itself is asked for no age."""

    unit: Row
    centre: Row | None = None
    part: Row | None = None

    @property
    def unit_id(self) -> UUID:
        """The unit."""
        unit_id: UUID = self.unit["id"]
        return unit_id

    @property
    def authority_id(self) -> UUID:
        """Whose consent must name it (R12.5)."""
        authority_id: UUID = self.unit["authority_id"]
        return authority_id

    @property
    def place(self) -> dict[str, UUID | None]:
        """Where a referral to it goes, as its columns."""
        return {
            "receiver_unit_id": self.unit_id,
            "centre_id": self.centre["id"] if self.centre else None,
            "part_id": self.part["id"] if self.part else None,
        }

    @property
    def is_youth_clinic(self) -> bool:
        """Whether a contact there is the young person's own (R14.6)."""
        types = {self.unit["unit_type"], self.part["type"] if self.part else None}
        return UnitType.YOUTH_CLINIC.value in types

    def require_choice(self, sender: str, sector: str | None) -> None:
        """Raise ``YouthClinicIsOnesOwnChoice`` where a guardian or a school is the sender (R14.6)."""
        known_to_others = sender == SenderKind.GUARDIAN or sector == Sector.EDUCATION
        if self.is_youth_clinic and known_to_others:
            raise YouthClinicIsOnesOwnChoice

    def require_discreet(self) -> None:
        """Raise ``PrivateFromSchools`` for a school: what is private does not come there (R14.6)."""
        if self.unit["sector"] == Sector.EDUCATION:
            raise PrivateFromSchools


def private_by_default(sender: str, age: int | None, stated: bool | None, *, youth_clinic: bool) -> bool:
    """Whether nobody else of the family is in it (R21.1); raises ``PrivacyNotDecided``.

    Always at a youth clinic; what a young person of 13 or more hands in, unless they say otherwise. From 13 on a
    professional decides; a guardian's is open to the family unless they say otherwise.
    """
    if youth_clinic:
        return True
    if stated is not None:
        return stated
    decided_by_age = age is not None and age >= DECIDED_FROM
    if sender == SenderKind.PROFESSIONAL and decided_by_age:
        raise PrivacyNotDecided
    return sender == SenderKind.YOUNG_PERSON and decided_by_age
