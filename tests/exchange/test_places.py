"""Places in contact groups as lines: what children have already moves in, and never more than there are."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.exchange.deeds import FieldIsFixed
from app.exchange.lines import RecordKind
from app.group_places.models import (
    DecisionRefRequired,
    EndNeedsManager,
    ExemptionDoesNotApply,
    FirstDayOutOfRange,
    LastDayBeforeFirst,
)
from app.kernel.errors import Denied
from app.kernel.http.door import Kernel
from app.kernel.http.problems import from_database
from app.kernel.workflow import ImpossibleInThisState
from app.places.models import AlreadyInLine, NoPlaceFree, NoPlacesOffered, OthersWaitLonger
from tests.builders import Json, made
from tests.contact_groups.steps import a_group, an_open_group
from tests.exchange.steps import change, create
from tests.exchange.wishes import MANAGER, a_known_child, a_wish, line_of, signed
from tests.group_places.steps import seen
from tests.group_queues.steps import in_line, told

pytestmark = pytest.mark.database

PLACE, CLERK = RecordKind.GROUP_PLACE, "system.vingaker-import"
TODAY = datetime.now(UTC)


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).date().isoformat()


@pytest.fixture
def manager(client_for):
    return client_for(MANAGER)


@pytest.fixture
async def group(manager: Any) -> Json:
    return await an_open_group(manager)


async def a_line(manager: Any, group: Json, **fields: Any) -> Json:
    return a_wish(group, await a_known_child(manager), **fields)


async def test_a_place_comes_in_and_goes_out_as_the_same_line(kernel: Kernel, manager: Any, group: Json) -> None:
    said = {
        "wishedBy": "child", "askedVia": "school", "consent": signed(), "note": "Tål inte nötter.", "grade": 9,
        "gradeExceptionReason": "Har gått om ett år.", "fromOn": "2021-09-01", "goals": "Hitta vänner.",
        "decisionType": "individual_needs_assessment", "decisionRef": "SN 2021-17", "documentationExempt": False,
        "toOn": day(20), "endReason": "goals_reached", "endText": "Målen är nådda.",
    }  # fmt: skip
    line = await a_line(manager, group, **said)

    place = await create(kernel, MANAGER, PLACE, **line)

    assert await line_of(kernel, MANAGER, PLACE, line) == line
    assert await line_of(kernel, MANAGER, PLACE, line, municipality_code="0461") is None
    assert not await change(kernel, MANAGER, PLACE, place, **line)
    assert (await seen(manager, {"id": place}))["status"] == "ending"


async def test_what_a_line_says_otherwise_is_done_by_its_deed(kernel: Kernel, manager: Any, group: Json) -> None:
    line = await a_line(manager, group, goals="Hitta vänner.")
    place = await create(kernel, MANAGER, PLACE, **line)

    assert await change(kernel, MANAGER, PLACE, place, **line | {"goals": None, "decisionRef": "SN 2026-3"})
    told_now = await line_of(kernel, MANAGER, PLACE, line) or {}
    assert ("goals" in told_now, told_now["decisionRef"], told_now["fromOn"]) == (False, "SN 2026-3", day(0))
    for wrong in ("grade", "fromOn", "decisionType", "note"):
        other = {"grade": 5, "fromOn": day(-2), "decisionType": "individual_needs_assessment", "note": "Ny."}[wrong]
        with pytest.raises(FieldIsFixed) as refused:
            await change(kernel, MANAGER, PLACE, place, **told_now | {wrong: other})
        assert refused.value.values == {"field": wrong}
    with pytest.raises(FieldIsFixed):
        await change(kernel, MANAGER, PLACE, place, **told_now | {"consent": signed()})

    with pytest.raises(EndNeedsManager):
        await change(kernel, CLERK, PLACE, place, **told_now | {"toOn": day(0), "endReason": "moved"})
    assert await change(kernel, MANAGER, PLACE, place, **told_now | {"toOn": day(0)})
    with pytest.raises(FieldIsFixed):
        await change(kernel, MANAGER, PLACE, place, **told_now | {"toOn": day(1)})
    assert (await seen(manager, {"id": place}))["status"] == "ended"
    assert await line_of(kernel, MANAGER, PLACE, line) is None


@pytest.mark.rule("R11.4")
async def test_whoever_waits_comes_from_the_line_and_is_passed_only_with_a_reason(
    kernel: Kernel, manager: Any, group: Json
) -> None:
    first, second = await a_known_child(manager), await a_known_child(manager)
    waiting = [await in_line(manager, group, child, wishedBy="guardian") for child in (first, second)]
    line = a_wish(group, second, grade=5)

    with pytest.raises(OthersWaitLonger):
        await create(kernel, MANAGER, PLACE, **line)
    place = await create(kernel, MANAGER, PLACE, **line | {"skipReason": "Har redan gått här i ett år."})

    assert (await seen(manager, {"id": place}))["queueEntryId"] == waiting[1]["id"]
    assert [(await told(manager, entry))["status"] for entry in waiting] == ["waiting", "taken"]
    out = await line_of(kernel, MANAGER, PLACE, line) or {}
    assert (out["grade"], out["skipReason"]) == (5, "Har redan gått här i ett år.")
    assert not await change(kernel, MANAGER, PLACE, place, **out)


@pytest.mark.rule("R11.1")
async def test_two_imports_at_once_never_overbook_the_last_place(kernel: Kernel, manager: Any) -> None:
    group = await an_open_group(manager, capacity=1)
    lines = [await a_line(manager, group) for _ in range(4)]

    outcomes = await asyncio.gather(
        *(create(kernel, who, PLACE, **line) for who, line in zip((MANAGER, CLERK) * 2, lines, strict=True)),
        return_exceptions=True,
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoPlaceFree"] * 3 + ["UUID"]
    now = await made(await manager.get(f"/contact-groups/{group['id']}"))
    assert (now["taken"], now["waiting"]) == (1, 0), "whoever was refused left nothing behind"


async def test_the_rules_by_hand_hold_for_each_line(kernel: Kernel, manager: Any, group: Json) -> None:
    line = await a_line(manager, group)
    assessed = {"decisionType": "individual_needs_assessment"}
    unconsented = {"askedVia": "school", "wishedBy": "child"}
    planned = {"groupSourceId": (await a_group(manager))["id"]}

    for wrong, problem in (
        (assessed, DecisionRefRequired),
        (assessed | {"documentationExempt": True}, ExemptionDoesNotApply),
        ({"fromOn": day(400)}, FirstDayOutOfRange),
        ({"fromOn": day(-3), "toOn": day(-4)}, LastDayBeforeFirst),
        (unconsented, ImpossibleInThisState),
        (planned, NoPlacesOffered),
    ):
        with pytest.raises(problem):
            await create(kernel, MANAGER, PLACE, **line | wrong)
    with pytest.raises(Denied):
        await create(kernel, "vingaker.leader", PLACE, **line)
    await create(kernel, MANAGER, PLACE, **line)
    with pytest.raises(Exception, match=str(AlreadyInLine.constraint)) as again:
        await create(kernel, MANAGER, PLACE, **line | {"sourceId": "again"})
    assert isinstance(from_database(again.value), AlreadyInLine)
    full = await an_open_group(manager, capacity=1)
    await create(kernel, MANAGER, PLACE, **await a_line(manager, full))
    with pytest.raises(NoPlaceFree):
        await create(kernel, MANAGER, PLACE, **await a_line(manager, full))
