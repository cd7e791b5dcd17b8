"""A wheel across the border between authorities: once it is confirmed, and only the dimensions that were chosen."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from psycopg import errors

from app.config import Settings
from app.demo.directory import UNIT_RECORDS
from app.demo.staff import USER_IDS
from app.kernel.context import ContextSigner
from tests.builders import a_consent, invited, made, problem
from tests.wellbeing.steps import (
    ACHIEVING,
    SAFE,
    a_confirmed_wheel,
    a_draft_wheel,
    a_family_case,
    confirmed,
    entries,
    path,
    shared,
    told,
)

pytestmark = pytest.mark.database

BUP = UNIT_RECORDS["region-bup-nykoping"]
CHOSEN = ["safe", "achieving"]


@pytest.fixture
def school(client_for):
    return client_for("gnesta.school")


@pytest.fixture
def bup(client_for):
    return client_for("region.bup")


@pytest.fixture
def as_bup(program_db, settings: Settings):
    """The program's own connection, in BUP's own signed context."""

    def enter():
        signed = ContextSigner(settings.secret.get_secret_value()).sign(
            BUP.id, BUP.authority_id, USER_IDS["region.bup"], datetime.now(UTC)
        )
        program_db.execute("select set_config('tillsammans.context', %s, false)", [signed])
        return program_db

    return enter


async def opened(school, *, dimensions: list[str] | None = CHOSEN, categories: tuple[str, ...] = ("wheel",)):
    """A case with BUP in it and a consent to share the wheel, in part or whole."""
    case = await a_family_case(school)
    await invited(school, case, "region-bup-nykoping")
    chosen = {"wheelDimensions": dimensions} if dimensions else {}
    consent = await a_consent(school, case, ["region-bup-nykoping"], [*categories], answered=True, **chosen)
    return case, consent


@pytest.fixture(scope="module")
async def in_part(client_for):
    """A case in which BUP may see the chosen dimensions, and the consent; each test has wheels of its own."""
    return await opened(client_for("gnesta.school"))


@pytest.fixture(scope="module")
async def whole(client_for):
    """A case in which BUP may see whole wheels; each test has wheels of its own."""
    case, _ = await opened(client_for("gnesta.school"), dimensions=None)
    return case


@pytest.mark.rule("R6.8")
@pytest.mark.rule("R4.11")
async def test_only_the_chosen_dimensions_are_shown_and_the_others_are_withheld(school, bup, in_part):
    case, consent = in_part
    kept = await a_confirmed_wheel(school, case, hopes={"strengths": ["Vill bli veterinär"]})

    shown = await made(await bup.get(path(kept)))

    assert (told(shown)["safe"]["strengths"], told(shown)["achieving"]["challenges"]) == (
        SAFE["strengths"], ACHIEVING["challenges"]
    )  # fmt: skip
    for dimension in told(shown).keys() - set(CHOSEN):
        assert told(shown)[dimension] == {"dimension": dimension, "withheld": True}
    assert shown["hopes"] == {"dimension": "hopes", "withheld": True}
    assert [basis["id"] for basis in shown["openedBy"]] == [consent["id"]]
    assert (shown["respondent"], shown["heldOn"]) == ("child", "2026-02-02")
    assert shown["_links"].keys().isdisjoint({"edit", "sharing", "confirmation"})


@pytest.mark.rule("R6.8")
async def test_the_pictures_and_the_history_withhold_the_same(school, bup):
    case, consent = await opened(school, dimensions=["achieving"])
    kept = await a_confirmed_wheel(school, case)

    history = f"/children/{case['child']['id']}/wellbeing-history"
    moment = (await made(await bup.get(history)))["voices"][0]["moments"][0]
    pictures = [(await bup.get(address)).text for address in (f"{path(kept)}/picture", f"{history}/picture")]

    assert told(moment)["safe"] == {"dimension": "safe", "withheld": True}
    assert [basis["id"] for basis in moment["openedBy"]] == [consent["id"]]
    for picture in pictures:
        assert ACHIEVING["challenges"][0] in picture
        assert "mormor" not in picture


@pytest.mark.rule("R6.8")
async def test_a_consent_to_the_whole_wheel_opens_all_of_it(school, bup, whole):
    kept = await a_confirmed_wheel(school, whole)

    shown = await made(await bup.get(path(kept)))

    assert [shown["entries"], shown["hopes"]] == [kept["entries"], kept["hopes"]]


@pytest.mark.rule("R6.8")
async def test_a_consent_to_something_else_opens_no_wheel(school, bup):
    case, _ = await opened(school, dimensions=None, categories=("plan", "school", "contact"))
    kept = await a_confirmed_wheel(school, case)

    assert problem(await bup.get(path(kept))) == (404, "not-found")
    assert (await bup.get(f"/wellbeing-assessments?caseId={case['id']}")).json()["items"] == []
    assert (await bup.get(f"/children/{case['child']['id']}/wellbeing-history")).json()["voices"] == []


@pytest.mark.rule("R6.9")
async def test_what_is_not_confirmed_is_not_disclosed(school, bup, whole):
    drafted = await a_draft_wheel(school, whole)

    for step in (None, shared):
        if step:
            await step(school, drafted)
        assert problem(await bup.get(path(drafted))) == (404, "not-found")
        assert problem(await bup.get(f"{path(drafted)}/picture")) == (404, "not-found")
        listed = (await bup.get(f"/wellbeing-assessments?caseId={whole['id']}&limit=200")).json()["items"]
        assert drafted["id"] not in {item["id"] for item in listed}
    await confirmed(school, drafted)
    assert (await bup.get(path(drafted))).status_code == 200


@pytest.mark.rule("R6.8")
async def test_a_disclosure_of_chosen_dimensions_opens_those(school, bup):
    case = await a_family_case(school)
    await invited(school, case, "region-bup-nykoping")
    kept = await a_confirmed_wheel(school, case)
    body = {
        "childId": case["child"]["id"], "caseId": case["id"], "toUnitId": str(BUP.id), "categories": ["wheel"],
        "wheelDimensions": ["safe"], "basis": "necessary_10_2", "legalReason": "Krävs för skolans uppdrag.",
        "channel": "portal", "informed": "yes", "validTo": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
    }  # fmt: skip

    disclosure = await made(await school.post("/disclosures", json=body))
    shown = await made(await bup.get(path(kept)))

    assert {dimension for dimension, entry in told(shown).items() if not entry["withheld"]} == {"safe"}
    assert [(basis["basis"], basis["id"]) for basis in shown["openedBy"]] == [("disclosure", disclosure["id"])]


@pytest.mark.rule("R6.8")
async def test_a_reason_may_tell_of_what_is_withheld_and_is_withheld_too(school, bup, in_part):
    case, _ = in_part
    drafted = await shared(school, await a_draft_wheel(school, case, entries=entries(safe={"challenges": ["Rädd"]})))
    kept = await confirmed(school, drafted, noStrengthReason="Det är bråk hemma.")

    assert kept["noStrengthReason"] == "Det är bråk hemma."
    assert (await bup.get(path(kept))).json()["noStrengthReason"] is None


@pytest.mark.rule("R6.8")
@pytest.mark.rule("R6.9")
async def test_the_wall_itself_shows_bup_the_chosen_rows_and_nothing_unconfirmed(school, as_bup, in_part):
    case, _ = in_part
    kept = await a_confirmed_wheel(school, case)
    drafted = await a_draft_wheel(school, case)
    seen = await shared(school, await a_draft_wheel(school, case))

    ids = [UUID(one["id"]) for one in (kept, drafted, seen)]
    inside = as_bup()
    headers = inside.execute("select id from wellbeing_assessments where id = any (%s)", [ids]).fetchall()
    rows = inside.execute(
        "select assessment_id, dimension from wellbeing_entries where assessment_id = any (%s)", [ids]
    ).fetchall()

    assert [row["id"] for row in headers] == ids[:1]
    assert {(row["assessment_id"], row["dimension"]) for row in rows} == {(ids[0], one) for one in CHOSEN}


@pytest.mark.rule("R6.9")
async def test_bup_opens_and_changes_nothing_in_the_database_either(school, as_bup, whole):
    kept, drafted = await a_confirmed_wheel(school, whole), await a_draft_wheel(school, whole)
    inside = as_bup()

    for table, column in (("wellbeing_assessments", "id"), ("wellbeing_entries", "assessment_id")):
        change = f"update {table} set open_to = '{{wheel}}' where {column} = %s"
        assert inside.execute(change, [drafted["id"]]).rowcount == 0
        with pytest.raises(errors.InsufficientPrivilege, match="final"), inside.transaction():
            inside.execute(change, [kept["id"]])


@pytest.mark.rule("R6.8")
async def test_bup_makes_a_wheel_of_its_own_and_a_withdrawn_consent_closes_the_schools(school, bup):
    case, consent = await opened(school)

    theirs = await a_confirmed_wheel(bup, case, respondent="professional", respondentRelation="Psykolog")

    assert theirs["ownerUnitId"] == str(BUP.id)
    assert problem(await school.get(path(theirs))) == (404, "not-found")
    back = await a_consent(school, case, ["gnesta-skola"], ["wheel"], answered=True)
    shown = await made(await school.get(path(theirs)))
    assert [basis["id"] for basis in shown["openedBy"]] == [back["id"]]

    kept = await a_confirmed_wheel(school, case)
    assert (await bup.get(path(kept))).status_code == 200
    await made(await school.post(f"/consents/{consent['id']}/withdrawal", json={"giverId": consent["givers"][0]["id"]}))
    assert problem(await bup.get(path(kept))) == (404, "not-found")
