"""Whom do I call: exactly one answer at every moment, and never somebody who has not accepted."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from app.demo.directory import UNITS
from app.demo.staff import USER_IDS
from app.kernel.context import ContextSigner
from tests.builders import a_case, a_child, a_draft, invited, made
from tests.coordinators.steps import (
    a_coordinator,
    a_joint_case,
    answer,
    ask,
    is_away,
    next_one,
    protect,
    whom_to_call,
)

pytestmark = pytest.mark.database

#: Each test has a day of its own, so that nobody is still away from another test.
_days = iter(datetime(2027, 1, 4, 9, 30, tzinfo=UTC) + timedelta(days=30 * number) for number in range(100))


@pytest.fixture
def now(clock):
    """The day of this test, which the program's clock shows."""
    day = next(_days)
    clock.set(day)
    return day


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def karin(client_for):
    return client_for("gnesta.coordinator")


@pytest.mark.rule("R5.4")
async def test_everybody_is_told_the_same_and_nobody_outside_hears_anything(
    client_for, school, karin, program_db, settings
):
    case = await a_joint_case(school)
    await a_coordinator(school, case, karin, "gnesta.coordinator")

    answers = [
        await whom_to_call(client_for(who), case)
        for who in ("gnesta.school", "gnesta.coordinator", "region.bup", "guardian.one", "guardian.two")
    ]

    assert all(one == answers[0] for one in answers)
    told = answers[0]
    assert (told["name"], told["role"], told["because"]) == ("Karin Wallin", "coordinator", "coordinates")
    assert (told["unitName"], told["standingInFor"]) == ("Samordningsfunktionen i Gnesta", None)
    assert told["userId"] == str(USER_IDS["gnesta.coordinator"])
    assert told["phone"]
    assert told["_links"]["case"]["href"].endswith(f"/cases/{case['id']}")
    nobody_outside_the_circle_hears_who_takes_part(case, program_db, settings)
    await the_place_of_a_protected_child_is_not_told(client_for, case)


def nobody_outside_the_circle_hears_who_takes_part(case, program_db, settings):
    signer = ContextSigner(settings.secret.get_secret_value())

    def takes_part(asker, unit):
        context = signer.sign(asker and UNITS[asker], None, None, datetime.now(UTC))
        program_db.execute("select set_config('tillsammans.context', %s, false)", [context])
        found = program_db.execute("select wall.takes_part(%s, %s) as found", [case["id"], UNITS[unit]]).fetchone()
        return found["found"]

    for unit in ("gnesta-skola", "gnesta-samordning", "region-bup-nykoping"):
        assert takes_part("gnesta-skola", unit)
        assert takes_part("region-bup-nykoping", unit)
        assert not takes_part("katrineholm-samordning", unit)
        assert not takes_part(None, unit)
    assert not takes_part("gnesta-skola", "katrineholm-samordning")
    program_db.rollback()


async def the_place_of_a_protected_child_is_not_told(client_for, case):
    school, bup, family = (client_for(who) for who in ("gnesta.school", "region.bup", "guardian.one"))
    await protect(school, case)
    refused = await bup.get(f"/cases/{case['id']}/whom-to-call")
    await made(await bup.post(f"/children/{case['child']['id']}/checkpoints", json={"reason": "Planerar möte."}))

    there, at_home, inside = [await whom_to_call(client, case) for client in (bup, family, school)]

    assert (refused.status_code, refused.json()["code"]) == (403, "checkpoint-required")
    assert (there["name"], there["unitName"], there["phone"]) == ("Karin Wallin", None, None)
    assert (at_home["name"], at_home["unitName"]) == ("Karin Wallin", None)
    assert at_home["phone"] == inside["phone"] is not None
    assert inside["unitName"] == "Samordningsfunktionen i Gnesta"


async def test_without_a_coordinator_it_is_the_named_contact(school):
    case = await a_case(school)

    told = await whom_to_call(school, case)

    assert (told["name"], told["role"], told["because"]) == ("Sara Ekdahl", "named_contact", "is_the_contact")


@pytest.mark.rule("R5.6")
async def test_who_is_away_has_a_deputy_and_a_deputys_deputy_who_answer_in_those_days(client_for, school, now, clock):
    case = await a_case(school)
    oskar = client_for("gnesta.school2")
    await a_coordinator(school, case, oskar, "gnesta.school2")
    tomorrow = now.date() + timedelta(days=1)
    await made(await is_away(oskar, "gnesta.school2", "gnesta.schoolmanager", first=tomorrow, last=tomorrow))

    before = await whom_to_call(school, case)
    clock.advance(timedelta(days=1))
    meanwhile = await whom_to_call(school, case)
    clock.advance(timedelta(days=1))
    after = await whom_to_call(school, case)

    assert (before["name"], after["name"]) == ("Oskar Nyberg", "Oskar Nyberg")
    assert (meanwhile["name"], meanwhile["role"], meanwhile["because"], meanwhile["standingInFor"]) == (
        "Lena Hjort", "deputy", "for_the_absent", "Oskar Nyberg",
    )  # fmt: skip

    today = clock.now().date()
    await made(await is_away(oskar, "gnesta.school2", "gnesta.school", first=today, last=today))
    await made(await is_away(school, "gnesta.school", "gnesta.schoolmanager", first=today, last=today))
    told = await whom_to_call(school, case)
    assert (told["name"], told["standingInFor"]) == ("Lena Hjort", "Oskar Nyberg"), "the deputy's deputy"


@pytest.mark.rule("R5.3")
@pytest.mark.rule("R5.6")
async def test_when_nobody_stands_in_the_next_in_turn_answers(client_for, school, karin, now):
    case = await a_joint_case(school, at=now)
    bup, today = client_for("region.bup"), now.date()
    await a_coordinator(school, case, bup, "region.bup")

    await made(await is_away(bup, "region.bup", first=today, last=today))
    contact = await whom_to_call(school, case)
    await made(await is_away(school, "gnesta.school", first=today, last=today))
    lead = await whom_to_call(school, case)
    await made(await is_away(karin, "gnesta.coordinator", first=today, last=today))
    desk = await whom_to_call(school, case)

    assert (contact["name"], contact["role"], contact["because"]) == ("Sara Ekdahl", "named_contact", "is_the_contact")
    assert (lead["name"], lead["role"], lead["because"]) == ("Karin Wallin", "desk_lead", "nobody_else")
    assert (desk["name"], desk["userId"], desk["role"]) == (None, None, "desk")
    assert desk["unitName"] == lead["unitName"] is not None


@pytest.mark.rule("R5.6")
async def test_who_gives_no_sign_is_stood_in_for_until_the_next_sign(client_for, school, now, clock):
    case = await a_case(school)
    oskar, sign = client_for("gnesta.school2"), "/coordination-workload/acknowledgement"
    await a_coordinator(school, case, oskar, "gnesta.school2")
    await made(await oskar.post(sign, json={"deputyUserId": str(USER_IDS["gnesta.schoolmanager"])}))

    clock.advance(timedelta(days=13))
    still = await whom_to_call(school, case)
    clock.advance(timedelta(days=1))
    silent = await whom_to_call(school, case)
    await made(await oskar.post(sign, json={}))
    heard = await whom_to_call(school, case)
    clock.advance(timedelta(days=14))
    without_deputy = await whom_to_call(school, case)

    assert (still["name"], heard["name"]) == ("Oskar Nyberg", "Oskar Nyberg")
    assert (silent["name"], silent["role"], silent["because"]) == ("Lena Hjort", "deputy", "for_the_silent")
    assert (without_deputy["name"], without_deputy["role"]) == ("Sara Ekdahl", "named_contact")


async def test_a_draft_without_a_contact_has_the_desks_lead(school):
    told = await whom_to_call(school, await a_draft(school))

    assert (told["name"], told["role"]) == ("Karin Wallin", "desk_lead")


@pytest.mark.parametrize(
    "fields", [{"municipalityCode": "0428"}, {"municipalityCode": None}], ids=["no desk", "nowhere"]
)
async def test_where_there_is_no_desk_it_is_the_unit_that_holds_the_case(client_for, fields):
    vingaker = client_for("vingaker.school")

    told = await whom_to_call(vingaker, await a_draft(vingaker, await a_child(vingaker, **fields)))

    assert (told["name"], told["role"], told["because"]) == (None, "unit", "nobody_else")
    assert told["phone"]


@pytest.mark.parametrize("how", ["leaves", "consent withdrawn"])
async def test_a_coordinator_to_whom_the_case_is_closed_answers_no_more(client_for, school, how):
    case = await a_case(school)
    await invited(school, case, "gnesta-skola-2")
    other = client_for("gnesta.otherschool")
    unit = "gnesta-skola-2"
    if how == "consent withdrawn":
        case = await a_joint_case(school)
        other, unit = client_for("region.bup"), "region-bup-nykoping"
    await a_coordinator(school, case, other, "gnesta.otherschool" if how == "leaves" else "region.bup")
    before = await whom_to_call(school, case)

    if how == "leaves":
        path = f"/cases/{case['id']}/members/{UNITS[unit]}/ending"
        await made(await school.post(path, json={"reason": "Klart."}))
    else:
        consents = (await made(await school.get(f"/consents?childId={case['child']['id']}")))["items"]
        await made(await client_for("guardian.one").post(f"/consents/{consents[0]['id']}/withdrawal", json={}))

    assert before["role"] == "coordinator"
    told = await whom_to_call(school, case)
    assert (told["name"], told["role"]) == ("Sara Ekdahl", "named_contact")


async def test_a_deputy_who_has_left_the_unit_does_not_answer(client_for, school, now):
    case, admin, today = await a_case(school), client_for("sys.admin"), now.date()
    user = await made(await admin.post("/users", json={"name": "Vikarien", "subject": "vikarien", "kind": "person"}))
    body = {"userId": user["id"], "unitId": str(UNITS["gnesta-skola"]), "role": "practitioner"}
    held = await made(await admin.post("/assignments", json=body))
    absence = {"userId": str(USER_IDS["gnesta.school"]), "deputyUserId": user["id"], "reason": "leave"}
    days = {"fromOn": today.isoformat(), "toOn": today.isoformat()}
    await made(await school.post("/coordinator-absences", json=absence | days))

    there = await whom_to_call(school, case)
    tag = {"if-match": f'"v{held["version"]}"'}
    await made(await admin.patch(f"/assignments/{held['id']}", json={"validTo": now.isoformat()}, headers=tag))
    gone = await whom_to_call(school, case)

    assert (there["name"], there["standingInFor"]) == ("Vikarien", "Sara Ekdahl")
    assert gone["role"] == "desk_lead"


NAMES = {
    "gnesta.school": "Sara Ekdahl", "gnesta.school2": "Oskar Nyberg", "region.bup": "Hanna Sjögren",
    "gnesta.otherschool": "David Åberg",
}  # fmt: skip
DEPUTIES = {"gnesta.school": "gnesta.schoolmanager", "gnesta.school2": "gnesta.schoolmanager"}


class Drama:
    """What has happened around one case, and who should answer because of it."""

    def __init__(self, client_for, case, today: date):
        self.client_for, self.case, self.today = client_for, case, today
        self.current = self.proposed = None  # (subject, assignment)
        self.away = {}  # subject: (absence, deputy or None)

    @property
    def expected(self):
        """Sara, who invited a second authority, coordinates until another has accepted (R3.3)."""
        coordinator = self.current[0] if self.current else "gnesta.school"
        for subject in (coordinator, "gnesta.school"):
            if subject not in self.away:
                return NAMES[subject]
            if self.away[subject][1]:
                return "Lena Hjort"
        return "Karin Wallin"

    def possible(self):
        """The deeds that there is somebody for; the others would change nothing."""
        deeds = [self.propose, self.propose]
        deeds += [self.accept, self.accept, self.say_no, self.meddle] if self.proposed else []
        deeds += [self.hand_over] if self.current else []
        deeds += [self.leave] if len(self.away) < len(NAMES) else []
        return deeds + ([self.come_back, self.come_back] if self.away else [])

    async def propose(self, chance):
        subject = chance.choice(list(NAMES)[1:])
        found = await ask(self.client_for("gnesta.school"), self.case, subject)
        if self.proposed or (self.current and self.current[0] == subject):
            assert found.status_code == 409
        else:
            self.proposed = subject, (await made(found))["assignment"]

    async def hand_over(self, chance):
        subject, assignment = self.current
        to = chance.choice([name for name in list(NAMES)[1:] if name != subject])
        found = await answer(self.client_for(subject), assignment, "handover", **next_one(to))
        assert found.status_code == (409 if self.proposed else 201)
        if not self.proposed:
            self.proposed = to, found.json()

    async def accept(self, chance):
        await made(await answer(self.client_for(self.proposed[0]), self.proposed[1], "acceptance"))
        self.current, self.proposed = self.proposed, None

    async def say_no(self, chance):
        who, deed = chance.choice([(self.proposed[0], "decline"), ("gnesta.school", "withdrawal")])
        await made(await answer(self.client_for(who), self.proposed[1], deed))
        self.proposed = None

    async def meddle(self, chance):
        """Somebody else tries to accept."""
        who = chance.choice([name for name in NAMES if name != self.proposed[0]])
        assert (await answer(self.client_for(who), self.proposed[1], "acceptance")).status_code in (403, 409)

    async def leave(self, chance):
        subject = chance.choice([name for name in NAMES if name not in self.away])
        deputy = chance.choice([None, DEPUTIES.get(subject)])
        days = {"first": self.today, "last": self.today}
        self.away[subject] = await made(await is_away(self.client_for(subject), subject, deputy, **days)), deputy

    async def come_back(self, chance):
        subject = chance.choice(list(self.away))
        absence, _ = self.away.pop(subject)
        await made(await self.client_for(subject).post(f"/coordinator-absences/{absence['id']}/ending", json={}))


@pytest.mark.rule("R5.3")
@pytest.mark.rule("R5.4")
@pytest.mark.parametrize("seed", [3, 5, 6])  # together they meet every role
async def test_there_is_one_answer_at_every_moment_and_never_who_has_not_accepted(client_for, school, now, seed):
    chance = random.Random(seed)
    case = await a_joint_case(school, at=now)
    await invited(school, case, "gnesta-skola-2")
    drama = Drama(client_for, case, now.date())
    seen = set()
    try:
        for _ in range(20):
            await chance.choice(drama.possible())(chance)

            told = [await whom_to_call(client_for(who), case) for who in ("gnesta.school", "guardian.one")]

            assert told[0] == told[1]
            assert told[0]["name"] == drama.expected
            assert not drama.proposed or told[0]["name"] != NAMES[drama.proposed[0]]
            seen.add(told[0]["role"])
    finally:
        while drama.away:
            await drama.come_back(chance)
    assert len(seen) >= 2
