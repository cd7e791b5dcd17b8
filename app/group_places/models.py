"""Places in contact groups (platser). ``domain.md`` 12.11 (R11.6, R11.8, R11.10).

A place begins where a claim of ``app.places`` is taken and ends by a decision or because the family wishes it, never
because others wait. It stands in the circle of the queue entry that it came from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.contact_groups.models import DecisionType
from app.kernel.audit import Subject
from app.kernel.calendar import add_days
from app.kernel.db import Base
from app.kernel.errors import Denied, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)
_JUNE = 6
_YEAR = 366


class GroupPlaceStatus(Coded):
    """Where a place in a contact group stands (12.11)."""

    ACTIVE = "active", "Pågår", "Active"
    ENDING = "ending", "Avslutas", "Ending"
    ENDED = "ended", "Avslutad", "Ended"
    FOLLOWED_UP = "followed_up", "Uppföljd", "Followed up"


class PlaceEndReason(Coded):
    """Why a place ends. That others wait is no reason: there is no code for it (R11.6)."""

    FAMILY_WISH = "family_wish", "Barnet eller familjen vill sluta", "The child or the family wishes to stop"
    GOALS_REACHED = "goals_reached", "Målen är uppnådda", "The goals are reached"
    OTHER_SUPPORT = "other_support", "Annat stöd passar bättre", "Another support fits better"
    GROUP_ENDS = "group_ends", "Gruppen upphör", "The group ends"
    MOVED = "moved", "Har flyttat", "Has moved"
    OTHER = "other", "Annat skäl", "Another reason"


class PlaceRespondent(Coded):
    """Who is asked how it went; all three are, or it is said why not (R11.7)."""

    CHILD = "child", "Barnet", "The child"
    GUARDIAN = "guardian", "Vårdnadshavare", "Guardian"
    LEADER = "leader", "Gruppledare", "Group leader"


class DecisionRefRequired(Problem):
    """R11.10: what is given after an individual needs assessment rests on a decision that can be found."""

    status = 422
    title = Words("Beslutet saknas", "The decision is missing")
    detail = Words(
        "Ange decisionRef: platsen ges efter individuell behovsprövning.",
        "State decisionRef: the place is given after an individual needs assessment.",
    )


class ExemptionDoesNotApply(Problem):
    """R11.10: the exemption from documentation is for insatser without a needs assessment (SoL 14:3, 14:7)."""

    status = 422
    title = Words("Undantaget gäller inte", "The exemption does not apply")
    detail = Words(
        "Undantag från dokumentation kan bara gälla en plats utan individuell behovsprövning.",
        "Only a place without an individual needs assessment can be exempt from documentation.",
    )


class DecisionIsTheBoards(Problem):
    """The family says yes or no; on what a place rests is the social services' own."""

    status = 422
    title = Words("Beslutet är socialtjänstens", "The decision is the social services'")
    detail = Words(
        "Utelämna decisionType, decisionRef och documentationExempt.",
        "Leave decisionType, decisionRef and documentationExempt out.",
    )


class EndNeedsManager(Denied):
    """R11.6: nobody loses a place but by a manager's decision, unless the family itself wishes to stop."""

    title = Words("En chef beslutar", "A manager decides")
    detail = Words(
        "Att avsluta en plats av annat skäl än familjens önskan beslutas av enhetens chef.",
        "Ending a place for anything but the family's wish is decided by the manager of the unit.",
    )


class EndNeedsReason(Problem):
    """R11.6: the decision to end a place says why, in words."""

    status = 422
    title = Words("Motivera beslutet", "Give the grounds for the decision")
    detail = Words(
        "Ange text när platsen avslutas av annat skäl än familjens önskan.",
        "State text when a place ends for anything but the family's wish.",
    )


class EndReasonNotYours(Problem):
    """The family ends a place because it wishes to."""

    status = 422
    title = Words("Familjen avslutar på egen önskan", "The family ends by its own wish")
    detail = Words("Ange family_wish som skäl.", "State family_wish as the reason.")


class FirstDayOutOfRange(Problem):
    """A place begins about now."""

    status = 422
    title = Words("Första dagen ligger fel i tiden", "The first day is too early or too late")
    detail = Words("fromOn ska ligga inom ett år från i dag.", "fromOn must lie within a year of today.")


class LastDayBeforeFirst(Problem):
    """A place lasts at least a day."""

    status = 422
    title = Words("Sista dagen är före den första", "The last day is before the first")
    detail = Words("lastOn får inte vara före fromOn.", "lastOn must not be before fromOn.")


S = GroupPlaceStatus
PLACE_FLOW = Workflow(
    {
        (S.ACTIVE, "edit"): S.ACTIVE,
        (S.ACTIVE, "review"): S.ACTIVE,
        (S.ACTIVE, "end"): S.ENDING,
        (S.ENDING, "edit"): S.ENDING,
        (S.ENDING, "leave"): S.ENDED,
        (S.ENDED, "follow_up"): S.FOLLOWED_UP,
    }
)


@dataclass(frozen=True, slots=True)
class PlaceGiven:
    """A child has a place: from now on it is reviewed and followed up."""

    place_id: UUID


@dataclass(frozen=True, slots=True)
class PlaceEnding:
    """It is decided that a place ends, and on which day."""

    place_id: UUID


def require_first_day(from_on: date, today: date, *, running: bool = False) -> None:
    """Raise ``FirstDayOutOfRange`` unless the day lies within a year of today; a running place began when it began."""
    if abs((from_on - today).days) > _YEAR and not (running and from_on < today):
        raise FirstDayOutOfRange


def end_of_term(day: date) -> date:
    """The last day of the term that a day lies in: 30 June of VT (vårtermin), 31 December of HT (hösttermin)."""
    return date(day.year, 6, 30) if day.month <= _JUNE else date(day.year, 12, 31)


def next_review(reviewed_on: date, due_on: date) -> date:
    """The end of the term whose review comes next (R11.6); a review after its term's end was that term's."""
    if reviewed_on > due_on:
        return end_of_term(reviewed_on)
    return end_of_term(add_days(end_of_term(reviewed_on), 1))


class GroupPlace(Owned, Base):
    """A child's place in a group (plats); ``answered`` says who has been heard in the follow-up under way."""

    __tablename__ = "group_places"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("queue_entries.id"))
    group_id: Mapped[UUID] = mapped_column(ForeignKey("contact_groups.id"))
    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    person_key: Mapped[UUID]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    goals: Mapped[str | None] = mapped_column(Text)
    decision_type: Mapped[str] = mapped_column(Text)
    decision_ref: Mapped[str | None] = mapped_column(Text)
    documentation_exempt: Mapped[bool]
    status: Mapped[str] = mapped_column(Text)
    end_reason: Mapped[str | None] = mapped_column(Text)
    end_text: Mapped[str | None] = mapped_column(Text)
    end_decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    end_decided_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    next_review_on: Mapped[date | None]
    answered: Mapped[list[str]] = mapped_column(ARRAY(Text))
    given_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("uq_group_places_entry_id", "entry_id", unique=True),
        Index(None, "owner_unit_id", "id"), Index(None, "group_id", "id"), Index(None, "child_id"),
    )  # fmt: skip

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("place", self.id, self.entry_id, self.child_id, self.owner_authority_id)

    def require_documented(self, *, by_family: bool) -> None:
        """Raise ``ExemptionDoesNotApply``, ``DecisionRefRequired``; a yes of the family waits for no decision (R11.10).

        The unit then states the decision afterwards; until it does, the place says that it is missing.
        """
        assessed = self.decision_type == DecisionType.INDIVIDUAL_NEEDS_ASSESSMENT
        if assessed and self.documentation_exempt:
            raise ExemptionDoesNotApply
        if assessed and self.decision_ref is None and not by_family:
            raise DecisionRefRequired

    def change(self, stated: Mapping[str, Any]) -> None:
        """Take over what was stated, while the child has the place. Raises as ``require_documented`` does."""
        PLACE_FLOW.go(self, "edit")
        missing = self.decision_ref is None
        self.apply(stated)
        self.require_documented(by_family=missing and "decision_ref" not in stated)

    def review(self, reviewed_on: date) -> date:
        """It was looked at: when the next review is due (R11.6). Raises ``ImpossibleInThisState``."""
        PLACE_FLOW.go(self, "review")
        self.next_review_on = next_review(reviewed_on, self.next_review_on or reviewed_on)
        return self.next_review_on

    def end(self, reason: PlaceEndReason, text: str | None, last_on: date, by: UUID, at: datetime) -> None:
        """It is decided that the child leaves after a day. Raises ``LastDayBeforeFirst``, ``ImpossibleInThisState``."""
        PLACE_FLOW.go(self, "end")
        if last_on < self.from_on:
            raise LastDayBeforeFirst
        self.end_reason, self.end_text, self.to_on = reason, text, last_on
        self.end_decided_by, self.end_decided_at = by, at
        self.next_review_on, self.answered = None, []

    def settle(self, today: date, *, decided_today: bool = False) -> None:
        """Once its last day has passed the place has ended.

        When it is decided, a last day that is today counts as passed, and so does that of a place that never begins.
        """
        if self.status != GroupPlaceStatus.ENDING or self.to_on is None:
            return
        never_begins = today < self.from_on == self.to_on
        if self.to_on < today or (decided_today and (self.to_on == today or never_begins)):
            PLACE_FLOW.go(self, "leave")

    def hear(self, respondent: str, expected: Iterable[str]) -> bool:
        """Somebody has been heard, or it is known why not; whether that was the last one of the round (R11.7)."""
        heard = {*self.answered, respondent}
        whole = heard >= set(expected)
        self.answered = [] if whole else sorted(heard)
        return whole

    def conclude(self) -> None:
        """Everybody has been heard after the end (R11.7)."""
        PLACE_FLOW.go(self, "follow_up")


class SeatToFree(Base):
    """A seat that is to be free from a day on. It knows nobody, so that time itself can free it (``places.leave``)."""

    __tablename__ = "place_endings"

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("place_claims.id"), primary_key=True)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("place_pools.id"))
    free_on: Mapped[date]

    __table_args__ = (Index(None, "pool_id", "free_on"), Index(None, "free_on"))
