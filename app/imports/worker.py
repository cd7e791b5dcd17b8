"""Imports go on in the background, block by block: as the one who handed them in, behind the same wall.

A block and its answers are one transaction, so that a worker that is killed leaves all of a block or nothing of it;
whoever comes next goes on. Nothing is held between blocks, and there are no leases: the lock ends with the transaction.
Imports of one authority take turns, block by block: their files name the same records, in whatever order.
What is done in one piece, a dry run or an atomic import, is one transaction over the whole file, with its answers
written beside it; killed, it begins again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import structlog

from app.imports import repository, service
from app.imports.engine import Engine, settle
from app.imports.models import Import, ImportMode, ImportNotApplied
from app.kernel.audit import Subject, Trail
from app.kernel.context import Visit
from app.kernel.db import Transaction
from app.kernel.errors import NoAssignment, Problem
from app.kernel.http.door import Kernel
from app.kernel.problems import must_wait
from app.organisations.service import actor_in
from app.permissions import Permission

log = structlog.get_logger("imports")

_ACTION = "runImport"


class Due(NamedTuple):
    """An import to go on with, and as whom."""

    import_id: UUID
    assignment_id: UUID
    client_id: str | None
    scopes: list[str]
    language: str
    trace_id: str


async def work(kernel: Kernel) -> bool:
    """Do one block of some import that is due; False when there is nothing that could be done now."""
    async with kernel.database.transaction(write=False) as tx:
        waiting = [Due(**row) for row in await repository.due(tx)]
    for due in waiting:
        if await _advance(kernel, due):
            return True
    return False


async def forget(kernel: Kernel) -> None:
    """Forget imports whose answers have been kept long enough."""
    before = kernel.clock.now() - timedelta(days=kernel.settings.import_keep_days)
    async with kernel.database.transaction(write=False) as tx:
        await repository.forget(tx, before)
        await tx.commit()


async def _advance(kernel: Kernel, due: Due) -> bool:
    """One step of an import. One that fails for no line's fault is tried again, and then line by line."""
    for singly in (False, False, True):
        try:
            return await _step(kernel, due, singly=singly)
        except NoAssignment as ended:
            return await _abandon(kernel, due, ended)
        except Exception as error:
            said = {"import_id": str(due.import_id), "error": type(error).__name__, "trace_id": due.trace_id}
            if must_wait(error):
                log.warning("import-waits", **said)
                return False
            log.warning("import-tried-again", **said)
    return await _give_up(kernel, due)


async def _step(kernel: Kernel, due: Due, *, singly: bool) -> bool:
    async with kernel.database.transaction(write=True) as tx:
        visit = await _as_submitter(kernel, tx, due)
        if not await repository.take_turn(tx, visit.actor.assignment.authority_id):
            return False
        job = await repository.seen(tx, due.import_id)
        if job is None or job.has_ended:
            return False
        if job.in_one_piece:
            await _whole(kernel, due, visit, Engine(visit, job, singly))
        else:
            await _next_block(visit, Engine(visit, job, singly))
        return True


async def _as_submitter(kernel: Kernel, tx: Transaction, due: Due) -> Visit:
    """Inside, as the one who handed the file in; raises ``NoAssignment`` when their assignment has ended (R1.3)."""
    await repository.be_patient(tx)
    actor = await actor_in(
        tx, due.assignment_id, kernel.clock.now(), client_id=due.client_id, scopes=frozenset(due.scopes)
    )
    return await kernel.act_as(
        tx, actor, Permission.IMPORT_CREATE, _ACTION, trace_id=due.trace_id, language=due.language
    )


async def _leave(visit: Visit) -> None:
    """As the door does: the log with what it tells of, or neither."""
    await visit.tx.session.flush()
    await visit.trail.write(visit.tx)
    await visit.tx.commit()


async def _next_block(visit: Visit, engine: Engine) -> None:
    job = engine.job
    await repository.lock(visit.tx, job)  # whoever cancels waits until the block is done
    if job.has_ended:
        return
    service.begin(visit, job)
    block = await repository.next_block(visit.tx, job.id)
    if block is None:
        await service.end(visit, job, "complete")
    else:
        await engine.answer(block.lines)
        _log_refusals(visit, engine)
        await repository.keep_answers(visit.tx, job.id, block.number, engine.answers, forget_lines=True)
    await _leave(visit)


async def _whole(kernel: Kernel, due: Due, visit: Visit, engine: Engine) -> None:
    """Every line in one transaction, and the answers beside it, so that progress shows and a refusal is remembered."""
    async with _beside(kernel, due) as (notes, noted):
        if not noted.has_ended:
            service.begin(notes, noted)
            await repository.forget_answers(notes.tx, noted.id)
    job, number, failed = engine.job, 0, 0
    while (block := await repository.block(visit.tx, job.id, number)) is not None:
        await engine.answer(block.lines)
        await settle(visit)
        visit.tx.session.expunge_all()
        async with _beside(kernel, due) as (notes, noted):
            if noted.has_ended:
                return
            _log_refusals(notes, engine)
            await repository.keep_answers(notes.tx, noted.id, number, engine.answers, forget_lines=False)
        number, failed = number + 1, failed + engine.failed
    if failed and job.mode == ImportMode.ATOMIC:
        await _end_beside(kernel, due, "fail", ImportNotApplied)
    elif job.dry_run:
        await _end_beside(kernel, due, "complete")
    else:
        done = await repository.record(visit.tx, due.import_id)
        if done is not None and not done.has_ended:
            await service.end(visit, done, "complete")
            await _leave(visit)


async def _end_beside(kernel: Kernel, due: Due, deed: str, because: type[Problem] | None = None) -> None:
    """The import has ended before its own transaction is rolled back: nobody takes it up in between."""
    async with _beside(kernel, due) as (notes, noted):
        if not noted.has_ended:
            await service.end(notes, noted, deed, because)


@asynccontextmanager
async def _beside(kernel: Kernel, due: Due) -> AsyncIterator[tuple[Visit, Import]]:
    """A short transaction of its own about the import, committed when the block ends well."""
    async with kernel.database.transaction(write=True) as tx:
        visit = await _as_submitter(kernel, tx, due)
        job = await repository.record(tx, due.import_id)
        if job is None:
            raise RuntimeError("the import is gone")
        yield visit, job
        await _leave(visit)


async def _give_up(kernel: Kernel, due: Due) -> bool:
    """A fault of ours that every manner ran into: the block's lines are told so, or all lines of an atomic import."""
    async with _beside(kernel, due) as (visit, job):
        if job.has_ended:
            return True
        service.begin(visit, job)
        if job.in_one_piece:
            await service.end(visit, job, "fail", Problem)
        elif (block := await repository.next_block(visit.tx, job.id)) is not None:
            engine = Engine(visit, job)
            engine.give_up(block.lines)
            await repository.keep_answers(visit.tx, job.id, block.number, engine.answers, forget_lines=True)
    return True


async def _abandon(kernel: Kernel, due: Due, ended: NoAssignment) -> bool:
    at = kernel.clock.now()
    trail = Trail(None, at, due.trace_id, str(Permission.IMPORT_CREATE), _ACTION)
    trail.changed(Subject("import", due.import_id), "status", reason=ended.code)
    async with kernel.database.transaction(write=False) as tx:
        await repository.abandon(tx, due.import_id, ended.code, at)
        await trail.write(tx)
        await tx.commit()
    return True


def _log_refusals(visit: Visit, engine: Engine) -> None:
    for subject, code in engine.refusals:
        visit.trail.refused(subject, code)
