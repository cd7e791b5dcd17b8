"""Results are of many groups and many children together, or there are none (R11.9)."""

from uuid import UUID, uuid4

import pytest

from tests.builders import made, problem
from tests.group_places.steps import a_led_group, a_place

pytestmark = [pytest.mark.database, pytest.mark.rule("R11.9")]

TERM = "VT2031"
ASK = "select wall.contact_group_results('0428', %s, %s) as told"


@pytest.fixture(scope="module")
def manager(client_for):
    return client_for("vingaker.manager")


@pytest.fixture(scope="module")
async def groups(manager):
    """Two groups of one term, and one child in the first of them, who was at no session."""
    both = [await a_led_group(manager, term=TERM) for _ in range(2)]
    place = await a_place(manager, both[0])
    said = {"occasion": "extra", "respondent": "guardian", "text": "Det går bra.", "scale": 5}
    await made(await manager.post(f"/places/{place['id']}/follow-ups", json=said))
    return both, place


def again(db, groups, answers):
    """More children with a guardian's answer each: ``(group, scale)``; 0 is words alone, none a reason.

    Copies of the one there is, behind the wall and rolled back.
    """
    both, place = groups
    for group, scale in answers:
        new = {"entry": uuid4(), "place": uuid4(), "follow_up": uuid4(), "group": UUID(both[group]["id"]),
               "from": UUID(place["id"]), "scale": scale or None, "text": "Ord." if scale == 0 else None,
               "reason": "Avböjde." if scale is None else None}  # fmt: skip
        db.execute(
            """insert into place_claims (id, pool_id, status, priority, requested_at)
            values (%(entry)s, %(group)s, 'left', 0, now())""", new,
        )  # fmt: skip
        for table, column, changes in (
            ("queue_entries", "id = (select entry_id from group_places where id = %(from)s)",
             "'id', %(entry)s, 'group_id', %(group)s"),
            ("group_places", "id = %(from)s",
             "'id', %(place)s, 'entry_id', %(entry)s, 'group_id', %(group)s, 'person_key', %(entry)s"),
            ("place_follow_ups", "place_id = %(from)s and respondent = 'guardian'",
             """'id', %(follow_up)s, 'place_id', %(place)s, 'entry_id', %(entry)s, 'scale', %(scale)s::int,
             'text', %(text)s::text, 'not_interviewed_reason', %(reason)s::text"""),
        ):  # fmt: skip
            db.execute(
                f"""insert into {table} select (jsonb_populate_record(t, jsonb_build_object({changes}))).*
                from {table} t where {column}""".encode(), new,
            )  # fmt: skip


def told(db, smallest=5):
    found = db.execute(ASK, [TERM, smallest]).fetchone()["told"]
    (guardian,) = [each for each in found["respondents"] if each["respondent"] == "guardian"]
    return guardian["answered"], guardian["not_interviewed"], guardian["steps"]


@pytest.mark.parametrize(
    ("others", "shown"),
    [
        ([(1, 5)] * 3, (None, None, None)),
        ([(1, 5)] * 4, (5, None, None)),
        ([(0, 5)] * 9, (None, None, None)),
        ([(1, 5)] * 4 + [(0, None)] * 4, (5, None, None)),
        ([(1, 5)] * 4 + [(0, None)] * 3 + [(1, None)] * 2, (5, 5, None)),
        ([(1, 5)] * 4 + [(0, 3)] * 4, (9, None, None)),
        ([(1, 5)] * 4 + [(0, 3)] * 5, (10, None, [(3, 5), (5, 5)])),
        ([(1, 5)] * 4 + [(0, 3)] * 5 + [(1, 1)], (11, None, None)),
        ([(1, 5)] * 4 + [(0, 3)] * 5 + [(1, 0)], (11, None, None)),
        ([(1, 5)] * 4 + [(0, 3)] * 5 + [(1, 0)] * 5, (15, None, [(3, 5), (5, 5)])),
        ([(1, 5)] * 9, (10, None, None)),
    ],
    ids=[
        "four children", "five of two groups", "ten of one group", "four were not asked", "five were not asked",
        "four named a step", "each step was named by five", "one named another", "one used words alone",
        "five used words alone", "everybody alike",
    ],
)  # fmt: skip
def test_nothing_is_told_of_few_children_or_one_group(owner_db, groups, others, shown):
    again(owner_db, groups, others)

    answered, missing, steps = told(owner_db)

    assert (answered, missing, steps and [(each["scale"], each["children"]) for each in steps]) == shown
    # Whoever asks for smaller numbers gets none either; the limit may only be raised.
    assert told(owner_db, smallest=1) == (answered, missing, steps)
    assert told(owner_db, smallest=20) == (None, None, None)


def test_a_child_counts_once_with_its_latest_answer(owner_db, groups):
    again(owner_db, groups, [(1, 5)] * 3)
    owner_db.execute(
        """insert into place_follow_ups select (jsonb_populate_record(f, jsonb_build_object('id', gen_random_uuid()))).*
        from place_follow_ups f join group_places p on p.id = f.place_id
        where p.group_id = any (%s)""", [[UUID(group["id"]) for group in groups[0]]],
    )  # fmt: skip

    assert told(owner_db)[0] is None


def mark(db, groups, marks):
    """A session of each group, and a mark for each of the first children: ``present`` or not."""
    sessions = {group["id"]: uuid4() for group in groups[0]}
    for group_id, session_id in sessions.items():
        db.execute(
            """insert into group_sessions select %s, id, '2031-02-03', null, null, 'held', null, null,
            (select id from users limit 1), 1, unit_id, (select authority_id from units where id = unit_id),
            municipality_code from contact_groups where id = %s""", [session_id, UUID(group_id)],
        )  # fmt: skip
    places = db.execute(
        "select * from group_places where group_id = any (%s) order by id = %s desc, created_at, id",
        [[UUID(group) for group in sessions], UUID(groups[1]["id"])],
    ).fetchall()
    for place, said in zip(places, marks, strict=False):
        db.execute(
            """insert into session_attendances
            values (gen_random_uuid(), %s, %s, %s, %s, %s, now(), 1, %s, %s, null)""",
            [sessions[str(place["group_id"])], place["id"], place["entry_id"], said, place["given_by"],
             place["owner_unit_id"], place["owner_authority_id"]],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("others", "marks", "percent"),
    [
        ([1, 1, 1, 1], ["present"] * 4, None),
        ([1, 1, 1, 1], ["present", "present", "absent", "present", "excused"], 60),
        ([0, 0, 0, 0], ["present"] * 5, None),
        ([0, 0, 0, 1], ["present"] * 4 + [None], None),
    ],
    ids=["four children", "five of two groups", "five of one group", "one has no mark"],
)
def test_attendance_is_told_of_many_only(owner_db, groups, others, marks, percent):
    again(owner_db, groups, [(group, 5) for group in others])
    mark(owner_db, groups, marks)

    assert owner_db.execute(ASK, [TERM, 5]).fetchone()["told"]["present_percent"] == percent


async def test_the_program_tells_what_the_wall_tells(client_for, manager, groups):
    reader, query = client_for("stats.reader"), {"municipalityCode": "0428", "term": TERM}
    page = await made(await reader.get("/contact-group-results", params=query))

    (result,) = page["items"]
    assert (result["municipalityCode"], result["term"], result["groups"], result["smallestCount"]) == (
        "0428", TERM, 2, 5,
    )  # fmt: skip
    assert (result["presentPercent"], result["suppressed"]) == (None, True)
    assert [each["respondent"] for each in result["respondents"]] == ["child", "guardian", "leader"]
    for each in result["respondents"]:
        assert (each["answered"], each["notInterviewed"], each["steps"], each["suppressed"]) == (None, None, None, True)
    everything = await made(await manager.get("/contact-group-results", params={"limit": 200}))
    assert {(item["municipalityCode"], item["term"]) for item in everything["items"]} >= {("0428", TERM)}
    for who in ("guardian.one", "vingaker.leader", "vingaker.social"):
        assert problem(await client_for(who).get("/contact-group-results")) == (403, "forbidden")
