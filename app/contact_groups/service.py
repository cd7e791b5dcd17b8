"""Deeds about contact groups and their leaders, and what other packages may ask of them."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from app.contact_groups import repository, schemas
from app.contact_groups.models import (
    ContactGroup,
    GroupEnded,
    GroupHasPlaces,
    GroupLeader,
    GroupStatus,
    LeaderNotEmployedBySocialServices,
    NotSocialServices,
)
from app.kernel import circles
from app.kernel.clock import start_of_day, stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.kernel.paging import onward
from app.kernel.reactions import tell
from app.organisations import service as organisations
from app.organisations.models import Sector, UnknownMunicipality
from app.places import service as places
from app.places.line import Moving

#: What a caller states about a group's pool of places, and what the pool calls it.
_POOL = {"capacity": "capacity", "offer_days": "offer_days", "automatic_offers": "automatic"}


async def group_of(tx: Transaction, group_id: UUID) -> Row | None:
    """A group with its unit, authority, grades, places, and the users who lead it today (``leaders_now``)."""
    return await repository.group(tx, group_id)


async def lines(tx: Transaction, after: UUID | None, limit: int, municipality_code: str | None = None) -> list[Row]:
    """The next groups of the caller's unit in the order of their ids; ``led_by``: who leads each today, and will."""
    filters = {"municipality_code": [municipality_code]} if municipality_code else {}
    rows = await repository.lines(tx, onward(after, limit, **filters))
    led_by: dict[UUID, list[Row]] = {row["id"]: [] for row in rows}
    for leader in await repository.leaders_from_now_on(tx, list(led_by)):
        led_by[leader["group_id"]].append(leader)
    return [{**row, "led_by": led_by[row["id"]]} for row in rows]


async def of_authority(tx: Transaction, ids: Iterable[UUID], authority_id: UUID) -> set[UUID]:
    """Which of these groups an authority holds."""
    return await repository.of_authority(tx, ids, authority_id)


async def leaders_of(tx: Transaction, group_id: UUID) -> list[Row]:
    """Who leads a group, did, and will, the earliest first."""
    return await repository.leaders(tx, group_id)


async def is_leader(tx: Transaction, group_id: UUID, user_id: UUID, on: date) -> bool:
    """Whether a user leads a group on a day."""
    return user_id in await repository.leading_on(tx, group_id, on)


async def leaders_on(tx: Transaction, group_id: UUID, on: date) -> int:
    """How many lead a group on a day (R11.2)."""
    return len(await repository.leading_on(tx, group_id, on))


async def create_group(visit: Visit, body: schemas.ContactGroupCreate) -> UUID:
    """A planned group of the caller's unit, with its places and a circle of its own.

    Raises ``NotSocialServices``, ``UnknownMunicipality``, ``GradesDoNotFit``, ``TimesDoNotFit``.
    """
    acting, settings = visit.actor.assignment, visit.settings
    if acting.sector != Sector.SOCIAL:
        raise NotSocialServices
    stated = body.model_dump(exclude=set(_POOL), exclude_none=True)
    values = {
        "municipality_code": acting.municipality_code,
        "grade_min": settings.contact_group_grade_min,
        "grade_max": settings.contact_group_grade_max,
        **stated,
    }
    if values["municipality_code"] is None:
        raise UnknownMunicipality
    await organisations.require_municipality(visit.tx, values["municipality_code"])
    group = ContactGroup(
        id=new_id(), unit_id=visit.actor.unit_id, status=GroupStatus.PLANNED, created_at=visit.now, **values
    )
    group.require_order()
    visit.tx.session.add(group)
    visit.trail.changed(group.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    await circles.open_circle(visit.tx, group.id)
    await places.open_pool(
        Moving.of(visit), group.id, capacity=body.capacity or settings.contact_group_capacity,
        offer_days=body.offer_days or settings.place_offer_days, automatic=body.automatic_offers, offering=False,
    )  # fmt: skip
    return group.id


async def change_group(visit: Visit, group: ContactGroup, body: schemas.ContactGroupPatch) -> None:
    """Apply the stated fields. Raises ``GroupHasEnded``, ``GradesDoNotFit``, ``TimesDoNotFit``, ``PlacesAreTaken``."""
    stated = body.stated
    pool = {_POOL[name]: stated.pop(name) for name in _POOL.keys() & stated.keys()}
    group.change(stated)
    visit.trail.changed(group.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    if pool:
        await places.configure(Moving.of(visit), group.id, **pool)


async def open_group(visit: Visit, group: ContactGroup) -> None:
    """Places are offered from now on."""
    await _step(visit, group, "open")


async def pause_group(visit: Visit, group: ContactGroup, reason: str) -> None:
    """No places are offered for a while."""
    await _step(visit, group, "pause", reason)


async def resume_group(visit: Visit, group: ContactGroup) -> None:
    """Places are offered again."""
    await _step(visit, group, "resume")


async def end_group(visit: Visit, group: ContactGroup, reason: str) -> None:
    """The group is no more; those who still wait are told above. Raises ``GroupHasPlaces``."""
    await _step(visit, group, "end", reason)
    pool = await places.pool_of(visit.tx, group.id)
    if pool is None or pool["taken"] or pool["offered"]:
        raise GroupHasPlaces
    await tell(visit, GroupEnded(group.id, reason))


async def _step(visit: Visit, group: ContactGroup, deed: str, reason: str | None = None) -> None:
    group.step(deed, visit.now, reason)
    visit.trail.changed(group.subject, "status", reason=reason)
    await visit.tx.session.flush()
    await places.configure(Moving.of(visit), group.id, offering=group.status == GroupStatus.OPEN)


async def add_leader(visit: Visit, group: ContactGroup, body: schemas.GroupLeaderCreate) -> UUID:
    """Somebody leads the group from a day on.

    Raises ``GroupHasEnded``, ``PoliceCheckInTheFuture``, ``LeaderEndsBeforeBeginning``,
    ``LeaderNotEmployedBySocialServices``, ``AlreadyLeader``, ``TooManyLeaders``.
    """
    group.require_running()
    today = stockholm_date(visit.now)
    values = {**body.model_dump(), "from_on": body.from_on or today}
    leader = GroupLeader(id=new_id(), group_id=group.id, **values)
    leader.require_order(today)
    await _require_social_worker(visit, leader)
    await _require_room(visit, leader)
    visit.tx.session.add(leader)
    visit.trail.changed(leader.subject, *values)
    await visit.tx.session.flush()
    return leader.id


async def change_leader(visit: Visit, leader: GroupLeader, body: schemas.GroupLeaderPatch) -> None:
    """A new police record check, or another last day.

    Raises ``PoliceCheckInTheFuture``, ``LeaderEndsBeforeBeginning``, ``AlreadyLeader``, ``TooManyLeaders``.
    """
    for name, value in body.stated.items():
        setattr(leader, name, value)
    leader.require_order(stockholm_date(visit.now))
    await _require_room(visit, leader)
    visit.trail.changed(leader.subject, *body.stated)
    await visit.tx.session.flush()


async def end_leader(visit: Visit, leader: GroupLeader, body: schemas.GroupLeaderEnding) -> None:
    """Somebody leads the group no more.

    Raises ``LeaderHasLeft``, ``LeaderEndsBeforeBeginning``, and when the last day is moved on, as ``change_leader``.
    """
    today = stockholm_date(visit.now)
    leader.end(body.last_on or today, today)
    await _require_room(visit, leader)
    visit.trail.changed(leader.subject, "to_on", reason=body.reason)
    await visit.tx.session.flush()


async def _require_social_worker(visit: Visit, leader: GroupLeader) -> None:
    begins = max(visit.now, start_of_day(leader.from_on))
    held = await organisations.assignments_of(visit.tx, leader.user_id, begins)
    if not any(assignment["sector"] == Sector.SOCIAL for assignment in held):
        raise LeaderNotEmployedBySocialServices


async def _require_room(visit: Visit, leader: GroupLeader) -> None:
    others = await repository.other_leaders(visit.tx, leader)
    leader.require_room(others, visit.settings.contact_group_leaders)
