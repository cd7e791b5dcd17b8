"""Versions of a plan over HTTP: what it said, and what has changed."""

import pytest

from tests.builders import Json, a_case, made, problem
from tests.plan_agreements.steps import (
    CARE,
    SCHOOL,
    ClientFor,
    Written,
    accepted,
    an_active_sip,
    in_days,
    listed,
)
from tests.plan_contents.steps import added, an_action, patched
from tests.plans.steps import BUP, a_plan, change, deed

pytestmark = pytest.mark.database


@pytest.mark.rule("R7.9")
@pytest.mark.rule("R7.13")
async def test_a_version_holds_what_everybody_has_accepted_and_stays_as_it_was(client_for: ClientFor) -> None:
    written = await an_active_sip(client_for)
    school, path = client_for(SCHOOL), f"/plans/{written.plan['id']}/versions"
    for reader in (SCHOOL, CARE, "guardian.two"):
        (first,) = await listed(client_for(reader), written.plan, "versions")
        version = await made(await client_for(reader).get(f"{path}/1"))
        assert (first["number"], version["id"]) == (1, first["id"])
        assert {"changes", "document", "plan"} <= version["_links"].keys()
    shows_what_was_accepted(version["content"], written)
    for what in ("2", "2/changes", "1/changes?since=7"):
        assert problem(await school.get(f"{path}/{what}")) == (404, "not-found")
    assert (await client_for("katrineholm.social").get(f"{path}/1")).status_code == 404

    before = await made(await school.get(f"{path}/1"))
    await made(await change(school, written.plan, whatMatters="Att få sova."))
    await added(client_for(CARE), written.plan, an_action(BUP, "region", description="Ett samtal till."))
    await made(await patched(client_for(CARE), f"/actions/{written.actions[CARE]['id']}", dueOn=in_days(9)))
    assert await made(await school.get(f"{path}/1")) == before
    await accepted(client_for, written.plan, CARE)
    await deed(school, written.plan, "versions", reason="Ny insats.")

    answer = await school.get(f"{path}/2/changes", headers={"accept-language": "sv"})
    assert [(one["kind"], one["label"], one["field"]) for one in (await made(answer))["items"]] == [
        ("changed", "Det är viktigt för barnet", "whatMatters"),
        ("changed", "Åtgärd: Utredning på mottagningen.", "dueOn"),
        ("added", "Åtgärd: Ett samtal till.", None),
    ]
    assert (await made(await school.get(f"{path}/2/changes?since=2")))["items"] == []
    from_nothing = (await made(await school.get(f"{path}/1/changes?limit=200")))["items"]
    assert sum(one["kind"] == "added" and one["what"] == "action" for one in from_nothing) == 4


def shows_what_was_accepted(content: Json, written: Written) -> None:
    """Everything that the SIP said when it took effect."""
    assert content["child"] == {"name": "Alma Sandell", "birthDate": "2014-05-06"}
    assert content["plainText"] == "Du får hjälp."
    assert content["mainResponsible"]["name"] == "Sara Ekdahl"
    assert content["coordinator"] == content["namedContact"] == content["mainResponsible"]
    assert content["overallResponsible"]["principal"] == "municipality"
    assert [one["description"] for one in content["actions"]] == [
        "En egen plats i klassrummet.", "Samtal med familjen varje vecka.", "Utredning på mottagningen.",
        "Vi äter frukost tillsammans.",
    ]  # fmt: skip
    assert all(one["acceptedAt"] for one in content["parties"])
    assert content["nextFollowUpOn"] == written.plan["nextFollowUpOn"]


async def test_a_plan_that_has_not_taken_effect_has_no_version_yet(client_for: ClientFor) -> None:
    school = client_for(SCHOOL)
    plan = await a_plan(school, await a_case(school))
    assert await listed(school, plan, "versions") == []
    for what in ("1", "1/changes"):
        assert problem(await school.get(f"/plans/{plan['id']}/versions/{what}")) == (409, "no-version-yet")


@pytest.mark.rule("R2.5")
async def test_others_read_neither_who_a_protected_child_is_nor_where(client_for: ClientFor) -> None:
    written = await an_active_sip(client_for)
    school, child = client_for(SCHOOL), written.case["child"]["id"]
    shield = {"protectedIdentity": "sekretessmarkering"}
    await made(
        await client_for("gnesta.schoolmanager").patch(f"/children/{child}", json=shield, headers={"if-match": "*"})
    )
    reason = {"reason": "Jag har insatser i planen."}
    for reader in (SCHOOL, CARE):
        await made(await client_for(reader).post(f"/children/{child}/checkpoints", json=reason))
    path = f"/plans/{written.plan['id']}/versions/1"

    own = (await made(await school.get(path)))["content"]
    other = await client_for(CARE).get(path)
    assert own["child"]["name"] == "Alma Sandell"
    assert (await made(other))["content"]["child"] == {"name": None, "birthDate": None}
    for secret in ("Alma Sandell", "2014-05-06", "Grundskolan", "Sandell"):
        assert secret not in other.text.replace("Alma är i skolan", "")
    for what in ("versions/1/changes?limit=200", "parties", "approvals", "deliveries"):
        text = (await client_for(CARE).get(f"/plans/{written.plan['id']}/{what}")).text
        assert "Grundskolan" not in text, what
        assert "Sandell" not in text, what
