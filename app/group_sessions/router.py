"""Endpoints of sessions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.contact_groups.access import own_group_for, relations_inside
from app.contact_groups.models import warnings
from app.group_sessions import repository, schemas, service
from app.group_sessions.access import session_for, session_row_for
from app.group_sessions.models import SESSION_FLOW, GroupSession, SessionStatus
from app.kernel.access import Visiting
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.permissions import Permission as P

router = Router("group-sessions", Text("Kontaktgruppernas träffar.", "The sessions of contact groups."))

_ACTIONS = (
    Action("edit", "PATCH", "", P.SESSION_WRITE, "edit"),
    Action("cancellation", "POST", "/cancellation", P.SESSION_WRITE, "cancel"),
)
_HOLDING = (Action("holding", "POST", "/holding", P.SESSION_WRITE, "hold"),)
_ATTENDANCE = (Action("attendance", "GET", "/attendance", P.ATTENDANCE_READ),)


def _path(group_id: UUID) -> str:
    return f"/contact-groups/{group_id}/sessions"


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    cancelled = row["status"] == SessionStatus.CANCELLED
    can_be_held = row["held_on"] <= stockholm_date(visit.now) and row["leaders_then"]
    actions = (*_ACTIONS, *(_HOLDING if can_be_held else ()), *(() if cancelled else _ATTENDANCE))
    return {
        **row,
        "warnings": [] if cancelled else warnings(row["leaders_then"]),
        "links": links(
            visit, f"{_path(row['group_id'])}/{row['id']}", actions, relations_inside(visit, row),
            workflow=SESSION_FLOW, status=row["status"],
            neighbours={"contact-group": f"/contact-groups/{row['group_id']}"},
        ),
    }  # fmt: skip


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"{_path(row['group_id'])}/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, session_id: UUID) -> dict[str, Any]:
    row = await repository.session(visit.tx, session_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


@router.get(
    "/contact-groups/{groupId}/sessions", operation_id="listGroupSessions", response_model=schemas.GroupSessionPage
)
async def list_sessions(
    visit: Visiting,
    group: Annotated[Row, own_group_for(P.SESSION_READ)],
    query: Annotated[schemas.GroupSessionQuery, Query()],
) -> Any:
    """A group's sessions by status and day, the latest day first; for its own unit and its leaders."""
    frame = window(visit, query, "held_on")
    rows = await repository.sessions(visit.tx, group["id"], frame)
    total = await repository.count(visit.tx, group["id"], frame) if query.include_total else None
    return page(visit, _path(group["id"]), query, rows, lambda row: _shown(visit, row), sort_by="held_on", total=total)


@router.post(
    "/contact-groups/{groupId}/sessions", operation_id="planGroupSession", status_code=201,
    response_model=schemas.GroupSession,
)  # fmt: skip
async def plan_session(
    visit: Visiting, group: Annotated[Row, own_group_for(P.SESSION_WRITE)], body: schemas.GroupSessionCreate
) -> Any:
    """Plan a session. Without a leader on its day there is none; with one only, the answer warns (R11.2)."""
    return await _answer(visit, await service.create_session(visit, group, body))


@router.get(
    "/contact-groups/{groupId}/sessions/{sessionId}", operation_id="getGroupSession",
    response_model=schemas.GroupSession,
)  # fmt: skip
async def get_session(visit: Visiting, row: Annotated[Row, session_row_for(P.SESSION_READ)]) -> Any:
    """One session."""
    return _present(visit, row)


@router.patch(
    "/contact-groups/{groupId}/sessions/{sessionId}", operation_id="updateGroupSession",
    response_model=schemas.GroupSession,
)  # fmt: skip
async def update_session(
    visit: Visiting, session: Annotated[GroupSession, session_for(P.SESSION_WRITE)], body: schemas.GroupSessionPatch
) -> Any:
    """Change the day, the times or the note of a planned session."""
    await service.change_session(visit, session, body)
    return await _answer(visit, session.id)


@router.post(
    "/contact-groups/{groupId}/sessions/{sessionId}/holding", operation_id="holdGroupSession", status_code=201,
    response_model=schemas.GroupSession,
)  # fmt: skip
async def hold_session(
    visit: Visiting, session: Annotated[GroupSession, session_for(P.SESSION_WRITE)], body: schemas.SessionHolding
) -> Any:
    """The session has been; a session without a leader cannot have been (R11.2)."""
    await service.hold_session(visit, session, body.note)
    return await _answer(visit, session.id)


@router.post(
    "/contact-groups/{groupId}/sessions/{sessionId}/cancellation", operation_id="cancelGroupSession", status_code=201,
    response_model=schemas.GroupSession,
)  # fmt: skip
async def cancel_session(
    visit: Visiting, session: Annotated[GroupSession, session_for(P.SESSION_WRITE)], body: schemas.SessionCancellation
) -> Any:
    """Cancel a planned session; the reason is kept, and there may be another on that day."""
    await service.cancel_session(visit, session, body.reason)
    return await _answer(visit, session.id)


routers = (router,)
