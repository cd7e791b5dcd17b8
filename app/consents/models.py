"""Consents (samtycken) and their givers. ``domain.md`` 5.3, 5.4, 12.4.

A consent breaks secrecy (OSL 10:1, 12:2) or lets somebody take part. It is never the GDPR basis (R4.9), never deleted,
and ends by itself: a given consent whose time has passed is expired in every answer, without any job (R4.7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.consent_requirements.models import Exemption, GiverKind
from app.kernel.audit import Subject
from app.kernel.calendar import add_months
from app.kernel.clock import stockholm_date
from app.kernel.db import Base
from app.kernel.errors import Conflict, Denied, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.sharing.models import ChildBound, Shared

_INSTANT = TIMESTAMP(timezone=True)
REMIND_DAYS = (30, 7)


class ConsentStatus(Coded):
    """Where a consent stands."""

    REQUESTED = "requested", "Begärt", "Requested"
    GIVEN = "given", "Givet", "Given"
    REFUSED = "refused", "Nekat", "Refused"
    WITHDRAWN = "withdrawn", "Återkallat", "Withdrawn"
    EXPIRED = "expired", "Utgånget", "Expired"
    SUPERSEDED = "superseded", "Ersatt", "Superseded"


class GiverAnswer(Coded):
    """What one giver said."""

    REQUESTED = "requested", "Tillfrågad", "Asked"
    GIVEN = "given", "Samtycker", "Consents"
    REFUSED = "refused", "Nekar", "Refuses"
    WITHDRAWN = "withdrawn", "Har återkallat", "Has withdrawn"
    EXEMPTED = "exempted", "Undantagen", "Exempted"


class GivenHow(Coded):
    """In which form somebody answered."""

    WRITTEN = "written", "Skriftligt", "In writing"
    ORAL = "oral", "Muntligt", "Orally"
    E_SIGN = "e_sign", "Med e-legitimation", "By electronic signature"


S = ConsentStatus
CONSENT_FLOW = Workflow(
    {
        (S.REQUESTED, "answer"): S.REQUESTED,
        (S.REQUESTED, "give"): S.GIVEN,
        (S.REQUESTED, "refuse"): S.REFUSED,
        (S.REQUESTED, "withdraw"): S.WITHDRAWN,
        (S.GIVEN, "withdraw"): S.WITHDRAWN,
        (S.GIVEN, "expire"): S.EXPIRED,
        (S.GIVEN, "supersede"): S.SUPERSEDED,
    }
)


class InvalidPeriod(Problem):
    """R4: validity is mandatory, lies ahead and has a longest length."""

    status = 422
    title = Words("Ogiltig giltighetstid", "Invalid period of validity")
    detail = Words(
        "validTo ska ligga efter nu och validFrom, och högst {months} månader efter validFrom.",
        "validTo must lie after now and validFrom, and at most {months} months after validFrom.",
    )


class ConsentOutlivesCustody(Problem):
    """R2.9: guardians consent for a child; from 18 on nobody but the person does."""

    status = 422
    title = Words("Samtycket räcker längre än vårdnaden", "The consent outlives custody")
    detail = Words(
        "Utan barnets eget samtycke ska validTo ligga senast vid början av barnets 18-årsdag.",
        "Without the child's own consent validTo must not lie after the beginning of the 18th birthday.",
    )


class PeriodIsOver(Conflict):
    """An answer comes after the time that was asked for."""

    title = Words("Tiden har gått ut", "The period is over")
    detail = Words("Begär ett nytt samtycke.", "Ask for a new consent.")


class AlreadyAnswered(Conflict):
    """A giver answers a request once; a change of mind is a withdrawal or a new request."""

    title = Words("Redan besvarat", "Already answered")
    detail = Words("Personen har redan svarat eller är undantagen.", "This person has answered or is exempted.")


class NothingToWithdraw(Conflict):
    """Only who consented can withdraw, or who was prevented from being asked."""

    title = Words("Inget att återkalla", "Nothing to withdraw")
    detail = Words("Personen har inte lämnat något samtycke här.", "This person has given no consent here.")


class NotThisGiver(Denied):
    """A family member answers and withdraws for themselves, never for another."""

    code = "not-this-giver"
    title = Words("Du svarar bara för dig själv", "You answer only for yourself")
    detail = Words("Svaret gäller en annan person.", "The answer is another person's.")


class AnswerInTheFuture(Problem):
    """What is recorded from paper has happened."""

    status = 422
    title = Words("Svaret ligger i framtiden", "The answer lies in the future")
    detail = Words("answeredAt ska inte vara efter nu.", "answeredAt must not be after now.")


class ConsentGiver(ChildBound, Base):
    """One giver of one consent. A refusal has no reason and means nothing about risk (R4.8)."""

    __tablename__ = "consent_givers"

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id"))
    kind: Mapped[str] = mapped_column(Text)
    guardianship_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardianships.id"))
    person_key: Mapped[UUID | None]
    answer: Mapped[str] = mapped_column(Text)
    given_how: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    exemption: Mapped[str | None] = mapped_column(Text)
    exemption_reason: Mapped[str | None] = mapped_column(Text)
    decision_id: Mapped[str | None] = mapped_column(Text)
    deciding_authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authorities.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_consent_givers_consent_id", "consent_id"),
        Index("uq_consent_givers_person", "consent_id", "kind", "guardianship_id", unique=True,
              postgresql_nulls_not_distinct=True),
    )  # fmt: skip

    def say(self, answer: GiverAnswer, how: GivenHow, at: datetime, by: UUID) -> None:
        """The giver answers, once; ``by`` records it."""
        if self.answer != GiverAnswer.REQUESTED:
            raise AlreadyAnswered
        self.answer, self.given_how, self.answered_at, self.recorded_by = answer, how, at, by

    @property
    def is_childs_own_yes(self) -> bool:
        """Whether the child in person consents."""
        return self.kind == GiverKind.CHILD and self.answer == GiverAnswer.GIVEN

    @property
    def may_withdraw(self) -> bool:
        """Who consented; and who was only prevented, once they can be reached (FB 6:13)."""
        return self.answer == GiverAnswer.GIVEN or self.exemption == Exemption.PREVENTED

    def withdraw(self, at: datetime, by: UUID) -> None:
        """The giver takes it back, in this instant (R4.6)."""
        if not self.may_withdraw or self.withdrawn_at is not None:
            raise NothingToWithdraw
        self.answer, self.withdrawn_at, self.recorded_by = GiverAnswer.WITHDRAWN, at, by


@dataclass(frozen=True, slots=True)
class ConsentSettled:
    """A consent was given, refused or withdrawn: told to whatever rests on it."""

    consent_id: UUID
    case_id: UUID | None
    status: str
    supersedes_id: UUID | None

    @classmethod
    def of(cls, consent: "Consent") -> "ConsentSettled":
        """What is told of a consent now."""
        return cls(consent.id, consent.case_id, consent.status, consent.supersedes_id)


class Consent(Shared, Base):
    """One request for consent about one child: to whom, to what, for what, from and to."""

    __tablename__ = "consents"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    case_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    receiving_authority_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    measure_type: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[datetime] = mapped_column(_INSTANT)
    valid_to: Mapped[datetime] = mapped_column(_INSTANT)
    status: Mapped[str] = mapped_column(Text)
    route: Mapped[str] = mapped_column(Text)
    confirmed_reason: Mapped[str] = mapped_column(Text)
    information_version: Mapped[str] = mapped_column(Text)
    information_language: Mapped[str] = mapped_column(Text)
    information_interpreter: Mapped[bool]
    maturity: Mapped[str | None] = mapped_column(Text)
    maturity_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    maturity_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("consents.id"))
    requested_at: Mapped[datetime] = mapped_column(_INSTANT)
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    concluded_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    withdrawn_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_consents_owner_unit_id", "owner_unit_id", "id"),
        Index("ix_consents_circle_id", "circle_id", "id"),
        Index("ix_consents_child_id", "child_id", "id"),
    )

    @property
    def subject(self) -> Subject:
        """What the access log calls it."""
        return Subject("consent", self.id, self.circle_id, self.child_id, self.owner_authority_id)

    @property
    def reminders(self) -> dict[str, datetime]:
        """When its end is brought to mind (R4.7)."""
        return {f"consent_expires_in_{days}_days": self.valid_to - timedelta(days=days) for days in REMIND_DAYS}

    def settle(self, at: datetime) -> None:
        """Write down what time has done already: nothing comes after the end."""
        if self.status == ConsentStatus.GIVEN and self.valid_to <= at:
            CONSENT_FLOW.go(self, "expire")

    def hear(self, at: datetime) -> None:
        """An answer is heard while the request is open and its time is not over."""
        self.settle(at)
        CONSENT_FLOW.go(self, "answer")
        if self.valid_to <= at:
            raise PeriodIsOver

    def conclude(self, givers: Sequence[ConsentGiver], at: datetime, of_age_at: datetime) -> bool:
        """Given when nobody is left to ask, refused at the first no (R4.2); true when this made it given.

        Guardians' consent ends when custody does, the child's own goes on (R2.9). Raises ``PeriodIsOver``.
        """
        answers = {giver.answer for giver in givers}
        if GiverAnswer.REFUSED in answers:
            CONSENT_FLOW.go(self, "refuse")
        elif GiverAnswer.REQUESTED not in answers:
            CONSENT_FLOW.go(self, "give")
            if not any(giver.is_childs_own_yes for giver in givers):
                self._end_by(of_age_at, at)
        else:
            return False
        self.concluded_at = at
        return self.status == ConsentStatus.GIVEN

    def _end_by(self, latest: datetime, at: datetime) -> None:
        if latest <= max(at, self.valid_from):
            raise PeriodIsOver
        self.valid_to = min(self.valid_to, latest)

    def withdraw(self, at: datetime, by: UUID) -> None:
        """It is over for everybody, in this instant (R4.6)."""
        self.settle(at)
        CONSENT_FLOW.go(self, "withdraw")
        self.withdrawn_at, self.withdrawn_by = at, by

    def supersede(self, at: datetime) -> bool:
        """A newer one takes its place, unless it has ended already; whether it did."""
        self.settle(at)
        if not CONSENT_FLOW.allows(self.status, "supersede"):
            return False
        CONSENT_FLOW.go(self, "supersede")
        return True

    @staticmethod
    def require_period(valid_from: datetime, valid_to: datetime, now: datetime, months: int) -> None:
        """Raise ``InvalidPeriod`` unless it lies ahead and within the longest validity, in Stockholm days."""
        last_day = add_months(stockholm_date(valid_from), months)
        if valid_to <= max(now, valid_from) or stockholm_date(valid_to) > last_day:
            raise InvalidPeriod(months=months)
