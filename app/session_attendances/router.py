"""Endpoints of attendance."""

from typing import Annotated, Any

from app.contact_groups.access import relations_inside
from app.group_sessions.access import session_row_for
from app.kernel.access import Visiting
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.permissions import Permission as P
from app.session_attendances import schemas, service
from app.session_attendances.access import session_marked_by
from app.session_attendances.models import has_been

router = Router("attendance", Text("Närvaro vid kontaktgruppernas träffar.", "Attendance at contact group sessions."))

_MARKING = (Action("mark", "PUT", "", P.ATTENDANCE_WRITE),)


async def _answer(visit: Visit, session: Row) -> dict[str, Any]:
    found = await service.attendance(visit, session)
    group = f"/contact-groups/{session['group_id']}"
    path = f"{group}/sessions/{session['id']}/attendance"
    visit.presents(path, found["version"])
    offered = _MARKING if has_been(session, stockholm_date(visit.now)) else ()
    neighbours = {"session": f"{group}/sessions/{session['id']}", "contact-group": group}
    return {**found, "links": links(visit, path, offered, relations_inside(visit, session), neighbours=neighbours)}


@router.get(
    "/contact-groups/{groupId}/sessions/{sessionId}/attendance", operation_id="getAttendance",
    response_model=schemas.SessionAttendance,
)  # fmt: skip
async def get_attendance(visit: Visiting, session: Annotated[Row, session_row_for(P.ATTENDANCE_READ)]) -> Any:
    """Who was there: everybody who had a place that day by first name, and the group's numbers (R11.8)."""
    return await _answer(visit, session)


@router.put(
    "/contact-groups/{groupId}/sessions/{sessionId}/attendance", operation_id="markAttendance",
    response_model=schemas.SessionAttendance,
)  # fmt: skip
async def mark_attendance(
    visit: Visiting, session: Annotated[Row, session_marked_by(P.ATTENDANCE_WRITE)], body: schemas.AttendancePut
) -> Any:
    """Say who was there, all marks at once: who is left out is unmarked. From the session's day onwards."""
    await service.mark(visit, session, body)
    return await _answer(visit, session)


routers = (router,)
