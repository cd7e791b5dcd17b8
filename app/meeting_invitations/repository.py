"""Every query about invitations."""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, literal_column, select

from app.guardians.models import GuardianPerson
from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.meeting_invitations.models import InvitedParty, MeetingInvitation
from app.meetings.models import Meeting
from app.organisations.models import Unit
from app.people.models import Child

_I = MeetingInvitation


def _full_name(person: Any) -> Any:
    return func.nullif(
        func.concat_ws(literal_column("' '"), person.given_name, person.family_name), literal_column("''")
    )


_PARTY = case(
    (_I.unit_id.is_not(None), literal_column(f"'{InvitedParty.UNIT}'")),
    (_I.external_name.is_not(None), literal_column(f"'{InvitedParty.EXTERNAL}'")),
    else_=_I.standing,
)


def _invitations() -> AnySelect:
    # A guardian's name stands behind the wall in the category contact: it is joined only where that is open.
    return (
        select(
            _I.id, _I.version, _I.meeting_id, _I.case_id, _I.kind, _PARTY.label("party"), _I.unit_id, _I.person_key,
            func.coalesce(_I.external_name, Unit.name, _full_name(GuardianPerson), _full_name(Child)).label("name"),
            _I.answer, _I.substitute_name, _I.answer_reason, _I.answered_at, _I.told, _I.told_at, _I.acknowledged_at,
            _I.attended, _I.absence_explanation, _I.absence_explained_at,
        )
        .select_from(_I)
        .join(Meeting, Meeting.id == _I.meeting_id)
        .outerjoin(Unit, Unit.id == _I.unit_id)
        .outerjoin(
            GuardianPerson,
            and_(
                GuardianPerson.person_key == _I.person_key,
                GuardianPerson.child_id == Meeting.child_id,
                _I.standing == literal_column(f"'{InvitedParty.GUARDIAN}'"),
            ),
        )
        .outerjoin(
            Child, and_(Child.id == Meeting.child_id, _I.standing == literal_column(f"'{InvitedParty.CHILD}'"))
        )
    )  # fmt: skip


_ONE = Prepared(_invitations().where(_I.id == bindparam("invitation_id"), _I.meeting_id == bindparam("meeting_id")))
_ALL = Prepared(_invitations().where(_I.meeting_id == bindparam("meeting_id")).order_by(_I.id))


async def one(tx: Transaction, meeting_id: UUID, invitation_id: UUID) -> Row | None:
    """One invitation."""
    return await tx.one(_ONE, meeting_id=meeting_id, invitation_id=invitation_id)


async def of_meeting(tx: Transaction, meeting_id: UUID) -> list[Row]:
    """The invitations of a meeting, in the order in which they were made."""
    return await tx.all(_ALL, meeting_id=meeting_id)


async def record(tx: Transaction, invitation_id: UUID) -> MeetingInvitation | None:
    """The invitation for a change, locked."""
    return await tx.session.get(MeetingInvitation, invitation_id, with_for_update=True)


async def records_of(tx: Transaction, meeting_id: UUID) -> list[MeetingInvitation]:
    """The invitations of a meeting for a change, locked."""
    found = select(MeetingInvitation).where(MeetingInvitation.meeting_id == meeting_id).order_by(MeetingInvitation.id)
    return list(await tx.session.scalars(found.with_for_update()))
