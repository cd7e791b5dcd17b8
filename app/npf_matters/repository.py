"""Every query about matters before an NPF team."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, and_, any_, bindparam, exists, func, literal_column, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.consents.models import Consent, ConsentStatus
from app.kernel.circles import ME, NOW, CircleGrant, CircleMember, open_to_me
from app.kernel.db import AnySelect, Prepared, Row, Transaction, prepared
from app.kernel.paging import Shape, Window, keyset
from app.npf_matters.models import NpfMatter, NpfMatterStatus
from app.npf_teams.models import NpfTeam, NpfTeamMember
from app.organisations.models import Unit, User
from app.people.models import Child
from app.people.repository import my_checkpoint

M = NpfMatter
_ACTOR: Any = literal_column("(select wall.actor())", Uuid())
_protection = func.coalesce(Child.protected_identity, literal_column("'none'"))


def _in_team() -> Any:
    """Whether the caller is in the team now, acting for the unit that they stand for there."""
    member = NpfTeamMember
    return exists().where(
        member.team_id == M.team_id, member.user_id == _ACTOR, member.unit_id == ME, member.to_on.is_(None)
    )


def _brought() -> Any:
    return and_(M.brought_by == _ACTOR, M.owner_unit_id == ME)


def known_to_me() -> Any:
    """Whether the caller is in the team or brought the matter, for a select on ``NpfMatter`` (R13.6)."""
    return or_(_in_team(), _brought())


def _open_to_others() -> Any:
    # Whoever brought it is its steward, and sees what is open to the others; the others see what is open to them.
    grant = CircleGrant
    return exists().where(
        grant.circle_id == M.id, grant.basis != literal_column("'owner'"), grant.valid_from <= NOW,
        grant.valid_until > NOW,
    )  # fmt: skip


def _matters() -> AnySelect:
    return (
        select(
            M.id, M.version, M.team_id, M.status, M.anonymous, M.age_band, M.child_given_name, M.consent_ids,
            M.question, M.needs_and_functioning, M.brought_at, User.name.label("brought_by_name"),
            M.owner_unit_id, M.owner_authority_id, Unit.name.label("owner_unit_name"), M.municipality_code,
            M.discuss_on, M.discussed_on, M.next_review_on, M.closed_at, M.close_reason, M.close_note, M.shielded,
            Child.id.label("child_id"), _protection.label("protected_identity"),
            my_checkpoint(Child.id, _protection).label("checkpoint_reason"), _in_team().label("in_team"),
            NpfTeam.lead_user_id, _open_to_others().label("open_to_team"), open_to_me(M.id).label("grants"),
        )
        .select_from(M)
        .join(NpfTeam, NpfTeam.id == M.team_id)
        .join(User, User.id == M.brought_by)
        .join(Unit, Unit.id == M.owner_unit_id)
        .outerjoin(Child, Child.id == M.child_id)
        .where(known_to_me())
    )  # fmt: skip


_ONE = Prepared(_matters().where(M.id == bindparam("matter_id")))


async def matter(tx: Transaction, matter_id: UUID) -> Row | None:
    """A matter, to whoever is in the team or brought it (R13.6)."""
    return await tx.one(_ONE, matter_id=matter_id)


_FILTERS = {
    "status": M.status == any_(bindparam("status", type_=ARRAY(M.status.type))),
    "anonymous": M.anonymous == bindparam("anonymous", type_=Boolean),
}


def _listed(filters: frozenset[str]) -> AnySelect:
    # Somebody protected stands in no list, not even of those who may read about them (R2.5).
    return _matters().where(
        M.team_id == bindparam("team_id"), not_(M.shielded), _protection == literal_column("'none'"),
        *(_FILTERS[name] for name in sorted(filters)),
    )  # fmt: skip


@prepared
def _list(shape: Shape) -> AnySelect:
    return keyset(_listed(shape.filters), shape, M.id, M.id)


@prepared
def _count(filters: frozenset[str]) -> AnySelect:
    rows = _listed(filters).with_only_columns(M.id)
    return select(func.count().label("n")).select_from(rows.limit(literal_column("10000")).subquery())


async def page_of(tx: Transaction, team_id: UUID, window: Window) -> list[Row]:
    """One page of a team's matters."""
    return await tx.all(_list(window.shape), **window.values, team_id=team_id)


async def count(tx: Transaction, team_id: UUID, window: Window) -> int:
    """How many there are, at most 10,000."""
    row = await tx.one(_count(window.shape.filters), **window.values, team_id=team_id)
    return int(row["n"]) if row else 0


_OPEN = Prepared(
    select(M.id).where(M.team_id == bindparam("team_id"), M.status != NpfMatterStatus.CLOSED.value).limit(1)
)


async def has_open(tx: Transaction, team_id: UUID) -> bool:
    """Whether the caller's unit sees a matter of the team that is not closed."""
    return await tx.one(_OPEN, team_id=team_id) is not None


async def record(tx: Transaction, matter_id: UUID) -> NpfMatter | None:
    """The matter for a change, locked."""
    return await tx.session.get(NpfMatter, matter_id, with_for_update=True)


async def end_matters_of(tx: Transaction, consent_id: UUID) -> list[UUID]:
    """Close what rests on a consent that is over, as the wall sees it; the matters that ended with it (R4.6)."""
    return [row["id"] for row in await tx.rows("select wall.end_matters_of(%s) as id", [consent_id])]


_IN_FORCE = Prepared(
    select(Consent.id, Consent.receiving_authority_ids, Consent.categories, Consent.valid_to).where(
        Consent.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        Consent.child_id == bindparam("child_id"),
        Consent.status == ConsentStatus.GIVEN.value,
        Consent.valid_from <= NOW,
        Consent.valid_to > NOW,
    )
)


async def consents_in_force(tx: Transaction, ids: Sequence[UUID], child_id: UUID) -> list[Row]:
    """Those of these consents that are about the child and in force now."""
    return await tx.all(_IN_FORCE, ids=list(ids), child_id=child_id)


_INSIDE = Prepared(
    select(CircleMember.party_id).where(
        CircleMember.circle_id == bindparam("matter_id"), CircleMember.left_at.is_(None)
    )
)


async def units_inside(tx: Transaction, matter_id: UUID) -> set[UUID]:
    """The units in a matter's circle, the one that brought it among them."""
    return {row["party_id"] for row in await tx.all(_INSIDE, matter_id=matter_id)}
