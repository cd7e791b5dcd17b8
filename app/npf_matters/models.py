"""Matters before an NPF team. ``domain.md`` 12.13.

A matter holds needs and functioning in short texts, and no diagnosis (R13.4). There is no field for a medical note:
those stay in BUP's own journal (R13.7).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, FieldError, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.npf_teams.models import SECTORS
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class NpfMatterStatus(Coded):
    """Where a matter stands."""

    BROUGHT = "brought", "Väckt", "Brought"
    DISCUSSED = "discussed", "Diskuterat", "Discussed"
    FOLLOWED_UP = "followed_up", "Uppföljt", "Followed up"
    CLOSED = "closed", "Avslutat", "Closed"


class MatterAgeBand(Coded):
    """About how old somebody is whom nobody names."""

    PRESCHOOL = "0-5", "0–5 år", "0–5 years"
    LOWER = "6-9", "6–9 år", "6–9 years"
    MIDDLE = "10-12", "10–12 år", "10–12 years"
    UPPER = "13-15", "13–15 år", "13–15 years"
    YOUTH = "16-18", "16–18 år", "16–18 years"


class MatterCloseReason(Coded):
    """Why a matter is closed."""

    ANSWERED = "answered", "Frågan är besvarad", "The question is answered"
    HANDED_ON = "handed_on", "Huvudmännen går vidare själva", "The principals go on by themselves"
    TAKEN_BACK = "taken_back", "Återtaget av den som väckte det", "Taken back by whoever brought it"
    CONSENT_ENDED = "consent_ended", "Samtycket har upphört", "The consent has ended"


S = NpfMatterStatus
NPF_MATTER_FLOW = Workflow(
    {
        (S.BROUGHT, "edit"): S.BROUGHT,
        (S.BROUGHT, "discuss"): S.DISCUSSED,
        (S.BROUGHT, "close"): S.CLOSED,
        (S.DISCUSSED, "edit"): S.DISCUSSED,
        (S.DISCUSSED, "discuss"): S.DISCUSSED,
        (S.DISCUSSED, "advise"): S.DISCUSSED,
        (S.DISCUSSED, "review"): S.FOLLOWED_UP,
        (S.DISCUSSED, "close"): S.CLOSED,
        (S.FOLLOWED_UP, "edit"): S.FOLLOWED_UP,
        (S.FOLLOWED_UP, "discuss"): S.DISCUSSED,
        (S.FOLLOWED_UP, "advise"): S.FOLLOWED_UP,
        (S.FOLLOWED_UP, "review"): S.FOLLOWED_UP,
        (S.FOLLOWED_UP, "close"): S.CLOSED,
    }
)


class TeamNotOperative(Conflict):
    """A team that forms, plans or rests takes no matters."""

    title = Words("Teamet tar inte emot ärenden nu", "The team takes no matters now")
    detail = Words("Ärenden väcks i ett team som är i arbete.", "Matters are brought to a team that is operative.")


class MattersStillOpen(Conflict):
    """A team does not end from under its matters."""

    title = Words("Teamet har öppna ärenden", "The team has open matters")
    detail = Words("Avsluta ärendena först.", "Close the matters first.")


class MatterInOneMode(Problem):
    """R13.3: a matter is about a child with consent, or about nobody who is named."""

    status = 422
    title = Words("Med samtycke eller anonymt", "With consent, or anonymous")
    detail = Words(
        "Ett ärende om ett barn har childId och consentIds och ingen ageBand; ett anonymt har bara ageBand.",
        "A matter about a child has childId and consentIds and no ageBand; an anonymous one has only ageBand.",
    )


class ConsentMustCoverAllSectors(Problem):
    """R13.3: health care, social services and school all take part, so consent reaches each of them."""

    status = 422
    title = Words("Samtycket når inte alla tre sektorer", "The consent does not reach all three sectors")
    detail = Words(
        "Det saknas samtycke i kraft för: {missing}. Det ska gälla den egna sektorns uppgifter. Begär samtycke, eller "
        "rådgör anonymt.",
        "There is no consent in force for: {missing}. It must open the information of one's own sector. Ask for "
        "consent, or consult anonymously.",
    )


class MatterClosedToTeam(Conflict):
    """The consent is over: the team cannot read the matter, so nothing is added to it."""

    title = Words("Teamet kan inte läsa ärendet", "The team cannot read the matter")
    detail = Words(
        "Samtycket har upphört. Ange ett nytt i consentIds, eller avsluta ärendet.",
        "The consent has ended. State a new one in consentIds, or close the matter.",
    )


class DayNotYetCome(Problem):
    """What is told of has happened."""

    status = 422
    title = Words("Dagen har inte kommit", "The day has not come")
    detail = Words("Det som redan har hänt har inte ett datum efter i dag.", "What has happened is not after today.")


class ReviewMustLieAhead(Problem):
    """The next review comes later."""

    status = 422
    title = Words("Uppföljningen ligger inte framåt", "The review does not lie ahead")
    detail = Words("nextReviewOn ska vara efter i dag.", "nextReviewOn must be after today.")


class NpfMatter(Owned, Base):
    """A question to the team (teamärende), about a child or about nobody who is named; it is its own circle."""

    __tablename__ = "npf_matters"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("npf_teams.id"))
    anonymous: Mapped[bool]
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("children.id"))
    child_given_name: Mapped[str | None] = mapped_column(Text)
    age_band: Mapped[str | None] = mapped_column(Text)
    consent_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    question: Mapped[str] = mapped_column(Text)
    needs_and_functioning: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    brought_at: Mapped[datetime] = mapped_column(_INSTANT)
    brought_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    discuss_on: Mapped[date | None]
    discussed_on: Mapped[date | None]
    next_review_on: Mapped[date | None]
    closed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    close_reason: Mapped[str | None] = mapped_column(Text)
    close_note: Mapped[str | None] = mapped_column(Text)
    shielded: Mapped[bool]
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_npf_matters_team_id", "team_id", "id"),
        Index(None, "child_id"),
        Index(None, "brought_by"),
    )

    #: What its corrections are open to: everybody in its circle.
    category = "core"

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("npf_matter", self.id, self.id, self.child_id, self.owner_authority_id)

    def named(self, kind: str, record_id: UUID) -> Subject:
        """What the access log says an entry about a part of it is about."""
        return Subject(kind, record_id, self.id, self.child_id, self.owner_authority_id)

    def step(self, deed: str, *, readable: bool) -> None:
        """Go on; what the team cannot read any more is only closed. Raises ``MatterClosedToTeam``."""
        NPF_MATTER_FLOW.go(self, deed)
        if not readable:
            raise MatterClosedToTeam

    def plan_review(self, on: date | None, today: date) -> None:
        """When it is looked at next, if ever; raises ``ReviewMustLieAhead``."""
        if on is not None and on <= today:
            raise ReviewMustLieAhead
        self.next_review_on = on

    def close(self, reason: MatterCloseReason, note: str | None, at: datetime) -> None:
        """The matter is over; it stays as it was."""
        NPF_MATTER_FLOW.go(self, "close")
        self.closed_at, self.close_reason, self.close_note, self.next_review_on = at, reason, note, None


def happened_on(stated: date | None, today: date) -> date:
    """The day of what has happened, today when none is stated; raises ``DayNotYetCome``."""
    if stated is not None and stated > today:
        raise DayNotYetCome
    return stated or today


def consents_by_authority(
    members: Sequence[Mapping[str, Any]], own_authority_id: UUID, consents: Sequence[Mapping[str, Any]]
) -> dict[UUID, UUID]:
    """Which consent lets each member's authority in; one's own needs none.

    Raises ``ConsentMustCoverAllSectors`` unless a member of every sector can read the matter (R13.3). A member whose
    authority no consent names is not let in.
    """
    basis: dict[UUID, UUID] = {}
    reached = set()
    for member in members:
        authority_id = member["authority_id"]
        named = next((row["id"] for row in consents if authority_id in row["receiving_authority_ids"]), None)
        if authority_id == own_authority_id:
            reached.add(member["sector"])
        elif named is not None:
            basis[authority_id] = named
            reached.add(member["sector"])
    missing = [sector for sector in SECTORS if sector not in reached]
    if missing:
        pointed = FieldError("/consentIds", "sectors-missing", ConsentMustCoverAllSectors.title)
        raise ConsentMustCoverAllSectors(missing=", ".join(missing), errors=(pointed,))
    return basis
