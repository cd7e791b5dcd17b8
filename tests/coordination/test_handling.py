"""What the desk does with a request: triage, answer, referral, a case, or nobody reached."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from psycopg import sql

from app.demo.directory import UNITS
from app.demo.staff import GUARDIAN_ONE, USER_IDS
from tests.builders import a_child, a_draft, guardian, made, problem
from tests.coordination.steps import FIVE_QUESTIONS, PATH, asked, corrected, do, handled_outside, listed, told, triaged

pytestmark = pytest.mark.database

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HARM = "Blåmärken på båda armarna."


@pytest.fixture
def desk(client_for):
    return client_for("gnesta.coordinator")


@pytest.fixture
def maria(client_for):
    return client_for("guardian.one")


@pytest.fixture
async def request_of_maria(desk, maria):
    """A triaged request."""
    return await triaged(desk, await asked(maria))


# Triage


@pytest.mark.rule("R5.2")
async def test_triage_answers_the_five_questions(desk, maria):
    request = await triaged(desk, await asked(maria), note="Ring efter fyra.")

    assert request["status"] == "triaged"
    assert request["triage"] == {"fiveQuestions": FIVE_QUESTIONS, "note": "Ring efter fyra.", "attempts": None}
    assert {"answer", "referral", "open-case", "closure", "handle-outside"} <= request["_links"].keys()
    assert "triage" not in request["_links"]
    assert (await told(maria, request))["triage"] is None


@pytest.mark.rule("R5.2")
@pytest.mark.parametrize("missing", [*FIVE_QUESTIONS, None])
async def test_triage_answers_all_five(desk, maria, missing):
    request = await asked(maria)
    answers = {name: text for name, text in FIVE_QUESTIONS.items() if name != missing}
    body = {"fiveQuestions": answers} if missing else {}

    answer = await do(desk, request, "triage", suspectedHarm=False, **body)

    assert problem(answer) == (422, "five-questions-unanswered")
    assert (await told(desk, request))["status"] == "received"


async def test_a_request_is_triaged_once_and_before_it_is_answered(desk, maria):
    request = await asked(maria)

    early = await do(desk, request, "answer", text="Hej.")
    await triaged(desk, request)
    again = await do(desk, request, "triage", fiveQuestions=FIVE_QUESTIONS, suspectedHarm=False)

    assert problem(early) == problem(again) == (409, "impossible-in-this-state")


# Suspected harm


@pytest.mark.rule("R5.8")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sv", "Gör en orosanmälan till socialtjänsten nu"),
        ("en", "Make a report of concern to the social services now"),
    ],
)
async def test_suspected_harm_asks_for_a_report_of_concern(desk, maria, language, words):
    request = await asked(maria)

    answer = await desk.post(
        f"{PATH}/{request['id']}/triage", json={"suspectedHarm": True}, headers={"accept-language": language}
    )

    shown = await made(answer)
    assert (shown["status"], shown["triage"]) == ("handled_outside", None)
    assert words in shown["nextStep"]
    assert "2025:400" in shown["nextStep"]
    assert shown["_links"].keys() == {"self", "desk", "report-of-concern"}
    assert shown["_links"]["report-of-concern"]["href"].startswith("https://")


@pytest.mark.rule("R5.8")
async def test_after_suspected_harm_every_ordinary_deed_is_refused(desk, maria):
    request = await handled_outside(desk, await asked(maria))

    answers = [
        await do(desk, request, "triage", fiveQuestions=FIVE_QUESTIONS, suspectedHarm=False),
        await do(desk, request, "triage", suspectedHarm=True),
        await do(desk, request, "answer", text="Hej."),
        await do(desk, request, "referral", toName="BUP", reason="Sömn.", familyAgrees=True),
        await do(desk, request, "case", child={"familyName": "Sandell"}),
        await do(desk, request, "closure", attempts="Ringt."),
        await corrected(desk, request, subject="Annat."),
    ]

    assert [problem(answer) for answer in answers] == [(409, "report-of-concern-first")] * 7


@pytest.mark.rule("R5.8")
async def test_nothing_of_what_showed_harm_is_found_anywhere(desk, maria, owner_db, caplog, capfd):
    caplog.set_level("DEBUG")
    request = await asked(maria)
    body = {
        "suspectedHarm": True, "note": HARM, "fiveQuestions": {**FIVE_QUESTIONS, "whatStandsInTheWay": HARM},
    }  # fmt: skip

    await made(await desk.post(f"{PATH}/{request['id']}/triage", json=body, headers={"idempotency-key": str(uuid4())}))

    everything = stored(owner_db)
    assert request["subject"] in everything, "the search finds what is there"
    assert HARM not in everything, "nor in the kept answer of the idempotency key"
    entries = owner_db.execute(
        "select action, changed, reason, basis from access_log where object_id = %s and kind = 'change' order by id",
        [request["id"]],
    ).fetchall()
    assert [entry["action"] for entry in entries] == ["createCoordinationRequest", "triageCoordinationRequest"]
    assert entries[1]["changed"] == ["status", "triaged_at", "triaged_by"]
    assert (entries[1]["reason"], entries[1]["basis"]) == (None, None)
    assert HARM not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.rule("R5.8")
async def test_the_log_of_an_ordinary_triage_looks_the_same(desk, maria, owner_db):
    ordinary, outside = await asked(maria), await asked(maria)
    await triaged(desk, ordinary)
    await handled_outside(desk, outside)

    first, second = (
        owner_db.execute(
            "select action, kind, changed, reason, object_type from access_log where object_id = %s order by id",
            [request["id"]],
        ).fetchall()
        for request in (ordinary, outside)
    )

    assert first == second


@pytest.mark.rule("R5.8")
@pytest.mark.parametrize("who", ["guardian.one", "region.midwife"])
async def test_the_sender_sees_no_difference(client_for, desk, clock, who):
    clock.set(MONDAY)
    sender = client_for(who)
    ordinary, outside = await asked(sender), await asked(sender)
    await triaged(desk, ordinary)
    await handled_outside(desk, outside)

    for at in (MONDAY, datetime(2026, 3, 20, tzinfo=UTC)):
        clock.set(at)
        first, second = await told(sender, ordinary), await told(sender, outside)
        assert (second["status"], second["nextStep"], second["closedAt"]) == ("triaged", None, None)
        assert {name: value for name, value in first.items() if name not in ("id", "_links")} == {
            name: value for name, value in second.items() if name not in ("id", "_links")
        }
        assert first["_links"].keys() == second["_links"].keys()


@pytest.mark.rule("R5.8")
async def test_harm_that_shows_after_triage_is_handled_outside_too(desk, request_of_maria):
    shown = await handled_outside(desk, request_of_maria)

    assert shown["status"] == "handled_outside"
    assert shown["triage"]["fiveQuestions"] == FIVE_QUESTIONS


def stored(owner_db) -> str:
    """Every row of every table, as text."""
    tables = owner_db.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )
    rows = [
        row["row"]
        for table in tables.fetchall()
        for row in owner_db.execute(
            sql.SQL("select to_jsonb(t)::text as row from {} t").format(sql.Identifier(table["relname"]))
        )
    ]
    kept = owner_db.execute("select convert_from(body, 'UTF8') as body from idempotency_keys").fetchall()
    return "\n".join([*rows, *(row["body"] for row in kept)])


# Answer and referral


@pytest.mark.parametrize(("advised_only", "status"), [(False, "answered"), (True, "advised_only")])
async def test_the_guardian_sees_the_answer(desk, maria, request_of_maria, advised_only, status):
    await made(await do(desk, request_of_maria, "answer", text="Vi ses på torsdag.", advisedOnly=advised_only))

    seen = await told(maria, request_of_maria)
    assert (seen["status"], seen["answerText"], seen["answeredByName"]) == (
        status,
        "Vi ses på torsdag.",
        "Karin Wallin",
    )
    assert seen["closedAt"] == seen["answeredAt"]
    again = await do(desk, request_of_maria, "answer", text="Och på fredag.")
    assert problem(again) == (409, "impossible-in-this-state")
    assert problem(await corrected(desk, seen, subject="Annat.")) == (409, "impossible-in-this-state")


async def test_of_two_answers_at_once_one_counts(desk, maria, request_of_maria):
    answers = await asyncio.gather(*(do(desk, request_of_maria, "answer", text=f"Svar {n}.") for n in range(2)))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (counted,) = [answer.json() for answer in answers if answer.status_code == 201]
    (refused,) = [answer for answer in answers if answer.status_code == 409]
    assert problem(refused) == (409, "impossible-in-this-state")
    assert (await told(maria, request_of_maria))["answerText"] == counted["answerText"]


async def test_a_referral_tells_the_family_whom_to_call(client_for, desk, maria, request_of_maria):
    body = {"toUnitId": str(UNITS["region-bup-nykoping"]), "reason": "Sömn och oro.", "familyAgrees": True}

    await made(await do(desk, request_of_maria, "referral", **body, text="De vet att ni ringer."))

    seen = await told(maria, request_of_maria)
    assert (seen["status"], seen["referralReason"], seen["answerText"]) == (
        "referred", "Sömn och oro.", "De vet att ni ringer.",
    )  # fmt: skip
    assert seen["referredTo"] == {"unitId": body["toUnitId"], "name": "BUP Nyköping", "phone": "0155-000 00"}
    receiver = client_for("region.bup")
    assert problem(await receiver.get(f"{PATH}/{request_of_maria['id']}")) == (404, "not-found")
    assert request_of_maria["id"] not in {item["id"] for item in await listed(receiver)}


async def test_a_referral_to_somebody_outside_the_directory(desk, maria, request_of_maria):
    await made(await do(desk, request_of_maria, "referral", toName="Bris", reason="Prata.", familyAgrees=True))

    assert (await told(maria, request_of_maria))["referredTo"] == {"unitId": None, "name": "Bris", "phone": None}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "referral-receiver-required"),
        ({"toName": "Bris", "toUnitId": str(UNITS["gnesta-ifo"])}, "referral-receiver-required"),
        ({"toName": "Bris", "familyAgrees": False}, "family-must-agree"),
        ({"toUnitId": str(USER_IDS["gnesta.social"])}, "unknown-reference"),
    ],
    ids=["nobody", "two", "against their will", "no unit"],
)
async def test_a_referral_that_cannot_be(desk, request_of_maria, body, expected):
    answer = await do(desk, request_of_maria, "referral", **{"reason": "Sömn.", "familyAgrees": True, **body})

    assert problem(answer) == (422, expected)
    assert (await told(desk, request_of_maria))["status"] == "triaged"


# A case, or nobody


async def test_a_request_becomes_a_case_with_a_new_child(desk, maria, request_of_maria):
    child = {
        "givenName": "Nova", "familyName": "Sandell", "birthDate": "2016-04-05",
        "guardians": [guardian(GUARDIAN_ONE, "Maria", "sole")],
    }  # fmt: skip

    shown = await made(
        await do(desk, request_of_maria, "case", child=child, namedContactId=str(USER_IDS["gnesta.coordinator"]))
    )

    case = await made(await desk.get(shown["_links"]["case"]["href"]))
    assert (shown["status"], shown["caseId"]) == ("case_opened", case["id"])
    assert (case["entryRoute"], case["reasonText"]) == ("family_request", request_of_maria["subject"])
    assert (case["namedContact"]["name"], case["child"]["givenName"]) == ("Karin Wallin", "Nova")
    assert (await told(maria, shown))["caseId"] == case["id"], "the guardian is in the case's circle"
    assert shown["version"] == request_of_maria["version"] + 1


@pytest.mark.parametrize(("kind", "route"), [("child", "child_request"), ("professional", "professional")])
async def test_the_entry_route_follows_from_who_asked(desk, kind, route):
    child = await a_child(desk)
    request = await triaged(desk, await asked(desk, askerKind=kind))

    shown = await made(await do(desk, request, "case", childId=child["id"], reasonText="Barnet vill ha stöd."))

    case = await made(await desk.get(f"/cases/{shown['caseId']}"))
    assert (case["entryRoute"], case["reasonText"]) == (route, "Barnet vill ha stöd.")
    assert shown["childId"] == case["child"]["id"] == child["id"]


async def test_the_requests_own_child_is_the_cases(desk):
    child = await a_child(desk)
    request = await triaged(desk, await asked(desk, askerKind="guardian", childId=child["id"]))

    shown = await made(await do(desk, request, "case"))

    assert (await made(await desk.get(f"/cases/{shown['caseId']}")))["child"]["id"] == child["id"]


async def test_a_sender_who_is_not_in_the_case_is_not_told_which_it_is(client_for, desk):
    midwife = client_for("region.midwife")
    request = await triaged(desk, await asked(midwife))
    await made(await do(desk, request, "case", child={"familyName": "Sandell"}))

    seen = await told(midwife, request)

    assert (seen["caseId"], seen["childId"], {"case", "child"} & seen["_links"].keys()) == (None, None, set())


async def test_a_case_is_about_one_child(desk, request_of_maria):
    child = await a_child(desk)

    none = await do(desk, request_of_maria, "case")
    both = await do(desk, request_of_maria, "case", childId=child["id"], child={"familyName": "Sandell"})

    assert problem(none) == problem(both) == (422, "one-child-for-the-case")


async def test_a_case_that_cannot_be_opened_leaves_the_request_as_it_was(client_for, desk, request_of_maria):
    others = await a_child(client_for("gnesta.school"))
    open_already = await a_draft(desk)

    foreign = await do(desk, request_of_maria, "case", childId=others["id"])
    second = await do(desk, request_of_maria, "case", childId=open_already["child"]["id"])
    contact = {"child": {"familyName": "Sandell"}, "namedContactId": str(USER_IDS["gnesta.school"])}
    nobody = await do(desk, request_of_maria, "case", **contact)

    assert problem(foreign) == (422, "unknown-reference")
    assert problem(second) == (409, "case-already-open")
    assert problem(nobody) == (422, "contact-not-in-unit")
    assert await told(desk, request_of_maria) == request_of_maria


@pytest.mark.rule("R5.1")
async def test_no_child_and_no_case_comes_of_an_anonymous_request(desk, owner_db):
    request = await triaged(desk, await asked(desk, askerKind="anonymous"))
    before = owner_db.execute("select count(*) as n from children").fetchone()

    new = await do(desk, request, "case", child={"familyName": "Sandell"})

    assert problem(new) == (409, "no-case-from-anonymous")
    assert owner_db.execute("select count(*) as n from children").fetchone() == before


@pytest.mark.parametrize("first", ["received", "triaged"])
async def test_nobody_could_be_reached(desk, maria, first):
    request = await asked(maria)
    if first == "triaged":
        await triaged(desk, request, note="Ring efter fyra.")

    shown = await made(await do(desk, request, "closure", attempts="Ringt tre gånger."))

    assert (shown["status"], shown["triage"]["attempts"]) == ("closed_no_contact", "Ringt tre gånger.")
    assert (shown["triage"]["note"] is not None) == (first == "triaged")
    seen = await told(maria, request)
    assert (seen["status"], seen["triage"]) == ("closed_no_contact", None)
    assert problem(await do(desk, request, "closure", attempts="Igen.")) == (409, "impossible-in-this-state")
