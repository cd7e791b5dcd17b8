"""How a request obtains a referral: to read as a row, to change as a record."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.centre_referrals import repository
from app.centre_referrals.models import KIND, Referral, subject_of
from app.kernel.access import Visiting, admit, asks, bases, relations_to, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Denied
from app.people import service as people
from app.permissions import Permission, Relation
from app.referral_parties.models import SenderKind

ReferralId = Annotated[UUID, Path(alias="referralId")]

#: What only whoever wrote a referral does: not the rest of the family, though it is in the circle.
_WRITERS_OWN = frozenset({Permission.REFERRAL_EDIT, Permission.REFERRAL_SEND})


def relations(visit: Visit, row: Row) -> frozenset[Relation]:
    """The sender's unit has it as its own, the receiving unit is invited to handle it, the family stands as it does.

    Not the row's owner decides: what a family member hands in is owned by the unit that receives it, and an earlier
    receiver has nothing to do with it any more.
    """
    if visit.actor.is_family:
        return relations_to(visit, row["owner_unit_id"], row["owner_authority_id"], row["grants"])
    found = set()
    if is_sender(visit, row):
        found.add(Relation.OWN_UNIT)
    if is_receiver(visit, row):
        found |= {Relation.INVITED, Relation.MEMBER}
    return frozenset(found)


def is_sender(visit: Visit, row: Row) -> bool:
    """Whether the caller wrote it: the unit, or the person of the family."""
    if visit.actor.is_family:
        return bool(row["created_by"] == visit.actor.user_id)
    return row["from_unit_id"] is not None and row["from_unit_id"] == visit.actor.assignment.unit_id


def is_receiver(visit: Visit, row: Row) -> bool:
    """Whether the caller's unit is the one that receives it now."""
    return not visit.actor.is_family and row["receiver_unit_id"] == visit.actor.assignment.unit_id


def is_outsider(visit: Visit, row: Row) -> bool:
    """Whether the caller is neither the sender nor of the family: to whom a preview is all there is at first."""
    return not visit.actor.is_family and not is_sender(visit, row)


def is_shielded(visit: Visit, row: Row) -> bool:
    """Whether what tells a place is left out: a protected child that another unit has referred (R2.5)."""
    protected = row["shielded"] or row["protected_identity"] != "none"
    return protected and is_outsider(visit, row) and row["sender_kind"] == SenderKind.PROFESSIONAL


async def admitted(visit: Visit, referral_id: UUID, permission: Permission) -> Row:
    """A referral for what the caller wants to do with it, past a checkpoint where there is one. The look is logged."""
    row = await repository.one(visit.tx, referral_id)
    if row is None or not (stands := relations(visit, row)):
        raise unseen(visit, Subject(KIND, referral_id, referral_id))
    subject = subject_of(referral_id, row["owner_authority_id"], None if row["private"] else row["child_id"])
    admit(visit, permission, subject, stands)
    if permission in _WRITERS_OWN and not is_sender(visit, row):
        raise Denied
    people.require_checkpoint(visit, row)
    visit.trail.looked(subject, basis=bases(row))
    return row


async def held(visit: Visit, referral_id: UUID, permission: Permission) -> Referral:
    """A referral for a change, locked, settled with its consent."""
    await admitted(visit, referral_id, permission)
    referral = await repository.record(visit.tx, referral_id)
    if referral is None:
        raise unseen(visit, Subject(KIND, referral_id, referral_id))
    referral.settle(visit.now)
    return referral


def referral_row_for(permission: Permission) -> Any:
    """A referral to read."""

    async def load(referral_id: ReferralId, visit: Visiting) -> Row:
        return await admitted(visit, referral_id, permission)

    return asks(permission, load)


def referral_for(permission: Permission) -> Any:
    """A referral to change, locked, settled with its consent; at the version that the caller states."""

    async def load(referral_id: ReferralId, visit: Visiting) -> Referral:
        referral = await held(visit, referral_id, permission)
        require_version(visit, referral.version)
        return referral

    return asks(permission, load)
