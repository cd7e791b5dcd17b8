"""What tests of the exchange share: acting without a request, as a worker does, and whole exports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.exchange.adapters import ADAPTERS
from app.exchange.lines import Entry, RecordKind, Selection
from app.kernel.auth import Identity
from app.kernel.context import Visit
from app.kernel.http.door import Kernel
from app.organisations import service as organisations
from app.permissions import Permission

Json = dict[str, Any]


@asynccontextmanager
async def acting(kernel: Kernel, subject: str, *, write: bool = True) -> AsyncIterator[Visit]:
    """A transaction as a demo user, committed with its trail unless something is raised."""
    async with kernel.database.transaction(write=write) as tx:
        identity = Identity(kernel.settings.api_url, subject, None, frozenset(), 0, "")
        actor = await organisations.find_actor(tx, identity, None, kernel.clock.now())
        visit = await kernel.act_as(tx, actor, Permission.IMPORT_CREATE, "createImport", trace_id="0" * 32)
        yield visit
        await visit.trail.write(tx)
        await tx.commit()


async def create(kernel: Kernel, subject: str, kind: RecordKind, /, **fields: Any) -> Any:
    """A record made from a line, in a transaction of its own."""
    adapter = ADAPTERS[kind]
    async with acting(kernel, subject) as visit:
        return await adapter.create(visit, adapter.entry.model_validate(fields))


async def change(kernel: Kernel, subject: str, kind: RecordKind, record_id: Any, /, **fields: Any) -> bool:
    """Whether a line changes a record, in a transaction of its own."""
    adapter = ADAPTERS[kind]
    async with acting(kernel, subject) as visit:
        return await adapter.change(visit, record_id, adapter.entry.model_validate(fields))


async def exported(kernel: Kernel, subject: str, kind: RecordKind, /, **selection: Any) -> list[Entry]:
    """Every line of a kind that somebody may export, read in small pages."""
    found: list[Entry] = []
    after = None
    async with acting(kernel, subject, write=False) as visit:
        while page := await ADAPTERS[kind].page(visit, Selection(**selection), after, 7):
            assert len(page) <= 7
            found += [line.entry for line in page]
            after = page[-1].id
    return found


def as_json(entry: Entry) -> Json:
    """A line as an export writes it."""
    return entry.model_dump(mode="json", by_alias=True, exclude_unset=True)
