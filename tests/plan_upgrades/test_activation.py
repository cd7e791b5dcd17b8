"""What happens around a plan when it takes effect and when it ends: seen from ``plans``."""

import pytest

from tests.builders import free, made
from tests.plan_agreements.steps import a_written_sip, accepted, in_days
from tests.plan_contents.steps import due, patched
from tests.plans.steps import deed

pytestmark = pytest.mark.database

NUMBER = "201105192387"


@pytest.mark.rule("R7.5")
async def test_whose_sip_it_is_follows_the_identifier_that_the_child_has_by_then(client_for, owner_db):
    case, plan, _, _, actions = await a_written_sip(client_for)
    school, social = client_for("gnesta.school"), client_for("gnesta.social")
    await free(school, NUMBER)

    def keys():
        found = owner_db.execute("select child_id, child_key from plans where id = %s", [plan["id"]]).fetchone()
        owner_db.rollback()
        return found["child_id"], found["child_key"]

    before = keys()
    identifier = {"type": "personnummer", "value": NUMBER}
    await made(await school.post(f"/children/{case['child']['id']}/identifiers", json=identifier))
    await accepted(client_for, plan)
    await deed(school, plan, "activation")

    assert before[0] == before[1], "without an identifier it is only this record's child"
    assert keys()[0] != keys()[1]

    action = actions["gnesta.social"]
    await made(await patched(social, f"/actions/{action['id']}", dueOn=in_days(20)))
    assert "action_due" in await due(social, action)
    await made(await client_for("guardian.one").post(f"/cases/{case['id']}/decline", json={}))
    assert await due(social, action) == {}, "nothing is due of the actions of a plan that is over"
