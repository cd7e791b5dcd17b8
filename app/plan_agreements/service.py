"""Who stands behind a plan, and the deed of accepting one's own part of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.guardians import service as guardians
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.ids import new_id
from app.organisations import service as organisations
from app.permissions import Role
from app.plan_agreements import repository, schemas
from app.plan_agreements.models import (
    AcceptanceState,
    CommitmentsChanged,
    NothingToAccept,
    PartyKind,
    PlanAcceptance,
    state_of,
)
from app.plan_contents import service as contents
from app.plan_contents.models import ActionPrincipal
from app.plans.models import Plan


def commitments_of(actions: Iterable[Row]) -> dict[UUID | None, dict[str, int]]:
    """What each unit, and the family under None, has committed itself to. Others have nobody here who could accept."""
    return contents.commitments_of(row for row in actions if row["own_effort"] or row["unit_id"] is not None)


async def parties_of(visit: Visit, plan_id: UUID, actions: Sequence[Row]) -> list[Row]:
    """The units with commitments among these actions, and the family; each with how it has accepted."""
    standing, latest = commitments_of(actions), _latest(await repository.acceptances(visit.tx, plan_id))
    found = [
        await _unit(visit, unit_id, actions) | _accepted(latest.get((unit_id, None)), commitments)
        for unit_id, commitments in standing.items() if unit_id is not None
    ]  # fmt: skip
    for person in await family_of(visit, plan_id):
        own_efforts = standing.get(None, {})
        found.append(_person(person) | _accepted(latest.get((None, person["person_key"])), own_efforts))
    return found


async def family_of(visit: Visit, plan_id: UUID) -> list[Row]:
    """The child, and its guardians while it has any, as far as they may be contacted (R2.9)."""
    return [
        row for row in await repository.family(visit.tx, plan_id)
        if row["standing"] == PartyKind.CHILD or guardians.majority(row["birth_date"]) > visit.now
    ]  # fmt: skip


def _latest(acceptances: Iterable[Row]) -> dict[tuple[UUID | None, UUID | None], Row]:
    found: dict[tuple[UUID | None, UUID | None], Row] = {}
    for row in acceptances:
        found.setdefault((row["unit_id"], row["person_key"]), row)
    return found


async def _unit(visit: Visit, unit_id: UUID, actions: Sequence[Row]) -> dict[str, Any]:
    unit = await organisations.unit(visit.tx, unit_id) or {}
    own = [row for row in actions if row["unit_id"] == unit_id]
    return {
        "kind": PartyKind.UNIT, "unit_id": unit_id, "unit_name": unit.get("name"), "phone": unit.get("phone"),
        "authority_id": unit.get("authority_id"), "authority_name": unit.get("authority_name"), "name": None,
        "principal": own[0]["principal"], "person_key": None,
        "contact_name": next((row["responsible_name"] for row in own if row["responsible_name"]), None),
    }  # fmt: skip


def _person(row: Row) -> dict[str, Any]:
    nothing = dict.fromkeys(("unit_id", "unit_name", "phone", "authority_id", "authority_name", "contact_name"))
    return nothing | {
        "kind": PartyKind(row["standing"]), "name": row["full_name"] if row["known"] else None,
        "principal": ActionPrincipal.FAMILY, "person_key": row["person_key"],
    }  # fmt: skip


def _accepted(acceptance: Row | None, standing: Mapping[str, int]) -> dict[str, Any]:
    given = acceptance or dict.fromkeys(("commitments", "accepted_at", "accepted_by", "accepted_by_name"))
    return {
        "commitments": len(standing), "accepted": state_of(given["commitments"], standing),
        **{name: given[name] for name in ("accepted_at", "accepted_by", "accepted_by_name")},
    }  # fmt: skip


async def approvals_of(visit: Visit, plan_id: UUID) -> list[Row]:
    """Every acceptance, newest first, and whether it is for what stands now."""
    standing = commitments_of(await contents.actions_of(visit.tx, plan_id))
    rows = await repository.acceptances(visit.tx, plan_id)
    newest = {row["id"] for row in _latest(rows).values()}
    return [_approval(row, standing, row["id"] in newest) for row in rows]


def _approval(row: Row, standing: Mapping[UUID | None, dict[str, int]], newest: bool) -> Row:
    state = state_of(row["commitments"], standing.get(row["unit_id"], {}))
    return {
        **row, "kind": PartyKind(row["standing"] or PartyKind.UNIT),
        "current": newest and state is AcceptanceState.CURRENT,
        "commitments": [{"action_id": key, "commitment": value} for key, value in row["commitments"].items()],
    }  # fmt: skip


async def accept(visit: Visit, plan: Plan, body: schemas.ApprovalCreate) -> UUID:
    """The caller's unit, or the family member in person, accepts its own part as it stands (R7.2).

    Raises ``PlanIsNotWritable``, ``NothingToAccept``, ``CommitmentsChanged``.
    """
    plan.require_writable()
    family = visit.actor.is_family
    standing = commitments_of(await contents.actions_of(visit.tx, plan.id))
    own = standing.get(None if family else visit.actor.unit_id, {})
    if not own and not family:
        raise NothingToAccept
    if body.commitments is not None and {str(key): value for key, value in body.commitments.items()} != own:
        raise CommitmentsChanged
    acceptance = PlanAcceptance(
        id=new_id(), case_id=plan.case_id, plan_id=plan.id, commitments=own, accepted_at=visit.now,
        accepted_by=visit.actor.user_id, **(_as_family(visit, plan) if family else _as_unit(visit, plan)),
    )  # fmt: skip
    visit.tx.session.add(acceptance)
    visit.trail.changed(acceptance.named("plan_acceptance", plan.child_id), "commitments", action="plan:accept")
    await visit.tx.session.flush()
    return acceptance.id


def _as_family(visit: Visit, plan: Plan) -> dict[str, Any]:
    child = visit.actor.role is Role.YOUNG_PERSON
    standing = PartyKind.CHILD if child else PartyKind.GUARDIAN
    return {"person_key": visit.actor.person_id, "standing": standing, **plan.ownership}


def _as_unit(visit: Visit, plan: Plan) -> dict[str, Any]:
    return {"unit_id": visit.actor.unit_id, **visit.ownership(plan.municipality_code)}
