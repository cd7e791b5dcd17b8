"""The endpoint of the plan on paper."""

from typing import Annotated, Any

from fastapi import Query

from app.kernel.access import Visiting
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.http.files import Pdf
from app.permissions import Permission as P
from app.plan_documents import service
from app.plan_documents.access import version_to_print
from app.plan_documents.schemas import DocumentQuery

router = Router("plan-documents", Text("Planen på papper (PDF/UA).", "The plan on paper (PDF/UA)."))


@router.get(
    "/plans/{planId}/document", operation_id="getPlanDocument", response_class=Pdf,
    responses=Pdf.documented("A version of the plan as a tagged PDF."),
)  # fmt: skip
async def get_document(
    visit: Visiting, row: Annotated[Row, version_to_print(P.PLAN_READ)], query: Annotated[DocumentQuery, Query()]
) -> Any:
    """A version of the plan to print: for the family in plain words (R7.13), or for the professions."""
    paper = await service.document(visit, row["content"], query.form)
    # No name: a file's name is seen by others than its reader.
    return Pdf(paper, headers={"content-disposition": f'inline; filename="plan-{row["number"]}.pdf"'})


routers = (router,)
