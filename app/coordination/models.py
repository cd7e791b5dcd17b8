"""Requests to a coordination desk (kontakt, förfrågan) and what triage finds. ``domain.md`` 12.5 and 12.9.

What the sender may see stands in ``coordination_requests`` (category core). What the desk writes for itself stands in
``request_triages``, in a category that nobody is granted. A suspected harm stands nowhere (R5.8, R9.6).
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import ImpossibleInThisState, Workflow
from app.people.models import Owned

_INSTANT = TIMESTAMP(timezone=True)


class AskerKind(Coded):
    """Who asks."""

    CHILD = "child", "Barnet eller den unga", "The child or young person"
    GUARDIAN = "guardian", "Vårdnadshavare", "Guardian"
    PROFESSIONAL = "professional", "Någon som arbetar med barnet", "A professional"
    ANONYMOUS = "anonymous", "Anonym", "Anonymous"


class RequestChannel(Coded):
    """How the request reached the desk."""

    PHONE = "phone", "Telefon", "Telephone"
    VISIT = "visit", "Besök", "Visit"
    LETTER = "letter", "Brev", "Letter"
    DIGITAL = "digital", "Digitalt", "Digital"
    SDK = "sdk", "Säker digital kommunikation (SDK)", "Secure digital communication (SDK)"
    OTHER = "other", "Annat", "Other"


class RequestStatus(Coded):
    """Where a request stands. ``handled_outside`` is shown to the desk only; its sender sees ``triaged`` (R9.6)."""

    RECEIVED = "received", "Mottagen", "Received"
    TRIAGED = "triaged", "Bedömd", "Triaged"
    ANSWERED = "answered", "Besvarad", "Answered"
    ADVISED_ONLY = "advised_only", "Endast råd", "Advised only"
    CASE_OPENED = "case_opened", "Ärende öppnat", "Case opened"
    REFERRED = "referred", "Hänvisad", "Referred"
    CLOSED_NO_CONTACT = "closed_no_contact", "Avslutad utan kontakt", "Closed without contact"
    HANDLED_OUTSIDE = "handled_outside", "Hanterad utanför systemet", "Handled outside"


S = RequestStatus
REQUEST_FLOW = Workflow(
    {
        (S.RECEIVED, "triage"): S.TRIAGED,
        (S.TRIAGED, "answer"): S.ANSWERED,
        (S.TRIAGED, "advise"): S.ADVISED_ONLY,
        (S.TRIAGED, "open_case"): S.CASE_OPENED,
        (S.TRIAGED, "refer"): S.REFERRED,
        (S.RECEIVED, "no_contact"): S.CLOSED_NO_CONTACT,
        (S.TRIAGED, "no_contact"): S.CLOSED_NO_CONTACT,
        (S.RECEIVED, "handle_outside"): S.HANDLED_OUTSIDE,
        (S.TRIAGED, "handle_outside"): S.HANDLED_OUTSIDE,
        (S.RECEIVED, "edit"): S.RECEIVED,
        (S.TRIAGED, "edit"): S.TRIAGED,
    }
)
#: What the desk is told when triage shows suspected harm, and nothing else happens here (R5.8, 4.1).
REPORT_OF_CONCERN = Words(
    "Gör en orosanmälan till socialtjänsten nu (SoL 2025:400 19 kap. 1–2 §§). Inget samtycke behövs. "
    "Ingenting av det som oron gäller har sparats här.",
    "Make a report of concern to the social services now (SoL 2025:400 chapter 19 sections 1–2). No consent is "
    "needed. Nothing of what the concern is about has been kept here.",
)


class AnonymousStaysAnonymous(Problem):
    """R5.1: a request may stay anonymous: nobody's name, telephone or relation, and no child."""

    status = 422
    title = Words("Anonym förblir anonym", "Anonymous stays anonymous")
    detail = Words(
        "En anonym förfrågan har varken namn, telefon, relation eller barn.",
        "An anonymous request has no name, telephone, relation or child.",
    )


class NoCaseFromAnonymous(Conflict):
    """R5.1: no child record is created for an anonymous request, and so no case."""

    title = Words("Förfrågan är anonym", "The request is anonymous")
    detail = Words(
        "Ett ärende kräver att den som frågar säger vem barnet är: ta emot en ny förfrågan.",
        "A case needs the asker to say who the child is: record a new request.",
    )


class AskerKindNotYours(Problem):
    """A family member asks as who they are."""

    status = 422
    title = Words("Du frågar som den du är", "You ask as who you are")
    detail = Words("Utelämna askerKind: den följer av din inloggning.", "Leave askerKind out: your sign-in tells it.")


class FiveQuestionsUnanswered(Problem):
    """R5.2: triage answers the five questions in short form."""

    status = 422
    title = Words("De fem frågorna är inte besvarade", "The five questions are not answered")
    detail = Words("Besvara alla fem i kort form.", "Answer all five in short form.")


class ReportOfConcernFirst(Conflict):
    """R5.8: after suspected harm the ordinary path is closed."""

    title = Words("Förfrågan hanteras utanför systemet", "The request is handled outside")
    detail = Words(
        "Gör en orosanmälan till socialtjänsten (SoL 2025:400 19 kap. 1–2 §§). Inget mer kan göras här.",
        "Make a report of concern to the social services (SoL 2025:400 chapter 19 sections 1–2). Nothing more can be "
        "done here.",
    )


class ReferralReceiverRequired(Problem):
    """A referral names one receiver: a unit of the directory, or somebody else by name."""

    status = 422
    title = Words("Ange en mottagare", "Name one receiver")
    detail = Words("Ange antingen toUnitId eller toName.", "Give either toUnitId or toName.")


class FamilyMustAgree(Problem):
    """Nobody is referred against their will."""

    status = 422
    title = Words("Familjen ska vara med på det", "The family must agree")
    detail = Words("familyAgrees ska vara true.", "familyAgrees must be true.")


class OneChildForTheCase(Problem):
    """A case is about one child: one that the desk has already, or a new one."""

    status = 422
    title = Words("Ange ett barn", "Name one child")
    detail = Words("Ange antingen childId eller child.", "Give either childId or child.")


class CoordinationRequest(Owned, Base):
    """A request: its own circle, owned by the desk's unit; ``domain.md`` calls it ContactRequest."""

    __tablename__ = "coordination_requests"

    #: The information category of the whole row, as its migration says; corrections of it are kept in the same.
    category: ClassVar[str] = "core"

    desk_id: Mapped[UUID] = mapped_column(ForeignKey("coordination_desks.id"))
    status: Mapped[str] = mapped_column(Text)
    asker_kind: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    asker_name: Mapped[str | None] = mapped_column(Text)
    asker_phone: Mapped[str | None] = mapped_column(Text)
    asker_relation: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("children.id"))
    shielded: Mapped[bool]
    received_at: Mapped[datetime] = mapped_column(_INSTANT)
    acknowledge_due_at: Mapped[datetime] = mapped_column(_INSTANT)
    contact_due_at: Mapped[datetime] = mapped_column(_INSTANT)
    due_basis: Mapped[str] = mapped_column(Text)
    triaged_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    triaged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    answer_text: Mapped[str | None] = mapped_column(Text)
    referred_to_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    referred_to_name: Mapped[str | None] = mapped_column(Text)
    referral_reason: Mapped[str | None] = mapped_column(Text)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    closed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_coordination_requests_received_at", "owner_unit_id", "received_at", "id"),
        Index("ix_coordination_requests_contact_due_at", "owner_unit_id", "contact_due_at", "id"),
        Index(None, "desk_id"), Index(None, "child_id"), Index(None, "case_id"),
    )  # fmt: skip

    @property
    def logged(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("coordination_request", self.id, self.id, self.child_id, self.owner_authority_id)

    def require_possible(self, deed: str) -> None:
        """Raise ``ReportOfConcernFirst`` once the ordinary path is closed (R5.8), or ``ImpossibleInThisState``."""
        if self.status == RequestStatus.HANDLED_OUTSIDE:
            raise ReportOfConcernFirst
        if not REQUEST_FLOW.allows(self.status, deed):
            raise ImpossibleInThisState(status=self.status, deed=deed)

    def step(self, deed: str) -> None:
        """Take a step of the state machine, where it is possible."""
        self.require_possible(deed)
        REQUEST_FLOW.go(self, deed)

    def triage(self, deed: str, by: UUID, at: datetime) -> None:
        """Somebody has read it: it is triaged, or handled outside; the first time counts."""
        self.step(deed)
        if self.triaged_at is None:
            self.triaged_at, self.triaged_by = at, by

    def answer(self, deed: str, by: UUID, at: datetime, text: str | None = None) -> None:
        """The asker has an answer: in words, by a referral, or by a case."""
        self.step(deed)
        self.answered_at, self.answered_by, self.answer_text, self.closed_at = at, by, text, at

    def give_up(self, at: datetime) -> None:
        """Nobody could be reached."""
        self.step("no_contact")
        self.closed_at = at

    def be_about(self, child_id: UUID | None, *, shielded: bool) -> None:
        """Name the child; a protected one is told from the request itself, also where the child is hidden (R2.5)."""
        self.child_id, self.shielded = child_id, shielded

    def require_anonymity(self) -> None:
        """Raise ``AnonymousStaysAnonymous`` when an anonymous request tells of anybody (R5.1)."""
        told = (self.asker_name, self.asker_phone, self.asker_relation, self.child_id)
        if self.asker_kind == AskerKind.ANONYMOUS and any(told):
            raise AnonymousStaysAnonymous

    def require_asker(self) -> None:
        """Raise ``NoCaseFromAnonymous`` when nobody has said who asks (R5.1)."""
        if self.asker_kind == AskerKind.ANONYMOUS:
            raise NoCaseFromAnonymous


class RequestTriage(Owned, Base):
    """What the desk writes for itself about a request: the five questions, a note, attempts to reach somebody."""

    __tablename__ = "request_triages"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("coordination_requests.id"))
    five_questions: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    note: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(_INSTANT)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("uq_request_triages_request_id", "request_id", unique=True),)
