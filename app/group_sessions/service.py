"""Deeds about sessions, and what other packages may ask of them."""

from uuid import UUID

from app.contact_groups import service as groups
from app.contact_groups.models import GroupEnded, GroupHasEnded, GroupStatus, require_times
from app.group_sessions import repository, schemas
from app.group_sessions.models import GroupSession, SessionAlreadyThere, SessionStatus, require_leader
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.ids import new_id
from app.kernel.reactions import reacts_to


async def create_session(visit: Visit, group: Row, body: schemas.GroupSessionCreate) -> UUID:
    """A group is to meet on a day.

    Raises ``GroupHasEnded``, ``TimesDoNotFit``, ``NoLeaderNoSession``, ``SessionAlreadyThere``.
    """
    if group["status"] == GroupStatus.ENDED:
        raise GroupHasEnded
    require_times(body.starts_at, body.ends_at)
    session = GroupSession(
        id=new_id(), group_id=group["id"], status=SessionStatus.PLANNED, created_by=visit.actor.user_id,
        **body.model_dump(), **visit.ownership(group["municipality_code"]),
    )  # fmt: skip
    await _require_day(visit, session)
    visit.tx.session.add(session)
    visit.trail.changed(session.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    return session.id


async def change_session(visit: Visit, session: GroupSession, body: schemas.GroupSessionPatch) -> None:
    """Apply the stated fields; another day needs its leader too.

    Raises ``TimesDoNotFit``, ``NoLeaderNoSession``, ``SessionAlreadyThere``.
    """
    session.change(body.stated)
    if "held_on" in body.stated:
        await _require_day(visit, session)
    visit.trail.changed(session.subject, *body.stated)
    await visit.tx.session.flush()


async def hold_session(visit: Visit, session: GroupSession, note: str | None) -> None:
    """It has been. Raises ``SessionLiesAhead``, ``NoLeaderNoSession``."""
    session.hold(stockholm_date(visit.now), note)
    await _require_leader(visit, session)
    visit.trail.changed(session.subject, "status", "note")
    await visit.tx.session.flush()


async def cancel_session(visit: Visit, session: GroupSession, reason: str) -> None:
    """There is none after all."""
    session.cancel(reason)
    visit.trail.changed(session.subject, "status", "cancel_reason")
    await visit.tx.session.flush()


@reacts_to(GroupEnded)
async def cancel_what_was_planned(visit: Visit, ended: GroupEnded) -> None:
    """A group that has ended meets no more."""
    for session in await repository.planned_from(visit.tx, ended.group_id, stockholm_date(visit.now)):
        await cancel_session(visit, session, ended.reason)


async def _require_day(visit: Visit, session: GroupSession) -> None:
    await _require_leader(visit, session)
    if await repository.meets_on(visit.tx, session.group_id, session.held_on, beside=session.id):
        raise SessionAlreadyThere


async def _require_leader(visit: Visit, session: GroupSession) -> None:
    require_leader(await groups.leaders_on(visit.tx, session.group_id, session.held_on))
