"""Every query about crisis notes, and about what lets a unit into one."""

from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, literal, or_, select

from app.consents.models import Consent, ConsentStatus
from app.crisis_notes.models import CrisisNote
from app.kernel.circles import NOW, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.organisations.models import Unit
from app.sharing.models import InformationCategory


def _notes() -> AnySelect:
    return (
        select(
            CrisisNote.id, CrisisNote.version, CrisisNote.plan_id, CrisisNote.text, CrisisNote.named_unit_ids,
            CrisisNote.owner_unit_id, CrisisNote.owner_authority_id, Unit.name.label("owner_unit_name"),
            CrisisNote.written_at, CrisisNote.ended_at, open_to_me(CrisisNote.circle_id).label("grants"),
        )
        .join(Unit, Unit.id == CrisisNote.owner_unit_id)
        .where(CrisisNote.plan_id == bindparam("plan_id"))
    )  # fmt: skip


_NOTES = Prepared(_notes().order_by(CrisisNote.id.desc()))
_NOTE = Prepared(_notes().where(CrisisNote.id == bindparam("note_id")))


async def notes(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The notes beside a plan that the wall shows the caller, newest first."""
    return await tx.all(_NOTES, plan_id=plan_id)


async def note(tx: Transaction, plan_id: UUID, note_id: UUID) -> Row | None:
    """One note."""
    return await tx.one(_NOTE, plan_id=plan_id, note_id=note_id)


async def note_record(tx: Transaction, note_id: UUID) -> CrisisNote | None:
    """The note for its ending, locked."""
    return await tx.session.get(CrisisNote, note_id, with_for_update=True)


_CONSENT = Prepared(
    select(Consent.id, Consent.valid_to)
    .where(
        Consent.child_id == bindparam("child_id"),
        or_(Consent.case_id.is_(None), Consent.case_id == bindparam("case_id")),
        Consent.status == ConsentStatus.GIVEN.value,
        Consent.valid_from <= NOW,
        Consent.valid_to > NOW,
        bindparam("authority_id", type_=Uuid()) == any_(Consent.receiving_authority_ids),
        literal(InformationCategory.PLAN.value) == any_(Consent.categories),
    )
    .order_by(Consent.valid_to.desc())
)


async def consent_for(tx: Transaction, case_id: UUID, child_id: UUID, authority_id: UUID) -> Row | None:
    """The consent in force that lets an authority see the plan; of several the one that lasts longest."""
    return await tx.one(_CONSENT, case_id=case_id, child_id=child_id, authority_id=authority_id)
