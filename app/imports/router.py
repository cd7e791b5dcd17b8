"""Endpoints of imports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request

from app.exchange.adapters import ADAPTERS
from app.imports import repository, schemas, service, worker
from app.imports.access import import_for, import_row_for
from app.imports.engine import deeds_of
from app.imports.models import IMPORT_FLOW, Import
from app.imports.reading import KIND_FIELD
from app.kernel.access import OWN, Visiting, allowed
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.http.streams import Ndjson, UploadForm, paged, receives
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.kernel.uploads import Upload
from app.permissions import Permission as P

router = Router(
    "imports",
    Text(
        "Inläsning av filer: NDJSON eller CSV, rad för rad med svar.",
        "Files of records, NDJSON or CSV, with an answer to each line.",
    ),
)

FORM = UploadForm(
    {
        "application/x-ndjson": (
            '{"recordKind": "child", "sourceSystem": "elevregister", "sourceId": "4711", "givenName": "Alma", '
            '"familyName": "Sandell", "birthDate": "2014-05-06", "municipalityCode": "0461"}\n'
            '{"recordKind": "case", "sourceSystem": "elevregister", "sourceId": "4711-1", "childSourceId": "4711", '
            '"entryRoute": "professional", "reasonText": "Hög frånvaro under hösten."}\n'
        ),
        service.CSV: (
            "sourceSystem;sourceId;givenName;familyName;birthDate;municipalityCode\r\n"
            "elevregister;4711;Alma;Sandell;2014-05-06;0461\r\n"
        ),
    },
    "import_limit_bytes",
    lines={kind: adapter.entry for kind, adapter in ADAPTERS.items()},
    tag=KIND_FIELD,
    later=[worker.work, *(deed for adapter in ADAPTERS.values() for deed in deeds_of(adapter))],
)
_ACTIONS = (Action("cancellation", "POST", "/cancellation", P.IMPORT_CANCEL, "cancel"),)
_SECONDS_TO_WAIT = "1"


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    path = f"/imports/{row['id']}"
    return {
        **row,
        "counts": service.shown_counts(row),
        "links": links(
            visit, path, _ACTIONS, OWN, workflow=IMPORT_FLOW, status=row["status"],
            neighbours={"results": f"{path}/results"},
        ),
    }  # fmt: skip


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"/imports/{row['id']}")
    if row["finished_at"] is None:
        visit.headers["retry-after"] = _SECONDS_TO_WAIT
    return _shown(visit, row)


async def _answer(visit: Visit, import_id: UUID) -> dict[str, Any]:
    row = await repository.one(visit.tx, import_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


@router.get("/imports", operation_id="listImports", response_model=schemas.ImportPage)
async def list_imports(
    visit: Annotated[Visit, allowed(P.IMPORT_LIST)], query: Annotated[schemas.ImportQuery, Query()]
) -> Any:
    """The caller's own imports, newest first."""
    rows = await repository.mine(visit.tx, window(visit, query))
    visit.trail.looked(Subject("import_list"))
    return page(visit, "/imports", query, rows, lambda row: _shown(visit, row))


@router.post("/imports", operation_id="createImport", status_code=202, response_model=schemas.Import)
async def create_import(
    visit: Annotated[Visit, allowed(P.IMPORT_CREATE)],
    wanted: Annotated[schemas.ImportParameters, Query()],
    upload: Annotated[Upload, receives(FORM)],
) -> Any:
    """Hand in a file of records: a line each, by the same rules and rights as by hand.

    It is imported in the background; `Location` tells how far it has come, and its `results` answer each line. Records
    are known by `sourceSystem` and `sourceId`: lines refer to those of earlier lines, and to what is there already, by
    `<noun>SourceId`. The same file with the same parameters is the same import, however often it is sent, unless that
    one failed or was cancelled; with an `Idempotency-Key` the key decides, and a new key imports the file once more.
    NDJSON and CSV (comma, semicolon or tab; the columns are the fields, nested ones dotted) are UTF-8, with or without
    a byte order mark.
    """
    submitted = await service.submit(visit, upload, wanted)
    if submitted.replayed:
        visit.trail.replayed()
        visit.headers["idempotency-replayed"] = "true"
    return await _answer(visit, submitted.import_id)


@router.get("/imports/{importId}", operation_id="getImport", response_model=schemas.Import)
async def get_import(visit: Visiting, row: Annotated[Row, import_row_for(P.IMPORT_READ)]) -> Any:
    """How far an import has come. `Retry-After` says when to ask again, until it has ended."""
    return _present(visit, row)


@router.get(
    "/imports/{importId}/results", operation_id="getImportResults", response_class=Ndjson,
    responses=Ndjson.of(schemas.LineResult),
)  # fmt: skip
async def get_import_results(
    request: Request,
    visit: Visiting,
    row: Annotated[Row, import_row_for(P.IMPORT_READ)],
    query: Annotated[schemas.ResultQuery, Query()],
) -> Any:
    """What became of each line, in the order of the file, as NDJSON; while the import runs, of those answered so far.

    An atomic import and a dry run have no answers before they have ended. Branch on `problem.code`, which is what a
    request with the line's content would be answered with.
    """
    after, wanted = -1, set(query.status)

    async def read(inside: Visit) -> bytes | None:
        nonlocal after
        found = await service.results(inside, row["id"], after, wanted)
        if found is None:
            return None
        after, lines = found
        return lines

    return paged(request, visit, read)


@router.post(
    "/imports/{importId}/cancellation", operation_id="cancelImport", status_code=201, response_model=schemas.Import
)
async def cancel_import(visit: Visiting, job: Annotated[Import, import_for(P.IMPORT_CANCEL)]) -> Any:
    """Stop after the lines that are being imported; an atomic import leaves nothing. The others are not applied."""
    await service.end(visit, job, "cancel")
    return await _answer(visit, job.id)


routers = (router,)
