"""Who is called or invited to a meeting, what they answered, and whether they came. ``domain.md`` R7.7, R8.1, R8.4."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.meetings.models import MeetingType
from app.organisations.models import Sector
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class InvitationKind(Coded):
    """A principal of the two sides of a SIP is called and has to come; everybody else is invited (R7.7)."""

    KALLELSE = "kallelse", "Kallelse med skyldighet att delta", "Call with a duty to attend"
    INBJUDAN = "inbjudan", "Inbjudan", "Invitation"


class InvitedParty(Coded):
    """Who is invited."""

    UNIT = "unit", "En enhet", "A unit"
    GUARDIAN = "guardian", "En vårdnadshavare", "A guardian"
    CHILD = "child", "Barnet", "The child"
    EXTERNAL = "external", "Någon annan som familjen vill ha med", "Somebody else whom the family wants there"


class InvitationAnswer(Coded):
    """What the invited party has answered."""

    WILL_ATTEND = "will_attend", "Kommer", "Will attend"
    SENDS_SUBSTITUTE = "sends_substitute", "Skickar ersättare", "Sends a substitute"
    CANNOT = "cannot", "Har förhinder", "Cannot attend"
    WAITING = "waiting", "Inte besvarad", "Not answered"


class InvitationNotice(Coded):
    """What an invited party was told last."""

    CALLED = "called", "Kallad eller inbjuden", "Called or invited"
    MOVED = "moved", "Ny tid eller plats", "New time or place"
    CANCELLED = "cancelled", "Inställt", "Cancelled"


def kind_of(meeting_type: str, sector: str | None) -> InvitationKind:
    """R7.7: derived, never chosen. Health care and social services are the two sides of a SIP and its follow-up."""
    two_sides = meeting_type in (MeetingType.SIP, MeetingType.FOLLOW_UP) and sector in (Sector.HEALTH, Sector.SOCIAL)
    return InvitationKind.KALLELSE if two_sides else InvitationKind.INBJUDAN


class NoScopeToInvite(Conflict):
    """R8.1: nobody is on the list to whom nothing is open."""

    title = Words("Enheten får inte veta av mötet", "The unit may not know of the meeting")
    detail = Words(
        "Bara enheter i ärendets krets med samtycke eller annan grund kan kallas eller bjudas in.",
        "Only units in the case's circle with consent or another basis can be called or invited.",
    )


class AlreadyInvited(Conflict):
    """Nobody is invited twice."""

    constraint = "uq_meeting_invitations_party"
    title = Words("Redan inbjuden", "Already invited")
    detail = Words("Enheten är redan kallad eller inbjuden.", "The unit is called or invited already.")


class NobodyToInvite(Problem):
    """A call goes to somebody."""

    status = 422
    title = Words("Ingen att bjuda in", "Nobody to invite")
    detail = Words(
        "Ange unitIds, family eller externals; i familjen finns kanske ingen kvar som får kontaktas.",
        "Give unitIds, family or externals; perhaps nobody is left in the family who may be contacted.",
    )


class FamilyDoesNotWish(Problem):
    """R8.1: somebody without scope comes only because the family wants it."""

    status = 422
    title = Words("Familjens önskan saknas", "It is not the family's wish")
    detail = Words(
        "Andra personer bjuds bara in när familjen vill det: familyWishes ska vara true.",
        "Other people are invited only when the family wants it: familyWishes must be true.",
    )


class AbsenceNeedsReason(Problem):
    """R7.7: whoever cannot come says why."""

    status = 422
    title = Words("Skäl till förhindret saknas", "A reason for not coming is required")
    detail = Words("Ange reason när answer är cannot.", "Give reason when answer is cannot.")


class SubstituteNeedsName(Problem):
    """R7.7: a substitute is somebody."""

    status = 422
    title = Words("Ersättarens namn saknas", "The substitute's name is required")
    detail = Words("Ange substituteName när answer är sends_substitute.", "Give substituteName with sends_substitute.")


class NothingToAcknowledge(Conflict):
    """R8.4: a notice of cancellation is acknowledged once."""

    title = Words("Inget att kvittera", "Nothing to acknowledge")
    detail = Words(
        "Mötet är inte inställt, eller så är beskedet redan kvitterat.",
        "The meeting is not cancelled, or the notice is acknowledged already.",
    )


class AttendanceIncomplete(Problem):
    """Who came and who did not is said of everybody who was invited."""

    status = 422
    title = Words("Närvaron är inte fullständig", "The attendance is not complete")
    detail = Words("attended ska nämna varje inbjudan en gång.", "attended must name each invitation once.")


class NothingToExplain(Conflict):
    """R7.7: a called principal that did not come explains it, once."""

    title = Words("Inget att förklara", "Nothing to explain")
    detail = Words(
        "Enheten var inte kallad, den kom, eller så är frånvaron redan förklarad.",
        "The unit was not called, it came, or its absence is explained already.",
    )


class MeetingInvitation(Owned, Base):
    """One call or invitation: to a unit, to somebody of the family, or to whom the family wants there."""

    __tablename__ = "meeting_invitations"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meetings.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    person_key: Mapped[UUID | None]
    standing: Mapped[str | None] = mapped_column(Text)
    external_name: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    substitute_name: Mapped[str | None] = mapped_column(Text)
    answer_reason: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    told: Mapped[str] = mapped_column(Text)
    told_at: Mapped[datetime] = mapped_column(_INSTANT)
    acknowledged_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    attended: Mapped[bool | None]
    absence_explanation: Mapped[str | None] = mapped_column(Text)
    absence_explained_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    absence_explained_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("meeting_invitation", self.id, self.case_id, controller_id=self.owner_authority_id)

    def tell(self, notice: InvitationNotice, at: datetime) -> None:
        """What has become of the meeting; an answer to another time or place counts no longer."""
        self.told, self.told_at = notice, at
        if notice is InvitationNotice.MOVED:
            self.answer = InvitationAnswer.WAITING
            self.substitute_name = self.answer_reason = self.answered_at = self.answered_by = None

    def reply(
        self, answer: InvitationAnswer, substitute: str | None, reason: str | None, by: UUID, at: datetime
    ) -> None:
        """Answer, or answer otherwise; raises ``SubstituteNeedsName`` and ``AbsenceNeedsReason``."""
        sends = answer is InvitationAnswer.SENDS_SUBSTITUTE
        if sends and substitute is None:
            raise SubstituteNeedsName
        if answer is InvitationAnswer.CANNOT and reason is None:
            raise AbsenceNeedsReason
        self.answer, self.answer_reason = answer, reason
        self.substitute_name = substitute if sends else None
        self.answered_by, self.answered_at = by, at

    def acknowledge(self, by: UUID, at: datetime) -> None:
        """The notice of cancellation has arrived; raises ``NothingToAcknowledge``."""
        if self.told != InvitationNotice.CANCELLED or self.acknowledged_at is not None:
            raise NothingToAcknowledge
        self.acknowledged_by, self.acknowledged_at = by, at

    def attend(self, attended: bool, substitute: str | None) -> None:
        """Whether they came, themselves or by a substitute."""
        self.attended = attended
        self.substitute_name = substitute or self.substitute_name

    @property
    def unexplained(self) -> bool:
        """A called principal that did not come, and has not said why (R7.7)."""
        absent = self.kind == InvitationKind.KALLELSE and self.attended is False
        return absent and self.absence_explained_at is None

    def explain(self, explanation: str, by: UUID, at: datetime) -> None:
        """The principal's manager explains the absence; raises ``NothingToExplain``."""
        if not self.unexplained:
            raise NothingToExplain
        self.absence_explanation, self.absence_explained_by, self.absence_explained_at = explanation, by, at
