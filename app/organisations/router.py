"""Endpoints of the directory: municipalities, authorities, units, users, assignments, and who I am."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Path as PathParam
from fastapi import Query

from app.kernel.access import Visiting, allowed
from app.kernel.context import Visit
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, whole, window
from app.organisations import repository, schemas, service
from app.organisations.access import ANYONE, record_for, row_for
from app.organisations.models import Assignment, Authority, Unit, User
from app.permissions import TABLE, Permission, Role, may_ever

municipalities = Router(
    "municipalities",
    Text("Länets kommuner, med fyrsiffrig kommunkod.", "The county's municipalities, by four-digit code."),
)
authorities = Router(
    "authorities",
    Text(
        "Nämnder och andra myndigheter: den som ansvarar för det som enheterna antecknar.",
        "Authorities and boards: the controllers of what their units record.",
    ),
)
units = Router(
    "units",
    Text(
        "Enheter: skolor, mottagningar och socialtjänstens grupper.",
        "Units: schools, clinics and social services' groups.",
    ),
)
users = Router("users", Text("Personer och system som loggar in.", "People and systems that sign in."))
assignments = Router(
    "assignments",
    Text(
        "Uppdrag: vem som arbetar var, i vilken roll, från och till.",
        "Assignments: who works where, in which role, from and to.",
    ),
)
me = Router("me", Text("Den som anropar: uppdrag och rättigheter.", "The caller: assignments and permissions."))

P = Permission
_PATHS = {"authority": "/authorities", "unit": "/units", "user": "/users", "assignment": "/assignments"}
_EDIT = {
    kind: (Action("edit", "PATCH", "", P.USER_MANAGE if kind in ("user", "assignment") else P.ORGANISATION_MANAGE),)
    for kind in _PATHS
}
_PARENTS: dict[str, Callable[[dict[str, Any]], dict[str, str]]] = {
    "authority": lambda _row: {},
    "unit": lambda row: {"authority": f"/authorities/{row['authority_id']}"},
    "user": lambda row: {"assignments": f"/assignments?userId={row['id']}"},
    "assignment": lambda row: {"user": f"/users/{row['user_id']}"},
}


def _shown(visit: Visit, kind: str, row: dict[str, Any]) -> dict[str, Any]:
    path = f"{_PATHS[kind]}/{row['id']}"
    return {**row, "links": links(visit, path, _EDIT[kind], ANYONE, neighbours=_PARENTS[kind](row))}


async def _answer(visit: Visit, kind: str, record_id: Any) -> dict[str, Any]:
    row = await repository.one_of(visit.tx, kind, record_id)
    return _present(visit, kind, row or {})


def _present(visit: Visit, kind: str, row: dict[str, Any]) -> dict[str, Any]:
    visit.presents(f"{_PATHS[kind]}/{row['id']}", row["version"])
    return _shown(visit, kind, row)


async def _page(visit: Visit, kind: str, query: PageQuery, *, scoped: bool = False) -> dict[str, Any]:
    scope = visit.actor.authority_id if scoped and visit.actor.role is not Role.SYSTEM_ADMIN else None
    rows = await repository.list_of(visit.tx, kind, window(visit, query), scope)
    return page(visit, _PATHS[kind], query, rows, lambda row: _shown(visit, kind, row))


@municipalities.get("/municipalities", operation_id="listMunicipalities", response_model=schemas.MunicipalityPage)
async def list_municipalities(
    visit: Annotated[Visit, allowed(P.ORGANISATION_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """The nine municipalities of the county, with what the sources say of each and nothing more."""
    rows = await repository.municipalities(visit.tx)
    shown = [{**row, "links": _of_municipality(visit, row)} for row in rows]
    return whole(visit, "/municipalities", query, shown, dict, descending=False)


def _of_municipality(visit: Visit, row: dict[str, Any]) -> Any:
    return links(visit, f"/municipalities/{row['code']}", (), ANYONE)


@municipalities.get(
    "/municipalities/{municipalityCode}", operation_id="getMunicipality", response_model=schemas.Municipality
)
async def get_municipality(
    visit: Annotated[Visit, allowed(P.ORGANISATION_READ)],
    municipality_code: Annotated[str, PathParam(alias="municipalityCode", pattern="^[0-9]{4}$")],
) -> Any:
    """One municipality by its four-digit code."""
    row = next((row for row in await repository.municipalities(visit.tx) if row["code"] == municipality_code), None)
    if row is None:
        raise NotFound
    return {**row, "links": _of_municipality(visit, row)}


@authorities.get("/authorities", operation_id="listAuthorities", response_model=schemas.AuthorityPage)
async def list_authorities(
    visit: Annotated[Visit, allowed(P.ORGANISATION_READ)], query: Annotated[schemas.AuthorityQuery, Query()]
) -> Any:
    """Authorities (nämnder) by sector and municipality."""
    return await _page(visit, "authority", query)


@authorities.post("/authorities", operation_id="createAuthority", status_code=201, response_model=schemas.Authority)
async def create_authority(
    visit: Annotated[Visit, allowed(P.ORGANISATION_MANAGE)], body: schemas.AuthorityCreate
) -> Any:
    """Add an authority. A private school or preschool is its own controller (R1.5)."""
    return await _answer(visit, "authority", await service.create_authority(visit, body))


@authorities.get("/authorities/{authorityId}", operation_id="getAuthority", response_model=schemas.Authority)
async def get_authority(visit: Visiting, row: Annotated[Any, row_for("authority", P.ORGANISATION_READ)]) -> Any:
    """One authority."""
    return _present(visit, "authority", row)


@authorities.patch("/authorities/{authorityId}", operation_id="updateAuthority", response_model=schemas.Authority)
async def update_authority(
    visit: Visiting,
    authority: Annotated[Authority, record_for("authority", P.ORGANISATION_MANAGE)],
    body: schemas.AuthorityPatch,
) -> Any:
    """Change an authority's name, sector or secrecy regime."""
    await service.change(visit, authority, "authority", body.stated)
    return await _answer(visit, "authority", authority.id)


@units.get("/units", operation_id="listUnits", response_model=schemas.UnitPage)
async def list_units(
    visit: Annotated[Visit, allowed(P.ORGANISATION_READ)], query: Annotated[schemas.UnitQuery, Query()]
) -> Any:
    """Units by authority, municipality and type."""
    return await _page(visit, "unit", query)


@units.post("/units", operation_id="createUnit", status_code=201, response_model=schemas.Unit)
async def create_unit(visit: Annotated[Visit, allowed(P.ORGANISATION_MANAGE)], body: schemas.UnitCreate) -> Any:
    """Add a unit to an authority."""
    return await _answer(visit, "unit", await service.create_unit(visit, body))


@units.get("/units/{unitId}", operation_id="getUnit", response_model=schemas.Unit)
async def get_unit(visit: Visiting, row: Annotated[Any, row_for("unit", P.ORGANISATION_READ)]) -> Any:
    """One unit."""
    return _present(visit, "unit", row)


@units.patch("/units/{unitId}", operation_id="updateUnit", response_model=schemas.Unit)
async def update_unit(
    visit: Visiting, unit: Annotated[Unit, record_for("unit", P.ORGANISATION_MANAGE)], body: schemas.UnitPatch
) -> Any:
    """Change a unit; null removes a value."""
    await service.change(visit, unit, "unit", body.stated)
    return await _answer(visit, "unit", unit.id)


@users.get("/users", operation_id="listUsers", response_model=schemas.UserPage)
async def list_users(
    visit: Annotated[Visit, allowed(P.USER_LIST)], query: Annotated[schemas.UserQuery, Query()]
) -> Any:
    """Users of the caller's own authority; all of them for a system administrator."""
    return await _page(visit, "user", query, scoped=True)


@users.post("/users", operation_id="createUser", status_code=201, response_model=schemas.User)
async def create_user(visit: Annotated[Visit, allowed(P.USER_MANAGE)], body: schemas.UserCreate) -> Any:
    """Add a person or a system. Without an assignment it can do nothing."""
    return await _answer(visit, "user", await service.create_user(visit, body))


@users.get("/users/{userId}", operation_id="getUser", response_model=schemas.User)
async def get_user(visit: Visiting, row: Annotated[Any, row_for("user", P.USER_READ)]) -> Any:
    """One user."""
    return _present(visit, "user", row)


@users.patch("/users/{userId}", operation_id="updateUser", response_model=schemas.User)
async def update_user(
    visit: Visiting, user: Annotated[User, record_for("user", P.USER_MANAGE)], body: schemas.UserPatch
) -> Any:
    """Change a user; ``active: false`` stops all access at once."""
    await service.change(visit, user, "user", body.stated)
    return await _answer(visit, "user", user.id)


@assignments.get("/assignments", operation_id="listAssignments", response_model=schemas.AssignmentPage)
async def list_assignments(
    visit: Annotated[Visit, allowed(P.USER_LIST)], query: Annotated[schemas.AssignmentQuery, Query()]
) -> Any:
    """Assignments (uppdrag) in the caller's own authority; all of them for a system administrator."""
    return await _page(visit, "assignment", query, scoped=True)


@assignments.post("/assignments", operation_id="createAssignment", status_code=201, response_model=schemas.Assignment)
async def create_assignment(visit: Annotated[Visit, allowed(P.USER_MANAGE)], body: schemas.AssignmentCreate) -> Any:
    """Give a user a role in a unit, from and to."""
    return await _answer(visit, "assignment", await service.create_assignment(visit, body))


@assignments.get("/assignments/{assignmentId}", operation_id="getAssignment", response_model=schemas.Assignment)
async def get_assignment(visit: Visiting, row: Annotated[Any, row_for("assignment", P.USER_READ)]) -> Any:
    """One assignment."""
    return _present(visit, "assignment", row)


@assignments.patch("/assignments/{assignmentId}", operation_id="updateAssignment", response_model=schemas.Assignment)
async def update_assignment(
    visit: Visiting,
    assignment: Annotated[Assignment, record_for("assignment", P.USER_MANAGE)],
    body: schemas.AssignmentPatch,
) -> Any:
    """End an assignment, or let it go on. Access stops at that instant, also in open sessions (R1.3)."""
    await service.end_assignment(visit, assignment, body.valid_to)
    return await _answer(visit, "assignment", assignment.id)


@me.get("/me", operation_id="getMe", response_model=schemas.Me)
async def get_me(visit: Annotated[Visit, allowed(P.ME_READ)]) -> Any:
    """Who I am here: my assignment in this request, my other ones, and what my role may do."""
    actor = visit.actor
    rows = await repository.assignments_of_user(visit.tx, actor.user_id, visit.now)
    mine = next(row for row in rows if row["id"] == actor.assignment.id)
    allowed_deeds = [permission for permission in TABLE if may_ever(actor.role, permission)]
    return {
        "user_id": actor.user_id,
        "name": actor.name,
        "assignment": mine,
        "assignments": rows,
        "permissions": allowed_deeds,
        "links": links(visit, "/me", (), ANYONE, neighbours={"cases": "/cases", "deadlines": "/deadlines"}),
    }


routers = (me, municipalities, authorities, units, users, assignments)
