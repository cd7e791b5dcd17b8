"""Changes under the wall: a row stays in its circle and with its owner, and a change that nobody named is not saved."""

from uuid import uuid4

import pytest
from psycopg import errors, sql

from tests.house.fortress import NOW, Connection, Fortress, Guarded, Party, row_of

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
    stranger, gnesta = fortress.stranger, fortress.gnesta
    done = []
    for owner in (stranger, gnesta):
        for place in fortress.guarded:
            if place.circle != "id":
                with fortress.as_program(fortress.context(stranger)) as connection:
                    row = row_of(place, owner, uuid4(), gnesta.circle)
                    done += [place.name] if saved(connection, stranger, place.insert(row), row) else []
    assert done == []


def test_a_row_is_not_moved_into_a_foreign_circle(fortress: Fortress) -> None:
    done = []
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
            statement = sql.SQL("update {} set {} = %(to)s").format(place.table, sql.Identifier(place.circle))
            there = uuid4() if place.circle == "id" else fortress.stranger.circle
            done += [place.name] if saved(connection, fortress.gnesta, statement, {"to": there}) else []
    assert done == []


def test_a_row_is_not_given_to_another_owner(fortress: Fortress) -> None:
    done = []
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
            statement = sql.SQL("update {} set owner_unit_id = %(to)s").format(place.table)
            values: dict[str, object] = {"to": fortress.stranger.unit}
            done += [place.name] if saved(connection, fortress.gnesta, statement, values) else []
    assert done == []


def test_whoever_is_let_in_does_not_take_the_rows_home(fortress: Fortress) -> None:
    """A consent ends; a member that made itself the owner meanwhile would go on reading."""
    gnesta, member = fortress.gnesta, fortress.stranger
    categories = ["contact", "school", "health", "social", "plan", "wheel", "meeting_notes"]
    done = []
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(gnesta)) as connection:
            connection.execute("select wall.join_circle(%s, %s, null, 'member')", [gnesta.circle, member.unit])
            connection.execute(
                "select wall.grant_access(%s, %s, %s, '-infinity', 'infinity', 'consent', %s)",
                [gnesta.circle, member.unit, categories, uuid4()],
            )
            connection.execute("select set_config('tillsammans.context', %s, false)", [fortress.context(member)])
            done += [place.name] if saved(connection, member, *taking(place, gnesta, member), about=gnesta) else []
    assert done == []


def test_rows_follow_their_circle_to_its_new_owner(fortress: Fortress) -> None:
    """The one way that there is: the owner offers, the receiver takes, and what it sees becomes its own (R3.5)."""
    gnesta, receiver = fortress.gnesta, fortress.stranger
    followed = []
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(gnesta)) as connection:
            offer = "select wall.grant_access(%s, %s, '{core}', '-infinity', 'infinity', 'transfer', %s)"
            connection.execute("select wall.join_circle(%s, %s, null, 'member')", [gnesta.circle, receiver.unit])
            connection.execute(offer, [gnesta.circle, receiver.unit, uuid4()])
            connection.execute("select set_config('tillsammans.context', %s, false)", [fortress.context(receiver)])
            connection.execute("select wall.hand_over_circle(%s, %s, null)", [gnesta.circle, receiver.unit])
            taken = saved(connection, receiver, *taking(place, gnesta, receiver), about=gnesta)
            followed += [place.name] if taken else []
    assert {"cases", "deadlines"} <= set(followed)


def test_a_change_that_nobody_named_is_not_saved(fortress: Fortress) -> None:
    """House rule 3, also for a look, and for what somebody named in another transaction."""
    kept, hints = [], set()
    for place in fortress.guarded:
        for entry in (None, "look", "refusal"):
            with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
                if entry == "look":
                    name(connection, fortress.gnesta, "change")
                    connection.commit()
                touch(connection, place, fortress.gnesta)
                if entry:
                    name(connection, fortress.gnesta, entry)
                try:
                    connection.commit()
                except errors.RaiseException as refused:
                    hints.add(refused.diag.message_hint)
                    continue
                kept.append((place.name, entry))
    assert (kept, hints) == ([], {"unnamed-change"})


def test_a_new_row_that_nobody_named_is_not_saved(fortress: Fortress) -> None:
    gnesta = fortress.gnesta
    for place in fortress.guarded:
        circle = uuid4() if place.circle == "id" else gnesta.circle
        with fortress.as_program(fortress.context(gnesta)) as connection:
            if place.circle == "id":
                connection.execute("select wall.open_circle(%s)", [circle])
            row = row_of(place, gnesta, uuid4(), circle)
            connection.execute(place.insert(row), row)
            with pytest.raises(errors.RaiseException, match="unnamed change"):
                connection.commit()


def test_a_named_change_is_saved(fortress: Fortress) -> None:
    for place in fortress.guarded:
        with fortress.as_program(fortress.context(fortress.gnesta)) as connection:
            touch(connection, place, fortress.gnesta)
            name(connection, fortress.gnesta, "change")
            connection.commit()


def test_a_change_is_named_by_its_circle_or_by_the_record_and_by_nothing_else(fortress: Fortress) -> None:
    """Also where an entry is about a record in a circle of others, or about a record without a circle."""
    gnesta, elsewhere = fortress.gnesta, uuid4()
    names: dict[str, tuple[bool, dict[str, object]]] = {
        "the circle": (True, {"circle": gnesta.circle}),
        "the record": (True, {"circle": None, "object": gnesta.row}),
        "the circle's own record": (True, {"circle": None, "object": gnesta.circle}),
        "the record, in another circle": (True, {"circle": elsewhere, "object": gnesta.row}),
        "another circle": (False, {"circle": elsewhere}),
        "another record": (False, {"circle": None, "object": elsewhere}),
        "nothing": (False, {"circle": None}),
    }
    wrong = []
    for place in fortress.guarded:
        if place.circle == "id" or place.final:
            continue  # the record is the circle there; a final row is a new one
        for what, (counts, entry) in names.items():
            with fortress.as_program(fortress.context(gnesta)) as connection:
                touch(connection, place, gnesta)
                name(connection, gnesta, "change", **entry)
                try:
                    connection.execute("set constraints all immediate")
                    stood = True
                except errors.RaiseException:
                    stood = False
                wrong += [(place.name, what)] if stood is not counts else []
    assert wrong == []


def test_what_is_final_does_not_change(fortress: Fortress) -> None:
    final = [place for place in fortress.guarded if place.final]
    assert {"plan_versions", "plan_acceptances", "plan_follow_ups"} <= {place.name for place in final}
    for place in final:
        with (
            fortress.as_program(fortress.context(fortress.gnesta)) as connection,
            pytest.raises(errors.InsufficientPrivilege, match="final"),
        ):
            connection.execute(sql.SQL("update {} set municipality_code = '0461'").format(place.table))


def test_nobody_names_a_change_as_somebody_else(fortress: Fortress) -> None:
    for user in (fortress.stranger.user, None):
        with (
            fortress.as_program(fortress.context(fortress.gnesta)) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            name(connection, fortress.gnesta, "change", user=user)


def taking(place: Guarded, earlier: Party, taker: Party) -> tuple[sql.Composed, dict[str, object]]:
    """The statement by which a unit makes the rows of another its own."""
    statement = sql.SQL("update {} set owner_unit_id = %(taker)s where owner_unit_id = %(earlier)s")
    return statement.format(place.table), {"taker": taker.unit, "earlier": earlier.unit}


def saved(
    connection: Connection,
    party: Party,
    statement: sql.Composed,
    values: dict[str, object],
    *,
    about: Party | None = None,
) -> bool:
    """Whether a change would stand at the end of its transaction, well named."""
    try:
        rows = connection.execute(statement, values).rowcount
        for circle in ((about or party).circle, *values.values()):
            name(connection, party, "change", circle=circle)
        connection.execute("set constraints all immediate")
    except (errors.InsufficientPrivilege, errors.ForeignKeyViolation):
        return False
    return rows > 0


def touch(connection: Connection, place: Guarded, party: Party) -> None:
    """Change every row that the connection sees; where rows are final, add one."""
    if place.final:
        row = row_of(place, party, uuid4(), party.circle)
        connection.execute(place.insert(row), row)
        return
    assert connection.execute(sql.SQL("update {} set municipality_code = '0461'").format(place.table)).rowcount == 1


def name(connection: Connection, party: Party, kind: str, **other: object) -> None:
    """Write an entry about the party's circle into the log."""
    connection.execute(
        """insert into access_log
            (id, logged_at, kind, action, permission, outcome, user_id, controller_id, object_type, object_id,
            circle_id, trace_id)
        values (gen_random_uuid(), %(at)s, %(kind)s, 'a', 'p', 'allowed', %(user)s, %(authority)s, 'case', %(object)s,
            %(circle)s, 't')""",
        {"at": NOW, "kind": kind, "user": party.user, "authority": party.authority, "circle": party.circle,
         "object": uuid4()} | other,
    )  # fmt: skip
