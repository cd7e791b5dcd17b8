"""Endpoints of activities. Anybody may read them; whoever shows a token is offered what they may do."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.activities import schemas, service
from app.activities.access import ActivityId, activity_for, activity_row_for, relations
from app.activities.models import ACTIVITY_FLOW, Activity, ActivityStatus
from app.family_centres import service as centres
from app.family_centres.access import CentreId
from app.kernel.access import Visiting, allowed, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.http.files import Calendar
from app.kernel.http.public import Knowing, PublicRouter, Reading
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.permissions import Permission as P

public = PublicRouter(
    "activities",
    Text(
        "Aktiviteter: temakvällar, träffar, rörelse, utbildning.", "Activities: evenings, meetings, movement, training."
    ),
)
router = Router("activities")

_PATH = "/activities"
_EDIT = Action("edit", "PATCH", "", P.ACTIVITY_MANAGE, "edit")
_OPEN = Action("opening", "POST", "/opening", P.ACTIVITY_MANAGE, "open")
_CANCEL = Action("cancellation", "POST", "/cancellation", P.ACTIVITY_MANAGE, "cancel")
_COUNT = (
    Action("attendance", "POST", "/attendance", P.ACTIVITY_COUNT),
    Action("evaluation", "POST", "/evaluation", P.ACTIVITY_COUNT),
)
_REGISTER = Action("registrations", "POST", "/registrations", P.REGISTRATION_CREATE)


def _actions(row: Row) -> tuple[Action, ...]:
    if row["status"] == ActivityStatus.HELD:
        return _COUNT
    opening = () if row["capacity"] is None else (_OPEN,)
    return (_EDIT, *opening, _CANCEL, *((_REGISTER,) if row["registration_open"] else ()))


def _shown(asking: Reading | Visit, row: Row) -> dict[str, Any]:
    neighbours = {"unit": f"/units/{row['unit_id']}", "calendar": f"{_PATH}/{row['id']}/calendar"}
    neighbours |= {"family-centre": f"/family-centres/{row['centre_id']}"} if row["centre_id"] else {}
    neighbours |= {"support-offer": f"/support-offers/{row['support_offer_id']}"} if row["support_offer_id"] else {}
    # A full one is open: for the line.
    status = ActivityStatus.OPEN if row["status"] == ActivityStatus.FULL else row["status"]
    found = links(
        asking, f"{_PATH}/{row['id']}", _actions(row), relations(asking.actor, row["unit_id"]),
        workflow=ACTIVITY_FLOW, status=status, neighbours=neighbours,
    )  # fmt: skip
    return {**row, **{name: _in_words(row, name, asking.language) for name in ("title", "summary")}, "links": found}


def _in_words(row: Row, name: str, language: str) -> str | None:
    text: str | None = (row[f"{name}_en"] if language == "en" else None) or row[f"{name}_sv"]
    return text


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"{_PATH}/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, activity_id: UUID) -> dict[str, Any]:
    row = await service.activity_of(visit.tx, activity_id, visit.now)
    if row is None:
        raise NotFound
    return _present(visit, row)


async def _one(look: Reading, activity_id: UUID) -> Row:
    row = await service.activity_of(look.tx, activity_id, look.now)
    if row is None:
        raise NotFound
    return row


async def _page(
    look: Reading, path: str, query: schemas.ActivityQuery, centre_id: UUID | None = None
) -> dict[str, Any]:
    frame = window(look, query, "starts_at")
    rows, total = await service.listed(look.tx, frame, look.now, centre_id=centre_id, counted=query.include_total)
    return page(look, path, query, rows, lambda row: _shown(look, row), sort_by="starts_at", total=total)


@public.get("/activities", operation_id="listActivities", response_model=schemas.ActivityPage)
async def list_activities(look: Knowing, query: Annotated[schemas.ActivityQueryAnywhere, Query()]) -> Any:
    """Activities from today on, the earliest first. No login is needed; with one, ``_links`` has what you may do."""
    return await _page(look, _PATH, query)


@public.get(
    "/family-centres/{centreId}/activities", operation_id="listCentreActivities", response_model=schemas.ActivityPage
)
async def list_centre_activities(
    look: Knowing, centre_id: CentreId, query: Annotated[schemas.ActivityQuery, Query()]
) -> Any:
    """What goes on at a family centre from today on, the earliest first. No login is needed."""
    if await centres.centre_of(look.tx, centre_id) is None:
        raise NotFound
    return await _page(look, f"/family-centres/{centre_id}/activities", query, centre_id)


@router.post("/activities", operation_id="createActivity", status_code=201, response_model=schemas.Activity)
async def create_activity(visit: Annotated[Visit, allowed(P.ACTIVITY_CREATE)], body: schemas.ActivityCreate) -> Any:
    """Plan an activity of the own unit. The movement initiative is for up to twelve years (12.14)."""
    return await _answer(visit, await service.plan(visit, body))


@public.get("/activities/{activityId}", operation_id="getActivity", response_model=schemas.Activity)
async def get_activity(look: Knowing, activity_id: ActivityId) -> Any:
    """One activity. No login is needed; with one, ``_links`` has what you may do."""
    row = await _one(look, activity_id)
    look.version = row["version"]
    return _shown(look, row)


@router.patch("/activities/{activityId}", operation_id="updateActivity", response_model=schemas.Activity)
async def update_activity(
    visit: Visiting, activity: Annotated[Activity, activity_for(P.ACTIVITY_MANAGE)], body: schemas.ActivityPatch
) -> Any:
    """Change an activity that has not begun. More places are offered to the line at once, in its order."""
    await service.change(visit, activity, body)
    return await _answer(visit, activity.id)


@public.get(
    "/activities/{activityId}/calendar", operation_id="getActivityCalendar", response_class=Calendar,
    responses=Calendar.documented("The activity for a calendar (iCalendar, RFC 5545)."),
)  # fmt: skip
async def get_calendar(look: Knowing, activity_id: ActivityId) -> Any:
    """The activity for a calendar: what, when and where. No login is needed."""
    row = await _one(look, activity_id)
    title = _in_words(row, "title", look.language)
    return Calendar(service.calendar_file(row, str(title), look.href(f"{_PATH}/{activity_id}"), look.now))


@router.post(
    "/activities/{activityId}/opening", operation_id="openActivity", status_code=201, response_model=schemas.Activity
)
async def open_activity(
    visit: Visiting, activity: Annotated[Activity, activity_for(P.ACTIVITY_MANAGE)], _body: schemas.ActivityOpening
) -> Any:
    """Open for registration; an activity without a number of places needs none."""
    await service.open_registration(visit, activity)
    return await _answer(visit, activity.id)


@router.post(
    "/activities/{activityId}/cancellation", operation_id="cancelActivity", status_code=201,
    response_model=schemas.Activity,
)  # fmt: skip
async def cancel_activity(
    visit: Visiting, activity: Annotated[Activity, activity_for(P.ACTIVITY_MANAGE)], body: schemas.ActivityCancellation
) -> Any:
    """Cancel an activity that has not begun: every registration is withdrawn, and tells why."""
    await service.cancel(visit, activity, body.reason)
    return await _answer(visit, activity.id)


async def _attendance(visit: Visit, activity_id: UUID) -> dict[str, Any]:
    row = await service.attendance_of(visit.tx, activity_id)
    if row is None:
        raise unseen(visit, Subject("activity_attendance", activity_id))
    return _told(visit, activity_id, "attendance", row)


async def _evaluation(visit: Visit, activity_id: UUID) -> dict[str, Any]:
    row = await service.evaluation_of(visit.tx, activity_id)
    if row is None:
        raise unseen(visit, Subject("activity_evaluation", activity_id))
    return _told(visit, activity_id, "evaluation", row)


def _told(visit: Visit, activity_id: UUID, part: str, row: Row) -> dict[str, Any]:
    path = f"{_PATH}/{activity_id}"
    visit.presents(f"{path}/{part}", row["version"])
    return {**row, "links": links(visit, f"{path}/{part}", (), frozenset(), neighbours={"activity": path})}


@router.get(
    "/activities/{activityId}/attendance", operation_id="getActivityAttendance",
    response_model=schemas.ActivityAttendance,
)  # fmt: skip
async def get_attendance(visit: Visiting, row: Annotated[Row, activity_row_for(P.ACTIVITY_COUNT)]) -> Any:
    """How many came, for the own unit; 404 before they are counted."""
    return await _attendance(visit, row["id"])


@router.post(
    "/activities/{activityId}/attendance", operation_id="countActivityAttendance", status_code=201,
    response_model=schemas.ActivityAttendance,
)  # fmt: skip
async def count_attendance(
    visit: Visiting, activity: Annotated[Activity, activity_for(P.ACTIVITY_COUNT)],
    body: schemas.ActivityAttendanceCount,
) -> Any:  # fmt: skip
    """Tell how many came, in numbers only, when it has begun. Counted again, the numbers are corrected."""
    await service.count_attendance(visit, activity, body)
    return await _attendance(visit, activity.id)


@router.get(
    "/activities/{activityId}/evaluation", operation_id="getActivityEvaluation",
    response_model=schemas.ActivityEvaluation,
)  # fmt: skip
async def get_evaluation(visit: Visiting, row: Annotated[Row, activity_row_for(P.ACTIVITY_COUNT)]) -> Any:
    """What those who came thought, for the own unit; 404 before it is written."""
    return await _evaluation(visit, row["id"])


@router.post(
    "/activities/{activityId}/evaluation", operation_id="evaluateActivity", status_code=201,
    response_model=schemas.ActivityEvaluation,
)  # fmt: skip
async def evaluate_activity(
    visit: Visiting, activity: Annotated[Activity, activity_for(P.ACTIVITY_COUNT)],
    body: schemas.ActivityEvaluationCreate,
) -> Any:  # fmt: skip
    """Write down what those who came thought, together, when it has begun. Written again, it is replaced."""
    await service.evaluate(visit, activity, body)
    return await _evaluation(visit, activity.id)


routers = (public, router)
