"""Cases (samverkansärenden) and what belongs to them. ``domain.md`` 12.3 and 12.10.

What everybody in the circle sees stands in ``cases`` (category core). Reasons, closures and chronology stand in
tables of their own, in the category of the sector that wrote them, so that the wall opens them category by category.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.calendar import add_months
from app.kernel.clock import stockholm_date
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)
CATEGORY_OF_SECTOR = {"education": "school", "health": "health", "social": "social", "joint": "social"}


class CaseStatus(Coded):
    """Where a case stands."""

    DRAFT = "draft", "Utkast", "Draft"
    ACTIVE = "active", "Pågående", "Active"
    PAUSED = "paused", "Pausat", "Paused"
    TRANSFERRING = "transferring", "Lämnas över", "Being handed over"
    CLOSED = "closed", "Avslutat", "Closed"
    DISCARDED = "discarded", "Förkastat", "Discarded"


class EntryRoute(Coded):
    """How the need came to us."""

    FAMILY_REQUEST = "family_request", "Familjen ber om stöd", "The family asks"
    CHILD_REQUEST = "child_request", "Barnet ber om stöd", "The child asks"
    PROFESSIONAL = "professional", "Någon som arbetar med barnet", "A professional"
    NEEDS_DIALOGUE = "needs_dialogue", "Behovsdialog", "Needs dialogue"
    REFERRAL = "referral", "Hänvisning", "Referral"
    SIP_REQUEST = "sip_request", "Önskemål om SIP", "Request for a SIP"
    OTHER = "other", "Annan väg", "Other"


class LevelOfNeed(Coded):
    """Level of need (behovsnivå)."""

    UNIVERSAL = "universal", "Universell", "Universal"
    SELECTIVE = "selective", "Selektiv", "Selective"
    SPECIALISED = "specialised", "Specialiserad", "Specialised"


class AnalysisResult(Coded):
    """The opening decision (Kronoberg path)."""

    OWN_SERVICE = "own_service", "Den egna verksamheten räcker", "The own service suffices"
    OTHER_SERVICE = "other_service", "Hör till en annan verksamhet", "Belongs to another service"
    COOPERATION_NEEDED = "cooperation_needed", "Samverkan behövs", "Cooperation is needed"


class CloseReason(Coded):
    """Why a case ends. ``declined`` is the family's right and says nothing about risk (R3.6)."""

    NEED_MET = "need_met", "Behovet är tillgodosett", "The need is met"
    OTHER_SUPPORT = "other_support", "Annat stöd har tagit vid", "Other support has taken over"
    DECLINED = "declined", "Familjen tackar nej", "The family declines"
    CONSENT_WITHDRAWN = "consent_withdrawn", "Samtycket är återkallat", "Consent was withdrawn"
    MOVED = "moved", "Familjen har flyttat", "The family has moved"
    TURNED_EIGHTEEN = "turned_eighteen", "Barnet har fyllt 18", "The child has turned 18"
    DECEASED = "deceased", "Barnet har avlidit", "The child has died"
    OTHER = "other", "Annat skäl", "Other reason"


class ContactKind(Coded):
    """The one contact of the family, and the one who coordinates when several authorities take part."""

    NAMED_CONTACT = "named_contact", "Fast kontakt", "Named contact"
    COORDINATOR = "coordinator", "Samordnare", "Coordinator"


S = CaseStatus
CASE_FLOW = Workflow(
    {
        (S.DRAFT, "activate"): S.ACTIVE,
        (S.DRAFT, "discard"): S.DISCARDED,
        (S.ACTIVE, "pause"): S.PAUSED,
        (S.PAUSED, "resume"): S.ACTIVE,
        (S.ACTIVE, "transfer"): S.TRANSFERRING,
        (S.TRANSFERRING, "accept"): S.ACTIVE,
        (S.TRANSFERRING, "keep"): S.ACTIVE,
        (S.ACTIVE, "close"): S.CLOSED,
        (S.PAUSED, "close"): S.CLOSED,
        (S.ACTIVE, "decline"): S.CLOSED,
        (S.PAUSED, "decline"): S.CLOSED,
        (S.TRANSFERRING, "decline"): S.CLOSED,
        (S.CLOSED, "reopen"): S.ACTIVE,
        (S.ACTIVE, "invite"): S.ACTIVE,
        (S.ACTIVE, "appoint"): S.ACTIVE,
        (S.PAUSED, "appoint"): S.PAUSED,
    }
)


class CaseAlreadyOpen(Conflict):
    """One unit works one open case per child; siblings each have their own (R2.7)."""

    constraint = "uq_cases_open"
    title = Words("Det finns redan ett öppet ärende", "There is an open case already")
    detail = Words("Enheten har redan ett öppet ärende om barnet.", "The unit has an open case about the child.")


class NamedContactRequired(Problem):
    """R3.3: an active case always has one named contact."""

    status = 422
    title = Words("Namngiven kontakt saknas", "A named contact is required")
    detail = Words("Ange namedContactId: någon i enheten.", "Give namedContactId: somebody assigned to the unit.")


class ContactNotInUnit(Problem):
    """The named contact works in the owner's unit; a coordinator in a unit of the circle."""

    status = 422
    title = Words("Personen har inget uppdrag där", "The person holds no assignment there")
    detail = Words(
        "Kontakten ska ha ett gällande uppdrag i en enhet i ärendets krets.",
        "The contact needs a valid assignment in a unit of the case's circle.",
    )


class ReceiverRequired(Problem):
    """A hand-over names who receives."""

    status = 422
    title = Words("Mottagare saknas", "A receiver is required")
    detail = Words("Ange toUnitId eller toUserId.", "Give toUnitId or toUserId.")


class MembersNotTold(Problem):
    """R3.7: everybody in the circle is told before a case is closed."""

    status = 422
    title = Words("Alla i kretsen är inte underrättade", "Not everybody in the circle has been told")
    detail = Words("informedUnitIds ska nämna varje enhet.", "informedUnitIds must name every unit that takes part.")


class ChildViewMissing(Problem):
    """R3.7: the child's view, or the reason that it is missing."""

    status = 422
    title = Words("Barnets egen syn saknas", "The child's own view is missing")
    detail = Words("Ange childView eller childViewMissingReason.", "Give childView or childViewMissingReason.")


class OpenActionsNotHandled(Problem):
    """R3.7: what is still open has an owner who goes on with it, or has ended."""

    status = 422
    title = Words("Öppna åtgärder är inte hanterade", "Open actions are not handled")
    detail = Words("openActionsHandled ska vara true.", "openActionsHandled must be true.")


class TooLateToReopen(Conflict):
    """12.3: reopened within the configured months, a new case after that."""

    title = Words("För sent att återöppna", "Too late to reopen")
    detail = Words("Öppna ett nytt ärende i stället.", "Open a new case instead.")


class CaseEnds(NamedTuple):
    """A case is about to be closed, or is declined by the family: told to whatever goes on in it."""

    case_id: UUID
    declined: bool


class Case(Owned, Base):
    """A case: one child, one owner, one named contact, and a coordinator when authorities work together."""

    __tablename__ = "cases"

    case_number: Mapped[str] = mapped_column(Text)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    status: Mapped[str] = mapped_column(Text)
    entry_route: Mapped[str] = mapped_column(Text)
    analysis_result: Mapped[str | None] = mapped_column(Text)
    named_contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    coordinator_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    closed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    source_system: Mapped[str | None] = mapped_column(Text)
    source_id: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    updated_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("case", self.id, self.id, self.child_id, self.owner_authority_id)

    def activate(self, result: AnalysisResult, at: datetime) -> None:
        """The opening decision; raises ``NamedContactRequired`` when the family would have nobody to call (R3.3)."""
        if self.named_contact_id is None:
            raise NamedContactRequired
        CASE_FLOW.go(self, "activate")
        self.analysis_result, self.opened_at = result, at

    def close(self, at: datetime) -> None:
        """End the case; what it needs stands in ``CaseClosure.require`` (R3.7)."""
        CASE_FLOW.go(self, "close")
        self.closed_at = at

    def decline(self, at: datetime) -> None:
        """The family says no. Nothing is asked, and nothing follows from it (R3.6)."""
        CASE_FLOW.go(self, "decline")
        self.closed_at = at

    def reopen(self, at: datetime, months: int) -> None:
        """Go on within the configured time after closing, counted in Stockholm days."""
        if self.closed_at is not None:
            last_day = add_months(stockholm_date(self.closed_at), months)
            if stockholm_date(at) > last_day:
                raise TooLateToReopen
        CASE_FLOW.go(self, "reopen")
        self.closed_at = None

    def hold(self, kind: ContactKind, user_id: UUID) -> None:
        """Somebody becomes the one named contact or the one coordinator (R3.4)."""
        setattr(self, f"{kind}_id", user_id)


class CaseAnalysis(Owned, Base):
    """Why the case is opened, in the opener's own category: reason, level of need, the five questions."""

    __tablename__ = "case_analyses"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    category: Mapped[str] = mapped_column(Text)
    reason_text: Mapped[str] = mapped_column(Text)
    level_of_need: Mapped[str | None] = mapped_column(Text)
    five_questions: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}


class CaseContact(Owned, Base):
    """Who was named contact or coordinator, from and to (R3.4)."""

    __tablename__ = "case_contacts"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    from_at: Mapped[datetime] = mapped_column(_INSTANT)
    to_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    reason: Mapped[str | None] = mapped_column(Text)


class CaseStep(Owned, Base):
    """One step of the state machine with its reason."""

    __tablename__ = "case_steps"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    category: Mapped[str] = mapped_column(Text)
    deed: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(_INSTANT)
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class CaseClosure(Owned, Base):
    """What a closing leaves behind (R3.7)."""

    __tablename__ = "case_closures"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    category: Mapped[str] = mapped_column(Text)
    close_reason: Mapped[str] = mapped_column(Text)
    outcome_summary: Mapped[str | None] = mapped_column(Text)
    child_view: Mapped[str | None] = mapped_column(Text)
    child_view_missing_reason: Mapped[str | None] = mapped_column(Text)
    informed_unit_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    closed_at: Mapped[datetime] = mapped_column(_INSTANT)
    closed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
