"""The access log (åtkomstlogg): looks, changes and refusals, append-only, sealed in batches (domain.md 12.20).

The trail collects a request's entries and writes them in its own transaction, so that a change and its entry live or
die together; the database refuses to commit a change that no entry names (``wall.must_be_named``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from app.kernel.ids import new_id

if TYPE_CHECKING:
    from app.kernel.context import Actor
    from app.kernel.db import Transaction

Kind = Literal["look", "change", "refusal"]

_COLUMNS = [
    "id",
    "logged_at",
    "kind",
    "action",
    "permission",
    "outcome",
    "user_id",
    "client_id",
    "role",
    "assignment_id",
    "unit_id",
    "authority_id",
    "controller_id",
    "object_type",
    "object_id",
    "circle_id",
    "child_id",
    "basis",
    "reason",
    "changed",
    "trace_id",
]
_INSERT = (
    f"insert into access_log ({', '.join(_COLUMNS)}) "  # noqa: S608 - column names are constants above
    f"values ({', '.join(f'%({name})s' for name in _COLUMNS)})"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about: the record, its circle, its child, and the authority that controls it."""

    type: str
    id: UUID | None = None
    circle_id: UUID | None = None
    child_id: UUID | None = None
    controller_id: UUID | None = None


@dataclass(slots=True)
class Trail:
    """The entries of one request."""

    actor: "Actor | None"
    at: datetime
    trace_id: str
    permission: str
    action: str
    basis: str | None = None
    reason: str | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)

    def looked(self, subject: Subject, *, basis: str | None = None, action: str | None = None) -> None:
        """Somebody read a record, on which basis (R4.11)."""
        self._add("look", subject, action=action, basis=basis)

    def changed(
        self,
        subject: Subject,
        *fields: str,
        action: str | None = None,
        basis: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Somebody changed these fields of a record; names only, never values."""
        self._add("change", subject, action=action, basis=basis, reason=reason, changed=sorted(fields))

    def refused(self, subject: Subject, reason: str) -> None:
        """Somebody was refused. Written outside the transaction that is rolled back."""
        self._add("refusal", subject, reason=reason)

    @contextmanager
    def doing(self, permission: str, action: str) -> Iterator[None]:
        """One deed among several: its entries stand under its own name, and the reason of a checkpoint ends with it."""
        before = self.permission, self.action, self.reason
        self.permission, self.action = str(permission), action
        try:
            yield
        finally:
            self.permission, self.action, self.reason = before

    def replayed(self) -> None:
        """Somebody was given the first answer of an earlier request again."""
        self._add("look", Subject("idempotency_key"), action=f"{self.action}:replay")

    def _add(
        self,
        kind: Kind,
        subject: Subject,
        *,
        action: str | None = None,
        basis: str | None = None,
        reason: str | None = None,
        changed: list[str] | None = None,
    ) -> None:
        actor, assignment = self.actor, self.actor.assignment if self.actor else None
        self.entries.append(
            {
                "id": new_id(),
                "logged_at": self.at,
                "kind": kind,
                "action": action or self.action,
                "permission": self.permission,
                "outcome": "denied" if kind == "refusal" else "allowed",
                "user_id": actor and actor.user_id,
                "client_id": actor and actor.client_id,
                "role": actor and str(actor.role),
                "assignment_id": assignment and assignment.id,
                "unit_id": assignment and assignment.unit_id,
                "authority_id": assignment and assignment.authority_id,
                "controller_id": subject.controller_id,
                "object_type": subject.type,
                "object_id": subject.id,
                "circle_id": subject.circle_id,
                "child_id": subject.child_id,
                "basis": basis or self.basis,
                "reason": reason or self.reason,
                "changed": changed or [],
                "trace_id": self.trace_id,
            }
        )

    async def write(self, tx: "Transaction") -> None:
        """Insert what is not yet written, after all that it names: what is named is locked by then.

        So the events of a record, which the database makes of the entries, stand in the order of its changes.
        """
        entries, self.entries = self.entries, []
        if entries:
            await tx.flush()
        if len(entries) == 1:  # most requests leave one, and for one row binding is the quicker way
            await tx.rows(_INSERT, entries[0])
        elif entries:
            await tx.insert_rows("access_log", _COLUMNS, entries)
