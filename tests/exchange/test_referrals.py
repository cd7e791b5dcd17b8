"""Referrals to family centres as lines: a unit's own, drafts and sent ones, each on the consent that it needs."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from app.centre_referrals.models import ConsentIsInUse, ReferralNeedsConsent
from app.exchange.deeds import FieldIsFixed
from app.exchange.lines import RecordKind, UnknownSource
from app.kernel.errors import Denied
from app.kernel.http.door import Kernel
from app.kernel.workflow import ImpossibleInThisState
from app.organisations.models import UnknownReference
from app.referral_parties.models import AgeOutsideCentre, PrivacyNotDecided
from tests.builders import Json, made
from tests.centre_referrals.steps import a_child_of, take, the_0_18_centre, the_centre
from tests.exchange.steps import change, create
from tests.exchange.wishes import line_of, signed

pytestmark = pytest.mark.database

SCHOOL, REFERRAL = "gnesta.school", RecordKind.REFERRAL
PATH = "/family-centre-referrals"
ENTRIES = "select kind, action from access_log where circle_id = %s order by id"


@pytest.fixture
def school(client_for):
    return client_for(SCHOOL)


@pytest.fixture
def family_manager(client_for):
    return client_for("gnesta.familymanager")


async def a_line(school: Any, centre: Json, years: int = 5, **fields: Any) -> Json:
    """A line about a child of the school's own."""
    child = await a_child_of(school, years, sourceSystem="elevregister", sourceId=uuid4().hex)
    return {
        "sourceSystem": "elevregister", "sourceId": uuid4().hex, "childSourceSystem": "elevregister",
        "childSourceId": child["sourceId"], "centreId": centre["id"], "kindOfNeed": "parenting",
        "reason": "Somnar sent.", **fields,
    }  # fmt: skip


def consent(**fields: Any) -> Json:
    return signed(categories=["contact", "school"], **fields)


async def test_a_referral_comes_in_and_goes_out_as_the_same_line(
    kernel: Kernel, school: Any, family_manager: Any, owner_db: psycopg.Connection[dict[str, Any]]
) -> None:
    centre = await the_centre(family_manager)
    part = next(one["id"] for one in centre["parts"] if one["type"] == "bhv")
    line = await a_line(
        school, centre, partId=part, urgency="soon", wishes="Råd om sömn.", contact="Ring efter fyra.", private=False,
        feedbackAllowed=True, consent=consent(), status="sent",
    )  # fmt: skip

    referral = await create(kernel, SCHOOL, REFERRAL, **line)

    assert await line_of(kernel, SCHOOL, REFERRAL, line) == line
    assert await line_of(kernel, SCHOOL, REFERRAL, line, municipality_code="0428") is None
    assert not await change(kernel, SCHOOL, REFERRAL, referral, **line)
    assert (await made(await school.get(f"{PATH}/{referral}")))["status"] == "sent"
    entries = [(row["kind"], row["action"]) for row in owner_db.execute(ENTRIES, [referral])]
    deeds = [action for kind, action in entries if kind == "change"]
    assert list(dict.fromkeys(deeds)) == ["createFamilyCentreReferral", "sendFamilyCentreReferral"]
    assert ("look", "createImport") in entries, "an export looks at each"


async def test_a_draft_is_changed_and_sent_and_what_comes_back_is_sent_again(
    kernel: Kernel, school: Any, client_for: Any, family_manager: Any
) -> None:
    centre, receiver = await the_centre(family_manager), client_for("gnesta.familycentre")
    line = await a_line(school, centre, status="draft", wishes="Råd om sömn.")
    referral = await create(kernel, SCHOOL, REFERRAL, **line)

    assert await change(kernel, SCHOOL, REFERRAL, referral, **line | {"wishes": None, "urgency": "urgent"})
    assert "wishes" not in (await line_of(kernel, SCHOOL, REFERRAL, line) or {})
    line |= {"wishes": None, "urgency": "urgent", "consent": consent(), "status": "sent"}
    assert await change(kernel, SCHOOL, REFERRAL, referral, **line)
    sent = await made(await school.get(f"{PATH}/{referral}"))
    assert (sent["status"], sent["urgency"]) == ("sent", "urgent")

    with pytest.raises(ImpossibleInThisState):
        await change(kernel, SCHOOL, REFERRAL, referral, **line | {"reason": "Något annat."})
    for wrong, name in (
        ({"status": "draft"}, "status"), ({"private": True}, "private"), ({"centreId": str(uuid4())}, "centreId"),
    ):  # fmt: skip
        with pytest.raises(FieldIsFixed) as refused:
            await change(kernel, SCHOOL, REFERRAL, referral, **line | wrong)
        assert refused.value.values == {"field": name}

    await take(receiver, sent, "receipt")
    await take(receiver, sent, "return", what="Vad har ni provat?")
    assert not await change(kernel, SCHOOL, REFERRAL, referral, **line)
    with pytest.raises(ConsentIsInUse):
        await change(kernel, SCHOOL, REFERRAL, referral, **line | {"consent": consent(purpose="Annat.")})
    assert await change(kernel, SCHOOL, REFERRAL, referral, **line | {"reason": "Somnar sent. Vi har provat allt."})
    assert (await made(await school.get(f"{PATH}/{referral}")))["status"] == "sent"
    with pytest.raises(Denied):
        await change(kernel, "gnesta.familycentre", REFERRAL, referral, **line)


async def test_what_is_over_stands_in_no_file(kernel: Kernel, school: Any, family_manager: Any) -> None:
    line = await a_line(school, await the_centre(family_manager), consent=consent(), status="sent")
    referral = await create(kernel, SCHOOL, REFERRAL, **line)
    await take(school, {"id": referral}, "withdrawal")

    assert await line_of(kernel, SCHOOL, REFERRAL, line) is None
    assert not await change(kernel, SCHOOL, REFERRAL, referral, **line | {"consent": None})


@pytest.mark.rule("R12.5")
async def test_the_rules_by_hand_hold_for_each_line(kernel: Kernel, school: Any, family_manager: Any) -> None:
    line = await a_line(school, await the_centre(family_manager))

    for wrong, problem in (
        ({"status": "sent"}, ReferralNeedsConsent),
        ({"status": "sent", "consent": signed(categories=["contact"])}, ReferralNeedsConsent),
        ({"centreId": str(uuid4())}, UnknownReference),
        ({"childSourceId": "nobody"}, UnknownSource),
    ):
        with pytest.raises(problem):
            await create(kernel, SCHOOL, REFERRAL, **line | wrong)
    with pytest.raises(AgeOutsideCentre):
        await create(kernel, SCHOOL, REFERRAL, **await a_line(school, {"id": line["centreId"]}, 9))
    with pytest.raises(PrivacyNotDecided):
        await create(kernel, SCHOOL, REFERRAL, **await a_line(school, await the_0_18_centre(family_manager), 14))
