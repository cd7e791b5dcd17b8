"""The lines of a block become records: by the same deeds as by hand, each line for itself.

What a line does wrong is its own: it leaves nothing behind, and the others go on. Only what is nobody's fault, two
writers at one row or a database that is away, ends the block's transaction, and its worker tries again.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from app.exchange.adapters import ADAPTERS
from app.exchange.lines import Adapter, Entry, RecordKind
from app.exchange.models import SourceKeyTaken
from app.imports import repository
from app.imports.models import (
    DuplicateInFile,
    Import,
    ImportStrategy,
    LineStatus,
    SourceExists,
    SourceMissing,
)
from app.imports.reading import Read, read
from app.imports.splitting import Numbered
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.errors import InsufficientScope, Problem
from app.kernel.problems import Occurrence, collided, document, from_database, is_taken, must_wait
from app.permissions import Permission, in_scope, scope_of

log = structlog.get_logger("imports")


@dataclass(slots=True)
class Outcome:
    """What became of a line; of a refusal also what was reached for, which the access log keeps."""

    status: LineStatus
    record_id: UUID | None = None
    problem: Problem | None = None
    refused: Subject | None = None


@dataclass(slots=True)
class Engine:
    """Answers the lines of one import inside one transaction; ``singly``: without making many records at once."""

    visit: Visit
    job: Import
    singly: bool = False
    lines: list[Read] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    async def answer(self, records: Sequence[Numbered]) -> None:
        """Import a block; afterwards ``answers`` holds one for each of its records."""
        self._read(records)
        readable = [line for line in self.lines if line.entry]
        await self._refuse_doubles(readable)
        # Kind by kind, in the order in which they refer to each other: a child and its case in turn are two runs.
        by_kind = defaultdict[RecordKind, list[Read]](list)
        for line in readable:
            if line.kind and line.number not in self.outcomes:
                by_kind[line.kind].append(line)
        for kind in RecordKind:
            if kind in by_kind:
                await self._run(ADAPTERS[kind], by_kind[kind])

    def give_up(self, records: Sequence[Numbered]) -> None:
        """A block that nobody can import: every line of it that could be read failed for a fault of ours."""
        self._read(records)
        for line in self.lines:
            if line.entry:
                self._fail(line, Problem())

    def _read(self, records: Sequence[Numbered]) -> None:
        longest = self.visit.settings.import_line_bytes
        self.lines, self.outcomes = [read(record, self.job, longest) for record in records], {}
        for line in self.lines:
            if line.problem:
                self._fail(line, line.problem)

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What became of each line of the block, as it is kept."""
        return [self._told(line) for line in self.lines]

    @property
    def failed(self) -> int:
        """How many lines of the block failed."""
        return sum(outcome.status is LineStatus.FAILED for outcome in self.outcomes.values())

    @property
    def refusals(self) -> list[tuple[Subject, str]]:
        """What lines of the block reached for in vain, for the access log."""
        found = self.outcomes.values()
        return [(outcome.refused, outcome.problem.code) for outcome in found if outcome.refused and outcome.problem]

    async def _refuse_doubles(self, lines: list[Read]) -> None:
        numbers: dict[UUID, int] = {}
        for line in lines:
            numbers.setdefault(line.fingerprint, line.number)
        first = await repository.first_lines(self.visit.tx, self.job, numbers)
        for line in lines:
            if first[line.fingerprint] != line.number:
                self._fail(line, DuplicateInFile(line=first[line.fingerprint]))

    async def _run(self, adapter: Adapter[Any], lines: list[Read]) -> None:
        """Lines of one kind: what is new may be made all at once, what is there is looked at one by one."""
        known = await adapter.find(self.visit, [_entry(line).key for line in lines])
        fresh = [line for line in lines if _entry(line).key not in known]
        if hasattr(adapter, "create_many") and not self.singly and self.job.strategy != ImportStrategy.UPDATE:
            await self._create_many(adapter, fresh)
        for line in lines:
            if line.number not in self.outcomes:
                self.outcomes[line.number] = await self._one(adapter, line, known.get(_entry(line).key))

    async def _create_many(self, adapter: Any, lines: list[Read]) -> None:
        if not lines:
            return
        try:
            self._require_scope(adapter.creates)
            async with _leaving_nothing(self.visit):
                made = await adapter.create_many(self.visit, [line.entry for line in lines])
        except Problem as problem:
            made = [problem] * len(lines)
        for line, outcome in zip(lines, made, strict=True):
            if isinstance(outcome, Problem):
                self._fail(line, outcome)
            else:
                self.outcomes[line.number] = Outcome(LineStatus.CREATED, outcome)

    async def _one(self, adapter: Adapter[Any], line: Read, known: UUID | None) -> Outcome:
        try:
            return await self._attempt(adapter, line, known)
        except Exception as error:
            if not is_taken(error):
                raise
            taken = from_database(error) or SourceKeyTaken()
        # Somebody made the record since we looked; or the line names something else that somebody has already.
        found = {} if known else await adapter.find(self.visit, [_entry(line).key])
        if not found:
            return self._failure(line, taken)
        return await self._attempt(adapter, line, next(iter(found.values())))

    async def _attempt(self, adapter: Adapter[Any], line: Read, known: UUID | None) -> Outcome:
        try:
            async with _leaving_nothing(self.visit):
                outcome = await self._deed(adapter, _entry(line), known)
                if self.singly:
                    await settle(self.visit)
                return outcome
        except Problem as problem:
            return self._failure(line, problem)
        except Exception as error:
            if is_taken(error) or must_wait(error) or (collided(error) and not self.singly):
                raise
            fault = from_database(error) or Problem()
            log.error(
                "import-line-failed", import_id=str(self.job.id), line=line.number, code=fault.code,
                error=type(error).__name__, trace_id=self.job.trace_id,
                exc_info=None if self.visit.settings.production else error,
            )  # fmt: skip
            return self._failure(line, fault)

    async def _deed(self, adapter: Adapter[Any], entry: Entry, known: UUID | None) -> Outcome:
        if known is None:
            if self.job.strategy == ImportStrategy.UPDATE:
                raise SourceMissing
            self._require_scope(adapter.creates)
            return Outcome(LineStatus.CREATED, await adapter.create(self.visit, entry))
        if self.job.strategy == ImportStrategy.CREATE:
            raise SourceExists
        self._require_scope(adapter.changes)
        changed = await adapter.change(self.visit, known, entry)
        return Outcome(LineStatus.UPDATED if changed else LineStatus.UNCHANGED, known)

    def _require_scope(self, permission: Permission) -> None:
        if not in_scope(permission, self.visit.actor.scopes):
            raise InsufficientScope(scope=scope_of(permission))

    def _fail(self, line: Read, problem: Problem) -> None:
        self.outcomes[line.number] = self._failure(line, problem)

    def _failure(self, line: Read, problem: Problem) -> Outcome:
        refused = (self.visit.asked or Subject(str(line.kind))) if problem.refusal else None
        return Outcome(LineStatus.FAILED, problem=problem, refused=refused)

    def _told(self, line: Read) -> dict[str, Any]:
        outcome, key = self.outcomes[line.number], line.entry and line.entry.key
        visit = self.visit
        at = Occurrence(visit.settings, visit.language, visit.href(f"/imports/{self.job.id}"), self.job.trace_id)
        answer = {
            "line": line.number,
            "recordKind": line.kind,
            "status": outcome.status,
            "id": outcome.record_id and str(outcome.record_id),
            "sourceSystem": key and key.system,
            "sourceId": key and key.id,
            "problem": outcome.problem and document(outcome.problem, at),
        }
        return {name: value for name, value in answer.items() if value is not None}


def deeds_of(adapter: Adapter[Any]) -> list[Callable[..., Any]]:
    """What the engine may ask an adapter for, so that the contract tells which problems a line may meet."""
    names = ("find", "create", "create_many", "change")
    return [getattr(type(adapter), name) for name in names if hasattr(adapter, name)]


@asynccontextmanager
async def _leaving_nothing(visit: Visit) -> AsyncIterator[None]:
    """What fails inside leaves no row and no entry."""
    before = len(visit.trail.entries)
    visit.asked = None
    try:
        async with visit.tx.session.begin_nested():
            yield
    except BaseException:
        del visit.trail.entries[before:]
        raise


async def settle(visit: Visit) -> None:
    """Name what was changed and let the database check it now, not at the end of a long transaction."""
    await visit.tx.session.flush()
    await visit.trail.write(visit.tx)
    await repository.check_now(visit.tx)


def _entry(line: Read) -> Entry:
    if line.entry is None:
        raise RuntimeError("only lines that could be read are imported")
    return line.entry
