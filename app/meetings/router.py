"""Endpoints of meetings and their minutes."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting, allowed, opened_by
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page
from app.meetings import repository, schemas, service
from app.meetings.access import (
    Documented,
    case_to_meet_about,
    hides_place,
    is_shielded,
    meeting_for,
    meeting_row_for,
    minutes_for,
    minutes_row_for,
    relations,
)
from app.meetings.models import MEETING_FLOW, Meeting
from app.permissions import Permission as P

meetings = Router(
    "meetings",
    Text(
        "Möten kring ett barn: SIP-möten, uppföljningar, teammöten.",
        "Meetings around a child: SIP, follow-up, team around the child.",
    ),
)
minutes = Router(
    "minutes",
    Text("Minnesanteckningar, som dokumenterarens myndighet äger.", "Minutes, owned by the documenter's authority."),
)

_ACTIONS = (
    Action("edit", "PATCH", "", P.MEETING_EDIT, "edit"),
    Action("call", "POST", "/invitations", P.MEETING_EDIT, "call"),
    Action("attendance", "POST", "/attendance", P.MEETING_EDIT, "hold"),
    Action("cancellation", "POST", "/cancellation", P.MEETING_EDIT, "cancel"),
)
_WRITE_MINUTES = Action("write-minutes", "POST", "/minutes", P.MINUTES_WRITE, "document")
_MINUTES_ACTIONS = (
    Action("edit", "PATCH", "", P.MINUTES_WRITE, "document"),
    Action("confirmation", "POST", "/confirmation", P.MINUTES_WRITE, "confirm_notes"),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/meetings/{row['id']}"
    if is_shielded(visit, row):
        row = {**row, "owner_unit_name": None}
    if hides_place(visit, row):
        row = {**row, "place": None, "video_link": None}
    neighbours = {"case": f"/cases/{row['case_id']}", "invitations": f"{path}/invitations"}
    written = row.get("minutes_id") is not None
    if written:
        neighbours["minutes"] = f"{path}/minutes"
    return {
        **row,
        "opened_by": opened_by(row),
        "links": links(
            visit, path, _ACTIONS if written else (*_ACTIONS, _WRITE_MINUTES), relations(visit, row),
            workflow=MEETING_FLOW, status=row["status"], neighbours=neighbours,
        ),
    }  # fmt: skip


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/meetings/{row['id']}", row["version"])
    return _shown(visit, row)


async def answer(visit: Visit, meeting_id: UUID) -> dict[str, Any]:
    """The meeting after a change, read as GET reads it."""
    row = await repository.one(visit.tx, meeting_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


@meetings.get("/meetings", operation_id="listMeetings", response_model=schemas.MeetingPage)
async def list_meetings(
    visit: Annotated[Visit, allowed(P.MEETING_LIST)], query: Annotated[schemas.MeetingQuery, Query()]
) -> Any:
    """Meetings in whose circle the caller is, earliest first; a protected child's to its family only (R2.5)."""
    rows, total = await service.listed(visit, query)
    for circle in {row["case_id"]: row for row in rows[: query.limit]}.values():
        visit.trail.looked(Subject("meeting", None, circle["case_id"], circle["child_id"]))
    visit.trail.looked(Subject("meeting_list"))
    return page(visit, "/meetings", query, rows, lambda row: _shown(visit, row), sort_by="starts_at", total=total)


@meetings.post("/meetings", operation_id="createMeeting", status_code=201, response_model=schemas.Meeting)
async def create_meeting(
    visit: Visiting, case: Annotated[Row, case_to_meet_about(P.MEETING_CREATE)], body: schemas.MeetingCreate
) -> Any:
    """Plan a meeting about a case. Nobody is told of it before they are called or invited."""
    return await answer(visit, await service.plan_meeting(visit, case, body))


@meetings.get("/meetings/{meetingId}", operation_id="getMeeting", response_model=schemas.Meeting)
async def get_meeting(visit: Visiting, row: Annotated[Row, meeting_row_for(P.MEETING_READ)]) -> Any:
    """One meeting: time and place for everybody in the circle, the question where the category plan is open."""
    return _present(visit, row)


@meetings.patch("/meetings/{meetingId}", operation_id="updateMeeting", response_model=schemas.Meeting)
async def update_meeting(
    visit: Visiting, meeting: Annotated[Meeting, meeting_for(P.MEETING_EDIT)], body: schemas.MeetingPatch
) -> Any:
    """Change a meeting. After the call another time or place tells everybody and asks them again."""
    await service.change_meeting(visit, meeting, body)
    return await answer(visit, meeting.id)


@meetings.post(
    "/meetings/{meetingId}/cancellation", operation_id="cancelMeeting", status_code=201, response_model=schemas.Meeting
)
async def cancel_meeting(
    visit: Visiting, meeting: Annotated[Meeting, meeting_for(P.MEETING_EDIT)], body: schemas.MeetingCancellation
) -> Any:
    """Cancel a meeting; everybody who was called or invited is told (R8.4)."""
    await service.cancel(visit, meeting, body.reason)
    return await answer(visit, meeting.id)


def _present_minutes(visit: Visit, meeting: Row, row: Row) -> dict[str, Any]:
    path = f"/meetings/{meeting['id']}/minutes"
    visit.presents(path, row["version"])
    if is_shielded(visit, meeting):
        row = {**row, "owner_unit_name": None}
    return {
        **row,
        "links": links(
            visit, path, _MINUTES_ACTIONS, relations(visit, meeting), workflow=MEETING_FLOW, status=meeting["status"],
            neighbours={"meeting": f"/meetings/{meeting['id']}"},
        ),
    }  # fmt: skip


async def _answer_minutes(visit: Visit, meeting_id: UUID) -> dict[str, Any]:
    meeting, row = await repository.one(visit.tx, meeting_id), await repository.minutes(visit.tx, meeting_id)
    if meeting is None or row is None:
        raise NotFound
    return _present_minutes(visit, meeting, row)


@minutes.post(
    "/meetings/{meetingId}/minutes", operation_id="writeMinutes", status_code=201, response_model=schemas.Minutes
)
async def write_minutes(
    visit: Visiting, meeting: Annotated[Meeting, meeting_for(P.MINUTES_WRITE)], body: schemas.MinutesCreate
) -> Any:
    """Write the minutes of a held meeting, as its documenter. They belong to the documenter's authority (R8.2)."""
    await service.write_minutes(visit, meeting, body)
    return await _answer_minutes(visit, meeting.id)


@minutes.get("/meetings/{meetingId}/minutes", operation_id="getMinutes", response_model=schemas.Minutes)
async def get_minutes(visit: Visiting, found: Annotated[tuple[Row, Row], minutes_row_for(P.MINUTES_READ)]) -> Any:
    """The minutes, where the category meeting_notes is open to the caller."""
    return _present_minutes(visit, *found)


@minutes.patch("/meetings/{meetingId}/minutes", operation_id="updateMinutes", response_model=schemas.Minutes)
async def update_minutes(
    visit: Visiting, found: Annotated[Documented, minutes_for(P.MINUTES_WRITE)], body: schemas.MinutesPatch
) -> Any:
    """Change the minutes until they are confirmed."""
    await service.change_minutes(visit, found.meeting, found.minutes, body)
    return await _answer_minutes(visit, found.meeting.id)


@minutes.post(
    "/meetings/{meetingId}/minutes/confirmation",
    operation_id="confirmMinutes",
    status_code=201,
    response_model=schemas.Minutes,
)
async def confirm_minutes(
    visit: Visiting, found: Annotated[Documented, minutes_for(P.MINUTES_WRITE)], _body: schemas.MinutesConfirmation
) -> Any:
    """Confirm the minutes (justera). They are final from then on."""
    await service.confirm_minutes(visit, found.meeting, found.minutes)
    return await _answer_minutes(visit, found.meeting.id)


routers = (meetings, minutes)
