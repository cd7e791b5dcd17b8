"""Contact groups as lines: a unit's own with their leaders, changed and moved on by the deeds by hand."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from app.contact_groups.models import GradesDoNotFit, PoliceCheckInTheFuture, TooManyLeaders
from app.exchange.adapters import ADAPTERS
from app.exchange.deeds import FieldIsFixed
from app.exchange.lines import Key, RecordKind, UnknownSource
from app.kernel.errors import Denied
from app.kernel.http.door import Kernel
from tests.exchange.steps import acting, as_json, change, create, exported

pytestmark = pytest.mark.database

MANAGER, GROUP = "vingaker.manager", RecordKind.CONTACT_GROUP
ENTRIES = "select action, permission from access_log where circle_id = %s and kind = 'change' order by id"


def leader(subject: str, **fields: Any) -> dict[str, Any]:
    """A demo user who leads a group."""
    named = {"userSourceSystem": "demo", "userSourceId": subject}
    return {**named, "policeRecordCheckedOn": "2026-01-15", "fromOn": "2026-01-19", **fields}


def group(**fields: Any) -> dict[str, Any]:
    """A line of a group with everything that it can say."""
    return {
        "sourceSystem": "kontakt", "sourceId": uuid4().hex, "name": "Onsdagsgruppen", "term": "HT2026", "weekday": 3,
        "startsAt": "15:00", "endsAt": "17:00", "defaultDecisionType": "without_needs_assessment",
        "municipalityCode": "0428", "gradeMin": 3, "gradeMax": 7, "place": "Ungdomens hus", "note": "Fika ingår.",
        "capacity": 8, "offerDays": 10, "automaticOffers": False, "status": "open", "leaders": [], **fields,
    }  # fmt: skip


async def line_of(kernel: Kernel, source_id: str) -> dict[str, Any]:
    (found,) = [entry for entry in await exported(kernel, MANAGER, GROUP) if entry.source_id == source_id]
    return as_json(found)


async def test_a_group_comes_in_and_goes_out_as_the_same_line(
    kernel: Kernel, owner_db: psycopg.Connection[dict[str, Any]]
) -> None:
    led = [leader("vingaker.leader"), leader("vingaker.leader2", toOn="2099-06-30")]
    line = group(status="paused", statusReason="Sommarlov.", leaders=led)

    made = await create(kernel, MANAGER, GROUP, **line)

    assert await line_of(kernel, line["sourceId"]) == line
    assert await exported(kernel, MANAGER, GROUP, municipality_code="0461") == []
    assert not await change(kernel, MANAGER, GROUP, made, **line)
    assert not await change(kernel, MANAGER, GROUP, made, **line | {"gradeMin": None, "capacity": None})
    assert [tuple(row.values()) for row in owner_db.execute(ENTRIES, [made])] == [
        (action, "group.manage") for action in ("createContactGroup", *["addGroupLeader"] * 2, "openContactGroup",
                                                "pauseContactGroup")
    ]  # fmt: skip


async def test_what_a_line_says_otherwise_is_changed_and_no_step_is_taken_back(kernel: Kernel) -> None:
    line = group(leaders=[leader("vingaker.leader")])
    made = await create(kernel, MANAGER, GROUP, **line)
    checked = [leader("vingaker.leader", policeRecordCheckedOn="2026-02-01"), leader("vingaker.leader2")]

    assert await change(kernel, MANAGER, GROUP, made, **line | {"capacity": 6, "place": None, "leaders": checked})
    assert await change(kernel, MANAGER, GROUP, made, **line | {"capacity": 6, "place": None, "status": "paused",
                                                               "statusReason": "Lov.", "leaders": []})  # fmt: skip

    told = await line_of(kernel, line["sourceId"])
    assert (told["capacity"], "place" in told, told["status"], told["leaders"]) == (6, False, "paused", checked)
    for wrong, name in (({"status": "planned"}, "status"), ({"municipalityCode": "0461"}, "municipalityCode")):
        with pytest.raises(FieldIsFixed) as refused:
            await change(kernel, MANAGER, GROUP, made, **line | wrong)
        assert refused.value.values == {"field": name}
    assert await change(kernel, MANAGER, GROUP, made, **told | {"status": "open"})
    assert await change(kernel, MANAGER, GROUP, made, **told | {"status": "ended", "statusReason": "Inga barn."})


async def test_whoever_is_named_without_a_first_day_leads_now_and_leaves_by_a_last_one(kernel: Kernel) -> None:
    line = group(leaders=[leader("vingaker.leader", fromOn=None)])
    made = await create(kernel, MANAGER, GROUP, **line)
    left = line | {"leaders": [leader("vingaker.leader", fromOn=None, toOn="2099-12-31")]}

    assert not await change(kernel, MANAGER, GROUP, made, **line)
    assert await change(kernel, MANAGER, GROUP, made, **left)
    assert not await change(kernel, MANAGER, GROUP, made, **left)


async def test_two_authorities_may_call_their_groups_the_same(kernel: Kernel) -> None:
    line = group()
    made = await create(kernel, MANAGER, GROUP, **line)
    key = Key("kontakt", line["sourceId"])

    for who, found in ((MANAGER, {key: made}), ("gnesta.socialmanager", {})):
        async with acting(kernel, who, write=False) as visit:
            assert await ADAPTERS[GROUP].find(visit, [key]) == found


async def test_the_rules_by_hand_hold_for_each_line(kernel: Kernel) -> None:
    made: UUID = await create(kernel, MANAGER, GROUP, **group())
    three = [leader(f"vingaker.leader{number}") for number in ("", 2, 3)]

    for wrong, problem in (
        ({"gradeMin": 8}, GradesDoNotFit),
        ({"leaders": three}, TooManyLeaders),
        ({"leaders": [leader("vingaker.leader", policeRecordCheckedOn="2099-01-01")]}, PoliceCheckInTheFuture),
        ({"leaders": [leader("vingaker.leader", userSourceId="nobody")]}, UnknownSource),
    ):
        with pytest.raises(problem):
            await create(kernel, MANAGER, GROUP, **group(**wrong))
    for who in ("vingaker.leader", "gnesta.socialmanager"):
        with pytest.raises(Denied):
            await change(kernel, who, GROUP, made, **group())
    with pytest.raises(ValueError, match="statusReason"):
        await create(kernel, MANAGER, GROUP, **group(status="ended"))
