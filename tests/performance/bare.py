"""The bare endpoints: FastAPI and psycopg, the same statements by hand, the same JSON without links, and no checks.

No token, no permission, no relation, no version, no trace, no limits, no ORM. The reads' SQL is the repositories' own
text; ``statements.py`` holds the rest against what the program really does.
"""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

from fastapi import FastAPI
from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from app.case_openings import repository as openings
from app.cases import repository as cases
from app.cases import schemas
from app.config import API_PATH, Settings
from app.guardians import repository as guardianships
from app.kernel.audit import _INSERT as LOG
from app.kernel.circles import FOREVER
from app.kernel.context import ContextSigner
from app.kernel.db import Prepared, Row
from app.kernel.ids import new_id
from app.kernel.paging import Shape
from app.organisations import repository as organisations
from app.people import repository as people
from tests.performance.world import CALLER

Cursor = AsyncCursor[Row]

ACTOR, ONE, OPEN, FACTS = organisations._SIGNED_IN, cases._ONE, openings._OPEN, people._FACTS_OF
LIST = cases._list(Shape(frozenset(), "id", True, False))
GUARDIANSHIPS = guardianships._AMONG
ENTER = "select set_config('tillsammans.context', %s, true)"
OPEN_CIRCLES = "select wall.open_circles(%s, %s)"
OWNED = ("owner_unit_id", "owner_authority_id", "municipality_code")


def _insert(table: LiteralString, columns: LiteralString) -> str:
    names = [*columns.split(), *OWNED]
    into, values = sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(map(sql.Placeholder, names))
    return sql.SQL("insert into {} ({}) values ({})").format(sql.Identifier(table), into, values).as_string()


CASE = _insert(
    "cases",
    "id case_number child_id status entry_route analysis_result named_contact_id coordinator_id opened_at closed_at "
    "source_system source_id created_at updated_at version",
)
ANALYSIS = _insert("case_analyses", "id case_id category reason_text level_of_need five_questions version")
STEP = _insert("case_steps", "id case_id category deed status reason taken_at taken_by")


def create_bare(settings: Settings, program_url: str) -> FastAPI:
    """The bare program on this database."""
    size = settings.database_pool_size
    pool = AsyncConnectionPool(program_url, min_size=4, max_size=size, open=False)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    app = FastAPI(lifespan=lifespan)
    bare = _Bare(pool, ContextSigner(settings.secret.get_secret_value()), settings.dev_issuer)
    app.get(f"{API_PATH}/cases", response_model=schemas.CasePage)(bare.list_cases)
    app.get(f"{API_PATH}/cases/{{case_id}}", response_model=schemas.Case)(bare.get_case)
    app.post(f"{API_PATH}/cases", response_model=schemas.Case, status_code=201)(bare.create_case)
    return app


class _Bare:
    """The three endpoints. Leaving the pool's block commits."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]], signer: ContextSigner, issuer: str) -> None:
        self.pool = pool
        self.signer = signer
        self.issuer = issuer

    async def get_case(self, case_id: UUID) -> Any:
        async with self.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            actor, now = await self._enter(cursor)
            (row,) = await _run(cursor, ONE, case_id=case_id)
            await _log(cursor, actor, now, "look", "getCase", row)
        return _shown(row)

    async def list_cases(self, limit: int = 20) -> Any:
        async with self.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            actor, now = await self._enter(cursor)
            rows = await _run(cursor, LIST, page_limit=limit + 1, page_offset=0)
            await _log(cursor, actor, now, "look", "listCases", None)
        shown = [_shown(row) for row in rows[:limit]]
        return {"items": shown, "meta": {"limit": limit, "offset": 0, "count": len(shown)}, "links": {}}

    async def create_case(self, body: schemas.CaseCreate) -> Any:
        async with self.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            actor, now = await self._enter(cursor)
            case_id = await _open(cursor, actor, now, body)
            (row,) = await _run(cursor, ONE, case_id=case_id)
            await _log(cursor, actor, now, "change", "createCase", row, [*body.model_fields_set])
        return _shown(row)

    async def _enter(self, cursor: Cursor) -> tuple[Row, datetime]:
        now = datetime.now(UTC)
        (actor,) = await _run(cursor, ACTOR, subject=CALLER, issuer=self.issuer, at=now)
        signed = self.signer.sign(actor["unit_id"], actor["authority_id"], actor["user_id"], now)
        await _run(cursor, ENTER, [signed])
        return actor, now


async def _open(cursor: Cursor, actor: Row, now: datetime, body: schemas.CaseCreate) -> UUID:
    (child,) = await _run(cursor, FACTS, ids=[body.child_id])
    await _run(cursor, OPEN, child_ids=[body.child_id])
    case_id = new_id()
    owned = dict(zip(OWNED, (actor["unit_id"], actor["authority_id"], child["municipality_code"]), strict=True))
    of_case = {"case_id": case_id, "category": "school", **owned}
    await _run(cursor, OPEN_CIRCLES, [[case_id], Jsonb(await _family(cursor, case_id, body.child_id, now))])
    await _run(
        cursor, CASE, id=case_id, case_number=secrets.token_hex(4), child_id=body.child_id, status="draft",
        entry_route=body.entry_route, analysis_result=None, named_contact_id=None, coordinator_id=None, opened_at=None,
        closed_at=None, source_system=body.source_system, source_id=body.source_id, created_at=now, updated_at=now,
        version=1, **owned,
    )  # fmt: skip
    await _run(
        cursor, ANALYSIS, id=new_id(), reason_text=body.reason_text, level_of_need=body.level_of_need,
        five_questions=None, version=1, **of_case,
    )  # fmt: skip
    await _run(
        cursor, STEP, id=new_id(), deed="open", status="draft", reason=None, taken_at=now, taken_by=actor["user_id"],
        **of_case,
    )  # fmt: skip
    return case_id


async def _family(cursor: Cursor, case_id: UUID, child_id: UUID, now: datetime) -> list[dict[str, str]]:
    (child,) = await _run(cursor, FACTS, ids=[child_id])
    guardians = await _run(cursor, GUARDIANSHIPS, child_ids=[child_id])
    family = [(child["person_key"], "child", child_id)]
    family += [(guardian["person_key"], "guardian", guardian["id"]) for guardian in guardians]
    return [
        {
            "circle": str(case_id), "party": str(party), "standing": standing, "basis": str(basis),
            "from": now.isoformat(), "until": FOREVER.isoformat(),
        }
        for party, standing, basis in family
    ]  # fmt: skip


async def _run(cursor: Cursor, query: Prepared | str, sequence: Sequence[Any] = (), **values: Any) -> list[Row]:
    text, parameters = (query.sql, query.bind(values)) if isinstance(query, Prepared) else (query, sequence or values)
    await cursor.execute(text.encode(), parameters, prepare=True)
    return await cursor.fetchall() if cursor.rownumber is not None else []


async def _log(
    cursor: Cursor, actor: Row, now: datetime, kind: str, action: str, row: Row | None, changed: Sequence[str] = ()
) -> None:
    seen: Mapping[str, Any] = row or {}
    await _run(
        cursor, LOG, id=new_id(), logged_at=now, kind=kind, action=action, permission="case", outcome="allowed",
        user_id=actor["user_id"], client_id=None, role=actor["role"], assignment_id=actor["id"],
        unit_id=actor["unit_id"], authority_id=actor["authority_id"], controller_id=seen.get("owner_authority_id"),
        object_type="case", object_id=seen.get("id"), circle_id=seen.get("id"), child_id=seen.get("child_id"),
        basis=None, reason=None, changed=list(changed), trace_id="0" * 32,
    )  # fmt: skip


def _shown(row: Row) -> Row:
    if row["named_contact"] is not None:
        row["named_contact"] |= {"unit_name": row["owner_unit_name"], "phone": row["owner_unit_phone"]}
    return {**row, "opened_by": [grant for grant in row["grants"] or () if grant["basis"] in ("consent", "disclosure")]}
