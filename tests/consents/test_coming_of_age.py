"""Guardians' consent ends as the 18th birthday begins in Stockholm; the child's own goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import a_consent, guardianships, made, problem
from tests.consents.steps import PAPER, START, asked, family, one_of, shared_case

pytestmark = [pytest.mark.database, pytest.mark.rule("R2.9"), pytest.mark.rule("R4.7")]

BORN = "2008-07-15"
MIDNIGHT = datetime(2026, 7, 14, 22, tzinfo=UTC)  # summer time
MOMENT = timedelta(microseconds=1)
NOT_MATURE = {"kind": "child", "exemption": {"kind": "not_mature", "reason": "Bedömd av skolläkare."}}


async def test_without_the_child_it_is_not_asked_for_beyond_the_birthday(client_for, clock):
    clock.set(START)
    school = client_for("gnesta.school")
    child_id, maria, johan = await family(school, birthDate=BORN)
    body = asked(
        child_id, [one_of(maria, **PAPER), one_of(johan, **PAPER), NOT_MATURE], maturity={"conclusion": "not_mature"}
    )

    too_long = await school.post("/consents", json={**body, "validTo": (MIDNIGHT + MOMENT).isoformat()})
    until_then = await made(await school.post("/consents", json={**body, "validTo": MIDNIGHT.isoformat()}))

    assert problem(too_long) == (422, "consent-outlives-custody")
    assert (until_then["status"], until_then["validTo"]) == ("given", "2026-07-14T22:00:00Z")


async def test_a_birth_date_learned_before_the_answer_shortens_it(client_for, clock):
    clock.set(START)
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo", birthDate=None)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], days=180, at=START)
    child = await made(await school.get(f"/children/{case['child']['id']}"))
    born = await school.patch(
        f"/children/{child['id']}", json={"birthDate": BORN}, headers={"if-match": f'"v{child["version"]}"'}
    )
    assert born.status_code == 200
    for who in ("guardian.one", "guardian.two"):
        given = await made(await client_for(who).post(f"/consents/{consent['id']}/answers", json={"answer": "given"}))

    assert given["validTo"] == "2026-07-14T22:00:00Z"
    clock.set(MIDNIGHT - MOMENT)
    assert (await social.get(f"/cases/{case['id']}")).status_code == 200
    clock.set(MIDNIGHT)
    assert (await social.get(f"/cases/{case['id']}")).status_code == 404
    assert (await made(await school.get(f"/consents/{consent['id']}")))["status"] == "expired"


async def test_an_answer_for_somebody_who_is_of_age_opens_nothing(client_for, clock):
    clock.set(START)
    school = client_for("gnesta.school")
    case = await shared_case(school, "gnesta-ifo", birthDate=None)
    consent = await a_consent(school, case, ["gnesta-ifo"], ["plan"], days=180, at=START)
    child = await made(await school.get(f"/children/{case['child']['id']}"))
    await made(
        await school.patch(
            f"/children/{child['id']}", json={"birthDate": "2007-01-01"}, headers={"if-match": f'"v{child["version"]}"'}
        )
    )
    first, last = [{"giverId": giver["id"], "answer": "given", "givenHow": "written"} for giver in consent["givers"]]

    await made(await school.post(f"/consents/{consent['id']}/answers", json=first))
    answer = await school.post(f"/consents/{consent['id']}/answers", json=last)

    assert problem(answer) == (409, "period-is-over")


async def test_the_childs_own_consent_goes_on(client_for, clock):
    clock.set(START)
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    case = await shared_case(school, "gnesta-ifo", birthDate=BORN)
    maria, johan = await guardianships(school, case["child"]["id"])
    givers = [one_of(maria, **PAPER), one_of(johan, **PAPER), {"kind": "child", **PAPER}]

    await a_consent(school, case, ["gnesta-ifo"], ["plan"], days=180, at=START, givers=givers)

    clock.set(MIDNIGHT)
    assert (await social.get(f"/cases/{case['id']}")).status_code == 200
