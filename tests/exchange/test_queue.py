"""Queues to contact groups as lines: a running queue moves in with its order, its reasons and its consents."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from app.consents.models import InvalidPeriod
from app.exchange.adapters import ADAPTERS
from app.exchange.deeds import FieldIsFixed
from app.exchange.lines import RecordKind, UnknownSource
from app.group_queues.models import NoConsentNeeded
from app.kernel.errors import Denied
from app.kernel.http.door import Kernel
from app.kernel.http.problems import from_database
from app.people.models import CheckpointRequired
from app.places.models import AlreadyInLine
from app.queue_wishes.models import GradeOutsideGroup, NoteAwaitsConsent, PriorityNeedsReason, StatedByGroupsUnit
from tests.builders import Json, made
from tests.contact_groups.steps import an_open_group
from tests.exchange.steps import acting, change, create
from tests.exchange.wishes import MANAGER, a_known_child, a_wish, line_of, signed
from tests.group_queues.steps import do, told, wish
from tests.group_queues.steps import line_of as queue_of

pytestmark = pytest.mark.database

ENTRY = RecordKind.QUEUE_ENTRY
DEEDS = """select action from access_log where child_id = %s and kind = 'change' and action <> 'createChild'
order by id"""
REASONS = "select reason from access_log where child_id = %s and action in ('joinGroupQueue', 'createImport')"


@pytest.fixture
def manager(client_for):
    return client_for(MANAGER)


async def in_line_for(manager: Any, **fields: Any) -> tuple[Json, Json, Json]:
    """A group, a child, and a line in which the child wants a place there."""
    group, child = await an_open_group(manager), await a_known_child(manager)
    return group, child, a_wish(group, child, **fields)


async def test_an_entry_comes_in_and_goes_out_as_the_same_line(kernel: Kernel, manager: Any) -> None:
    said = {
        "wishedBy": "child", "askedVia": "school", "consent": signed(), "note": "Kommer helst med en kompis.",
        "requestedAt": "2026-02-03T10:15:00Z", "priority": "raised", "priorityReason": "Har väntat i en annan grupp.",
        "grade": 9, "gradeExceptionReason": "Har gått om ett år.", "status": "in_line",
    }  # fmt: skip
    _, _, line = await in_line_for(manager, **said)

    entry = await create(kernel, MANAGER, ENTRY, **line)

    assert await line_of(kernel, MANAGER, ENTRY, line) == line
    assert await line_of(kernel, MANAGER, ENTRY, line, municipality_code="0461") is None
    assert not await change(kernel, MANAGER, ENTRY, entry, **line)
    seen = await told(manager, {"id": entry})
    assert (seen["status"], seen["consentState"], seen["rank"]) == ("waiting", "given", 1)


@pytest.mark.rule("R11.4")
async def test_a_running_queue_keeps_its_order(kernel: Kernel, manager: Any) -> None:
    group = await an_open_group(manager)
    named = {"Ada": {}, "Bo": {}, "Cia": {"requestedAt": "2026-03-02T08:00:00Z"},
             "Dan": {"requestedAt": "2026-03-01T08:00:00Z"},
             "Eva": {"priority": "urgent", "priorityReason": "Behöver en plats snart."}}  # fmt: skip
    lines = [a_wish(group, await a_known_child(manager, givenName=name), **fields) for name, fields in named.items()]
    async with acting(kernel, MANAGER) as visit:
        for line in lines:
            await ADAPTERS[ENTRY].create(visit, ADAPTERS[ENTRY].entry.model_validate(line))

    assert [entry["givenName"] for entry in await queue_of(manager, group)] == ["Eva", "Dan", "Cia", "Ada", "Bo"]


async def test_what_a_line_says_otherwise_is_done_by_its_deed(
    kernel: Kernel, manager: Any, owner_db: psycopg.Connection[dict[str, Any]]
) -> None:
    _, child, line = await in_line_for(manager, wishedBy="child", askedVia="school")
    entry = await create(kernel, MANAGER, ENTRY, **line)
    assert (await told(manager, {"id": entry}))["status"] == "held_back"
    line |= {"consent": signed(), "grade": 5, "note": "Tål inte nötter.", "priority": "urgent",
             "priorityReason": "Mår dåligt.", "status": "in_line"}  # fmt: skip

    assert await change(kernel, MANAGER, ENTRY, entry, **line)

    assert {**line, "requestedAt": None} == {**(await line_of(kernel, MANAGER, ENTRY, line) or {}), "requestedAt": None}
    later = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    assert await change(kernel, MANAGER, ENTRY, entry, **line | {"consent": {**signed(), "validTo": later}})
    assert await change(kernel, MANAGER, ENTRY, entry, **line | {"status": "withdrawn", "consent": None})
    assert not await change(kernel, MANAGER, ENTRY, entry, **line | {"status": "withdrawn", "consent": None})
    assert await line_of(kernel, MANAGER, ENTRY, line) is None
    deeds = [row["action"] for row in owner_db.execute(DEEDS, [child["id"]])]
    assert list(dict.fromkeys(deeds)) == [
        "joinGroupQueue", "createConsent", "consent:given", "nameQueueConsent", "correctQueueEntry",
        "prioritiseQueueEntry", "withdrawQueueEntry",
    ]  # fmt: skip


async def test_what_no_deed_changes_is_refused(kernel: Kernel, manager: Any) -> None:
    group, _, line = await in_line_for(manager, requestedAt="2026-02-03T10:15:00Z")
    entry = await create(kernel, MANAGER, ENTRY, **line)
    another = await an_open_group(manager)

    for wrong, name in (
        ({"groupSourceId": another["id"]}, "groupSourceId"),
        ({"childSourceId": (await a_known_child(manager))["sourceId"]}, "childSourceId"),
        ({"requestedAt": "2026-02-03T10:16:00Z"}, "requestedAt"),
    ):
        with pytest.raises(FieldIsFixed) as refused:
            await change(kernel, MANAGER, ENTRY, entry, **line | wrong)
        assert refused.value.values == {"field": name}
    await made(await manager.post(f"/contact-groups/{group['id']}/places", json={"queueEntryId": str(entry)}))
    for status in ("in_line", "withdrawn"):
        with pytest.raises(FieldIsFixed):
            await change(kernel, MANAGER, ENTRY, entry, **line | {"status": status})
    assert not await change(kernel, MANAGER, ENTRY, entry, **line)
    assert await line_of(kernel, MANAGER, ENTRY, line) is None


async def test_a_sender_tells_what_it_sent_and_nothing_of_the_line(kernel: Kernel, client_for: Any) -> None:
    school, manager = client_for("vingaker.school"), client_for(MANAGER)
    group, child, another = await an_open_group(manager), await a_known_child(school), await a_known_child(school)
    line = a_wish(group, child, wishedBy="child", askedVia="school", consent=signed())
    entry = await create(kernel, "vingaker.school", ENTRY, **line)
    familys = await made(await wish(client_for("guardian.one"), group, another))
    await made(await do(manager, {"id": entry}, "priority", priority="urgent", reason="Mår dåligt."))

    assert await line_of(kernel, "vingaker.school", ENTRY, line) == {**line, "status": "in_line"}
    for of_a_child_that_is_not_its_own in (str(entry), familys["id"]):
        assert await line_of(kernel, MANAGER, ENTRY, {"sourceId": of_a_child_that_is_not_its_own}) is None
    assert not await change(kernel, "vingaker.school", ENTRY, entry, **line)
    for kept in ({"priority": "urgent"}, {"note": "Gissat."}, {"requestedAt": "2026-02-03T10:15:00Z"}):
        with pytest.raises(StatedByGroupsUnit):
            await change(kernel, "vingaker.school", ENTRY, entry, **line | kept)
    with pytest.raises(Denied):
        await change(kernel, "vingaker.school", ENTRY, entry, **line | {"grade": 5})


@pytest.mark.rule("R2.5")
async def test_a_protected_child_stands_in_a_file_only_past_its_checkpoint(
    kernel: Kernel, manager: Any, owner_db: psycopg.Connection[dict[str, Any]]
) -> None:
    group, child = await an_open_group(manager), await a_known_child(manager, protectedIdentity="sekretessmarkering")
    line = a_wish(group, child)
    with pytest.raises(CheckpointRequired):
        await create(kernel, MANAGER, ENTRY, **line)
    assert await line_of(kernel, MANAGER, ENTRY, line, include_protected=True) is None
    await made(await manager.post(f"/children/{child['id']}/checkpoints", json={"reason": "Kön flyttas in."}))
    other = await a_known_child(manager)
    async with acting(kernel, MANAGER) as visit:
        for one in (line, a_wish(group, other)):
            await ADAPTERS[ENTRY].create(visit, ADAPTERS[ENTRY].entry.model_validate(one))

    assert await line_of(kernel, MANAGER, ENTRY, line) is None
    assert await line_of(kernel, MANAGER, ENTRY, line, include_protected=True)

    for about, reason in ((child, "Kön flyttas in."), (other, None)):
        assert {row["reason"] for row in owner_db.execute(REASONS, [about["id"]])} == {reason}


async def test_the_rules_by_hand_hold_for_each_line(kernel: Kernel, manager: Any, client_for: Any) -> None:
    _, _, line = await in_line_for(manager)
    with pytest.raises(NoConsentNeeded):
        await create(kernel, MANAGER, ENTRY, **line | {"consent": signed()})
    await create(kernel, MANAGER, ENTRY, **line)

    for wrong, problem in (
        ({"groupSourceId": "nowhere"}, UnknownSource),
        ({"childSourceId": "nobody"}, UnknownSource),
        ({"grade": 9}, GradeOutsideGroup),
        ({"priority": "urgent"}, PriorityNeedsReason),
        ({"askedVia": "school", "wishedBy": "child", "note": "Ritar gärna."}, NoteAwaitsConsent),
        ({"askedVia": "school", "wishedBy": "child", "consent": signed(validTo="2020-01-01T00:00:00Z")}, InvalidPeriod),
    ):
        with pytest.raises(problem):
            await create(kernel, MANAGER, ENTRY, **line | wrong)
    with pytest.raises(Exception, match=str(AlreadyInLine.constraint)) as again:
        await create(kernel, MANAGER, ENTRY, **line | {"sourceId": "again"})
    assert isinstance(from_database(again.value), AlreadyInLine)
    for who in ("vingaker.leader", "sys.admin"):
        with pytest.raises((Denied, UnknownSource)):
            await create(kernel, who, ENTRY, **line)
    with pytest.raises(ValueError, match="not on both"):
        await create(kernel, MANAGER, ENTRY, **line | {"consent": signed(), "consentId": str(line["groupSourceId"])})
