"""How many wait, told so that no small number and no single group can be read out of it (R11.9)."""

from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from app.demo.directory import AUTHORITIES, UNITS
from app.demo.staff import USER_IDS
from tests.builders import a_child, made, problem
from tests.contact_groups.steps import an_open_group
from tests.group_queues.steps import VINGAKER, in_line, offered

pytestmark = [pytest.mark.database, pytest.mark.rule("R11.9")]

LEAST = 5
PARTS = {
    "asked_via": ["ifo", "school", "other"],
    "wished_by": ["child", "guardian", "professional"],
    "grade_band": ["f_3", "4_6", "7_9"],
}
GRADE = {"f_3": 3, "4_6": 6, "7_9": 7}
Connection = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def manager(client_for):
    return client_for("vingaker.manager")


@pytest.fixture(scope="module")
async def child(client_for):
    return await a_child(client_for("vingaker.manager"), municipalityCode=VINGAKER)


def a_pool(owner_db: Connection, term: str) -> UUID:
    """A group of the term with its pool of eight places, in a transaction that is rolled back."""
    group = uuid4()
    owner_db.execute(
        """insert into contact_groups (id, unit_id, municipality_code, name, term, grade_min, grade_max, weekday,
            starts_at, ends_at, status, default_decision_type, created_at)
        values (%s, %s, %s, 'Gruppen', %s, 0, 9, 1, '15:00', '17:00', 'open', 'without_needs_assessment', now())""",
        [group, UNITS["vingaker-kontaktgrupper"], VINGAKER, term],
    )
    owner_db.execute("insert into place_pools values (%s, 10, false, true, 1)", [group])
    owner_db.execute("insert into place_seats select %s, n from generate_series(1, 8) n", [group])
    return group


def waits(owner_db: Connection, group: UUID, child_id: str, person: UUID, told: dict[str, str]) -> None:
    """Somebody waits for a group."""
    entry = uuid4()
    owner_db.execute(
        "insert into place_claims (id, pool_id, status, priority, requested_at) values (%s, %s, 'waiting', 0, now())",
        [entry, group],
    )
    owner_db.execute(
        """insert into queue_entries (id, group_id, child_id, person_key, grade, wished_by, asked_via, requested_by,
            consent_needed, shielded, created_at, owner_unit_id, owner_authority_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s, false, false, now(), %s, %s)""",
        [entry, group, child_id, person, GRADE[told["grade_band"]], told["wished_by"], told["asked_via"],
         USER_IDS["vingaker.manager"], UNITS["vingaker-kontaktgrupper"], AUTHORITIES["vingaker-social"]],
    )  # fmt: skip


def demand(owner_db: Connection, term: str, smallest: int = LEAST) -> dict[tuple[str, str], int | None]:
    rows = owner_db.execute("select * from wall.contact_group_demand(%s, %s, %s)", [VINGAKER, term, smallest])
    return {(row["dimension"], row["code"]): row["number"] for row in rows}


def test_what_is_left_out_cannot_be_worked_out(owner_db, child):
    """Whoever knows everything that is told cannot tell any number that is not."""
    dice = Random(1)
    for game in range(12):
        term = f"HT{3000 + game}"
        groups = [a_pool(owner_db, term) for _ in range(2)]
        weights = {part: [dice.choice([0, 1, 3, 9]) + 0.01 for _ in codes] for part, codes in PARTS.items()}
        people = [
            {part: dice.choices(codes, weights[part])[0] for part, codes in PARTS.items()}
            for _ in range(dice.choice([0, 3, 5, 9, 14, 30]))
        ]
        for number, person in enumerate(people):
            waits(owner_db, groups[0], child["id"], (key := uuid4()), person)
            if number % 3 == 0:
                waits(owner_db, groups[1], child["id"], key, person)  # the same child in another line
        found = demand(owner_db, term)

        known = found["waiting", ""]
        assert known == (len(people) if len(people) >= LEAST else None)
        assert (found["places", ""], found["taken", ""]) == (16, None)
        for part, codes in PARTS.items():
            true = {code: sum(person[part] == code for person in people) for code in codes}
            told = {code: found[part, code] for code in codes}
            hidden = [code for code in codes if told[code] is None]
            assert all(number in (None, true[code]) for code, number in told.items())
            assert all(true[code] >= LEAST for code in codes if told[code] is not None)
            assert all(code in hidden for code in codes if true[code] < LEAST)
            if known is not None and hidden:
                rest = known - sum(number or 0 for number in told.values())
                assert len(hidden) > 1, "one number alone is what is left of the whole"
                assert rest >= LEAST, "what is left of the whole is itself no small number"


def test_no_small_number_is_told_whoever_asks(owner_db, child):
    term = "VT3001"
    groups = [a_pool(owner_db, term) for _ in range(2)]
    for _ in range(4):
        waits(
            owner_db, groups[0], child["id"], uuid4(), {"grade_band": "4_6", "wished_by": "child", "asked_via": "ifo"}
        )

    for smallest in (-1, 0, 1, 5):
        found = demand(owner_db, term, smallest)
        assert {number for number in found.values() if number is not None} == {16}, "the places alone"
    assert demand(owner_db, term, 17) == dict.fromkeys(found)


def test_one_group_alone_is_told_nothing_of(owner_db, child):
    group = a_pool(owner_db, "VT3002")
    for _ in range(9):
        waits(owner_db, group, child["id"], uuid4(), {"grade_band": "4_6", "wished_by": "child", "asked_via": "ifo"})

    assert set(demand(owner_db, "VT3002").values()) == {None}
    other = a_pool(owner_db, "VT3002")
    assert demand(owner_db, "VT3002")["waiting", ""] is None, "they all wait for the one"
    waits(owner_db, other, child["id"], uuid4(), {"grade_band": "4_6", "wished_by": "child", "asked_via": "ifo"})
    assert demand(owner_db, "VT3002")["waiting", ""] == 10


async def test_the_demand_is_told_to_those_who_plan(manager, client_for):
    term = "VT2044"
    one, other = await an_open_group(manager, term=term), await an_open_group(manager, term=term)
    children = [await a_child(manager, municipalityCode=VINGAKER) for _ in range(6)]
    for number, child in enumerate(children):
        await in_line(manager, one, child, wishedBy="guardian" if number else "child", grade=5)
    await in_line(manager, other, children[0])
    await offered(manager, await in_line(manager, other), skipReason="Prov.")
    query = {"municipalityCode": VINGAKER, "term": term}

    for who in ("stats.reader", "vingaker.manager"):
        (told,) = (await made(await client_for(who).get("/contact-group-demand", params=query)))["items"]
        assert told["waiting"] == {"number": 6, "suppressed": False}, "a child in two lines is one, an offer no wait"
        assert told["places"] == {"number": 16, "suppressed": False}
        assert told["taken"] == {"number": None, "suppressed": True}
        assert {part["number"] for part in told["wishedByCounts"]} == {None}, "5 and 1 of 6: the 5 would tell the 1"
        assert [part["askedVia"] for part in told["askedViaCounts"]] == PARTS["asked_via"]

    reader = client_for("stats.reader")
    await an_open_group(manager, term="HT2044")
    both = await made(await reader.get("/contact-group-demand", params={"term": [term, "HT2044"]}))
    assert [item["term"] for item in both["items"]] == ["HT2044", term], "each by itself, the newest first"
    nowhere = await made(await reader.get("/contact-group-demand", params={**query, "municipalityCode": "0480"}))
    assert nowhere["items"] == []
    assert problem(await reader.get("/queue-entries")) == (403, "forbidden")
    assert problem(await client_for("vingaker.social").get("/contact-group-demand", params=query)) == (403, "forbidden")
