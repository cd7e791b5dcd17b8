"""The wall, attacked from inside: the program's own database role asks PostgreSQL directly, past every line of ours.

Nothing here names a table. A new one about a child is found by its columns, and fails until ``wall.protect`` has it.
"""

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors, sql

from app.kernel.context import ContextSigner
from tests.house.fortress import BINDING, NOW, OWN_TABLES, Connection, Fortress, Guarded, columns_of

pytestmark = pytest.mark.database

KNOWN = {"children", "child_details", "child_identifiers", "guardian_persons", "guardianships", "sibling_links",
         "checkpoints", "consents", "consent_givers", "disclosures", "cases", "case_analyses", "case_contacts",
         "case_steps", "case_closures", "case_transfers", "chronology_events", "corrections", "deadlines",
         "coordination_requests", "request_triages", "wellbeing_assessments", "wellbeing_entries"}  # fmt: skip
#: Behind the wall by policies of their own, each read in ``migrations/versions/0001_wall.py`` and ``0022_events.py``.
KERNEL = {"access_log", "circle_grants", "circle_members", "events", "idempotency_keys", *OWN_TABLES}
#: Tables with a binding column that hold nothing about a child, and why.
NOT_ABOUT_A_CHILD: dict[str, str] = {}
CATEGORIES = ["core", "contact", "school", "health", "social", "plan", "wheel", "meeting_notes"]
#: Tables that no consent opens to anybody, and why.
NEVER_SHARED = {
    "family_moves": "whose of the family a move in a line was: the family's, and the group's unit's; no sender's",
    "group_places": "read by the group's unit and the family alone; a sender learns where the entry stands (R11.8)",
    "place_follow_ups": "the family's answers, and the child's own words, are theirs and the group's unit's (R11.7)",
    "place_reviews": "the same as the place that is reviewed (R11.6)",
    "queue_notes": "what a unit writes about its line is its own; what a child needs is the family's too (R11.4)",
    "referral_details": "the family's, and the receiver's once it has accepted: a category that no consent names",
    "referral_outcomes": "the receiver's own until it shares them with the sender (12.12)",
    "request_triages": "what a desk writes for itself about a request is read by its own unit alone (R5.2)",
    "session_attendances": "who was at a session is the group's unit's alone (R11.8)",
    "sibling_links": "siblings are the owner unit's own knowledge (R2.7)",
    "support_uses": "who uses which support is the provider's own knowledge (R14.6)",
    "use_sessions": "the talks of such a use (R14.6)",
}


def bad_contexts(fortress: Fortress) -> dict[str, str | None]:
    """Everything that is no context: none, unsigned, forged, tampered with, signed with somebody else's key."""
    signed = fortress.context(fortress.gnesta)
    for_nobody = fortress.signer.sign(None, None, None, NOW)
    gnesta, foreign = fortress.gnesta, ContextSigner("not this installation's secret")
    return {
        "none": None,
        "empty": "",
        "unsigned": signed[64:],
        "forged": "0" * 64 + signed[64:],
        "cut off": signed[:63],
        "signature of another": for_nobody[:64] + signed[64:],
        "moved by a millisecond": signed.replace("09:30:00", "09:30:00.001"),
        "another key": foreign.sign(gnesta.unit, gnesta.authority, gnesta.user, NOW),
        "no party": for_nobody,
        "unknown party": fortress.signer.sign(uuid4(), uuid4(), uuid4(), NOW),
    }


def test_every_table_about_a_child_is_behind_the_wall(fortress: Fortress) -> None:
    with fortress.as_owner() as owner_db:
        bound = {table for table, columns in columns_of(owner_db).items() if not columns.keys().isdisjoint(BINDING)}
        secured = {
            row["relname"]
            for row in owner_db.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity"
            )
        }
    guarded = {place.name for place in fortress.guarded}

    assert guarded >= KNOWN, "the test has lost tables that it knew"
    assert bound - guarded - KERNEL - NOT_ABOUT_A_CHILD.keys() == set(), "end the migration with `call wall.protect(…)`"
    assert guarded | KERNEL <= secured


def test_every_table_has_the_one_policy_and_no_other(fortress: Fortress) -> None:
    with fortress.as_owner() as owner_db:
        policies = owner_db.execute("select * from pg_policies where schemaname = 'public'").fetchall()

    guarded = {place.name: place.circle for place in fortress.guarded}
    assert {row["tablename"] for row in policies} == guarded.keys() | KERNEL
    for row in policies:
        if (table := row["tablename"]) in guarded:
            assert (row["policyname"], row["cmd"], row["roles"]) == ("circle", "ALL", ["tillsammans_program"]), table
            assert row["qual"].startswith("((owner_unit_id = ( SELECT wall.party()"), table
            for condition in (row["qual"], row["with_check"] or row["qual"]):
                assert f"(g.circle_id = {table}.{guarded[table]})" in condition, table


def test_nothing_looks_past_the_policies(fortress: Fortress) -> None:
    """A view reads with its owner's rights unless told otherwise; a definer's function finds what it is shown first."""
    with fortress.as_owner() as owner_db:
        views = owner_db.execute(
            """select relname from pg_class where relkind in ('v', 'm')
            and relnamespace in ('public'::regnamespace, 'wall'::regnamespace)
            and coalesce(reloptions::text, '') !~ 'security_invoker=(true|on)'"""
        ).fetchall()
        loose = owner_db.execute(
            """select proname from pg_proc where prosecdef
            and pronamespace in ('public'::regnamespace, 'wall'::regnamespace)
            and not coalesce(proconfig @> array['search_path=""'], false)"""
        ).fetchall()
    assert (views, loose) == ([], [])


def test_without_a_valid_context_there_is_nothing(fortress: Fortress) -> None:
    seen = {}
    for name, context in bad_contexts(fortress).items():
        with fortress.as_program(context) as connection:
            for place in [*fortress.guarded, *(Guarded(table, "circle_id") for table in sorted(KERNEL))]:
                if rows := place.count(connection):
                    seen[name, place.name] = rows
    assert seen == {}


def test_a_unit_sees_its_own_rows_and_nobody_elses(fortress: Fortress) -> None:
    for party, other in ((fortress.gnesta, fortress.stranger), (fortress.stranger, fortress.gnesta)):
        with fortress.as_program(fortress.context(party)) as connection:
            for place in fortress.guarded:
                assert owners(connection, place) == [party.unit], place.name
            for table in sorted(KERNEL):
                assert Guarded(table, "").count(connection) == 1, table
            circles = connection.execute("select circle_id from circle_grants").fetchall()
        assert other.circle not in {row["circle_id"] for row in circles}


def test_a_grant_opens_its_categories_from_then_until_then(fortress: Fortress) -> None:
    stranger = fortress.stranger
    with fortress.as_owner() as owner_db:
        grant(owner_db, fortress, CATEGORIES)
        owner_db.commit()
    try:
        shared = {place.name for place in fortress.guarded} - NEVER_SHARED.keys()
        assert NEVER_SHARED.keys() <= {place.name for place in fortress.guarded}
        for at, opened in ((0, shared), (59.999999, shared), (60, set()), (-0.000001, set())):
            with fortress.as_program(fortress.context(stranger, NOW + timedelta(minutes=at))) as connection:
                found = {place.name for place in fortress.guarded if len(owners(connection, place)) == 2}
            assert found == opened, f"{at} minutes after it began"
    finally:
        with fortress.as_owner() as owner_db:
            owner_db.execute("delete from circle_grants where basis = 'consent'")
            owner_db.commit()


def test_a_grant_of_another_category_opens_nothing(fortress: Fortress) -> None:
    with fortress.as_owner() as owner_db:
        grant(owner_db, fortress, ["somethingElse"])
        owner_db.commit()
    try:
        with fortress.as_program(fortress.context(fortress.stranger)) as connection:
            assert [place.name for place in fortress.guarded if len(owners(connection, place)) != 1] == []
    finally:
        with fortress.as_owner() as owner_db:
            owner_db.execute("delete from circle_grants where basis = 'consent'")
            owner_db.commit()


def test_a_query_cannot_make_postgresql_talk(fortress: Fortress) -> None:
    """A condition that fails on a hidden row would tell that it is there."""
    told = []
    with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
        for place in fortress.guarded:
            trap = sql.SQL("select id from {} where 1 / (case owner_unit_id when %s then 0 else 1 end) = 1")
            try:
                connection.execute(trap.format(place.table), [fortress.stranger.unit])
            except errors.DivisionByZero:
                told.append(place.name)
                connection.rollback()
        names = sorted({place.name for place in fortress.guarded} | KERNEL)
        statistics = connection.execute("select tablename from pg_stats where tablename = any (%s)", [names]).fetchall()
    assert (told, statistics) == ([], [])


def test_row_security_cannot_be_switched_off(fortress: Fortress) -> None:
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
            connection.execute("set row_security = off")
            with pytest.raises(errors.InsufficientPrivilege):
                place.count(connection)


def test_the_context_ends_with_its_transaction(fortress: Fortress) -> None:
    """The door sets it for the transaction only: the next user of a pooled connection starts as nobody."""
    with psycopg.connect(fortress.program_url) as connection:
        connection.execute("select set_config('tillsammans.context', %s, true)", [fortress.context(fortress.gnesta)])
        assert connection.execute("select count(*) from children").fetchone() == (1,)
        connection.commit()
        assert connection.execute("select count(*) from children").fetchone() == (0,)


def grant(owner_db: Connection, fortress: Fortress, categories: list[str]) -> None:
    """Open Gnesta's circle to the stranger for an hour."""
    owner_db.execute(
        """insert into circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
        values (%s, %s, %s, %s, %s, %s, 'consent', %s)""",
        [fortress.gnesta.circle, fortress.stranger.unit, fortress.gnesta.unit, categories, NOW,
         NOW + timedelta(hours=1), uuid4()],
    )  # fmt: skip


def owners(connection: Connection, place: Guarded) -> list[UUID]:
    """Whose rows the connection sees."""
    found = connection.execute(sql.SQL("select owner_unit_id from {}").format(place.table)).fetchall()
    return sorted(row["owner_unit_id"] for row in found)
