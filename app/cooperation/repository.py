"""Every query about hand-overs, and about who takes part where."""

from uuid import UUID

from sqlalchemy import and_, bindparam, exists, select

from app.cases.models import Case
from app.cooperation.models import Transfer
from app.kernel.circles import CircleGrant, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.organisations.models import Unit
from app.people.models import Child
from app.people.repository import my_checkpoint

_ELSEWHERE = Prepared(
    select(
        exists()
        .where(
            and_(
                CircleMember.party_id == bindparam("party_id"),
                CircleMember.left_at.is_(None),
                CircleMember.circle_id == Case.id,
                Case.child_id == bindparam("child_id"),
                Case.id != bindparam("case_id"),
            )
        )
        .label("elsewhere")
    )
)


async def takes_part_elsewhere(tx: Transaction, party_id: UUID, child_id: UUID, case_id: UUID) -> bool:
    """Whether a party is in the circle of another case about the child."""
    row = await tx.one(_ELSEWHERE, party_id=party_id, child_id=child_id, case_id=case_id)
    return bool(row and row["elsewhere"])


def _transfers() -> AnySelect:
    return select(
        Transfer.id, Transfer.version, Transfer.case_id, Transfer.kind, Transfer.to_unit_id,
        Unit.name.label("to_unit_name"),
        Transfer.to_user_id, Transfer.to_authority_id, Transfer.reason, Transfer.status, Transfer.requested_at,
        Transfer.answered_at, Transfer.answer_note, Transfer.owner_unit_id, Transfer.owner_authority_id,
        Case.child_id, Case.named_contact_id, Case.coordinator_id, Child.protected_identity,
        my_checkpoint(Child.id, Child.protected_identity).label("checkpoint_reason"),
        open_to_me(Transfer.case_id).label("grants"),
    ).join(Unit, Unit.id == Transfer.to_unit_id).join(Case, Case.id == Transfer.case_id).join(Child,
    Child.id == Case.child_id)  # fmt: skip


_TRANSFER = Prepared(_transfers().where(Transfer.id == bindparam("transfer_id")))
_TRANSFERS = Prepared(_transfers().where(Transfer.case_id == bindparam("case_id")).order_by(Transfer.id.desc()))


async def transfer(tx: Transaction, transfer_id: UUID) -> Row | None:
    """A hand-over."""
    return await tx.one(_TRANSFER, transfer_id=transfer_id)


async def transfers(tx: Transaction, case_id: UUID) -> list[Row]:
    """The hand-overs of a case, newest first."""
    return await tx.all(_TRANSFERS, case_id=case_id)


async def transfer_record(tx: Transaction, transfer_id: UUID) -> Transfer | None:
    """The hand-over for a change, locked."""
    return await tx.session.get(Transfer, transfer_id, with_for_update=True)


_ACCESS = Prepared(
    select(
        exists()
        .where(CircleGrant.circle_id == bindparam("case_id"), CircleGrant.party_id == bindparam("party_id"))
        .label("has")
    )
)


async def has_access(tx: Transaction, case_id: UUID, party_id: UUID) -> bool:
    """Whether anything is open to a party in a case."""
    row = await tx.one(_ACCESS, case_id=case_id, party_id=party_id)
    return bool(row and row["has"])
