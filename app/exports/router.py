"""Endpoints of exports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request

from app.exports import repository, schemas, service
from app.exports.access import export_row_for
from app.exports.models import ExportFormat
from app.kernel.access import OWN, Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.http.streams import Csv, Ndjson, paged
from app.kernel.links import links
from app.kernel.paging import page, window
from app.permissions import Permission as P

router = Router(
    "exports",
    Text(
        "Uttag: de poster som den som frågar får se, rad för rad, av ett angivet skäl.",
        "Exports: the records that the caller may see, line by line, for a stated reason.",
    ),
)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/exports/{row['id']}"
    open_still = row["expires_at"] > visit.now
    return {
        **row,
        "links": links(visit, path, (), OWN, neighbours={"content": f"{path}/content"} if open_still else {}),
    }


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/exports/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, export_id: UUID) -> dict[str, Any]:
    row = await repository.one(visit.tx, export_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


@router.get("/exports", operation_id="listExports", response_model=schemas.ExportPage)
async def list_exports(
    visit: Annotated[Visit, allowed(P.EXPORT_LIST)], query: Annotated[schemas.ExportQuery, Query()]
) -> Any:
    """The caller's own exports, newest first."""
    rows = await repository.mine(visit.tx, window(visit, query))
    visit.trail.looked(Subject("export_list"))
    return page(visit, "/exports", query, rows, lambda row: _shown(visit, row))


@router.post("/exports", operation_id="createExport", status_code=201, response_model=schemas.Export)
async def create_export(visit: Annotated[Visit, allowed(P.EXPORT_CREATE)], body: schemas.ExportCreate) -> Any:
    """Ask for the records of one kind that the caller may see, for a reason.

    Its `content` is open for a while and may be fetched again in that time. Protected children are left out unless
    they are asked for and open to the caller.
    """
    return await _answer(visit, await service.create(visit, body))


@router.get("/exports/{exportId}", operation_id="getExport", response_model=schemas.Export)
async def get_export(visit: Visiting, row: Annotated[Row, export_row_for(P.EXPORT_READ)]) -> Any:
    """An export; `lines` tells how many a whole fetch has, so that a broken one is recognised."""
    return _present(visit, row)


@router.get(
    "/exports/{exportId}/content", operation_id="getExportContent", response_class=Ndjson,
    responses=Ndjson.documented("The records, a line each, in the form in which `POST /imports` reads them.", Csv),
)  # fmt: skip
async def get_export_content(
    request: Request, visit: Visiting, row: Annotated[Row, export_row_for(P.EXPORT_READ)]
) -> Any:
    """The records, as they are now and as the caller may see them now: a line each, as imports read them.

    Each page is in the access log before it leaves. An answer that breaks off was not whole: the connection ends
    without the last chunk (RFC 9112 section 8), and the export's `lines` and `fetchedAt` stay as they were.
    In tables a cell that a spreadsheet would run as a formula begins with an apostrophe; imports take it off again.
    """
    form = Ndjson if row["format"] == ExportFormat.NDJSON else Csv
    answer = paged(request, visit, service.reading(visit, row), form)
    kind, ending = row["record_kind"].replace("_", "-"), "ndjson" if form is Ndjson else "csv"
    answer.headers["content-disposition"] = f'attachment; filename="{kind}.{ending}"'
    return answer


routers = (router,)
