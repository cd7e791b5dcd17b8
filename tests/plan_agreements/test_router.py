"""Parties and their acceptances: who stands behind what, and who is asked again."""

from uuid import uuid4

import pytest

from app.demo.directory import UNITS
from tests.builders import made, problem
from tests.plan_agreements.steps import (
    CARE,
    SCHOOL,
    SOCIAL,
    ClientFor,
    a_written_sip,
    accept,
    accepted,
    listed,
    parties,
)
from tests.plan_contents.steps import patched
from tests.plans.steps import BUP, IFO, withdrawn

pytestmark = pytest.mark.database


async def test_everybody_sees_who_has_accepted_what_they_have_seen(client_for: ClientFor) -> None:
    written = await a_written_sip(client_for)
    answer = await client_for(SCHOOL).get(f"/plans/{written.plan['id']}/approvals/{uuid4()}")
    assert problem(answer) == (404, "not-found")
    mine = written.actions[CARE]["id"]
    for seen in ({mine: 2}, {}, {mine: 1, str(uuid4()): 1}):
        answer = await accept(client_for(CARE), written.plan, commitments=seen)
        assert problem(answer) == (409, "commitments-changed")
    await made(await accept(client_for(CARE), written.plan, commitments={mine: 1}))

    for reader in (SCHOOL, SOCIAL, CARE, "guardian.one"):
        found = await parties(client_for(reader), written.plan)
        assert {name: one["accepted"] for name, one in found.items()} == {
            "Grundskolan i Gnesta": "missing", "Individ- och familjeomsorgen i Gnesta": "missing",
            "BUP Nyköping": "current", "guardian": "missing", "child": "missing",
        }  # fmt: skip
    care = found["BUP Nyköping"]
    assert (care["unitId"], care["principal"], care["commitments"]) == (str(UNITS[BUP]), "region", 1)
    assert care["acceptedByName"] == "Hanna Sjögren"
    assert (found["guardian"]["principal"], found["guardian"]["commitments"]) == ("family", 1)

    answer = await accept(client_for("guardian.one"), written.plan)
    approval = await made(answer)
    assert (approval["kind"], approval["unitId"], approval["current"]) == ("guardian", None, True), "in person"
    assert [one["actionId"] for one in approval["commitments"]] == [written.actions["family"]["id"]]
    assert await made(await client_for("guardian.two").get(answer.headers["location"])) == approval
    accepting = (await made(await client_for(SCHOOL).get(f"/plans/{written.plan['id']}/parties")))["items"]
    family = {one["name"]: one["accepted"] for one in accepting if one["kind"] == "guardian"}
    assert family == {"Maria Sandell": "current", "Johan Sandell": "missing"}


async def test_a_change_asks_that_party_again_and_nobody_else(client_for: ClientFor) -> None:
    written = await a_written_sip(client_for)
    await accepted(client_for, written.plan)
    address = f"/actions/{written.actions[SOCIAL]['id']}"

    await made(await patched(client_for(SOCIAL), address, status="ongoing"))
    assert {one["accepted"] for one in (await parties(client_for(SCHOOL), written.plan)).values()} == {
        "current", "missing",
    }  # fmt: skip

    await made(await patched(client_for(SOCIAL), address, description="Samtal varannan vecka."))
    found = await parties(client_for(SCHOOL), written.plan)
    units = [one for one in found.values() if one["kind"] == "unit"]
    assert [one["unitId"] for one in units if one["accepted"] == "outdated"] == [str(UNITS[IFO])]
    assert sum(one["accepted"] == "current" for one in units) == 2

    await accepted(client_for, written.plan, SOCIAL)
    history = await listed(client_for(SCHOOL), written.plan, "approvals")
    mine = [one for one in history if one["unitId"] == str(UNITS[IFO])]
    assert [(one["current"], one["commitments"][0]["commitment"]) for one in mine] == [(True, 2), (False, 1)]

    gone = f"/actions/{written.actions[CARE]['id']}/removal"
    await made(await client_for(CARE).post(gone, json={"reason": "Utredningen är redan gjord."}))
    assert problem(await accept(client_for(CARE), written.plan)) == (409, "nothing-to-accept"), "a unit without actions"
    assert "BUP Nyköping" not in await parties(client_for(SCHOOL), written.plan)

    await withdrawn(client_for("guardian.one"), written.consent)
    assert problem(await accept(client_for(SCHOOL), written.plan)) == (409, "plan-is-not-writable"), "the plan rests"
    assert problem(await accept(client_for(CARE), written.plan)) == (404, "not-found")
