"""Disclosures (utlämnanden), each on one basis that breaks secrecy. ``domain.md`` 5.2, 12.10 (R10.1-R10.5).

Nothing is shared without one (R10.1). The record is never deleted; revoking it ends the reading that it opened (R10.5).
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.calendar import age_on
from app.kernel.db import Base
from app.kernel.errors import Conflict, Denied, Problem
from app.kernel.errors import Text as Words
from app.sharing.models import Shared

_INSTANT = TIMESTAMP(timezone=True)
ADULT = 18
EMERGENCY_REASON_WITHIN = timedelta(hours=24)


class DisclosureBasis(Coded):
    """What breaks secrecy. There is no default (R10.1)."""

    CONSENT = "consent", "Samtycke (OSL 10:1, 12:2)", "Consent"
    OSL_25_12 = "OSL_25_12", "Hälso- och sjukvård för underårig (OSL 25:12)", "Health care, under 18 (OSL 25:12)"
    OSL_26_9 = "OSL_26_9", "Socialtjänst för underårig (OSL 26:9)", "Social services, under 18 (OSL 26:9)"
    DUTY_10_28 = "duty_10_28", "Uppgiftsskyldighet (OSL 10:28)", "Statutory duty (OSL 10:28)"
    NECESSARY_10_2 = "necessary_10_2", "Nödvändigt för egen verksamhet (OSL 10:2)", "Necessary for own task"
    POLICE_10_24 = "police_10_24", "Brottsmisstanke (OSL 10:24)", "Suspected crime (OSL 10:24)"
    EMERGENCY = "emergency", "Nödsituation", "Emergency"
    OTHER = "other", "Annan grund", "Another basis"


class DisclosureChannel(Coded):
    """How it is shared."""

    PORTAL = "portal", "Läsning här", "Reading here"
    SDK = "sdk", "Säker digital kommunikation", "Secure digital communication (SDK)"
    PAPER = "paper", "Papper", "Paper"


class FamilyInformed(Coded):
    """Whether the child and the guardians have been told."""

    YES = "yes", "Ja", "Yes"
    NO = "no", "Nej, med skäl", "No, for a reason"
    LATER = "later", "Senare", "Later"


class HarmTestResult(Coded):
    """What the harm test (menprövning) came to."""

    NO_HARM = "no_harm", "Kan lämnas ut utan men", "Can be disclosed without harm"
    IN_PART = "in_part", "Kan lämnas ut delvis", "Can be disclosed in part"
    NOT_APPLICABLE = "not_applicable", "Menprövning görs inte på denna grund", "No harm test on this basis"


BETWEEN_HEALTH_AND_SOCIAL = {DisclosureBasis.OSL_25_12: "health", DisclosureBasis.OSL_26_9: "social"}
FOR_MANAGERS = frozenset({DisclosureBasis.POLICE_10_24, DisclosureBasis.OTHER})


class DisclosureNeedsReason(Problem):
    """R10.1: a basis other than consent stands with its legal reason; in an emergency it may follow (R10.2)."""

    status = 422
    title = Words("Rättsligt skäl saknas", "A legal reason is required")
    detail = Words(
        "Ange legalReason. Utan grund lämnas ingenting ut.", "Give legalReason. Nothing is disclosed without a basis."
    )


class ConsentDoesNotCover(Problem):
    """R10.1: the consent named is not in force for this authority and these categories."""

    status = 422
    title = Words("Samtycket täcker inte utlämnandet", "The consent does not cover this disclosure")
    detail = Words(
        "Ett gällande samtycke ska namnge mottagaren och varje kategori; consentId hör bara till den grunden.",
        "A consent in force must name the receiving authority and each category. Give consentId only with that basis.",
    )


class SecrecyRuleDoesNotApply(Problem):
    """R10.3: OSL 25:12 and 26:9 hold between health care and social services, below 18, never for school."""

    status = 422
    title = Words("Den sekretessbrytande regeln gäller inte här", "This secrecy rule does not apply here")
    detail = Words(
        "OSL 25:12 utgår från hälso- och sjukvården och 26:9 från socialtjänsten, till någon av dem, för barn under "
        "18 år. Skolan omfattas inte.",
        "OSL 25:12 starts from health care and 26:9 from social services, to either of them, for a child below 18. "
        "School is not included.",
    )


class NecessityRequired(Problem):
    """R10.3: the rules of necessity are used with the need written down."""

    status = 422
    title = Words("Behovet ska anges", "The need must be stated")
    detail = Words(
        "Ange i necessity varför uppgiften behövs för vård, behandling eller annat stöd.",
        "State in necessity why the information is needed for care, treatment or other support.",
    )


class NeedsManager(Denied):
    """R10.4: crime rules and uncommon bases are decided by a manager."""

    code = "needs-manager"
    title = Words("Chefsbeslut krävs", "A manager decides this")
    detail = Words("Den här grunden kräver rollen enhetschef.", "This basis needs the role unit manager.")


class InvalidReadScope(Problem):
    """What opens reading has an end within the longest time for its basis."""

    status = 422
    title = Words("Ogiltig lästid", "Invalid time for reading")
    detail = Words(
        "Läsning här kräver validTo efter nu: högst {days} dagar bort i en nödsituation, annars {months} månader.",
        "Reading here needs validTo after now: at most {days} days off in an emergency, otherwise {months} months.",
    )


class DecidedInTheFuture(Problem):
    """A disclosure is recorded when it is decided, or after."""

    status = 422
    title = Words("Beslutet ligger i framtiden", "The decision lies in the future")
    detail = Words("decidedAt ska inte vara efter nu.", "decidedAt must not be after now.")


class ReasonAlreadyComplete(Conflict):
    """R10.2: the reason of an emergency is completed once; no other basis waits for one."""

    title = Words("Skälet är redan angivet", "The reason is already given")
    detail = Words("Utlämnandet väntar inte på något skäl.", "The disclosure waits for no reason.")


class AlreadyRevoked(Conflict):
    """A disclosure's reading ends once."""

    title = Words("Redan avslutat", "Already revoked")
    detail = Words("Utlämnandets lästid är redan avslutad.", "The disclosure is already revoked.")


class Disclosure(Shared, Base):
    """One disclosure: from whose unit to which, what, on which basis, decided by whom."""

    __tablename__ = "disclosures"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("children.id"))
    case_id: Mapped[UUID | None]
    to_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    to_authority_id: Mapped[UUID] = mapped_column(ForeignKey("authorities.id"))
    object_refs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    basis: Mapped[str] = mapped_column(Text)
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consents.id"))
    legal_reason: Mapped[str | None] = mapped_column(Text)
    necessity: Mapped[str | None] = mapped_column(Text)
    harm_test_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    harm_test_result: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime] = mapped_column(_INSTANT)
    channel: Mapped[str] = mapped_column(Text)
    informed: Mapped[str] = mapped_column(Text)
    informed_reason: Mapped[str | None] = mapped_column(Text)
    valid_to: Mapped[datetime | None] = mapped_column(_INSTANT)
    needs_review: Mapped[bool]
    completed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    completed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_disclosures_owner_unit_id", "owner_unit_id", "id"),
        Index("ix_disclosures_circle_id", "circle_id", "id"),
        Index("ix_disclosures_child_id", "child_id", "id"),
        Index("ix_disclosures_to_unit_id", "to_unit_id", "id"),
    )

    @property
    def subject(self) -> Subject:
        """What the access log calls it."""
        return Subject("disclosure", self.id, self.circle_id, self.child_id, self.owner_authority_id)

    def complete(self, reason: str, at: datetime, by: UUID) -> None:
        """The reason of an emergency follows (R10.2); the flag for review stays."""
        if self.basis != DisclosureBasis.EMERGENCY or self.completed_at is not None:
            raise ReasonAlreadyComplete
        self.legal_reason, self.completed_at, self.completed_by = reason, at, by

    def revoke(self, at: datetime, by: UUID) -> None:
        """Reading ends; the record is kept (R10.5)."""
        if self.revoked_at is not None:
            raise AlreadyRevoked
        self.revoked_at, self.revoked_by = at, by


def require_secrecy_rule(
    basis: DisclosureBasis, *, sectors: tuple[str | None, str], born: date | None, today: date, necessity: str | None
) -> None:
    """Hold OSL 25:12 and 26:9 against who shares with whom about whom; other bases pass (R10.3)."""
    starts_from = BETWEEN_HEALTH_AND_SOCIAL.get(basis)
    if starts_from is None:
        return
    grown_up = born is not None and born <= today and age_on(born, today) >= ADULT
    if sectors[0] != starts_from or sectors[1] not in BETWEEN_HEALTH_AND_SOCIAL.values() or grown_up:
        raise SecrecyRuleDoesNotApply
    if necessity is None:
        raise NecessityRequired
