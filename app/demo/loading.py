"""Writing the demo directory in one transaction, as the owner: the program's own role may not add municipalities.

Each record has a source key under the system ``demo``, by which the lines of a file may refer to it: ``gnesta-skola``.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from app.config import Settings
from app.demo import directory
from app.demo.staff import ASSIGNMENT_IDS, EVERYBODY, USER_IDS, Somebody
from app.kernel.clock import Clock
from app.kernel.ids import new_id
from app.permissions import Permission

#: Everybody's assignment begins before any story does, and ends when somebody ends it.
EMPLOYED_FROM: Final = datetime(2023, 1, 1, tzinfo=UTC)
NO_TRACE: Final = "0" * 32
SOURCE_SYSTEM: Final = "demo"

Connection = psycopg.Connection[tuple[Any, ...]]


def load_directory(settings: Settings, owner_url: str, clock: Clock) -> None:
    """Write municipalities, authorities, units, users, assignments, desks and source keys into an empty directory."""
    with psycopg.connect(owner_url) as connection:
        _copy(connection, "municipalities", ("code", "name", "joined_note"), _municipalities())
        written: list[tuple[str, UUID]] = []
        for kind, table, columns, rows in _tables(settings):
            _copy(connection, table, columns, rows)
            written += [(kind, row[0]) for row in rows]
        _copy(connection, "source_keys", _KEY, _keys())
        _name(connection, written, clock.now())


def _municipalities() -> Iterable[Sequence[object]]:
    return ((town.code, town.name, town.joined_note) for town in directory.MUNICIPALITIES)


def _tables(settings: Settings) -> Iterable[tuple[str, LiteralString, Sequence[str], list[Sequence[Any]]]]:
    """Kind, table, columns and rows, in the order that references allow."""
    yield "organisation", "organisations", directory.Organisation._fields, [*directory.ORGANISATIONS.values()]
    yield "authority", "authorities", directory.Authority._fields, [*directory.AUTHORITY_RECORDS.values()]
    yield "unit", "units", directory.Unit._fields, [*directory.UNIT_RECORDS.values()]
    users = [_user(person, settings) for person in EVERYBODY]
    yield "user", "users", ("id", "kind", "name", "subject", "email", "person_id"), users
    assignments = [_assignment(person) for person in EVERYBODY]
    yield "assignment", "assignments", ("id", "user_id", "unit_id", "role", "valid_from"), assignments
    yield "coordination_desk", "coordination_desks", _DESK, [_desk(desk) for desk in directory.DESKS]
    staff: list[Sequence[Any]] = [
        (desk.staff_id, desk.id, USER_IDS[desk.lead], EMPLOYED_FROM) for desk in directory.DESKS
    ]
    yield "desk_staff", "desk_staff", ("id", "desk_id", "user_id", "from_at"), staff


def _user(person: Somebody, settings: Settings) -> Sequence[Any]:
    from app.people.identifiers import person_key

    person_id = person.personnummer and person_key(settings.secret.get_secret_value(), person.personnummer)
    kind = "system" if person.is_system else "person"
    return USER_IDS[person.subject], kind, person.name, person.subject, person.email, person_id


def _assignment(person: Somebody) -> Sequence[Any]:
    unit_id = person.unit and directory.UNITS[person.unit]
    return ASSIGNMENT_IDS[person.subject], USER_IDS[person.subject], unit_id, str(person.role), EMPLOYED_FROM


_DESK: Final = (
    "id", "unit_id", "municipality_code", "name", "function_address", "phone", "email", "lead_user_id",
    "opening_hours", "closed_on_holidays",
)  # fmt: skip


def _desk(desk: directory.Desk) -> Sequence[Any]:
    unit = directory.UNIT_RECORDS[desk.unit]
    return (
        desk.id, unit.id, unit.municipality_code, unit.name, unit.function_address, unit.phone, unit.function_address,
        USER_IDS[desk.lead], Jsonb(directory.DESK_HOURS), True,
    )  # fmt: skip


_KEY: Final = ("id", "kind", "source_system", "source_id", "record_id", "owner_authority_id")


def _keys() -> Iterable[Sequence[object]]:
    """As if the system administrator had handed the directory in; the family's accounts are no part of it."""
    staff = [person.subject for person in EVERYBODY if person.unit]
    named = {
        "authority": directory.AUTHORITIES,
        "unit": directory.UNITS,
        "user": {subject: USER_IDS[subject] for subject in staff},
        "assignment": {subject: ASSIGNMENT_IDS[subject] for subject in staff},
    }
    owner = directory.AUTHORITIES["nsv"]
    for kind, records in named.items():
        for source_id, record_id in records.items():
            yield new_id(), kind, SOURCE_SYSTEM, source_id, record_id, owner


def _name(connection: Connection, written: list[tuple[str, UUID]], at: datetime) -> None:
    """Name every record in the access log: the wall refuses a change that nobody named, also from the owner."""
    columns = ("id", "logged_at", "kind", "action", "permission", "outcome", "object_type", "object_id", "trace_id")
    deed = ("change", "loadDemoData", str(Permission.ORGANISATION_MANAGE), "allowed")
    entries = ((new_id(), at, *deed, kind, record_id, NO_TRACE) for kind, record_id in written)
    _copy(connection, "access_log", columns, entries)


def _copy(
    connection: Connection, table: LiteralString, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for row in rows:
            copy.write_row(row)
