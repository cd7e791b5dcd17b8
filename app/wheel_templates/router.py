"""Endpoints of templates of the wheel."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.kernel.access import Visiting, allowed
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.permissions import Permission as P
from app.wheel_templates import repository, schemas, service
from app.wheel_templates.access import ANYONE, template_for, template_row_for
from app.wheel_templates.models import WHEEL_TEMPLATE_FLOW, WheelTemplate

router = Router(
    "wheel-templates",
    Text(
        "Välmåendehjulets ord och skala, version för version.",
        "The words and the scale of the wellbeing wheel, version by version.",
    ),
)

_ACTIONS = (
    Action("edit", "PATCH", "", P.TEMPLATE_PROPOSE, "edit"),
    Action("publication", "POST", "/publication", P.TEMPLATE_PUBLISH, "publish"),
    Action("retirement", "POST", "/retirement", P.TEMPLATE_PUBLISH, "retire"),
)


def shown(visit: Visit, row: Row) -> dict[str, Any]:
    """A template as it goes out."""
    path, origin = f"/wheel-templates/{row['id']}", row["maps_from_id"]
    neighbours = {"maps-from": f"/wheel-templates/{origin}"} if origin else {}
    offered = links(
        visit, path, _ACTIONS, ANYONE, workflow=WHEEL_TEMPLATE_FLOW, status=row["status"], neighbours=neighbours
    )
    return {**row, "links": offered}


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/wheel-templates/{row['id']}", row["version"])
    return shown(visit, row)


async def _answer(visit: Visit, template_id: UUID) -> dict[str, Any]:
    return _present(visit, await repository.one(visit.tx, template_id) or {})


@router.get("/wheel-templates", operation_id="listWheelTemplates", response_model=schemas.WheelTemplatePage)
async def list_templates(
    visit: Annotated[Visit, allowed(P.TEMPLATE_READ)], query: Annotated[schemas.WheelTemplateQuery, Query()]
) -> Any:
    """Templates of the wheel by code, language and status, newest first."""
    frame = window(visit, query)
    rows = await repository.page_of(visit.tx, frame)
    total = await repository.count(visit.tx, frame) if query.include_total else None
    return page(visit, "/wheel-templates", query, rows, lambda row: shown(visit, row), total=total)


@router.post(
    "/wheel-templates", operation_id="proposeWheelTemplate", status_code=201, response_model=schemas.WheelTemplate
)
async def propose_template(
    visit: Annotated[Visit, allowed(P.TEMPLATE_PROPOSE)], body: schemas.WheelTemplateCreate
) -> Any:
    """Propose a version of the wheel, as a draft: its eight dimensions in plain words, and a scale if there is one."""
    return await _answer(visit, await service.propose(visit, body))


@router.get(
    "/wheel-templates/{templateId}", operation_id="getWheelTemplate", response_model=schemas.WheelTemplate
)  # fmt: skip
async def get_template(visit: Visiting, row: Annotated[Row, template_row_for(P.TEMPLATE_READ)]) -> Any:
    """One version of the wheel, with its words for grown-ups and for children."""
    return _present(visit, row)


@router.patch(
    "/wheel-templates/{templateId}", operation_id="updateWheelTemplate", response_model=schemas.WheelTemplate
)  # fmt: skip
async def update_template(
    visit: Visiting,
    template: Annotated[WheelTemplate, template_for(P.TEMPLATE_PROPOSE)],
    body: schemas.WheelTemplatePatch,
) -> Any:
    """Change a draft. What is published does not change: propose a new version."""
    await service.change(visit, template, body)
    return await _answer(visit, template.id)


@router.post(
    "/wheel-templates/{templateId}/publication", operation_id="publishWheelTemplate", status_code=201,
    response_model=schemas.WheelTemplate,
)  # fmt: skip
async def publish_template(
    visit: Visiting, template: Annotated[WheelTemplate, template_for(P.TEMPLATE_PUBLISH)]
) -> Any:
    """Let wheels be made with it. Earlier versions stay usable, and are no longer the current one."""
    await service.publish(visit, template)
    return await _answer(visit, template.id)


@router.post(
    "/wheel-templates/{templateId}/retirement", operation_id="retireWheelTemplate", status_code=201,
    response_model=schemas.WheelTemplate,
)  # fmt: skip
async def retire_template(
    visit: Visiting, template: Annotated[WheelTemplate, template_for(P.TEMPLATE_PUBLISH)], body: schemas.Retirement
) -> Any:
    """Make no new wheels with it. Those that were made stay as they are, with its words."""
    await service.retire(visit, template, body.reason)
    return await _answer(visit, template.id)


routers = (router,)
