"""Use of support: counted where nobody is recorded, otherwise a record that only its provider reads.

``domain.md`` 12.14, R14.2-R14.6. A use is a circle of its own; its category is granted to nobody, so that no consent,
no guardian and no school ever opens it.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Alternative, Conflict, NotFound, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import Owned


class SupportUseStatus(Coded):
    """A use goes on, and ends."""

    ONGOING = "ongoing", "Pågår", "Ongoing"
    ENDED = "ended", "Avslutad", "Ended"


S = SupportUseStatus
SUPPORT_USE_FLOW = Workflow(
    {
        (S.ONGOING, "session"): S.ONGOING,
        (S.ONGOING, "extend"): S.ONGOING,
        (S.ONGOING, "end"): S.ENDED,
    }
)


class OfferIsNotValid(Conflict):
    """Nobody begins with what is not offered today."""

    title = Words("Erbjudandet gäller inte den dagen", "The offer is not valid on that day")
    detail = Words("Se erbjudandets giltighetstid.", "See the offer's validity.")


class AgeOutsideOffer(Problem):
    """R14.3: outside the ages of an offer, what there is instead is shown."""

    status = 422
    title = Words("Erbjudandet är för en annan ålder", "The offer is for another age")
    detail = Words(
        "Åldern ligger utanför erbjudandets gränser. Se alternatives för vad som finns i stället.",
        "The age is outside the offer's limits. See alternatives for what there is instead.",
    )


class AgeRequired(Problem):
    """R14.3: limits cannot be kept without an age."""

    status = 422
    title = Words("Ange ålder", "State the age")
    detail = Words(
        "Erbjudandet har åldersgränser: ange ageYears.", "The offer has age limits: state ageYears."
    )  # fmt: skip


class MoreThanIsRecorded(Problem):
    """R14.4: an offer holds no more about anybody than it says that it does."""

    status = 422
    title = Words("Så mycket registreras inte här", "That much is not recorded here")
    detail = Words(
        "Erbjudandet registrerar varken barn eller namn. Skicka inte childId eller firstName.",
        "The offer records neither child nor name. Do not send childId or firstName.",
    )


class WhoIsRequired(Problem):
    """An offer that records identity records one: the child, or the first name of whoever comes."""

    status = 422
    title = Words("Ange barn eller förnamn", "State a child or a first name")
    detail = Words(
        "Erbjudandet registrerar vem: ange antingen childId eller firstName.",
        "The offer records who: state either childId or firstName.",
    )


class NoChildForThisOffer(Problem):
    """R14.5, R14.6: nothing leads from a child's record to its parents' talks, or to a visit that is its own affair."""

    status = 422
    title = Words("Erbjudandet kopplas inte till ett barn", "The offer is not tied to a child")
    detail = Words(
        "Samarbetssamtal har föräldrarna som parter, och ungdomsmottagningen är den ungas egen: ange firstName.",
        "In cooperation talks the parents are parties, and a youth clinic is the young person's own: state firstName.",
    )


class RecordedOneByOne(Problem):
    """Only those whom nobody knows are counted together."""

    status = 422
    title = Words("Registreras en i taget", "Recorded one by one")
    detail = Words(
        "people anges bara för erbjudanden där ingen registreras.",
        "people is stated only for offers where nobody is recorded.",
    )


class UseInTheFuture(Problem):
    """What is recorded has happened."""

    status = 422
    title = Words("Dagen har inte varit än", "The day has not been yet")
    detail = Words("onDate får inte ligga i framtiden.", "onDate must not be in the future.")


class SessionBeforeTheUse(Problem):
    """A use begins before its talks."""

    status = 422
    title = Words("Samtalet ligger före början", "The session is before the beginning")
    detail = Words(
        "onDate får inte ligga före den dag då användningen började.", "onDate must not be before the use began."
    )


class SessionAlreadyCounted(Conflict):
    """Nobody loses a talk because it was sent twice."""

    constraint = "uq_use_sessions_day"
    title = Words("Samtalet är redan räknat", "The session is counted already")
    detail = Words("Den dagen är redan räknad.", "That day is counted already.")


class SessionsUsedUp(Conflict):
    """R14.2: the sixth of five talks is refused, with what there is instead."""

    title = Words("Samtalen är slut", "The sessions are used up")
    detail = Words(
        "Alla {allowed} är använda. Se alternatives: fler efter chefens beslut, eller en ansökan om insats.",
        "All {allowed} are used. See alternatives: more by the manager's decision, or an application for support.",
    )


class NothingToExtend(Conflict):
    """An offer without a limit needs no extension."""

    title = Words("Det finns ingen gräns att flytta", "There is no limit to move")
    detail = Words(
        "Erbjudandet har inget högsta antal samtal.", "The offer has no greatest number of sessions."
    )  # fmt: skip


class NoUseWithThisCode(NotFound):
    """A code that was never given, and one of another unit, answer alike."""

    title = Words("Koden hittades inte", "The code was not found")
    detail = Words(
        "Kontrollera koden med den som kom; hos din enhet finns ingen sådan.",
        "Check the code with whoever came; your unit has none like it.",
    )


class PeriodBackwards(Problem):
    """A period goes forward."""

    status = 422
    title = Words("Perioden går baklänges", "The period goes backwards")
    detail = Words("from får inte ligga efter to.", "from must not be after to.")


class SupportUseCount(Base):
    """How many began or came on a day, and nothing else (R14.4)."""

    __tablename__ = "support_use_counts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("support_offers.id"))
    on_date: Mapped[date]
    people: Mapped[int] = mapped_column(Integer)

    __table_args__ = (Index("uq_support_use_counts_day", "offer_id", "on_date", unique=True),)


class SupportUse(Owned, Base):
    """Somebody's use of an offer: known by a code, by a first name, or as a child of the unit's own."""

    __tablename__ = "support_uses"

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("support_offers.id"))
    status: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[str | None] = mapped_column(Text)
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("children.id"))
    first_name: Mapped[str | None] = mapped_column(Text)
    parties: Mapped[int] = mapped_column(SmallInteger)
    age_years: Mapped[int | None] = mapped_column(SmallInteger)
    sessions_used: Mapped[int] = mapped_column(SmallInteger)
    sessions_allowed: Mapped[int | None] = mapped_column(SmallInteger)
    extended_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    extension_reason: Mapped[str | None] = mapped_column(Text)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_support_uses_child_id", "child_id"),)

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about: in the use's own circle, which nobody else is in."""
        return Subject("support_use", self.id, self.id, self.child_id, self.owner_authority_id)

    def count_session(self, on: date, alternatives: Sequence[Alternative]) -> None:
        """One talk more; raises ``SessionsUsedUp`` with the alternatives (R14.2), ``SessionBeforeTheUse``."""
        SUPPORT_USE_FLOW.go(self, "session")
        if on < self.started_on:
            raise SessionBeforeTheUse
        if self.sessions_allowed is not None and self.sessions_used >= self.sessions_allowed:
            raise SessionsUsedUp(allowed=self.sessions_allowed, alternatives=alternatives)
        self.sessions_used += 1

    def extend(self, sessions: int, reason: str, by: UUID) -> None:
        """The manager grants more; raises ``NothingToExtend`` (R14.2)."""
        SUPPORT_USE_FLOW.go(self, "extend")
        if self.sessions_allowed is None:
            raise NothingToExtend
        self.sessions_allowed += sessions
        self.extended_by, self.extension_reason = by, reason

    def end(self, on: date) -> None:
        """Whoever came comes no more."""
        SUPPORT_USE_FLOW.go(self, "end")
        self.ended_on = on


class UseSession(Owned, Base):
    """One talk of a use: that it was held, and nothing of what was said."""

    __tablename__ = "use_sessions"

    use_id: Mapped[UUID] = mapped_column(ForeignKey("support_uses.id"))
    on_date: Mapped[date]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (Index("uq_use_sessions_day", "use_id", "on_date", unique=True),)
