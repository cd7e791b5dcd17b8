"""How a place in a contact group went, asked of three (uppföljning). ``domain.md`` 8.2, 12.11 (R11.7, R11.9).

The method is NUSO's: each year and after the end, the child, a guardian and a leader, and who was not asked with the
reason. The step of a scale is a generic one of five that somebody may name: no instrument is built in (8.3).
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.group_places.models import GroupPlaceStatus, PlaceRespondent
from app.kernel.audit import Subject
from app.kernel.calendar import age_on
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.people.models import Owned


class FollowUpOccasion(Coded):
    """When somebody is asked (R11.7)."""

    YEARLY = "yearly", "Årlig uppföljning", "Yearly follow-up"
    AFTER_END = "after_end", "Efter avslut", "After the end"
    EXTRA = "extra", "Extra uppföljning", "Extra follow-up"


class AnswerOrReason(Problem):
    """R11.7: somebody answered, or it is said why not."""

    status = 422
    title = Words("Ange svar eller skäl", "Give an answer or a reason")
    detail = Words(
        "Ange text eller scale, eller båda, eller i stället notInterviewedReason.",
        "Give text or scale, or both, or notInterviewedReason instead.",
    )


class RespondentNotYours(Problem):
    """A guardian, a young person and a leader speak for themselves; the unit records what any of them says."""

    status = 422
    title = Words("Du svarar som den du är", "You answer as who you are")
    detail = Words("Utelämna respondent: den följer av din inloggning.", "Leave respondent out: your sign-in tells it.")


class RespondentMissing(Problem):
    """The unit says whose answer it records."""

    status = 422
    title = Words("Ange vem som svarade", "State who answered")
    detail = Words("respondent behövs när enheten antecknar.", "respondent is needed when the unit records.")


class SharingIsTheChilds(Problem):
    """What guardians read of the child's words is for the child to agree to; other answers are the family's anyway."""

    status = 422
    title = Words("Bara barnets svar delas särskilt", "Only the child's answer is shared so")
    detail = Words(
        "sharedWithGuardians gäller bara det barnet säger.", "sharedWithGuardians is about what the child says only."
    )


class AskedAtTheWrongTime(Problem):
    """What is recorded has been asked, about a place that the child had."""

    status = 422
    title = Words("Dagen stämmer inte", "The day does not fit")
    detail = Words(
        "askedOn ska vara i dag eller tidigare, men inte före platsens första dag.",
        "askedOn must be today or earlier, and not before the first day of the place.",
    )


class OccasionDoesNotFit(Conflict):
    """R11.7: yearly while the child has the place, once more after the end, and an extra one at any time."""

    title = Words("Tillfället stämmer inte med platsens läge", "The occasion does not fit the state of the place")
    detail = Words(
        "Årlig uppföljning gäller en pågående plats, after_end en avslutad som inte är uppföljd; extra går alltid.",
        "A yearly follow-up is of an active place, after_end of an ended one not followed up yet; extra is always "
        "possible.",
    )


_FITS = {
    FollowUpOccasion.YEARLY: {GroupPlaceStatus.ACTIVE},
    FollowUpOccasion.AFTER_END: {GroupPlaceStatus.ENDED},
    FollowUpOccasion.EXTRA: set(GroupPlaceStatus),
}


def require_occasion(occasion: FollowUpOccasion, status: str) -> None:
    """Raise ``OccasionDoesNotFit``."""
    if status not in _FITS[occasion]:
        raise OccasionDoesNotFit


def expected(birth_date: date | None, on: date, interview_age: int) -> frozenset[PlaceRespondent]:
    """Who must be heard, or missed with a reason: the child from the interview age, or while its age is unknown."""
    young = birth_date is not None and birth_date <= on and age_on(birth_date, on) < interview_age
    return frozenset(PlaceRespondent) - ({PlaceRespondent.CHILD} if young else set())


class PlaceFollowUp(Owned, Base):
    """What one of the three said about a place, or why not; it is not changed any more (R11.7)."""

    __tablename__ = "place_follow_ups"

    place_id: Mapped[UUID] = mapped_column(ForeignKey("group_places.id"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("queue_entries.id"))
    respondent: Mapped[str] = mapped_column(Text)
    occasion: Mapped[str] = mapped_column(Text)
    asked_on: Mapped[date]
    scale: Mapped[int | None] = mapped_column(SmallInteger)
    text: Mapped[str | None] = mapped_column(Text)
    not_interviewed_reason: Mapped[str | None] = mapped_column(Text)
    shared_with_guardians: Mapped[bool] = mapped_column(server_default=sql("false"))
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "place_id", "id"), Index(None, "entry_id"))

    def subject(self, child_id: UUID) -> Subject:
        """What the access log says an entry is about."""
        return Subject("place_follow_up", self.id, self.entry_id, child_id, self.owner_authority_id)

    def require_sound(self, from_on: date, today: date) -> None:
        """Raise ``AnswerOrReason``, ``SharingIsTheChilds``, ``AskedAtTheWrongTime``."""
        answered = self.scale is not None or self.text is not None
        if answered == (self.not_interviewed_reason is not None):
            raise AnswerOrReason
        if self.shared_with_guardians and self.respondent != PlaceRespondent.CHILD:
            raise SharingIsTheChilds
        if not from_on <= self.asked_on <= today:
            raise AskedAtTheWrongTime
