"""Changes under the wall: a row stays in its circle and with its owner, and a change that nobody named is not saved."""

from uuid import UUID, uuid4

import pytest
from psycopg import errors, sql

from tests.house.fortress import NOW, Connection, Fortress, Guarded, Party, put, row_of

pytestmark = pytest.mark.database


def test_a_hidden_row_is_not_changed(fortress: Fortress) -> None:
    changed = {}
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(fortress.stranger)) as connection:
            statement = sql.SQL("update {} set municipality_code = '0486' where id <> %s").format(place.table)
            own = fortress.stranger.circle if place.circle == "id" else fortress.stranger.row
            if rows := connection.execute(statement, [own]).rowcount:
                changed[place.name] = rows
    assert changed == {}


def test_a_row_is_not_put_into_a_foreign_circle(fortress: Fortress) -> None:
    """Nobody can place something before the eyes of a circle that has not let them in."""
    assert put_there(fortress, fortress.stranger.unit) == []
    assert put_there(fortress, fortress.gnesta.unit) == []


def put_there(fortress: Fortress, owner: UUID) -> list[str]:
    """The tables in which the stranger could put a row of this owner into Gnesta's circle."""
    done = []
    for place in fortress.guarded:
        if place.circle != "id":
            with fortress.as_program(fortress.context(fortress.stranger)) as connection:
                row = row_of(place, fortress.stranger, uuid4(), fortress.gnesta.circle) | {"owner_unit_id": owner}
                try:
                    put(connection, place, row)
                except errors.InsufficientPrivilege:
                    continue
                done.append(place.name)
    return done


def test_a_row_is_not_moved_into_a_foreign_circle(fortress: Fortress) -> None:
    moved = []
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
            statement = sql.SQL("update {} set {} = %s").format(place.table, sql.Identifier(place.circle))
            try:
                connection.execute(statement, [fortress.stranger.circle])
            except (errors.InsufficientPrivilege, errors.UniqueViolation):
                continue
            moved.append(place.name)
    assert moved == []


def test_a_row_is_not_given_to_another_owner(fortress: Fortress) -> None:
    given = []
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
            try:
                connection.execute(
                    sql.SQL("update {} set owner_unit_id = %s").format(place.table), [fortress.stranger.unit]
                )
            except errors.InsufficientPrivilege:
                continue
            given.append(place.name)
    assert given == []


def test_whoever_is_let_in_does_not_take_the_rows_home(fortress: Fortress) -> None:
    """A consent ends; a member that made itself the owner meanwhile would go on reading."""
    gnesta, member = fortress.gnesta, fortress.stranger
    taken = []
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(gnesta)) as connection:
            connection.execute("select wall.join_circle(%s, %s, null, 'member')", [gnesta.circle, member.unit])
            connection.execute(
                "select wall.grant_access(%s, %s, '{contact,school,health,social,plan,wheel,meeting_notes}', "
                "'-infinity', 'infinity', 'consent', %s)",
                [gnesta.circle, member.unit, uuid4()],
            )
            connection.execute("select set_config('tillsammans.context', %s, false)", [fortress.context(member)])
            statement = sql.SQL("update {} set owner_unit_id = %s where owner_unit_id = %s").format(place.table)
            try:
                if connection.execute(statement, [member.unit, gnesta.unit]).rowcount:
                    taken.append(place.name)
            except errors.InsufficientPrivilege:
                continue
    assert taken == []


def test_a_change_that_nobody_named_is_not_saved(fortress: Fortress) -> None:
    """House rule 3, also for a look, and for what somebody named in another transaction."""
    saved = []
    for place in fortress.guarded:
        for entry in (None, "look", "refusal"):
            with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
                if entry == "look":
                    name(connection, fortress.gnesta, "change")
                    connection.commit()
                touch(connection, place)
                if entry:
                    name(connection, fortress.gnesta, entry)
                try:
                    connection.commit()
                except errors.RaiseException as refused:
                    assert refused.diag.message_hint == "unnamed-change"
                    continue
                saved.append((place.name, entry))
    assert saved == []


def test_a_new_row_that_nobody_named_is_not_saved(fortress: Fortress) -> None:
    gnesta = fortress.gnesta
    for place in fortress.guarded:
        circle = uuid4() if place.circle == "id" else gnesta.circle
        with fortress.as_program(fortress.context(gnesta)) as connection:
            if place.circle == "id":
                connection.execute("select wall.open_circle(%s)", [circle])
            put(connection, place, row_of(place, gnesta, uuid4(), circle))
            with pytest.raises(errors.RaiseException, match="unnamed change"):
                connection.commit()


def test_a_named_change_is_saved(fortress: Fortress) -> None:
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
            touch(connection, place)
            name(connection, fortress.gnesta, "change")
            connection.commit()


def test_nobody_names_a_change_as_somebody_else(fortress: Fortress) -> None:
    for user in (fortress.stranger.user, None):
        with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
            with pytest.raises(errors.InsufficientPrivilege):
                name(connection, fortress.gnesta, "change", user=user)


def touch(connection: Connection, place: Guarded) -> None:
    """Change every row that the connection sees."""
    assert connection.execute(sql.SQL("update {} set municipality_code = '0461'").format(place.table)).rowcount == 1


def name(connection: Connection, party: Party, kind: str, **other: object) -> None:
    """Write an entry about the party's circle into the log."""
    connection.execute(
        """insert into access_log (id, logged_at, kind, action, permission, outcome, user_id, object_type, circle_id, trace_id)
        values (gen_random_uuid(), %(at)s, %(kind)s, 'a', 'p', 'allowed', %(user)s, 'case', %(circle)s, 't')""",
        {"at": NOW, "kind": kind, "user": party.user, "circle": party.circle} | other,
    )
