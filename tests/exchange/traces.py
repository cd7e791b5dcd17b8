"""What a deed about a child leaves in every table: to be held against what another way of doing it leaves."""

import re
from typing import Any
from uuid import UUID

import psycopg

from app.demo.directory import AUTHORITY_RECORDS, UNITS
from app.demo.staff import ASSIGNMENT_IDS, USER_IDS

#: Tables with the column that names the circle.
OF_CHILD = {
    "children": "id", "child_details": "child_id", "child_identifiers": "child_id", "guardian_persons": "child_id",
    "guardianships": "child_id", "circle_members": "circle_id", "circle_grants": "circle_id",
}  # fmt: skip
OF_CASE = {
    "cases": "id", "case_analyses": "case_id", "case_contacts": "case_id", "case_steps": "case_id",
    "deadlines": "circle_id", "circle_members": "circle_id", "circle_grants": "circle_id", "access_log": "circle_id",
}  # fmt: skip
#: Who is the same in both, by name; every other id is the record's own.
KNOWN = {
    str(known)
    for known in (*UNITS.values(), *USER_IDS.values(), *ASSIGNMENT_IDS.values(),
                  *(authority.id for authority in AUTHORITY_RECORDS.values()))
}  # fmt: skip
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What cannot be the same of two records, or of two transactions.
OWN = {"value", "case_number", "source_system", "source_id", "xact", "trace_id"}

Owner = psycopg.Connection[dict[str, Any]]


def traces(owner_db: Owner, circle_id: UUID, *, tables: dict[str, str] = OF_CHILD) -> dict[str, list[Any]]:
    """The rows of each table, with own ids as ``*``; of the access log only what was changed."""
    owner_db.rollback()
    found = {}
    for table, column in (tables | {"access_log": "circle_id"}).items():
        rows = owner_db.execute(
            f"select to_jsonb(t) as row from {table} t where {column} = %s order by id".encode(), [circle_id]
        )
        kept = [answer["row"] for answer in rows if answer["row"].get("kind") != "look"]
        found[table] = [{name: _plain(value) for name, value in row.items() if name not in OWN} for row in kept]
        if table.startswith("circle"):  # their ids are random, and so is their order
            found[table].sort(key=str)
    return found


def _plain(value: Any) -> Any:
    return "*" if isinstance(value, str) and _ID.fullmatch(value) and value not in KNOWN else value
