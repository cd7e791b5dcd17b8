"""Every query about copies of a plan, and about who may be given one."""

from uuid import UUID

from sqlalchemy import Text, any_, bindparam, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import text

from app.cases.models import Case
from app.consents.models import Consent, ConsentStatus
from app.guardians.models import GuardianPerson, Guardianship
from app.kernel.circles import ME, NOW, CircleMember
from app.kernel.db import AnySelect, Prepared, Row, Transaction
from app.organisations.models import Unit
from app.plan_deliveries.models import PlanDelivery
from app.plan_versions.models import PlanVersion
from app.plans.models import Plan


def _deliveries() -> AnySelect:
    return (
        select(
            PlanDelivery.id, PlanDelivery.version, PlanDelivery.plan_id, PlanDelivery.case_id,
            PlanDelivery.version_id, PlanVersion.number.label("version_number"), PlanDelivery.unit_id,
            Unit.name.label("unit_name"), PlanDelivery.person_key, PlanDelivery.standing, PlanDelivery.channel,
            PlanDelivery.delivered_at, PlanDelivery.acknowledged_at, PlanDelivery.acknowledged_by,
            func.coalesce(func.coalesce(PlanDelivery.unit_id, PlanDelivery.person_key) == ME, text("false")).label(
                "mine"
            ),
        )
        .join(PlanVersion, PlanVersion.id == PlanDelivery.version_id)
        .outerjoin(Unit, Unit.id == PlanDelivery.unit_id)
        .where(PlanDelivery.plan_id == bindparam("plan_id"))
    )  # fmt: skip


_ALL = Prepared(_deliveries().order_by(PlanVersion.number.desc(), PlanDelivery.id))
_ONE = Prepared(_deliveries().where(PlanDelivery.id == bindparam("delivery_id")))


async def deliveries(tx: Transaction, plan_id: UUID) -> list[Row]:
    """The copies of a plan, newest version first."""
    return await tx.all(_ALL, plan_id=plan_id)


async def delivery(tx: Transaction, plan_id: UUID, delivery_id: UUID) -> Row | None:
    """One copy."""
    return await tx.one(_ONE, plan_id=plan_id, delivery_id=delivery_id)


async def record(tx: Transaction, delivery_id: UUID) -> PlanDelivery | None:
    """The copy for a change, locked."""
    return await tx.session.get(PlanDelivery, delivery_id, with_for_update=True)


async def record_to(
    tx: Transaction, version_id: UUID, unit_id: UUID | None, person_key: UUID | None
) -> PlanDelivery | None:
    """The copy of a version that a recipient has already, locked."""
    same = (
        PlanDelivery.unit_id.is_not_distinct_from(unit_id),
        PlanDelivery.person_key.is_not_distinct_from(person_key),
    )
    found: PlanDelivery | None = await tx.session.scalar(
        select(PlanDelivery).where(PlanDelivery.version_id == version_id, *same).with_for_update()
    )
    return found


_CONSENTED = exists().where(
    Consent.id == any_(Plan.consent_ids),
    Consent.status == ConsentStatus.GIVEN.value,
    Consent.valid_from <= NOW,
    Consent.valid_to > NOW,
    literal("plan") == any_(Consent.categories),
    CircleMember.authority_id == any_(Consent.receiving_authority_ids),
)
_CIRCLE = Prepared(
    select(
        CircleMember.party_id.label("unit_id"),
        or_(CircleMember.authority_id == Case.owner_authority_id, _CONSENTED).label("in_scope"),
    )
    .select_from(Plan)
    .join(Case, Case.id == Plan.case_id)
    .join(CircleMember, CircleMember.circle_id == Plan.case_id)
    .where(
        Plan.id == bindparam("plan_id"), CircleMember.left_at.is_(None),
        CircleMember.standing == any_(literal(["owner", "member"], ARRAY(Text))),
    )
)  # fmt: skip


async def circle(tx: Transaction, plan_id: UUID) -> dict[UUID, bool]:
    """The units in a plan's circle now, and whether the plan may go to them: by consent, or as one authority."""
    return {row["unit_id"]: row["in_scope"] for row in await tx.all(_CIRCLE, plan_id=plan_id)}


_GUARDIAN = Prepared(
    select(GuardianPerson.person_key)
    .join(Guardianship, Guardianship.person_id == GuardianPerson.id)
    .where(Guardianship.id == bindparam("guardianship_id"), Guardianship.child_id == bindparam("child_id"))
)


async def guardian_key(tx: Transaction, child_id: UUID, guardianship_id: UUID) -> UUID | None:
    """By whom a guardian is known in circles."""
    row = await tx.one(_GUARDIAN, child_id=child_id, guardianship_id=guardianship_id)
    return row["person_key"] if row else None
