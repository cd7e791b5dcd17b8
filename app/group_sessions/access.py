"""How a request obtains a session: through the wall first, so that to a stranger it is not there."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.contact_groups.access import GroupId, relations_inside
from app.group_sessions import repository
from app.group_sessions.models import GroupSession
from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.permissions import Permission

SessionId = Annotated[UUID, Path(alias="sessionId")]


async def _session(visit: Visit, group_id: UUID, session_id: UUID, permission: Permission) -> Row:
    row = await repository.session(visit.tx, session_id)
    if row is None or row["group_id"] != group_id:
        raise unseen(visit, Subject("group_session", session_id, group_id))
    subject = Subject("group_session", session_id, group_id, None, row["owner_authority_id"])
    admit(visit, permission, subject, relations_inside(visit, row))
    visit.trail.looked(subject)
    return row


def session_row_for(permission: Permission) -> Any:
    """A session to read, or to take attendance of."""

    async def load(group_id: GroupId, session_id: SessionId, visit: Visiting) -> Row:
        return await _session(visit, group_id, session_id, permission)

    return asks(permission, load)


def session_for(permission: Permission) -> Any:
    """A session to change, locked, at the version that the caller states."""

    async def load(group_id: GroupId, session_id: SessionId, visit: Visiting) -> GroupSession:
        await _session(visit, group_id, session_id, permission)
        session = await repository.session_record(visit.tx, session_id)
        if session is None:
            raise unseen(visit, Subject("group_session", session_id, group_id))
        require_version(visit, session.version)
        return session

    return asks(permission, load)
