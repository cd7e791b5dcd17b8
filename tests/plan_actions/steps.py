"""What the tests of actions and crisis notes begin with: being a unit or a guardian in PostgreSQL itself."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from app.config import Settings
from app.demo.directory import UNIT_RECORDS
from app.demo.staff import EVERYBODY, USER_IDS
from app.kernel.context import ContextSigner

Connection = psycopg.Connection[dict[str, Any]]


def become(connection: Connection, settings: Settings, subject: str) -> None:
    """Set the context that the door would set for a demo user of a unit."""
    (person,) = (person for person in EVERYBODY if person.subject == subject)
    assert person.unit is not None
    unit = UNIT_RECORDS[person.unit]
    signer = ContextSigner(settings.secret.get_secret_value())
    context = signer.sign(unit.id, unit.authority_id, USER_IDS[subject], datetime.now(UTC))
    connection.execute("select set_config('tillsammans.context', %s, false)", [context])


def count(connection: Connection, table: str, column: str, value: str | UUID) -> int:
    """How many rows of a table the connection sees."""
    query = f"select count(*) as n from {table} where {column} = %s"
    row = connection.execute(query.encode(), [value]).fetchone()
    assert row is not None
    return int(row["n"])
