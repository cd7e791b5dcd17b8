"""Endpoints of registrations to activities."""

from typing import Annotated, Any

from fastapi import Query

from app.activity_registrations import repository, schemas, service
from app.activity_registrations.access import (
    activity_to_join,
    activity_with_registrations,
    registration_by_code,
    registration_row_for,
    relations,
)
from app.activity_registrations.models import REGISTRATION_FLOW
from app.kernel.access import Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.permissions import Permission as P

router = Router(
    "registrations",
    Text("Anmälningar till aktiviteter, utan namn.", "Registrations to activities, without a name."),
)

_PATH = "/registrations"
_ACTIONS = (
    Action("acceptance", "POST", "/acceptance", P.REGISTRATION_ANSWER, "accept"),
    Action("decline", "POST", "/decline", P.REGISTRATION_ANSWER, "decline"),
    Action("withdrawal", "POST", "/withdrawal", P.REGISTRATION_ANSWER, "withdraw"),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    found = links(
        visit, f"{_PATH}/{row['id']}", () if row["begun"] else _ACTIONS, relations(visit, row),
        workflow=REGISTRATION_FLOW, status=row["status"],
        neighbours={"activity": f"/activities/{row['activity_id']}"},
    )  # fmt: skip
    title = (row["title_en"] if visit.language == "en" else None) or row["title_sv"]
    return {**row, "activity_title": title, "links": found}


async def _answer(visit: Visit, row: Row, **more: str) -> dict[str, Any]:
    now = await repository.one(visit.tx, row["id"])
    if now is None:
        raise NotFound
    visit.presents(f"{_PATH}/{row['id']}", now["version"])
    return {**_shown(visit, now), **more}


async def _page(visit: Visit, path: str, query: schemas.ActivityRegistrationQuery, frame: Any, sent: bool) -> Any:
    rows, total = await service.listed(visit, frame, sent, counted=query.include_total)
    visit.trail.looked(Subject("activity_registration_list"))
    return page(visit, path, query, rows, lambda row: _shown(visit, row), total=total)


@router.get(
    "/activities/{activityId}/registrations", operation_id="listActivityRegistrations",
    response_model=schemas.RegistrationPage,
)  # fmt: skip
async def list_of_activity(
    visit: Visiting, activity: Annotated[Row, activity_with_registrations(P.REGISTRATION_LIST)],
    query: Annotated[schemas.ActivityRegistrationQuery, Query()],
) -> Any:  # fmt: skip
    """The registrations to an activity of the own unit; to another's, those that the caller has made."""
    frame = window(visit, query)
    values = {**frame.values, "activity_id": [activity["id"]]}
    frame = frame._replace(shape=frame.shape._replace(filters=frame.shape.filters | {"activity_id"}), values=values)
    sent = visit.actor.is_family or visit.actor.unit_id != activity["unit_id"]
    return await _page(visit, f"/activities/{activity['id']}/registrations", query, frame, sent)


@router.post(
    "/activities/{activityId}/registrations", operation_id="createRegistration", status_code=201,
    response_model=schemas.Registration,
)  # fmt: skip
async def create_registration(
    visit: Visiting, activity: Annotated[Row, activity_to_join(P.REGISTRATION_CREATE)], body: schemas.RegistrationCreate
) -> Any:
    """Register for an activity: a free place is confirmed at once, otherwise one waits in line and is asked.

    The own unit registers whoever calls. ``bookingCode`` is told in this answer only.
    """
    registration_id, code = await service.register(visit, activity, body)
    return await _answer(visit, {"id": registration_id}, booking_code=code)


@router.get("/registrations", operation_id="listRegistrations", response_model=schemas.RegistrationPage)
async def list_registrations(
    visit: Annotated[Visit, allowed(P.REGISTRATION_LIST)], query: Annotated[schemas.RegistrationQuery, Query()]
) -> Any:
    """The registrations to the own unit's activities, or with ``sent`` those that one has made; the newest first."""
    return await _page(visit, _PATH, query, window(visit, query), bool(query.sent) or visit.actor.is_family)


@router.post("/registration-lookups", operation_id="lookUpRegistration", response_model=schemas.Registration)
async def look_up_registration(visit: Visiting, row: Annotated[Row, registration_by_code(P.REGISTRATION_READ)]) -> Any:
    """Find a registration by the booking code that somebody says at the door or on the telephone.

    By POST, so that the code stands in no address or log.
    """
    return _shown(visit, row)


@router.get("/registrations/{registrationId}", operation_id="getRegistration", response_model=schemas.Registration)
async def get_registration(visit: Visiting, row: Annotated[Row, registration_row_for(P.REGISTRATION_READ)]) -> Any:
    """One registration, and where it stands in the line."""
    visit.presents(f"{_PATH}/{row['id']}", row["version"])
    return _shown(visit, row)


@router.post(
    "/registrations/{registrationId}/acceptance", operation_id="acceptRegistration", status_code=201,
    response_model=schemas.Registration,
)  # fmt: skip
async def accept_registration(
    visit: Visiting, row: Annotated[Row, registration_row_for(P.REGISTRATION_ANSWER)],
    _body: schemas.RegistrationAcceptance,
) -> Any:  # fmt: skip
    """Take the place that became free, while the offer lasts."""
    await service.accept(visit, row)
    return await _answer(visit, row)


@router.post(
    "/registrations/{registrationId}/decline", operation_id="declineRegistration", status_code=201,
    response_model=schemas.Registration,
)  # fmt: skip
async def decline_registration(
    visit: Visiting, row: Annotated[Row, registration_row_for(P.REGISTRATION_ANSWER)],
    _body: schemas.RegistrationDecline,
) -> Any:  # fmt: skip
    """Leave the place that became free to the next in line."""
    await service.decline(visit, row)
    return await _answer(visit, row)


@router.post(
    "/registrations/{registrationId}/withdrawal", operation_id="withdrawRegistration", status_code=201,
    response_model=schemas.Registration,
)  # fmt: skip
async def withdraw_registration(
    visit: Visiting, row: Annotated[Row, registration_row_for(P.REGISTRATION_ANSWER)],
    _body: schemas.RegistrationWithdrawal,
) -> Any:  # fmt: skip
    """Give up the place, or the place in line; a place that is given up is offered to the next."""
    await service.withdraw(visit, row)
    return await _answer(visit, row)


routers = (router,)
