"""What a migration makes of the rows that it finds."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from alembic import command

from app import database
from app.config import Settings
from app.demo import load_directory
from app.demo.directory import UNIT_RECORDS
from app.demo.staff import USER_IDS
from tests.house.test_migrations import alembic

pytestmark = pytest.mark.database

UNIT = UNIT_RECORDS["vingaker-kontaktgrupper"]
A_LINE = """
    alter table children disable trigger user;
    alter table queue_entries disable trigger user, drop constraint fk_queue_entries_group_id;
    insert into children (id, family_name, birth_date, protected_identity, person_key, created_at, updated_at,
        owner_unit_id, owner_authority_id)
    values ('{child}', 'Sandell', '2008-02-29', 'none', '{child}', now(), now(), '{unit}', '{authority}');
    insert into place_pools (id, offer_days, automatic, open) values ('{entry}', 10, false, true);
    insert into place_claims (id, pool_id, status, priority, requested_at)
    values ('{entry}', '{entry}', 'waiting', 0, now());
    insert into queue_entries (id, group_id, child_id, person_key, grade, wished_by, asked_via, requested_by,
        consent_needed, shielded, created_at, owner_unit_id, owner_authority_id)
    values ('{entry}', '{entry}', '{child}', '{child}', 4, 'guardian', 'other', '{maria}', false, false, now(),
        '{unit}', '{authority}');
    insert into circle_grants (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    values ('{entry}', '{maria}', '{unit}', '{{core}}', '-infinity', 'infinity', 'guardian', '{entry}');
    insert into place_moves (id, pool_id, claim_id, move, moved_at, moved_by) values
    (gen_random_uuid(), '{entry}', '{entry}', 'joined', '2026-01-01Z', '{maria}'),
    (gen_random_uuid(), '{entry}', '{entry}', 'offered', '2026-01-02Z', '{birgitta}'),
    (gen_random_uuid(), '{entry}', '{entry}', 'expired', '2026-01-03Z', null);
    """


def test_a_line_forgets_the_family_that_it_remembered(
    own_settings: Settings, new_database: Callable[[str], str]
) -> None:
    url = new_database("rows")
    load_directory(own_settings, database.migrate(own_settings, url))
    alembic(own_settings, url, lambda config: command.downgrade(config, "0020"))
    maria, birgitta = USER_IDS["guardian.one"], USER_IDS["vingaker.manager"]
    ids = {"child": uuid4(), "entry": uuid4(), "maria": maria, "birgitta": birgitta}
    with psycopg.connect(url) as connection:
        connection.execute(A_LINE.format(**ids, unit=UNIT.id, authority=UNIT.authority_id).encode())

    alembic(own_settings, url, lambda config: command.upgrade(config, "0021"))

    beside = "select moved_by from place_moves order by moved_at"
    with psycopg.connect(url) as connection:
        assert connection.execute(beside.encode()).fetchall() == [(None,), (birgitta,), (None,)]
        behind = connection.execute("select move, f.moved_by from family_moves f join place_moves using (id)")
        assert behind.fetchall() == [("joined", maria)]
        ends = connection.execute("select valid_until from circle_grants").fetchall()
        assert ends == [(datetime(2026, 2, 27, 23, tzinfo=UTC),)], "the 18th birthday in Stockholm, in a common year"

    alembic(own_settings, url, lambda config: command.downgrade(config, "0020"))

    with psycopg.connect(url) as connection:
        assert connection.execute(beside.encode()).fetchall() == [(maria,), (birgitta,), (None,)]
