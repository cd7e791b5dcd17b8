"""Endpoints of contact groups and their leaders."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.contact_groups import repository, schemas, service
from app.contact_groups.access import (
    creating_group,
    group_for,
    group_row_for,
    leader_for,
    leader_row_for,
    relations,
)
from app.contact_groups.models import GROUP_FLOW, ContactGroup, GroupLeader, GroupStatus, warnings
from app.kernel.access import Visiting, allowed
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound, Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import PageQuery, page, whole, window
from app.permissions import Permission as P
from app.permissions import Relation

router = Router(
    "contact-groups",
    Text("Kontaktgrupper, deras platser och ledare.", "Contact groups, their places and leaders."),
)

_PATH = "/contact-groups"
_READING = (
    Action("leaders", "GET", "/leaders", P.GROUP_READ),
    Action("sessions", "GET", "/sessions", P.SESSION_READ),
    Action("queue-entries", "GET", "/queue-entries", P.QUEUE_LIST),
    Action("places", "GET", "/places", P.PLACE_LIST),
    Action("follow-ups", "GET", "/follow-ups", P.GROUP_FOLLOW_UP_READ),
)
_RUNNING = (
    Action("edit", "PATCH", "", P.GROUP_MANAGE),
    Action("opening", "POST", "/opening", P.GROUP_MANAGE, "open"),
    Action("pause", "POST", "/pause", P.GROUP_MANAGE, "pause"),
    Action("resumption", "POST", "/resumption", P.GROUP_MANAGE, "resume"),
    Action("add-leader", "POST", "/leaders", P.GROUP_MANAGE),
    Action("add-session", "POST", "/sessions", P.SESSION_WRITE),
    Action("join-queue", "POST", "/queue-entries", P.QUEUE_JOIN),
)
#: While a place is free; to the first in line, or past others with a reason.
_GIVING = (Action("give-place", "POST", "/places", P.PLACE_GIVE),)
_ENDING = (Action("ending", "POST", "/ending", P.GROUP_MANAGE, "end"),)
_LEADER_ACTIONS = (Action("edit", "PATCH", "", P.GROUP_MANAGE),)
_LEADER_ENDING = (Action("ending", "POST", "/ending", P.GROUP_MANAGE),)


def _actions(row: Row) -> tuple[Action, ...]:
    if row["step"] == GroupStatus.ENDED:
        return _READING
    # What an expired offer holds is the next in line's before it is anybody else's.
    giving = _GIVING if row["step"] == GroupStatus.OPEN and row["giveable"] else ()
    running = (*_READING, *_RUNNING, *giving)
    return running if row["held"] else (*running, *_ENDING)


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    mine = relations(visit, row)
    own = Relation.OWN_UNIT in mine
    leaders = row["leaders"]
    neighbours = {"unit": f"/units/{row['unit_id']}"}
    return {
        **row,
        "waiting": row["waiting"] if own else None,
        "leaders": leaders if own else [{**one, "policeRecordCheckedOn": None} for one in leaders],
        "warnings": [] if row["step"] == GroupStatus.ENDED else warnings(len(leaders)),
        "links": links(
            visit, f"{_PATH}/{row['id']}", _actions(row), mine,
            workflow=GROUP_FLOW, status=row["step"], neighbours=neighbours,
        ),
    }  # fmt: skip


def _present(visit: Visit, row: Row) -> dict[str, Any]:
    visit.presents(f"{_PATH}/{row['id']}", row["version"])
    return _shown(visit, row)


async def _answer(visit: Visit, group_id: UUID) -> dict[str, Any]:
    row = await repository.group(visit.tx, group_id)
    if row is None:
        raise NotFound
    return _present(visit, row)


def _leader(visit: Visit, group: Row, row: Row) -> dict[str, Any]:
    mine = relations(visit, group)
    has_left = row["to_on"] is not None and row["to_on"] < stockholm_date(visit.now)
    return {
        **row,
        "police_record_checked_on": row["police_record_checked_on"] if Relation.OWN_UNIT in mine else None,
        "links": links(
            visit, f"{_PATH}/{group['id']}/leaders/{row['id']}",
            _LEADER_ACTIONS if has_left else (*_LEADER_ACTIONS, *_LEADER_ENDING), mine,
            neighbours={"contact-group": f"{_PATH}/{group['id']}"},
        ),
    }  # fmt: skip


async def _answer_leader(visit: Visit, group_id: UUID, leader_id: UUID) -> dict[str, Any]:
    group = await repository.group(visit.tx, group_id)
    row = await repository.leader(visit.tx, group_id, leader_id)
    if group is None or row is None:
        raise NotFound
    visit.presents(f"{_PATH}/{group_id}/leaders/{leader_id}", row["version"])
    return _leader(visit, group, row)


@router.get("/contact-groups", operation_id="listContactGroups", response_model=schemas.ContactGroupPage)
async def list_groups(
    visit: Annotated[Visit, allowed(P.GROUP_READ)], query: Annotated[schemas.ContactGroupQuery, Query()]
) -> Any:
    """Contact groups by municipality, unit, status, term and grade, with how many places are free; newest first."""
    frame = window(visit, query)
    rows = await repository.groups(visit.tx, frame)
    total = await repository.count(visit.tx, frame) if query.include_total else None
    return page(visit, _PATH, query, rows, lambda row: _shown(visit, row), total=total)


@router.post("/contact-groups", operation_id="createContactGroup", status_code=201, response_model=schemas.ContactGroup)
async def create_group(
    visit: Annotated[Visit, creating_group(P.GROUP_MANAGE)], body: schemas.ContactGroupCreate
) -> Any:
    """Plan a contact group of one's own unit; no place is offered before it is opened."""
    return await _answer(visit, await service.create_group(visit, body))


@router.get("/contact-groups/{groupId}", operation_id="getContactGroup", response_model=schemas.ContactGroup)
async def get_group(visit: Visiting, row: Annotated[Row, group_row_for(P.GROUP_READ)]) -> Any:
    """One contact group."""
    return _present(visit, row)


@router.patch("/contact-groups/{groupId}", operation_id="updateContactGroup", response_model=schemas.ContactGroup)
async def update_group(
    visit: Visiting, group: Annotated[ContactGroup, group_for(P.GROUP_MANAGE)], body: schemas.ContactGroupPatch
) -> Any:
    """Change a group, also how many places it has: never fewer than are taken or offered (R11.1)."""
    await service.change_group(visit, group, body)
    return await _answer(visit, group.id)


@router.post(
    "/contact-groups/{groupId}/opening", operation_id="openContactGroup", status_code=201,
    response_model=schemas.ContactGroup,
)  # fmt: skip
async def open_group(
    visit: Visiting, group: Annotated[ContactGroup, group_for(P.GROUP_MANAGE)], _body: schemas.GroupOpening
) -> Any:
    """Open a planned group: its places are offered from now on."""
    await service.open_group(visit, group)
    return await _answer(visit, group.id)


@router.post(
    "/contact-groups/{groupId}/pause", operation_id="pauseContactGroup", status_code=201,
    response_model=schemas.ContactGroup,
)  # fmt: skip
async def pause_group(
    visit: Visiting, group: Annotated[ContactGroup, group_for(P.GROUP_MANAGE)], body: schemas.GroupPause
) -> Any:
    """Pause a group: no places are offered for a while, and whoever has one keeps it."""
    await service.pause_group(visit, group, body.reason)
    return await _answer(visit, group.id)


@router.post(
    "/contact-groups/{groupId}/resumption", operation_id="resumeContactGroup", status_code=201,
    response_model=schemas.ContactGroup,
)  # fmt: skip
async def resume_group(
    visit: Visiting, group: Annotated[ContactGroup, group_for(P.GROUP_MANAGE)], _body: schemas.GroupResumption
) -> Any:
    """Go on with a paused group: its places are offered again."""
    await service.resume_group(visit, group)
    return await _answer(visit, group.id)


@router.post(
    "/contact-groups/{groupId}/ending", operation_id="endContactGroup", status_code=201,
    response_model=schemas.ContactGroup,
)  # fmt: skip
async def end_group(
    visit: Visiting, group: Annotated[ContactGroup, group_for(P.GROUP_MANAGE)], body: schemas.GroupEnding
) -> Any:
    """End a group in which no place is taken or offered; those who wait leave the line (R11.6)."""
    await service.end_group(visit, group, body.reason)
    return await _answer(visit, group.id)


@router.get(
    "/contact-groups/{groupId}/leaders", operation_id="listGroupLeaders", response_model=schemas.GroupLeaderPage
)
async def list_leaders(
    visit: Visiting, row: Annotated[Row, group_row_for(P.GROUP_READ)], query: Annotated[PageQuery, Query()]
) -> Any:
    """Who leads a group, did, and will; the earliest first."""
    rows = await repository.leaders(visit.tx, row["id"])
    path = f"{_PATH}/{row['id']}/leaders"
    return whole(visit, path, query, rows, lambda leader: _leader(visit, row, leader), descending=False)


@router.post(
    "/contact-groups/{groupId}/leaders", operation_id="addGroupLeader", status_code=201,
    response_model=schemas.GroupLeader,
)  # fmt: skip
async def add_leader(
    visit: Visiting, group: Annotated[ContactGroup, group_for(P.GROUP_MANAGE)], body: schemas.GroupLeaderCreate
) -> Any:
    """Somebody employed by social services, whose police record extract has been seen, leads the group (R11.2)."""
    return await _answer_leader(visit, group.id, await service.add_leader(visit, group, body))


@router.get(
    "/contact-groups/{groupId}/leaders/{leaderId}", operation_id="getGroupLeader", response_model=schemas.GroupLeader
)
async def get_leader(visit: Visiting, row: Annotated[Row, leader_row_for(P.GROUP_READ)]) -> Any:
    """One leader of a group."""
    return await _answer_leader(visit, row["group_id"], row["id"])


@router.patch(
    "/contact-groups/{groupId}/leaders/{leaderId}", operation_id="updateGroupLeader",
    response_model=schemas.GroupLeader,
)  # fmt: skip
async def update_leader(
    visit: Visiting, leader: Annotated[GroupLeader, leader_for(P.GROUP_MANAGE)], body: schemas.GroupLeaderPatch
) -> Any:
    """State a new check of the police records, or another last day."""
    await service.change_leader(visit, leader, body)
    return await _answer_leader(visit, leader.group_id, leader.id)


@router.post(
    "/contact-groups/{groupId}/leaders/{leaderId}/ending", operation_id="endGroupLeader", status_code=201,
    response_model=schemas.GroupLeader,
)  # fmt: skip
async def end_leader(
    visit: Visiting, leader: Annotated[GroupLeader, leader_for(P.GROUP_MANAGE)], body: schemas.GroupLeaderEnding
) -> Any:
    """Somebody leads the group no more; that they did is kept."""
    await service.end_leader(visit, leader, body)
    return await _answer_leader(visit, leader.group_id, leader.id)


routers = (router,)
