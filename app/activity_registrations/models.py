"""Registrations to activities (anmälningar): a place, or a place in the line, without a name. ``domain.md`` 12.14.

A registration is the claim of its id in the activity's pool (``app.places``), in a circle of that id: its holder finds
it by their own login or by the booking code, the unit at the door by the code. Nothing else is kept of who comes.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import Owned
from app.places.models import ClaimStatus
from app.support_offers.models import SupportAudience


class RegisteredKind(Coded):
    """Who registered: not their name, only in which role."""

    GUARDIAN = "guardian", "En vårdnadshavare", "A guardian"
    YOUNG_PERSON = "young_person", "En ung person", "A young person"
    PROFESSIONAL = "professional", "Någon i tjänsten", "A professional"
    DESK = "desk", "Enheten själv, åt någon som hört av sig", "The unit itself, for somebody who called"


class RegistrationStatus(Coded):
    """Where a registration stands."""

    WAITING = "waiting", "I kö", "In line"
    OFFERED = "offered", "Erbjuden en plats som blivit ledig", "Offered a place that became free"
    CONFIRMED = "confirmed", "Har plats", "Has a place"
    DECLINED = "declined", "Tackat nej", "Declined"
    EXPIRED = "expired", "Erbjudandet gick ut", "The offer expired"
    WITHDRAWN = "withdrawn", "Återkallad", "Withdrawn"


C, S = ClaimStatus, RegistrationStatus
#: What the claim's status is called here; a claim of an activity is never held back.
BY_CLAIM = {
    C.WAITING: S.WAITING,
    C.OFFERED: S.OFFERED,
    C.TAKEN: S.CONFIRMED,
    C.DECLINED: S.DECLINED,
    C.EXPIRED: S.EXPIRED,
    C.WITHDRAWN: S.WITHDRAWN,
    C.LEFT: S.WITHDRAWN,
}
#: The line moves the claim (``app.places``); this says what somebody may ask for from where.
REGISTRATION_FLOW = Workflow(
    {
        (S.WAITING, "withdraw"): S.WITHDRAWN,
        (S.OFFERED, "accept"): S.CONFIRMED,
        (S.OFFERED, "decline"): S.DECLINED,
        (S.OFFERED, "withdraw"): S.WITHDRAWN,
        (S.CONFIRMED, "withdraw"): S.WITHDRAWN,
    }
)


class RegistrationClosed(Conflict):
    """One registers while registration is open."""

    title = Words("Anmälan är inte öppen", "Registration is not open")
    detail = Words("Se registrationOpen och tiderna för aktiviteten.", "See registrationOpen and the activity's times.")


class NothingOffered(Conflict):
    """There is an answer only where there is an offer."""

    title = Words("Ingen plats är erbjuden", "No place is offered")
    detail = Words("Anmälan har redan en plats eller väntar i kön.", "The registration has a place or waits in line.")


class AgeNeeded(Problem):
    """Where there are age limits the age of whoever comes is asked for; it is checked and not kept."""

    status = 422
    title = Words("Ange ålder", "State the age")
    detail = Words(
        "Aktiviteten har åldersgränser. Ange age, eller childId för ditt barn. Åldern sparas inte.",
        "The activity has age limits. State age, or childId of your child. The age is not kept.",
    )


class AgeOutsideActivity(Problem):
    """12.14: an activity is for the ages that it says; others that fit are told."""

    status = 422
    title = Words("Åldern passar inte aktiviteten", "The age does not fit the activity")
    detail = Words("Se alternatives för det som passar.", "See alternatives for what fits.")


class NotForThisAudience(Problem):
    """An activity for professionals is not for families, and the other way round."""

    status = 422
    title = Words("Aktiviteten är för andra", "The activity is for others")
    detail = Words("Se audiences: vilka den är till för.", "See audiences: whom it is for.")


class ChildIsForGuardians(Problem):
    """Only a guardian registers a child by its record; the unit and professionals state an age."""

    status = 422
    title = Words("childId är för vårdnadshavare", "childId is for guardians")
    detail = Words("Ange age i stället.", "State age instead.")


class ActivityRegistration(Owned, Base):
    """Somebody's registration (anmälan): its id is also its circle and its claim in the activity's pool.

    It is written once: what changes is where the claim stands.
    """

    __tablename__ = "activity_registrations"

    id: Mapped[UUID] = mapped_column(ForeignKey("place_claims.id"), primary_key=True)
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"))
    registered_kind: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    __table_args__ = (
        Index("ix_activity_registrations_owner_unit_id", "owner_unit_id", "id"),
        Index("ix_activity_registrations_activity_id", "activity_id", "id"),
        Index("uq_activity_registrations_code_hash", "code_hash", unique=True),
    )


def require_audience(kind: RegisteredKind, audiences: list[str]) -> None:
    """Raise ``NotForThisAudience``; the unit itself may register anybody."""
    for_work = SupportAudience.PROFESSIONALS in audiences
    others = set(audiences) - {SupportAudience.PROFESSIONALS}
    if kind == RegisteredKind.PROFESSIONAL and not for_work:
        raise NotForThisAudience
    if kind in (RegisteredKind.GUARDIAN, RegisteredKind.YOUNG_PERSON) and not others:
        raise NotForThisAudience


def subject_of(registration_id: UUID, authority_id: UUID) -> Subject:
    """What the log says an entry is about; it names nobody but who did it."""
    return Subject("activity_registration", registration_id, registration_id, None, authority_id)
