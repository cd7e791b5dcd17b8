"""The endpoint that adds a child with those around it."""

from typing import Annotated, Any

from app.kernel.access import allowed
from app.kernel.context import Visit
from app.kernel.http.door import Router
from app.newcomers import schemas, service
from app.people import schemas as child_schemas
from app.people.router import answer
from app.permissions import Permission as P

children = Router("children")


@children.post("/children", operation_id="createChild", status_code=201, response_model=child_schemas.Child)
async def create_child(visit: Annotated[Visit, allowed(P.CHILD_CREATE)], body: schemas.ChildCreate) -> Any:
    """Add a child, with identifiers and guardians if they are known. The caller's unit owns the record (R2.2)."""
    return await answer(visit, await service.create_child(visit, body))


routers = (children,)
