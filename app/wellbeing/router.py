"""Endpoints of wellbeing assessments, their pictures, and a child's history of them."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.http.files import Svg
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.people.access import child_row
from app.people.access import relations_of as relations_to_child
from app.permissions import Permission as P
from app.wellbeing import repository, schemas, service
from app.wellbeing.access import (
    assessment_for,
    assessment_row_for,
    is_shielded,
    looked,
    opened_by,
    place_for,
    relations,
)
from app.wellbeing.models import WELLBEING_ASSESSMENT_FLOW, Assessment
from app.wheel_templates import service as templates
from app.wheel_templates.router import shown as shown_template

assessments = Router(
    "wellbeing-assessments",
    Text(
        "Välmåendehjulet: vad barnet, familjen och de som arbetar med barnet säger. Det finns ingen nivå att nå.",
        "The wellbeing wheel: what the child, the family and professionals say. There is no level to reach.",
    ),
)
histories = Router(
    "wellbeing-history", Text("Hjulen över tid, var röst för sig.", "The wheels over time, each voice for itself.")
)

_ACTIONS = (
    Action("edit", "PATCH", "", P.WELLBEING_EDIT, "edit"),
    Action("sharing", "POST", "/sharing", P.WELLBEING_SHARE, "share"),
    Action("confirmation", "POST", "/confirmation", P.WELLBEING_CONFIRM, "confirm"),
)
_TELLS_A_PLACE = ("setting", "owner_unit_id", "owner_unit_name")
_OF_THE_WHOLE = ("no_strength_reason", "correction_reason")


def _summary(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/wellbeing-assessments/{row['id']}"
    neighbours = {
        "child": f"/children/{row['child_id']}",
        "template": f"/wheel-templates/{row['template_id']}",
        "picture": f"{path}/picture",
        "history": f"/children/{row['child_id']}/wellbeing-history",
    }
    neighbours |= {"case": f"/cases/{row['case_id']}"} if row["case_id"] else {}
    offered = links(
        visit, path, _ACTIONS, relations(visit, row), workflow=WELLBEING_ASSESSMENT_FLOW, status=row["status"],
        neighbours=neighbours,
    )  # fmt: skip
    return {**_placeless(visit, row), "opened_by": opened_by(row), "links": offered}


def _placeless(visit: Visit, row: Row) -> Row:
    return {**row, **dict.fromkeys(_TELLS_A_PLACE)} if is_shielded(visit, row) else row


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    entries, hopes = service.entries_of(row)
    shown = {**_summary(visit, row), "entries": entries, "hopes": hopes}
    # A reason may tell of a dimension that is not open to the caller.
    withheld = any(entry.get("withheld") for entry in (*entries, hopes or {}))
    return {**shown, **dict.fromkeys(_OF_THE_WHOLE)} if withheld else shown


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/wellbeing-assessments/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, assessment_id: UUID) -> dict[str, Any]:
    return _present(visit, await repository.one(visit.tx, assessment_id) or {})


@assessments.get(
    "/wellbeing-assessments", operation_id="listWellbeingAssessments", response_model=schemas.WellbeingAssessmentPage
)
async def list_assessments(
    visit: Annotated[Visit, allowed(P.WELLBEING_LIST)], query: Annotated[schemas.AssessmentQuery, Query()]
) -> Any:
    """Wheels in the caller's circles, newest first. Protected children are never listed (R2.5)."""
    frame, family = window(visit, query), visit.actor.is_family
    rows = await repository.list_mine(visit.tx, frame, protected=family)
    total = await repository.count_mine(visit.tx, frame, protected=family) if query.include_total else None
    visit.trail.looked(Subject("wellbeing_assessment_list"))
    return page(visit, "/wellbeing-assessments", query, rows, lambda row: _summary(visit, row), total=total)


@assessments.post(
    "/wellbeing-assessments", operation_id="createWellbeingAssessment", status_code=201,
    response_model=schemas.WellbeingAssessment,
)  # fmt: skip
async def create_assessment(
    visit: Visiting, place: Annotated[Row, place_for(P.WELLBEING_CREATE)], body: schemas.AssessmentCreate
) -> Any:
    """Write down a wheel, all eight dimensions (R6.1). A family member's own is shared with the family at once."""
    return await _answer(visit, await service.make(visit, place, body))


@assessments.get(
    "/wellbeing-assessments/{assessmentId}", operation_id="getWellbeingAssessment",
    response_model=schemas.WellbeingAssessment,
)  # fmt: skip
async def get_assessment(visit: Visiting, row: Annotated[Row, assessment_row_for(P.WELLBEING_READ)]) -> Any:
    """One wheel. Dimensions that are not open to the caller are withheld: never empty, never zero (R6.8)."""
    return _present(visit, row)


@assessments.patch(
    "/wellbeing-assessments/{assessmentId}", operation_id="updateWellbeingAssessment",
    response_model=schemas.WellbeingAssessment,
)  # fmt: skip
async def update_assessment(
    visit: Visiting,
    assessment: Annotated[Assessment, assessment_for(P.WELLBEING_EDIT)],
    body: schemas.AssessmentPatch,
) -> Any:
    """Change a draft. A dimension that is given is replaced whole; the others stay."""
    await service.change(visit, assessment, body)
    return await _answer(visit, assessment.id)


@assessments.post(
    "/wellbeing-assessments/{assessmentId}/sharing", operation_id="shareWellbeingAssessment", status_code=201,
    response_model=schemas.WellbeingAssessment,
)  # fmt: skip
async def share_assessment(
    visit: Visiting,
    assessment: Annotated[Assessment, assessment_for(P.WELLBEING_SHARE)],
    body: schemas.Sharing | None = None,
) -> Any:
    """Show the wheel to the family. From 13 it must be said whether the guardians see it (R21.1)."""
    await service.share(visit, assessment, body.visible_to_guardians if body else None)
    return await _answer(visit, assessment.id)


@assessments.post(
    "/wellbeing-assessments/{assessmentId}/confirmation", operation_id="confirmWellbeingAssessment", status_code=201,
    response_model=schemas.WellbeingAssessment,
)  # fmt: skip
async def confirm_assessment(
    visit: Visiting,
    assessment: Annotated[Assessment, assessment_for(P.WELLBEING_CONFIRM)],
    body: schemas.Confirmation,
) -> Any:
    """Confirm what the family has been shown. It does not change any more, and can be disclosed from now on (R6.9)."""
    await service.confirm(visit, assessment, body)
    return await _answer(visit, assessment.id)


@assessments.get(
    "/wellbeing-assessments/{assessmentId}/picture", operation_id="getWellbeingPicture", response_class=Svg,
    responses=Svg.documented("The wheel as a picture that also reads aloud."),
)  # fmt: skip
async def get_picture(visit: Visiting, row: Annotated[Row, assessment_row_for(P.WELLBEING_READ)]) -> Any:
    """The wheel as an accessible picture (SVG): its words and marks, and no verdict (R6.3)."""
    return Svg(service.picture(_placeless(visit, row), visit.language))


async def _voices(visit: Visit, child: Row, query: schemas.HistoryQuery) -> tuple[list[dict[str, Any]], Sequence[Row]]:
    filters = {name: value for name, value in query if value}
    rows = await repository.history(visit.tx, child["id"], filters)
    for row in rows:
        looked(visit, row)
    return await service.history(visit, rows), rows


@histories.get(
    "/children/{childId}/wellbeing-history", operation_id="getWellbeingHistory",
    response_model=schemas.WellbeingHistory,
)  # fmt: skip
async def get_history(
    visit: Visiting,
    child: Annotated[Row, child_row(P.WELLBEING_READ, "wellbeing_history")],
    query: Annotated[schemas.HistoryQuery, Query()],
) -> Any:
    """A child's confirmed wheels in order of time, each respondent for itself, in words (R6.4, R6.5)."""
    voices, rows = await _voices(visit, child, query)
    used = await templates.by_id(visit.tx, {row["template_id"] for row in rows})
    path = f"/children/{child['id']}/wellbeing-history"
    neighbours = {"child": f"/children/{child['id']}", "picture": f"{path}/picture"}
    return {
        "child_id": child["id"],
        "voices": [{**voice, "moments": [_moment(row) for row in voice["moments"]]} for voice in voices],
        "templates": [shown_template(visit, template) for template in used.values()],
        "links": links(visit, path, (), relations_to_child(visit, child), neighbours=neighbours),
    }


def _moment(row: Row) -> dict[str, Any]:
    entries, hopes = service.entries_of(row)
    return {**row, "assessment_id": row["id"], "entries": entries, "hopes": hopes, "opened_by": opened_by(row)}


@histories.get(
    "/children/{childId}/wellbeing-history/picture", operation_id="getWellbeingHistoryPicture", response_class=Svg,
    responses=Svg.documented("The wheels over time as a picture that also reads aloud."),
)  # fmt: skip
async def get_history_picture(
    visit: Visiting,
    child: Annotated[Row, child_row(P.WELLBEING_READ, "wellbeing_history")],
    query: Annotated[schemas.HistoryQuery, Query()],
) -> Any:
    """The same as an accessible picture (SVG): voices side by side, each in its own words (R6.4)."""
    voices, _ = await _voices(visit, child, query)
    return Svg(service.history_picture(voices, visit.language))


routers = (assessments, histories)
