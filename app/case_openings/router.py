"""The endpoint that opens a case."""

from typing import Annotated, Any

from app.case_openings import service
from app.cases import schemas
from app.cases.router import answer
from app.kernel.access import allowed
from app.kernel.context import Visit
from app.kernel.http.door import Router
from app.permissions import Permission as P

router = Router("cases")


@router.post("/cases", operation_id="createCase", status_code=201, response_model=schemas.Case)
async def create_case(visit: Annotated[Visit, allowed(P.CASE_CREATE)], body: schemas.CaseCreate) -> Any:
    """Open a case about a child of the caller's unit, as a draft. No consent is needed (R3.1)."""
    return await answer(visit, await service.open_case(visit, body))


routers = (router,)
