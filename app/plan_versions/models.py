"""Versions of a plan: snapshots that do not change. ``domain.md`` 12.7, R7.9."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.plan_contents.models import PartOfPlan

#: What a snapshot holds; the shape stands in ``schemas.PlanContent``.
Content = Mapping[str, Any]
#: What tells who a protected child is, where it is and where it goes (R2.5).
_PLACES = ("unit_name", "authority_name", "phone")
_PEOPLE = (
    "chair",
    "documenter",
    "main_responsible",
    "named_contact",
    "coordinator",
    "overall_responsible",
    "initiator",
)


class NoVersionYet(Conflict):
    """A plan is printed and compared from the version that was agreed."""

    title = Words("Planen har ingen version än", "The plan has no version yet")
    detail = Words("En version blir till när planen börjar gälla.", "A version is made when the plan becomes active.")


class PlanVersion(PartOfPlan, Base):
    """What a plan said when everybody had accepted it. It is never changed; the next one is another."""

    __tablename__ = "plan_versions"

    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


def placeless(content: Content) -> dict[str, Any]:
    """A snapshot as other units read it about a protected child: who does what, and not who the child is or where."""
    kept = dict(content) | {name: _without(content[name], _PLACES) for name in _PEOPLE if content.get(name)}
    kept["child"] = dict.fromkeys(content["child"])
    kept["care_contact"] = None
    kept["parties"] = [_without(party, _PLACES) for party in content["parties"]]
    kept["actions"] = [_without(action, _PLACES) for action in content["actions"]]
    kept["family_acceptances"] = [_without(person, ("name",)) for person in content["family_acceptances"]]
    return kept


def _without(record: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: None if name in names else value for name, value in record.items()}
