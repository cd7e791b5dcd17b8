"""Authorities, units, users and assignments as lines: made, changed and read as by hand, and known by their keys."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from app.demo.directory import UNITS
from app.demo.staff import ASSIGNMENT_IDS
from app.exchange import keys
from app.exchange.deeds import FieldIsFixed
from app.exchange.lines import Key, RecordKind, UnknownSource
from app.exchange.models import SourceKeyTaken
from app.kernel.errors import AlreadyExists, Denied
from app.kernel.http.door import Kernel
from app.kernel.http.problems import from_database
from app.organisations.models import AssignmentEndsBeforeItBegins, RoleNeedsNoUnit, UnknownMunicipality
from tests.builders import authority_of
from tests.exchange.steps import acting, as_json, change, create, exported

pytestmark = pytest.mark.database

ADMIN = "sys.admin"
OWN = {"sourceSystem": "hr"}
Owner = psycopg.Connection[dict[str, Any]]
R = RecordKind


def authority(**fields: Any) -> dict[str, Any]:
    """A line of an authority in a provider that nobody else has."""
    organisation = {"kind": "private_provider", "name": "Lilla Skolan AB", "municipalityCode": "0461"}
    return {
        **OWN, "sourceId": uuid4().hex, "name": "Lilla Skolans styrelse", "sector": "education",
        "secrecyRegime": "skollag29_14", "organisation": organisation, **fields,
    }  # fmt: skip


def unit(of: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A line of a unit of an authority."""
    return {
        **OWN, "sourceId": uuid4().hex, "authoritySourceId": of["sourceId"], "name": "Lilla Skolan",
        "unitType": "school", "municipalityCode": "0461", "phone": "+46 158 000 00", **fields,
    }  # fmt: skip


def user(**fields: Any) -> dict[str, Any]:
    """A line of a user with a subject of its own."""
    subject = uuid4().hex
    return {**OWN, "sourceId": subject, "subject": subject, "name": "Ida Lund", "email": "ida@x.example", **fields}


def assignment(who: dict[str, Any], where: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A line of an assignment."""
    return {
        **OWN, "sourceId": uuid4().hex, "userSourceId": who["sourceId"], "unitSourceId": where["sourceId"],
        "role": "practitioner", "validFrom": "2026-01-01T00:00:00Z", **fields,
    }  # fmt: skip


async def line_of(kernel: Kernel, kind: RecordKind, source_id: str) -> dict[str, Any]:
    (found,) = [entry for entry in await exported(kernel, ADMIN, kind) if entry.source_id == source_id]
    return as_json(found)


def spelled(line: dict[str, Any]) -> dict[str, Any]:
    """A line with the systems of its references spelled out, as an export does."""
    nouns = [name.removesuffix("SourceId") for name in line if name.endswith("SourceId")]
    return line | {f"{noun}SourceSystem": line["sourceSystem"] for noun in nouns}


async def test_a_small_organisation_comes_in_and_goes_out_as_the_same_lines(kernel: Kernel, owner_db: Owner) -> None:
    board = authority()
    school = unit(board)
    ida = user(active=False)
    works = assignment(ida, school, validTo="2027-01-01T00:00:00Z")
    lines = {R.AUTHORITY: board, R.UNIT: school, R.USER: ida, R.ASSIGNMENT: works}

    made = {kind: await create(kernel, ADMIN, kind, **line) for kind, line in lines.items()}

    for kind, line in lines.items():
        assert await line_of(kernel, kind, line["sourceId"]) == spelled(line) | (
            {"kind": "person"} if kind == R.USER else {}
        )
        assert not await change(kernel, ADMIN, kind, made[kind], **line)
    told = owner_db.execute(
        "select object_id, action, permission from access_log where object_id = any(%s) order by id",
        [list(made.values())],
    ).fetchall()
    assert [(row["object_id"], row["action"], row["permission"]) for row in told] == [
        (made[R.AUTHORITY], "createAuthority", "organisation.manage"),
        (made[R.UNIT], "createUnit", "organisation.manage"),
        (made[R.USER], "createUser", "user.manage"),
        (made[R.USER], "updateUser", "user.manage"),
        (made[R.ASSIGNMENT], "createAssignment", "user.manage"),
    ]


async def test_what_a_line_says_otherwise_is_changed_and_nothing_else(kernel: Kernel, owner_db: Owner) -> None:
    board, ida = authority(), user()
    school = unit(board)
    works = assignment(ida, school)
    lines = {R.AUTHORITY: board, R.UNIT: school, R.USER: ida, R.ASSIGNMENT: works}
    made = {kind: await create(kernel, ADMIN, kind, **line) for kind, line in lines.items()}
    news: dict[RecordKind, dict[str, Any]] = {
        R.AUTHORITY: {"name": "Styrelsen"},
        R.UNIT: {"phone": None, "name": "Stora skolan"},
        R.USER: {"active": False},
        R.ASSIGNMENT: {"validTo": "2027-06-30T22:00:00Z"},
    }

    for kind, said in news.items():
        assert await change(kernel, ADMIN, kind, made[kind], **lines[kind] | said)
        line = await line_of(kernel, kind, lines[kind]["sourceId"])
        assert {name: line.get(name) for name in said} == said

    (changed,) = owner_db.execute(
        "select changed from access_log where object_id = %s and action = 'updateUnit'", [made[R.UNIT]]
    ).fetchall()
    assert changed["changed"] == ["name", "phone"]


async def test_authorities_of_one_organisation_share_it_even_when_they_come_at_once(
    kernel: Kernel, owner_db: Owner
) -> None:
    described = {"kind": "private_provider", "name": f"Skolor {uuid4().hex[:6]} AB", "municipalityCode": "0480"}
    one, other = authority(organisation=described), authority(organisation=described)
    gnesta = authority(organisation={"kind": "municipality", "name": "Gnesta kommun", "orgNumber": "212000-2965"})

    made = await asyncio.gather(*(create(kernel, ADMIN, R.AUTHORITY, **line) for line in (one, other)))
    made.append(await create(kernel, ADMIN, R.AUTHORITY, **gnesta))

    rows = owner_db.execute("select id, organisation_id from authorities where id = any(%s)", [made])
    owners = {row["id"]: row["organisation_id"] for row in rows}
    assert owners[made[0]] == owners[made[1]]
    (numbered,) = owner_db.execute("select id from organisations where org_number = '212000-2965'").fetchall()
    assert owners[made[2]] == numbered["id"]


async def test_what_no_deed_by_hand_changes_is_refused_by_name(kernel: Kernel) -> None:
    board, other, ida, eva = authority(), authority(), user(), user()
    school = unit(board)
    works = assignment(ida, school)
    lines = {R.AUTHORITY: board, R.UNIT: school, R.USER: ida, R.ASSIGNMENT: works}
    made = {kind: await create(kernel, ADMIN, kind, **line) for kind, line in lines.items()}
    await create(kernel, ADMIN, R.AUTHORITY, **other)
    await create(kernel, ADMIN, R.USER, **eva)
    moved: list[tuple[RecordKind, dict[str, Any], str]] = [
        (R.AUTHORITY, {"organisation": {"kind": "region", "name": "Region Sörmland"}}, "organisation"),
        (R.AUTHORITY, {"organisation": board["organisation"] | {"orgNumber": "212000-1111"}}, "orgNumber"),
        (R.UNIT, {"authoritySourceId": other["sourceId"]}, "authoritySourceId"),
        (R.USER, {"subject": "somebody.else"}, "subject"),
        (R.USER, {"kind": "system"}, "kind"),
        (R.ASSIGNMENT, {"role": "unit_manager"}, "role"),
        (R.ASSIGNMENT, {"validFrom": "2025-01-01T00:00:00Z"}, "validFrom"),
        (R.ASSIGNMENT, {"userSourceId": eva["sourceId"]}, "userSourceId"),
        (R.ASSIGNMENT, {"unitSourceSystem": "demo", "unitSourceId": "gnesta-skola"}, "unitSourceId"),
    ]

    for kind, said, field in moved:
        with pytest.raises(FieldIsFixed) as refused:
            await change(kernel, ADMIN, kind, made[kind], **lines[kind] | said)
        assert refused.value.values == {"field": field}
    with pytest.raises(UnknownSource):
        await change(kernel, ADMIN, R.ASSIGNMENT, made[R.ASSIGNMENT], **works | {"userSourceId": "nobody"})


async def test_the_rules_by_hand_hold_for_each_line(kernel: Kernel) -> None:
    board, ida = authority(), user()
    school = unit(board)
    for kind, line in ((R.AUTHORITY, board), (R.UNIT, school), (R.USER, ida)):
        await create(kernel, ADMIN, kind, **line)
    strange = {"kind": "municipality", "name": "Annan", "municipalityCode": "0180"}

    with pytest.raises(UnknownMunicipality):
        await create(kernel, ADMIN, R.AUTHORITY, **authority(organisation=strange))
    with pytest.raises(UnknownSource, match="unknown-source"):
        await create(kernel, ADMIN, R.UNIT, **unit(authority()))
    with pytest.raises(RoleNeedsNoUnit):
        await create(kernel, ADMIN, R.ASSIGNMENT, **assignment(ida, school, role="guardian"))
    with pytest.raises(AssignmentEndsBeforeItBegins):
        await create(kernel, ADMIN, R.ASSIGNMENT, **assignment(ida, school, validTo="2025-12-31T00:00:00Z"))
    with pytest.raises(Exception, match="uq_users_subject_issuer") as doubled:
        await create(kernel, ADMIN, R.USER, **user(subject=ida["subject"]))
    assert isinstance(from_database(doubled.value), AlreadyExists)


async def test_two_records_never_share_a_key(kernel: Kernel) -> None:
    ida = user()
    await create(kernel, ADMIN, R.USER, **ida)

    with pytest.raises(Exception, match="uq_source_keys_key") as taken:
        await create(kernel, ADMIN, R.USER, **user(sourceId=ida["sourceId"]))

    assert isinstance(from_database(taken.value), SourceKeyTaken)


async def test_only_whoever_may_by_hand_may_by_line(kernel: Kernel) -> None:
    manager, school = "gnesta.schoolmanager", {"sourceId": "gnesta-skola"}
    ours = {"sourceSystem": "demo"}
    theirs = ASSIGNMENT_IDS["gnesta.school2"]
    (line,) = [
        as_json(entry) for entry in await exported(kernel, manager, R.ASSIGNMENT) if entry.source_id == "gnesta.school2"
    ]

    for kind, made in ((R.AUTHORITY, authority()), (R.UNIT, unit(school, **ours)), (R.USER, user())):
        with pytest.raises(Denied):
            await create(kernel, manager, kind, **made)
    with pytest.raises(Denied):
        await create(kernel, manager, R.ASSIGNMENT, **assignment(user(), school, **ours))
    with pytest.raises(Denied):
        await change(kernel, manager, R.ASSIGNMENT, ASSIGNMENT_IDS["gnesta.otherschool"], **line)
    assert await change(kernel, manager, R.ASSIGNMENT, theirs, **line | {"validTo": "2099-01-01T00:00:00Z"})
    assert await change(kernel, manager, R.ASSIGNMENT, theirs, **line | {"validTo": None})


async def test_an_export_holds_what_its_owner_may_list_and_none_of_the_family(kernel: Kernel) -> None:
    everybody = {as_json(entry)["subject"] for entry in await exported(kernel, ADMIN, R.USER)}
    colleagues = {as_json(entry)["subject"] for entry in await exported(kernel, "gnesta.schoolmanager", R.USER)}
    roles = {as_json(entry)["role"] for entry in await exported(kernel, ADMIN, R.ASSIGNMENT)}

    assert {"gnesta.school", "vingaker.leader", "sys.admin"} <= everybody
    assert "guardian.one" not in everybody
    assert "gnesta.school" in colleagues
    assert "gnesta.social" not in colleagues
    assert "guardian" not in roles
    with pytest.raises(Denied):
        await exported(kernel, "vingaker.leader", R.USER)


async def test_an_export_of_one_municipality_holds_nothing_of_another(kernel: Kernel) -> None:
    for kind in (R.AUTHORITY, R.UNIT, R.USER, R.ASSIGNMENT):
        named = {entry.source_id for entry in await exported(kernel, ADMIN, kind, municipality_code="0428")}
        assert {"vingaker-social", "vingaker-skola", "vingaker.leader"} & named
        assert not {name for name in named if name.startswith(("gnesta", "flen", "region"))}


async def test_a_record_without_a_key_is_called_by_its_id_here(
    kernel: Kernel, client_for: Callable[[str], httpx.AsyncClient]
) -> None:
    body = {"name": "Skolan", "unitType": "school", "authorityId": authority_of("gnesta-skola")}
    made = (await client_for(ADMIN).post("/units", json=body)).json()["id"]

    line = await line_of(kernel, R.UNIT, made)

    assert (line["sourceSystem"], line["authoritySourceSystem"]) == ("tillsammans", "demo")
    async with acting(kernel, "gnesta.school", write=False) as visit:
        ours, demo = Key("tillsammans", made), Key("demo", "gnesta-skola")
        nobodys = [Key("tillsammans", str(UUID(int=1))), Key("tillsammans", "no id"), Key("hr", "nobody")]
        found = await keys.find(visit, R.UNIT, [ours, demo, *nobodys])
    assert found == {ours: UUID(made), demo: UNITS["gnesta-skola"]}
