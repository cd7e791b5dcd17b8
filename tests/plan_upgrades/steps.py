"""What the tests of upgrades begin with."""

from typing import Any

import psycopg

from tests.builders import Json


def made_active(owner_db: psycopg.Connection[dict[str, Any]], plan: Json) -> None:
    """The plan is active. What an activation asks for is tested where activations are."""
    owner_db.execute(
        """insert into access_log (id, logged_at, kind, action, permission, outcome, object_type, object_id, trace_id)
        values (gen_random_uuid(), now(), 'change', 'test', 'test', 'allowed', 'plan', %s, 'test')""",
        [plan["id"]],
    )
    owner_db.execute("update plans set status = 'active', activated_at = now() where id = %s", [plan["id"]])
    owner_db.commit()
