"""Plans (SIP, Barnets plan) and their states. ``domain.md`` section 3 and 12.7.

Whoever is in the case's circle with the category plan reads it. What each principal does stands in ``plan_contents``,
who stands behind it in ``plan_agreements``, whether it helped in ``plan_follow_ups``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class PlanKind(Coded):
    """A SIP has statutory content and two principals; a Barnets plan may be one authority's (R7.3)."""

    SIP = "sip", "Samordnad individuell plan (SIP)", "Coordinated individual plan (SIP)"
    BARNETS_PLAN = "barnets_plan", "Barnets plan", "Child's plan"


class PlanStatus(Coded):
    """Where a plan stands (12.7)."""

    NEED_IDENTIFIED = "need_identified", "Behov uppmärksammat", "Need identified"
    NOT_NEEDED = "not_needed", "Behövs inte", "Not needed"
    CONSENT_PENDING = "consent_pending", "Väntar på samtycke", "Waiting for consent"
    DECLINED = "declined", "Familjen tackar nej", "Declined by the family"
    CONSENTED = "consented", "Samtycke finns", "Consent is given"
    PREPARING = "preparing", "Förbereds", "Being prepared"
    CALLED = "called", "Kallelse skickad", "Meeting is called"
    MEETING_HELD = "meeting_held", "Mötet är hållet", "Meeting is held"
    PLAN_DRAFT = "plan_draft", "Planen skrivs", "Being written"
    ACTIVE = "active", "Gäller", "Active"
    CLOSING = "closing", "Avslutas", "Being closed"
    SUSPENDED = "suspended", "Vilar, samtycket har upphört", "Suspended, consent has ended"
    CLOSED = "closed", "Avslutad", "Closed"


class OverallPrincipal(Coded):
    """The principal (huvudman) with overall responsibility: statutory item four."""

    REGION = "region", "Regionen", "The region"
    MUNICIPALITY = "municipality", "Kommunen", "The municipality"


class PlanCloseReason(Coded):
    """Why a plan ends (R7.10)."""

    GOALS_MET = "goals_met", "Målen är nådda", "The goals are met"
    NEED_ENDED = "need_ended", "Behovet finns inte längre", "The need has ended"
    CONSENT_WITHDRAWN = "consent_withdrawn", "Samtycket är återkallat", "Consent was withdrawn"
    MOVED = "moved", "Familjen har flyttat", "The family has moved"
    TURNED_18 = "turned_18", "Barnet har fyllt 18", "The child has turned 18"
    REPLACED = "replaced", "Ersatt av en annan plan", "Replaced by another plan"
    DECLINED = "declined", "Familjen tackar nej", "The family declines"


S = PlanStatus
RESTS_ON_CONSENT = (S.CONSENTED, S.PREPARING, S.CALLED, S.MEETING_HELD, S.PLAN_DRAFT, S.ACTIVE, S.CLOSING)
#: The machine of 12.7. A Barnets plan of one authority needs neither consent nor meeting (R7.3).
PLAN_FLOW = Workflow(
    {
        (S.NEED_IDENTIFIED, "ask_consent"): S.CONSENT_PENDING,
        (S.NEED_IDENTIFIED, "refuse"): S.NOT_NEEDED,
        (S.NEED_IDENTIFIED, "prepare"): S.PREPARING,
        (S.NEED_IDENTIFIED, "decline"): S.DECLINED,
        (S.CONSENT_PENDING, "ask_consent"): S.CONSENT_PENDING,
        (S.CONSENT_PENDING, "consent"): S.CONSENTED,
        (S.CONSENT_PENDING, "decline"): S.DECLINED,
        (S.CONSENTED, "prepare"): S.PREPARING,
        (S.CONSENTED, "draft"): S.PLAN_DRAFT,
        (S.PREPARING, "call"): S.CALLED,
        (S.PREPARING, "draft"): S.PLAN_DRAFT,
        (S.CALLED, "call"): S.CALLED,
        (S.CALLED, "cancel"): S.PREPARING,
        (S.CALLED, "hold"): S.MEETING_HELD,
        (S.MEETING_HELD, "draft"): S.PLAN_DRAFT,
        (S.PLAN_DRAFT, "activate"): S.ACTIVE,
        (S.ACTIVE, "follow_up"): S.ACTIVE,
        (S.ACTIVE, "publish"): S.ACTIVE,
        (S.ACTIVE, "upgrade"): S.ACTIVE,
        (S.ACTIVE, "begin_closing"): S.CLOSING,
        (S.CLOSING, "follow_up"): S.CLOSING,
        (S.CLOSING, "go_on"): S.ACTIVE,
        (S.CLOSING, "close"): S.CLOSED,
        **{(status, "ask_consent"): status for status in RESTS_ON_CONSENT},
        **{(status, "withdraw"): S.SUSPENDED for status in RESTS_ON_CONSENT},
        (S.SUSPENDED, "ask_consent"): S.SUSPENDED,
        (S.SUSPENDED, "consent"): S.CONSENTED,
        (S.SUSPENDED, "close"): S.CLOSED,
        **{(status, "replace"): S.CLOSED for status in (S.ACTIVE, S.CLOSING, S.SUSPENDED)},
        **{(status, "end"): S.DECLINED for status in (S.NEED_IDENTIFIED, S.CONSENT_PENDING)},
        **{(status, "end"): S.CLOSED for status in (*RESTS_ON_CONSENT, S.SUSPENDED)},
    }
)
#: How the consents behind a plan stand together.
IN_FORCE, REFUSED, ENDED = "in_force", "refused", "ended"
#: While a plan can still be written; afterwards it is history.
OPEN = frozenset({S.NEED_IDENTIFIED, S.CONSENT_PENDING, *RESTS_ON_CONSENT, S.SUSPENDED})
WRITABLE = frozenset({S.PREPARING, S.CALLED, S.MEETING_HELD, S.PLAN_DRAFT, S.ACTIVE})


@dataclass(frozen=True, slots=True)
class PlanSuspended:
    """The plan's consent has ended: each owner of an open action decides what becomes of it (R4.6)."""

    plan_id: UUID


@dataclass(frozen=True, slots=True)
class PlanEnded:
    """The plan is over, however it ended: nothing that belongs to it is due any more."""

    plan_id: UUID


@dataclass(frozen=True, slots=True)
class FollowUpMoved:
    """An agreed plan is followed up on another day than was agreed."""

    plan_id: UUID


@dataclass(frozen=True, slots=True)
class PlanConsented:
    """The consent that the plan rests on holds, for the first time or again: nothing waits for a decision."""

    plan_id: UUID


class PlanIsNotWritable(Conflict):
    """What a closed, suspended or not yet prepared plan holds does not change."""

    title = Words("Planen kan inte ändras nu", "The plan cannot be changed now")
    detail = Words(
        "Planens innehåll skrivs från förberedelsen tills den avslutas, och inte medan den vilar.",
        "What a plan holds is written from its preparation until it closes, and not while it is suspended.",
    )


class ConsentNotOfThisCase(Problem):
    """A plan rests on consents about the same child, asked in its case or for the child alone."""

    status = 422
    title = Words("Samtycket hör inte till ärendet", "The consent is not of this case")
    detail = Words(
        "consentIds ska vara samtycken om barnet, i planens ärende eller utan ärende, som omfattar kategorin plan.",
        "consentIds must be consents about the child, in the plan's case or in none, with the category plan.",
    )


class ConsentRequired(Conflict):
    """R7.2, R7.3: a plan that several authorities share rests on consent."""

    title = Words("Samtycke saknas", "Consent is required")
    detail = Words(
        "Koppla ett givet samtycke till planen. Bara en Barnets plan inom en myndighet behöver inget.",
        "Link a given consent to the plan. Only a Barnets plan within one authority needs none.",
    )


class MeetingRequired(Conflict):
    """A SIP is written at a meeting (3.4, step 5)."""

    title = Words("SIP-mötet är inte hållet", "The SIP meeting has not been held")
    detail = Words("En SIP skrivs efter ett hållet möte.", "A SIP is written after a meeting has been held.")


class ActiveSipExists(Conflict):
    """R7.5: one active SIP for one child, wherever it was made. Where is not told (R3.10)."""

    constraint = "uq_plans_active_sip"
    title = Words("Barnet har redan en gällande SIP", "The child has an active SIP already")
    detail = Words(
        "Ett barn har en SIP. Samordningsfunktionen kan förmedla kontakt med den som samordnar.",
        "A child has one SIP. The coordination desk can put you in touch with whoever coordinates.",
    )


class Plan(Owned, Base):
    """One plan; roles are kept apart: initiator, chair, documenter, main responsible (R7.6)."""

    __tablename__ = "plans"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    child_key: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    initiator_kind: Mapped[str] = mapped_column(Text)
    initiator_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    need_reason: Mapped[str] = mapped_column(Text)
    question: Mapped[str | None] = mapped_column(Text)
    what_matters: Mapped[str | None] = mapped_column(Text)
    child_view: Mapped[str | None] = mapped_column(Text)
    child_view_missing_reason: Mapped[str | None] = mapped_column(Text)
    plain_text: Mapped[str | None] = mapped_column(Text)
    overall_principal: Mapped[str | None] = mapped_column(Text)
    overall_authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authorities.id"))
    main_responsible_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    main_responsible_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    chair_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    documenter_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    documenter_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    care_contact: Mapped[str | None] = mapped_column(Text)
    one_sided_reason: Mapped[str | None] = mapped_column(Text)
    others_measures_note: Mapped[str | None] = mapped_column(Text)
    other_plans: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=sql("'[]'"))
    kva_code: Mapped[str | None] = mapped_column(Text)
    consent_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=sql("'{}'"))
    upgraded_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("plans.id"))
    next_follow_up_on: Mapped[date | None]
    met_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    activated_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    closed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    close_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    updated_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("plan", self.id, self.case_id, self.child_id, self.owner_authority_id)

    def require_writable(self) -> None:
        """Raise ``PlanIsNotWritable`` unless what the plan holds may change now."""
        if self.status not in WRITABLE:
            raise PlanIsNotWritable

    def go(self, deed: str, at: datetime) -> None:
        """Take a step of the machine; raises ``ImpossibleInThisState``."""
        PLAN_FLOW.go(self, deed)
        self.updated_at = at

    def draft(self, at: datetime) -> None:
        """The writing begins: for a SIP after the meeting (3.4), for a Barnets plan when it is prepared (R7.3)."""
        if self.kind == PlanKind.SIP and self.met_at is None:
            raise MeetingRequired
        self.go("draft", at)

    def rest_on(self, consent_ids: Sequence[UUID], at: datetime) -> None:
        """The consents that the plan waits for, or rests on from now beside those that it rests on already."""
        kept = self.consent_ids if self.status in RESTS_ON_CONSENT else []
        self.go("ask_consent", at)
        self.consent_ids = list(dict.fromkeys([*kept, *consent_ids]))

    def asked_of(self, standing: str | None) -> str | None:
        """The step that follows when its consents stand so; none when there are no consents, or nothing follows."""
        deed = {None: None, IN_FORCE: "consent", REFUSED: "decline"}.get(standing, "withdraw")
        return deed if deed and PLAN_FLOW.allows(self.status, deed) else None

    def close(self, reason: PlanCloseReason | None, at: datetime, deed: str = "close") -> None:
        """It is over, for a reason that can be counted (R7.10)."""
        self.go(deed, at)
        self.closed_at, self.close_reason = at, reason
