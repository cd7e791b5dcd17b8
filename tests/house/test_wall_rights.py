"""What the program's database role may not do, however it is asked: its rights, and the wall's own functions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import LiteralString
from uuid import UUID, uuid4

import pytest
from psycopg import errors, sql
from psycopg.types.json import Jsonb

from tests.house.fortress import NOW, Connection, Fortress, Party

pytestmark = pytest.mark.database

KERNEL = (
    "access_log", "access_log_seals", "access_log_epochs", "circle_grants", "circle_members", "events", "event_feed",
)  # fmt: skip

FORBIDDEN: dict[str, LiteralString] = {
    "read the key": "select * from wall.signing_key",
    "write a key": "insert into wall.signing_key values ('', '')",
    "open a circle by hand": """insert into circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
        select r, wall.party(), r, '{core}', now(), now(), 'consent', r from gen_random_uuid() r""",
    "prolong a grant": "update circle_grants set valid_until = 'infinity'",
    "take a grant": "delete from circle_grants",
    "join by hand": """insert into circle_members (id, circle_id, party_id, standing, joined_at)
        values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'member', now())""",
    "rejoin by hand": "update circle_members set left_at = null",
    "change the log": "update access_log set action = 'nothing'",
    "delete from the log": "delete from access_log",
    "empty the log": "truncate access_log",
    "log in another transaction's name": """insert into access_log
        (id, xact, logged_at, kind, action, permission, outcome, user_id, object_type, trace_id)
        values (gen_random_uuid(), 1, now(), 'look', 'a', 'p', 'allowed', wall.actor(), 'case', 't')""",
    "log in another epoch": """insert into access_log
        (id, epoch, logged_at, kind, action, permission, outcome, user_id, object_type, trace_id)
        values (gen_random_uuid(), 0, now(), 'look', 'a', 'p', 'allowed', wall.actor(), 'case', 't')""",
    "change a seal": "update access_log_seals set entries = 0",
    "delete a seal": "delete from access_log_seals",
    "begin an epoch": "insert into access_log_epochs (epoch) values (9)",
    "tell of what has not happened": """insert into events (id, occurred_at, record_type, record_id, operation)
        values (gen_random_uuid(), now(), 'case', gen_random_uuid(), 'a')""",
    "change the order of events": "update events set position = 1",
    "keep an event from being told": "delete from events",
    "move the feed": "update event_feed set placed = 0",
    "draw a place among the events": "select nextval('wall.events_recorded')",
    "add a municipality": "insert into municipalities (code, name) values ('9999', 'Ankeborg')",
    "replay another answer": "update idempotency_keys set body = ''",
    "forget an answer": "delete from idempotency_keys",
    "switch triggers off": "set session_replication_role = replica",
    "replace the party": "create or replace function wall.party() returns uuid language sql as 'select null::uuid'",
    "make a function": "create function public.mine() returns int language sql as 'select 1'",
    "make a table": "create table public.mine (id uuid)",
    "make a schema": "create schema mine",
    "read a file": "select pg_read_file('PG_VERSION')",
    "run a program": "copy (select 1) to program 'true'",
    "make a role": "create role mine",
    "load a library": "load 'plpgsql'",
}


def test_the_programs_role_is_nobody_special(fortress: Fortress) -> None:
    with fortress.as_program(None) as connection:
        role = connection.execute(
            """select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles
            where pg_has_role(current_user, oid, 'member')"""
        ).fetchall()
        owned = connection.execute("select relname from pg_class where pg_has_role(relowner, 'member')").fetchall()
    assert {flag for row in role for flag in row.values()} == {False}
    assert owned == []


@pytest.mark.parametrize("deed", FORBIDDEN)
def test_it_may_not(fortress: Fortress, deed: str) -> None:
    with (
        fortress.as_program(fortress.context(fortress.gnesta)) as connection,
        pytest.raises((errors.InsufficientPrivilege, errors.UndefinedFile)),
    ):
        connection.execute(FORBIDDEN[deed])


def test_it_may_not_become_the_owner(fortress: Fortress) -> None:
    with fortress.as_owner() as owner_db:
        owner = sql.Identifier(owner_db.info.user)
    for become in ("set role {}", "set session authorization {}"):
        with fortress.as_program(None) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(sql.SQL(become).format(owner))


@pytest.mark.rule("R3.8")
def test_nothing_about_a_child_can_be_deleted_or_unlocked(fortress: Fortress) -> None:
    """R3.8: there is no delete; and only the owner touches policies and triggers."""
    statements = (
        "delete from {}", "truncate {}", "drop table {}", "alter table {} disable row level security",
        "alter table {} disable trigger must_be_named", "create policy mine on {} using (true)",
        "create rule mine as on update to {} do nothing", "alter table {} no force row level security",
        "create trigger mine before insert on {} for each row execute function suppress_redundant_updates_trigger()",
    )  # fmt: skip
    done = []
    for table in (*(place.name for place in fortress.guarded), *KERNEL):
        for statement in statements:
            with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
                try:
                    connection.execute(sql.SQL(statement).format(sql.Identifier(table)))
                except errors.InsufficientPrivilege:
                    continue
                done.append(statement.format(table))
    assert done == []


def test_a_stranger_does_nothing_with_a_circle_of_others(fortress: Fortress) -> None:
    gnesta, stranger = fortress.gnesta, fortress.stranger
    deeds: dict[LiteralString, list[object]] = {
        "select wall.join_circle(%s, %s, %s, 'member')": [gnesta.circle, stranger.unit, stranger.authority],
        "select wall.grant_access(%s, %s, '{core}', '-infinity', 'infinity', 'consent', %s)":
            [gnesta.circle, stranger.unit, uuid4()],
        "select wall.hand_over_circle(%s, %s, %s)": [gnesta.circle, stranger.unit, stranger.authority],
        "select wall.leave_circle(%s, %s)": [gnesta.circle, gnesta.unit],
    }  # fmt: skip
    for deed, values in deeds.items():
        with fortress.as_program(fortress.context(stranger)) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(deed, values)
    with fortress.as_program(fortress.context(stranger)) as connection:
        assert connection.execute("select wall.revoke_access(%s)", [gnesta.circle]).fetchone() == {"revoke_access": 0}
        with pytest.raises(errors.UniqueViolation):
            connection.execute("select wall.open_circle(%s)", [gnesta.circle])


def test_without_a_context_no_circle_is_opened(fortress: Fortress) -> None:
    with fortress.as_program(None) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("select wall.open_circle(%s)", [uuid4()])


def test_many_circles_are_opened_as_one_is_and_let_in_nobody_but_the_family(fortress: Fortress) -> None:
    """``wall.open_circles`` lets in whom the new owner could let in next: nobody else, and nowhere else."""
    gnesta, stranger, new = fortress.gnesta, fortress.stranger, [uuid4(), uuid4()]
    one: dict[str, object] = {"circle": str(new[0]), "party": str(uuid4()), "standing": "child", "basis": str(uuid4()),
                              "from": NOW.isoformat(), "until": "infinity"}  # fmt: skip
    open_circles = "select wall.open_circles(%s, %s)"
    refused: list[tuple[Party | None, list[UUID], list[dict[str, object]]]] = [
        (None, new, [one]),
        (gnesta, new, [one | {"circle": str(stranger.circle)}]),
        (gnesta, new, [one | {"circle": str(gnesta.circle)}]),
        *((gnesta, new, [one | {"standing": standing}]) for standing in ("owner", "member", None)),
        (stranger, [*new, gnesta.circle], []),
    ]
    for party, circles, around in refused:
        with (
            fortress.as_program(party and fortress.context(party)) as connection,
            pytest.raises((errors.InsufficientPrivilege, errors.UniqueViolation)),
        ):
            connection.execute(open_circles, [circles, Jsonb(around)])
    with fortress.as_program(fortress.context(gnesta)) as connection:
        connection.execute(open_circles, [new, Jsonb([one])])
        opened = connection.execute(
            "select circle_id, categories from circle_grants where circle_id = any(%s) order by basis, circle_id", [new]
        ).fetchall()
    assert [tuple(row.values()) for row in opened] == [
        (new[0], ["plan", "meeting_notes", "family", "child", "core"]),
        *((circle, ["core", "plan", "meeting_notes"]) for circle in sorted(new)),
    ]


def test_a_member_opens_nothing_and_invites_nobody(fortress: Fortress) -> None:
    gnesta, member, third = fortress.gnesta, fortress.stranger, uuid4()
    for deed in (
        "select wall.join_circle(%(circle)s, %(third)s, null, 'member')",
        "select wall.join_circle(%(circle)s, %(me)s, null, 'guardian')",
        "select wall.grant_access(%(circle)s, %(me)s, '{social}', '-infinity', 'infinity', 'consent', %(third)s)",
        "select wall.hand_over_circle(%(circle)s, %(me)s, null)",
    ):
        with with_member(fortress, gnesta, member, "member") as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(deed.encode(), {"circle": gnesta.circle, "me": member.unit, "third": third})


def test_nobody_is_made_an_owner_but_by_a_handover(fortress: Fortress) -> None:
    with (
        fortress.as_program(fortress.context(fortress.gnesta)) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute("select wall.join_circle(%s, %s, null, 'owner')", [fortress.gnesta.circle, uuid4()])


@pytest.mark.parametrize("basis", ["owner", "transfer", "authority"])
def test_the_family_opens_by_consent_and_in_no_other_way(fortress: Fortress, basis: str) -> None:
    """A guardian granting ``transfer`` could give the circle away; a grant ``owner`` could never be taken back."""
    guardian = fortress.stranger
    with (
        with_member(fortress, fortress.gnesta, guardian, "guardian") as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(
            "select wall.grant_access(%s, %s, '{core}', '-infinity', 'infinity', %s, %s)",
            [fortress.gnesta.circle, guardian.unit, basis, uuid4()],
        )


@pytest.mark.parametrize(("starts", "ends"), [(-2, -1), (-1, 0), (1, 2)], ids=["over", "ending now", "not begun"])
def test_an_offer_is_taken_only_while_it_stands(fortress: Fortress, starts: int, ends: int) -> None:
    receiver, circle = fortress.stranger, fortress.gnesta.circle
    with (
        with_member(fortress, fortress.gnesta, receiver, "member", offered=(starts, ends)) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute("select wall.hand_over_circle(%s, %s, null)", [circle, receiver.unit])


def test_a_standing_offer_is_taken(fortress: Fortress) -> None:
    receiver, circle = fortress.stranger, fortress.gnesta.circle
    with with_member(fortress, fortress.gnesta, receiver, "member", offered=(-1, 1)) as connection:
        connection.execute("select wall.hand_over_circle(%s, %s, null)", [circle, receiver.unit])
        assert connection.execute("select wall.owns(%s)", [circle]).fetchone() == {"owns": True}


@contextmanager
def with_member(
    fortress: Fortress, owner: Party, member: Party, standing: str, offered: tuple[int, int] | None = None
) -> Iterator[Connection]:
    """A connection as somebody whom the owner has let into its circle, perhaps with a hand-over on offer."""
    with fortress.as_program(fortress.context(owner)) as connection:
        connection.execute("select wall.join_circle(%s, %s, null, %s)", [owner.circle, member.unit, standing])
        if offered:
            starts, ends = (NOW + timedelta(hours=hours) for hours in offered)
            connection.execute(
                "select wall.grant_access(%s, %s, '{core}', %s, %s, 'transfer', %s)",
                [owner.circle, member.unit, starts, ends, uuid4()],
            )
        connection.execute("select set_config('tillsammans.context', %s, false)", [fortress.context(member)])
        yield connection
