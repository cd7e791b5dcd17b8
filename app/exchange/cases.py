"""Cases as lines: those of the caller's unit that are drafts or go on (R3.1, R3.3).

A case that rests, is handed over or has ended stands in no line: what led there is told by deeds of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.case_openings import service as openings
from app.case_openings.service import Opening
from app.cases import access, schemas
from app.cases import service as cases
from app.cases.models import (
    AnalysisResult,
    Case,
    CaseStatus,
    ContactKind,
    EntryRoute,
    LevelOfNeed,
    ReceiverRequired,
)
from app.codes import Coded
from app.cooperation import service as cooperation
from app.exchange import keys
from app.exchange.deeds import FieldIsFixed, by_hand, differing, look_at, naming_child, require_same, said, told
from app.exchange.lines import OURS, Entry, Key, Line, RecordKind, Selection, UnknownSource, naming, reference
from app.kernel.access import admit, unseen
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Conflict, Problem, attempt, made
from app.kernel.errors import Text as Words
from app.kernel.paging import onward
from app.kernel.shapes import Code, Prose
from app.permissions import Permission as P
from app.permissions import Relation

REASON: Final = "Inläsning / import"
_OWN = frozenset({Relation.OWN_UNIT})


class CaseStage(Coded):
    """How far the cases of a file have come."""

    DRAFT = "draft", "Utkast", "Draft"
    ACTIVE = "active", "Pågående", "Active"


class NextContactIsProposed(Conflict):
    """R3.5: the old contact answers until the next one has accepted."""

    title = Words("Nästa kontakt föreslås", "The next contact is proposed")
    detail = Words(
        "I ett pågående ärende föreslås nästa fasta kontakt, som själv tackar ja: "
        "POST /cases/{{caseId}}/named-contact.",
        "In an active case the next named contact is proposed, and accepts: POST /cases/{{caseId}}/named-contact.",
    )


class CaseEntry(Entry):
    """A case of the caller's unit about one of its own children."""

    child_source_system: Code | None = None
    child_source_id: Code
    entry_route: EntryRoute
    reason_text: Prose
    level_of_need: LevelOfNeed | None = None
    five_questions: schemas.FiveQuestions | None = None
    named_contact_source_system: Code | None = None
    named_contact_source_id: Code | None = Field(default=None, description="A user assigned to the unit.")
    status: CaseStage = Field(default=CaseStage.DRAFT, description="A new case is a draft, when absent.")
    analysis_result: AnalysisResult | None = Field(default=None, description="The opening decision of an active case.")

    @model_validator(mode="after")
    def _is_decided(self) -> Self:
        if self.status is CaseStage.ACTIVE and self.analysis_result is None:
            raise ValueError("an active case needs analysisResult")
        return self


class _Cases:
    """Cases, by those who work with them in their unit."""

    kind = RecordKind.CASE
    entry = CaseEntry
    creates = P.CASE_CREATE
    changes = P.CASE_EDIT

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them the caller's unit holds."""
        return await keys.find(visit, self.kind, wanted)

    async def create(self, visit: Visit, entry: CaseEntry) -> UUID:
        """A new case; raises what a request does, and ``UnknownSource``."""
        (outcome,) = await self.create_many(visit, [entry])
        return made(outcome)

    async def create_many(self, visit: Visit, entries: Sequence[CaseEntry]) -> list[UUID | Problem]:
        """New cases, drafts and active ones, each or the problem with it."""
        children = await keys.find(visit, RecordKind.CHILD, [reference(entry, "child") for entry in entries])
        contacts = {reference(entry, "named_contact") for entry in entries if entry.named_contact_source_id}
        users = await keys.find(visit, RecordKind.USER, list(contacts)) if contacts else {}
        with by_hand(visit, self.creates, "createCase"):
            admit(visit, self.creates, Subject("case"), frozenset({Relation.ANYONE}))
            wanted = [attempt(_opening, visit, entry, children, users) for entry in entries]
            opened = iter(await openings.open_cases(visit, [one for one in wanted if isinstance(one, Opening)]))
        return [next(opened) if isinstance(one, Opening) else one for one in wanted]

    async def change(self, visit: Visit, record_id: UUID, entry: CaseEntry) -> bool:
        """What differs, kept as a correction (R3.8), and the opening decision; no other step follows from a line."""
        with by_hand(visit, self.changes, "updateCase"):
            now = await access.admitted(visit, record_id, self.changes)
            if await keys.referred(visit, RecordKind.CHILD, entry, "child") != now["child_id"]:
                raise FieldIsFixed(field="childSourceId")
            case = await cases.record_of(visit.tx, record_id)
            if case is None:
                raise unseen(visit, Subject("case", record_id, record_id))
            stated = _differing(entry, now)
            if stated:
                await cases.change_case(visit, case, schemas.CasePatch(correction_reason=REASON, **stated))
            appointed = await self._appoint(visit, case, entry)
        return await self._activate(visit, case, entry) or appointed or bool(stated)

    async def _appoint(self, visit: Visit, case: Case, entry: CaseEntry) -> bool:
        """A draft's contact; raises ``ContactNotInUnit``, and ``NextContactIsProposed`` once the family has one."""
        if entry.named_contact_source_id is None:
            return False
        user_id = await keys.referred(visit, RecordKind.USER, entry, "named_contact")
        if user_id == case.named_contact_id:
            return False
        if case.status != CaseStatus.DRAFT:
            raise NextContactIsProposed
        await cases.appoint(visit, case, ContactKind.NAMED_CONTACT, user_id, case.owner_unit_id, REASON)
        return True

    async def _activate(self, visit: Visit, case: Case, entry: CaseEntry) -> bool:
        if "status" not in entry.stated or entry.status == case.status:
            require_same(entry, vars(case), "analysis_result")
            return False
        if entry.analysis_result is None or case.status != CaseStatus.DRAFT:
            raise FieldIsFixed(field="status")
        with by_hand(visit, P.CASE_ACTIVATE, "activateCase"):
            admit(visit, P.CASE_ACTIVATE, case.subject, _OWN)
            await cooperation.activate(visit, case, schemas.Activation(analysis_result=entry.analysis_result))
        return True

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next of the unit's own drafts and active cases, each with its look."""
        admit(visit, P.CASE_READ, Subject("case"), _OWN)
        code = selection.municipality_code
        frame = onward(after, limit, **({"municipality_code": code} if code else {}))
        rows = await cases.lines(visit.tx, frame, protected_too=selection.include_protected)
        contacts = {row["named_contact_id"] for row in rows if row["named_contact_id"]}
        known = await keys.names(visit, RecordKind.USER, contacts)
        for row in rows:
            look_at(visit, Subject("case", row["id"], row["id"], row["child_id"], row["owner_authority_id"]), row)
        return [Line(row["id"], _line(row, known)) for row in rows]


def _opening(visit: Visit, entry: CaseEntry, children: Mapping[Key, UUID], users: Mapping[Key, UUID]) -> Opening:
    """Where the line's references lead, and its opening decision; another service takes over by a deed of its own."""
    given: dict[str, Any] = {"child_id": _referred(children, entry, "child")}
    if entry.named_contact_source_id is not None:
        given["named_contact_id"] = _referred(users, entry, "named_contact")
    body = schemas.CaseCreate(**given, **said(entry, schemas.CaseCreate))
    if entry.status is CaseStage.DRAFT or entry.analysis_result is None:
        return Opening(body)
    admit(visit, P.CASE_ACTIVATE, Subject("case"), _OWN)
    if entry.analysis_result is AnalysisResult.OTHER_SERVICE:
        raise ReceiverRequired
    return Opening(body, schemas.Activation(analysis_result=entry.analysis_result))


def _referred(found: Mapping[Key, UUID], entry: CaseEntry, noun: str) -> UUID:
    key = reference(entry, noun)
    if key not in found:
        raise UnknownSource(field=f"{noun}SourceId")
    return found[key]


def _differing(entry: CaseEntry, now: Row) -> dict[str, Any]:
    questions = now["five_questions"] and schemas.FiveQuestions(**now["five_questions"])
    return differing(entry, {**now, "five_questions": questions}, schemas.CasePatch)


def _line(row: Row, contacts: Mapping[UUID, Key]) -> CaseEntry:
    key = Key(row["source_system"], row["source_id"])
    contact = contacts.get(row["named_contact_id"])
    called = naming(key if all(key) else Key(OURS, str(row["id"])))
    named = naming(contact, "named_contact") if contact else {}
    return CaseEntry(**{**told(row, CaseEntry), **called, **naming_child(row), **named})


ADAPTER = _Cases()
