"""Every query about family accounts."""

from sqlalchemy import String, bindparam, exists, func, literal_column, or_, select

from app.kernel.circles import NOW
from app.kernel.db import Prepared, Row, Transaction
from app.organisations.models import Assignment, User
from app.permissions import Role

_HOLDS_ROLE = exists().where(
    Assignment.user_id == User.id,
    Assignment.role == bindparam("role", type_=String),
    or_(Assignment.valid_to.is_(None), Assignment.valid_to > NOW),
)
_USER = Prepared(
    select(User.id, User.person_id, _HOLDS_ROLE.label("holds_role")).where(
        User.subject == bindparam("subject", type_=String),
        func.coalesce(User.issuer, literal_column("''")) == bindparam("issuer", type_=String),
    )
)


async def user_with_subject(tx: Transaction, subject: str, issuer: str | None, role: Role) -> Row | None:
    """Who signs in under this subject, and whether they act in this role."""
    return await tx.one(_USER, subject=subject, issuer=issuer or "", role=str(role))
