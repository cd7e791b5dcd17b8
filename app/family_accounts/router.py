"""Endpoints of family accounts."""

from typing import Annotated, Any

from app.family_accounts import schemas, service
from app.guardians.access import guardianship_to_serve
from app.kernel.access import Visiting
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import links
from app.people.access import child_to_serve
from app.permissions import Permission, Role

P = Permission
router = Router(
    "family-accounts",
    Text("Familjens egna inloggningar.", "The family's own sign-ins."),
)


async def _given(
    visit: Visiting, path: str, child: Row, person: Row, role: Role, body: schemas.AccountCreate
) -> dict[str, Any]:
    user_id = await service.give_account(visit, child, person, role, body)
    visit.presents(path)
    return {"user_id": user_id, "role": role, "links": links(visit, path, (), frozenset())}


@router.post(
    "/children/{childId}/account", operation_id="giveChildAccount", status_code=201, response_model=schemas.Account
)
async def give_child_account(
    visit: Visiting, child: Annotated[Row, child_to_serve(P.ACCOUNT_GIVE)], body: schemas.AccountCreate
) -> Any:
    """Give the young person a sign-in of their own. It lasts beyond the 18th birthday (R2.9)."""
    return await _given(visit, f"/children/{child['id']}", child, child, Role.YOUNG_PERSON, body)


@router.post(
    "/children/{childId}/guardians/{guardianshipId}/account",
    operation_id="giveGuardianAccount",
    status_code=201,
    response_model=schemas.Account,
)
async def give_guardian_account(
    visit: Visiting,
    found: Annotated[tuple[Row, Row], guardianship_to_serve(P.ACCOUNT_GIVE)],
    body: schemas.AccountCreate,
) -> Any:
    """Give a guardian a sign-in. What it opens ends with custody, and on the child's 18th birthday (R2.9)."""
    child, guardian = found
    path = f"/children/{child['id']}/guardians/{guardian['id']}"
    return await _given(visit, path, child, guardian, Role.GUARDIAN, body)


routers = (router,)
