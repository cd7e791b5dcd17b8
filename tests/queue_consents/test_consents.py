"""What a consent does to a place in the line: it holds it back, lets it in, and takes it out again."""

from datetime import UTC, datetime, timedelta

import pytest

from app.demo.staff import GUARDIAN_ONE, GUARDIAN_TWO
from app.jobs import pass_on_expired_offers
from tests.builders import a_child, guardian, made, problem
from tests.contact_groups.steps import an_open_group
from tests.group_queues.steps import (
    VINGAKER,
    a_consent_about,
    a_vingaker_child,
    answers,
    do,
    in_line,
    line_of,
    offered,
    places_of,
    told,
    wish,
)

pytestmark = pytest.mark.database

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)


@pytest.fixture
def staff(client_for):
    return client_for("system.vingaker-import")


@pytest.fixture
def school(client_for):
    return client_for("vingaker.school")


@pytest.fixture
def maria(client_for):
    return client_for("guardian.one")


@pytest.fixture
def johan(client_for):
    return client_for("guardian.two")


@pytest.fixture(scope="module")
async def group(client_for):
    return await an_open_group(client_for("vingaker.manager"))


async def asked_by_school(school, group, **fields):
    """A child that school has sent with a consent, and the consent."""
    child = await a_vingaker_child(school)
    consent = await a_consent_about(school, child, **fields)
    return await in_line(school, group, child, consentId=consent["id"]), consent


@pytest.mark.rule("R11.4")
async def test_when_the_guardians_consent_the_child_stands_where_its_request_put_it(
    client_for, school, staff, maria, johan
):
    own_group = await an_open_group(client_for("vingaker.manager"))
    held, consent = await asked_by_school(school, own_group, answered=False)
    later = await in_line(staff, own_group)
    assert (held["status"], held["consentState"], held["consentId"]) == ("held_back", "requested", consent["id"])
    await answers(maria, consent, "given")
    assert places_of(await line_of(staff, own_group)) == [(later["id"], 1), (held["id"], None)]

    await answers(johan, consent, "given")

    assert places_of(await line_of(staff, own_group)) == [(held["id"], 1), (later["id"], 2)]
    kept = await told(staff, held)
    assert (kept["consentState"], kept["consentId"]) == ("given", None), "the consent itself is not the unit's to see"


async def test_with_a_consent_that_is_given_the_child_is_in_line_at_once(school, staff, group):
    at_once, _ = await asked_by_school(school, group, categories=["social"])
    child = await a_vingaker_child(school)
    entry = await in_line(school, group, child)
    consent = await a_consent_about(school, child)
    named = await made(await do(school, entry, "consent", consentId=consent["id"]))
    only_asked = await a_consent_about(school, child, answered=False)
    exchanged = await do(school, entry, "consent", consentId=only_asked["id"])

    assert at_once["status"] == named["status"] == "waiting"
    assert named["consentState"] == "given"
    assert problem(exchanged) == (422, "consent-does-not-fit")
    assert {"consent", "withdrawal"} <= named["_links"].keys()
    assert problem(await do(staff, await in_line(staff, group), "consent", consentId=consent["id"])) == (
        409, "no-consent-needed",
    )  # fmt: skip


async def test_only_a_consent_that_fits_lets_a_child_into_the_line(school, staff, maria, group):
    child, other = await a_vingaker_child(school), await a_vingaker_child(school)
    refused = await a_consent_about(school, child, answered=False)
    await answers(maria, refused, "refused")
    later = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    unfit = [
        await a_consent_about(school, child, categories=["school", "health"]),
        await a_consent_about(school, child, unit="gnesta-ifo"),
        await a_consent_about(school, child, validFrom=later),
        await a_consent_about(school, other),
        refused,
    ]

    told_why = {problem(await wish(school, group, child, consentId=consent["id"])) for consent in unfit}
    entry = await in_line(school, group, child)
    fits = await a_consent_about(school, child)
    unseen = await do(staff, entry, "consent", consentId=fits["id"])

    assert told_why == {(422, "consent-does-not-fit")}
    assert problem(unseen) == (422, "unknown-reference")
    assert problem(await do(maria, entry, "consent", consentId=fits["id"])) == (403, "forbidden")


@pytest.mark.rule("R4.6")
async def test_without_the_consent_nobody_stays_in_line(school, staff, maria, group):
    refused, first = await asked_by_school(school, group, answered=False)
    withdrawn, second = await asked_by_school(school, group)

    await answers(maria, first, "refused")
    await made(await maria.post(f"/consents/{second['id']}/withdrawal", json={}))

    for entry, because in ((refused, "consent_refused"), (withdrawn, "consent_withdrawn")):
        shown = await told(staff, entry)
        assert (shown["status"], shown["concludedBecause"]) == ("withdrawn", because)
        assert problem(await do(staff, entry, "return", reason="Familjen ringde.")) == (409, "consent-is-missing")

    again = await a_consent_about(school, {"id": withdrawn["childId"]})
    await made(await do(school, withdrawn, "consent", consentId=again["id"]))
    back = await made(await do(staff, withdrawn, "return", reason="Familjen samtycker igen."))
    assert (back["status"], back["concludedBecause"], back["consentState"]) == ("waiting", None, "given")


async def test_a_consent_that_is_taken_back_takes_the_offer_back_and_leaves_a_place_alone(client_for, school, maria):
    staff, manager = client_for("system.vingaker-import"), client_for("vingaker.manager")
    group = await an_open_group(manager, capacity=2)
    has_place, first = await asked_by_school(school, group)
    is_offered, second = await asked_by_school(school, group)
    waits = await in_line(staff, group)
    offer = await offered(staff, has_place)
    await made(await staff.post(f"/offers/{offer['id']}/acceptance", json={}))
    taken_back = await offered(staff, is_offered)

    for consent in (first, second):
        await made(await maria.post(f"/consents/{consent['id']}/withdrawal", json={}))

    statuses = [(await told(staff, entry))["status"] for entry in (has_place, is_offered, waits)]
    assert statuses == ["taken", "withdrawn", "offered"]
    assert (await made(await staff.get(f"/offers/{taken_back['id']}")))["status"] == "withdrawn"


@pytest.mark.rule("R4.6")
async def test_somebody_who_sees_no_entry_can_still_take_the_consent_back(school, staff, maria, group):
    child = await a_child(school, municipalityCode=VINGAKER, guardians=[guardian(GUARDIAN_TWO, "Johan")])
    entry = await in_line(school, group, child)
    await made(await school.post(f"/children/{child['id']}/guardians", json=guardian(GUARDIAN_ONE, "Maria")))
    consent = await a_consent_about(school, child)
    await made(await do(school, entry, "consent", consentId=consent["id"]))
    assert (await maria.get(f"/queue-entries/{entry['id']}")).status_code == 404

    await made(await maria.post(f"/consents/{consent['id']}/withdrawal", json={}))

    assert (await told(staff, entry))["status"] == "withdrawn"


async def test_a_narrower_consent_that_replaces_another_ends_the_wait(school, staff, group):
    entry, consent = await asked_by_school(school, group)
    child = {"id": entry["childId"]}

    same = await a_consent_about(school, child, supersedesId=consent["id"], days=60)
    assert (await told(school, entry)).items() >= {"status": "waiting", "consentId": same["id"]}.items()
    await a_consent_about(school, child, supersedesId=same["id"], categories=["health"])

    assert (await told(staff, entry))["concludedBecause"] == "consent_withdrawn"


@pytest.mark.rule("R4.7")
async def test_a_consent_that_ends_acts_as_one_taken_back_with_and_without_the_job(client_for, clock, kernel, school):
    clock.set(NOW)
    staff = client_for("system.vingaker-import")
    group = await an_open_group(client_for("vingaker.manager"))
    ends, _ = await asked_by_school(school, group, at=NOW, days=3)
    held, _ = await asked_by_school(school, group, at=NOW, days=3, answered=False)
    stays = await in_line(staff, group)

    clock.advance(timedelta(days=4))
    unnoticed = [await told(staff, entry) for entry in (ends, held)]
    refused = await do(staff, ends, "offers")
    await pass_on_expired_offers(kernel)
    noticed = [await told(staff, entry) for entry in (ends, held)]

    for entry in (*unnoticed, *noticed):
        assert entry.items() >= {
            "status": "withdrawn", "concludedBecause": "consent_expired", "consentState": "expired", "rank": None,
        }.items()  # fmt: skip
    assert problem(refused) == (409, "impossible-in-this-state")
    assert (await told(staff, stays))["rank"] == 1
