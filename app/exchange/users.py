"""Users and their assignments (uppdrag) as lines; the family's accounts are given by hand and are neither."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field

from app.exchange import keys
from app.exchange.deeds import FieldIsFixed, by_hand, differing, require_same, said, told
from app.exchange.lines import Entry, Key, Line, RecordKind, Selection, naming
from app.kernel.access import admit
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.shapes import Code, Instant, Name
from app.kernel.shapes import Line as Text
from app.organisations import access, schemas, service
from app.organisations.models import Assignment, User, UserKind
from app.permissions import Permission as P
from app.permissions import Role


class UserEntry(Entry):
    """A person or a system that signs in. ``subject`` is the identity provider's name for them; it stays."""

    kind: UserKind = UserKind.PERSON
    name: Name
    subject: Code
    issuer: Text | None = Field(default=None, description="Null: any trusted issuer.")
    hsa_id: schemas.HsaId | None = None
    email: schemas.Email | None = None
    active: bool = True


class AssignmentEntry(Entry):
    """A role of a user in a unit, from and to; only its end changes (R1.3)."""

    user_source_system: Code | None = None
    user_source_id: Code
    unit_source_system: Code | None = None
    unit_source_id: Code | None = Field(default=None, description="Absent only of the family's roles.")
    role: Role
    valid_from: Instant | None = Field(default=None, description="Now, when absent.")
    valid_to: Instant | None = None


class _Users:
    """Users, by system administrators."""

    kind = RecordKind.USER
    entry = UserEntry
    creates = changes = P.USER_MANAGE

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them there are."""
        return await keys.find(visit, self.kind, wanted)

    async def create(self, visit: Visit, entry: UserEntry) -> UUID:
        """A new user; the database refuses a subject that somebody has already."""
        admit(visit, self.creates, Subject("user"), access.ANYONE)
        with by_hand(visit, self.creates, "createUser"):
            user_id = await service.create_user(visit, schemas.UserCreate(**said(entry, schemas.UserCreate)))
        if not entry.active:
            await self._write(visit, await access.held(visit, "user", self.changes, user_id), entry)
        await keys.keep(visit, self.kind, entry.key, user_id)
        return user_id

    async def change(self, visit: Visit, record_id: UUID, entry: UserEntry) -> bool:
        """Name, HSA-id, e-mail and whether they may sign in; raises ``FieldIsFixed`` for the rest."""
        user: User = await access.held(visit, "user", self.changes, record_id)
        require_same(entry, vars(user), "kind", "subject", "issuer")
        return await self._write(visit, user, entry)

    async def _write(self, visit: Visit, user: User, entry: UserEntry) -> bool:
        stated = differing(entry, vars(user), schemas.UserPatch)
        if stated:
            with by_hand(visit, self.changes, "updateUser"):
                await service.change(visit, user, "user", stated)
        return bool(stated)

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next users of the caller's authority, or of all for a system administrator; they leave no look."""
        admit(visit, P.USER_LIST, Subject("user"), access.ANYONE)
        rows = await service.lines(visit, "user", after, limit, selection.municipality_code)
        known = await keys.names(visit, self.kind, (row["id"] for row in rows))
        return [Line(row["id"], UserEntry(**naming(known[row["id"]]), **told(row, UserEntry))) for row in rows]


class _Assignments:
    """Assignments: made by system administrators, ended also by the unit's own manager."""

    kind = RecordKind.ASSIGNMENT
    entry = AssignmentEntry
    creates = changes = P.USER_MANAGE

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them there are."""
        return await keys.find(visit, self.kind, wanted)

    async def create(self, visit: Visit, entry: AssignmentEntry) -> UUID:
        """A new assignment; raises ``UnknownSource``, ``RoleNeedsNoUnit``, ``AssignmentEndsBeforeItBegins``."""
        admit(visit, self.creates, Subject("assignment"), access.ANYONE)
        body = schemas.AssignmentCreate(
            user_id=await keys.referred(visit, RecordKind.USER, entry, "user"), unit_id=await _unit(visit, entry),
            role=entry.role, valid_from=entry.valid_from, valid_to=entry.valid_to,
        )  # fmt: skip
        with by_hand(visit, self.creates, "createAssignment"):
            assignment_id = await service.create_assignment(visit, body)
        await keys.keep(visit, self.kind, entry.key, assignment_id)
        return assignment_id

    async def change(self, visit: Visit, record_id: UUID, entry: AssignmentEntry) -> bool:
        """When it ends; raises ``FieldIsFixed`` for the rest, ``AssignmentEndsBeforeItBegins``."""
        assignment: Assignment = await access.held(visit, "assignment", self.changes, record_id)
        now = vars(assignment)
        if await keys.referred(visit, RecordKind.USER, entry, "user") != assignment.user_id:
            raise FieldIsFixed(field="userSourceId")
        if await _unit(visit, entry) != assignment.unit_id:
            raise FieldIsFixed(field="unitSourceId")
        require_same(entry, now, "role", "valid_from")
        stated = differing(entry, now, schemas.AssignmentPatch)
        if stated:
            with by_hand(visit, self.changes, "updateAssignment"):
                await service.end_assignment(visit, assignment, stated["valid_to"])
        return bool(stated)

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next assignments of the caller's authority, or of all for a system administrator; they leave no look."""
        admit(visit, P.USER_LIST, Subject("assignment"), access.ANYONE)
        rows = await service.lines(visit, "assignment", after, limit, selection.municipality_code)
        known = await keys.names(visit, self.kind, (row["id"] for row in rows))
        users = await keys.names(visit, RecordKind.USER, {row["user_id"] for row in rows})
        units = await keys.names(visit, RecordKind.UNIT, {row["unit_id"] for row in rows if row["unit_id"]})
        return [
            Line(row["id"], _assignment(row, known[row["id"]], users[row["user_id"]], units.get(row["unit_id"])))
            for row in rows
        ]


async def _unit(visit: Visit, entry: AssignmentEntry) -> UUID | None:
    return await keys.referred(visit, RecordKind.UNIT, entry, "unit") if entry.unit_source_id else None


def _assignment(row: Row, key: Key, user: Key, unit: Key | None) -> AssignmentEntry:
    where = naming(unit, "unit") if unit else {}
    return AssignmentEntry(**naming(key), **naming(user, "user"), **where, **told(row, AssignmentEntry))


USERS = _Users()
ASSIGNMENTS = _Assignments()
