"""Deadlines as stored facts: what started the clock, when it is due, on which basis, and why it was extended.

Nothing is worked out at reading time (``domain.md`` 12.0 item 6). Statutory ones come from law; agreements are practice
of the county and marked so.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Concatenate, ParamSpec
from uuid import UUID

from sqlalchemy import Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Base, Transaction
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.kernel.ids import new_id

Stated = ParamSpec("Stated")
_INSTANT = TIMESTAMP(timezone=True)


class DeadlineKind(Coded):
    """Whether law or agreement sets it."""

    STATUTORY = "statutory", "Lagstadgad", "Statutory"
    AGREEMENT = "agreement", "Överenskommen", "By agreement"


class DeadlineAlreadyMet(Conflict):
    """A met deadline is history."""

    title = Words("Tidsfristen är redan uppfylld", "The deadline is already met")
    detail = Words("Den kan inte ändras.", "It cannot be changed.")


class ExtensionMustBeLater(Conflict):
    """An extension goes forward."""

    title = Words("Förlängningen är inte senare", "The extension is not later")
    detail = Words("Nytt datum ska vara efter det gällande.", "The new date must be after the current one.")


class Deadline(Base):
    """One deadline (tidsfrist)."""

    __tablename__ = "deadlines"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    circle_id: Mapped[UUID]
    child_id: Mapped[UUID]
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    legal_basis: Mapped[str] = mapped_column(Text)
    start_event: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(_INSTANT)
    due_at: Mapped[datetime] = mapped_column(_INSTANT)
    original_due_at: Mapped[datetime] = mapped_column(_INSTANT)
    extension_reason: Mapped[str | None] = mapped_column(Text)
    extended_by: Mapped[UUID | None]
    met_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    owner_unit_id: Mapped[UUID]
    owner_authority_id: Mapped[UUID]
    municipality_code: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}

    def extend(self, due_at: datetime, reason: str, by: UUID) -> None:
        """A later date with a reason and an approver (R9.5 for the statutory ones)."""
        if self.met_at is not None:
            raise DeadlineAlreadyMet
        if due_at <= self.due_at:
            raise ExtensionMustBeLater
        self.due_at, self.extension_reason, self.extended_by = due_at, reason, by


def new_deadline(
    visit: Visit,
    subject: Subject,
    *,
    code: str,
    due_at: datetime,
    start_event: str,
    legal_basis: str,
    owner: Mapping[str, object],
    started_at: datetime | None = None,
    kind: DeadlineKind = DeadlineKind.AGREEMENT,
) -> Deadline:
    """A deadline of a record. ``owner`` holds owner_unit_id, owner_authority_id and municipality_code."""
    if subject.id is None or subject.child_id is None:
        raise ValueError("a deadline belongs to a record about a child")
    return Deadline(
        id=new_id(),
        circle_id=subject.circle_id or subject.id,
        child_id=subject.child_id,
        subject_type=subject.type,
        subject_id=subject.id,
        code=code,
        kind=kind,
        legal_basis=legal_basis,
        start_event=start_event,
        started_at=started_at or visit.now,
        due_at=due_at,
        original_due_at=due_at,
        owner_unit_id=owner["owner_unit_id"],
        owner_authority_id=owner["owner_authority_id"],
        municipality_code=owner["municipality_code"],
    )


def _stored(make: Callable[Concatenate[Visit, Stated], Deadline]) -> Callable[Concatenate[Visit, Stated], Deadline]:
    def stored(visit: Visit, /, *args: Stated.args, **stated: Stated.kwargs) -> Deadline:
        deadline = make(visit, *args, **stated)
        visit.tx.session.add(deadline)
        return deadline

    return stored


#: Store a deadline of a record, stated as for ``new_deadline``.
set_deadline = _stored(new_deadline)


_MEET = """update deadlines set met_at = %(at)s, version = version + 1
where subject_id = %(subject_id)s and met_at is null and (%(code)s::text is null or code = %(code)s)
  and (%(unit_id)s::uuid is null or owner_unit_id = %(unit_id)s)"""


async def meet(
    tx: Transaction, subject_id: UUID, at: datetime, code: str | None = None, *, unit_id: UUID | None = None
) -> None:
    """What was due of a record is done, or no longer needed: one code or everything, of one unit or of every one."""
    await tx.rows(_MEET, {"subject_id": subject_id, "at": at, "code": code, "unit_id": unit_id})
