"""Every query about who stands behind a plan."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text as TextType
from sqlalchemy import any_, bindparam, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlalchemy.sql import text

from app.guardians.models import GuardianPerson, Guardianship
from app.kernel.circles import NOW, CircleMember
from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.organisations.models import Unit, User
from app.people.models import Child
from app.plan_agreements.models import PlanAcceptance
from app.plans.models import Plan


def _acceptances() -> AnySelect:
    return (
        select(
            PlanAcceptance.id, PlanAcceptance.plan_id, PlanAcceptance.unit_id, Unit.name.label("unit_name"),
            PlanAcceptance.person_key, PlanAcceptance.standing, PlanAcceptance.commitments,
            PlanAcceptance.accepted_at, PlanAcceptance.accepted_by, User.name.label("accepted_by_name"),
        )
        .outerjoin(Unit, Unit.id == PlanAcceptance.unit_id)
        .outerjoin(User, User.id == PlanAcceptance.accepted_by)
        .where(PlanAcceptance.plan_id == bindparam("plan_id"))
    )  # fmt: skip


_ALL = Prepared(_acceptances().order_by(PlanAcceptance.accepted_at.desc(), PlanAcceptance.id.desc()))


async def acceptances(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The acceptances of a plan, newest first."""
    return await tx.all(_ALL, plan_id=plan_id)


_HELD = aliased(Guardianship)


def _guardianship(*conditions: Any) -> Any:
    return exists().where(_HELD.person_id == GuardianPerson.id, *conditions)


def _may_be_contacted() -> Any:
    """Unless it is known of the guardian that custody or contact has ended, or has not begun."""
    holds = (
        _HELD.custody != text("'none'"), _HELD.contact_allowed, _HELD.valid_from <= NOW,
        or_(_HELD.valid_to.is_(None), _HELD.valid_to > NOW),
    )  # fmt: skip
    return or_(~_guardianship(), _guardianship(*holds))


_FAMILY = Prepared(
    select(
        CircleMember.party_id.label("person_key"), CircleMember.standing, Child.birth_date,
        func.concat_ws(
            text("' '"), func.coalesce(GuardianPerson.given_name, Child.given_name),
            func.coalesce(GuardianPerson.family_name, Child.family_name),
        ).label("full_name"),
        or_(GuardianPerson.id.is_not(None), CircleMember.standing == text("'child'")).label("known"),
    )
    .select_from(Plan)
    .join(CircleMember, CircleMember.circle_id == Plan.case_id)
    .join(Child, Child.id == Plan.child_id)
    .outerjoin(
        GuardianPerson,
        (GuardianPerson.child_id == Plan.child_id) & (GuardianPerson.person_key == CircleMember.party_id)
        & (CircleMember.standing == text("'guardian'")),
    )
    .where(
        Plan.id == bindparam("plan_id"), CircleMember.left_at.is_(None),
        CircleMember.standing == any_(literal(["guardian", "child"], ARRAY(TextType))), _may_be_contacted(),
    )
    .order_by(CircleMember.standing.desc(), CircleMember.joined_at, CircleMember.id)
)  # fmt: skip


async def family(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The family in the plan's circle, guardians first; names only where contacts are open to the caller."""
    return await tx.all(_FAMILY, plan_id=plan_id)
