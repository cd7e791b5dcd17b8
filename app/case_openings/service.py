"""How cases are opened: built by the rules, looked at beside the others, and written together.

One case is many of which there is one, so that what is done by hand and what comes in a file cannot differ.
"""

import secrets
from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from app.case_openings import repository
from app.cases import schemas
from app.cases import service as cases
from app.cases.models import Case, CaseAlreadyOpen, CaseAnalysis, ContactKind, ContactNotInUnit
from app.guardians import service as guardians
from app.kernel import circles
from app.kernel.context import Visit
from app.kernel.db import Base, Row
from app.kernel.errors import AlreadyExists, Problem, attempt, made
from app.kernel.ids import new_id
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.people import service as people
from app.permissions import Permission

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Opening(NamedTuple):
    """A case to open, and the opening decision where it is taken at once."""

    body: schemas.CaseCreate
    decision: schemas.Activation | None = None


class NewCase(NamedTuple):
    """A new case with what belongs to it, not yet written."""

    case: Case
    parts: list[Base]


class Known(NamedTuple):
    """What new cases are looked at beside; each that is opened joins it."""

    children: Mapping[UUID, Row]
    busy: set[UUID]
    keys: set[tuple[str | None, str | None]]
    contacts: Container[UUID]
    reason: str | None


async def open_case(visit: Visit, body: schemas.CaseCreate) -> UUID:
    """A case is opened as a draft, in single-agency mode: own records, no consent (R3.1).

    Raises ``UnknownReference`` for a child that is not the unit's own, ``CheckpointRequired``, ``CaseAlreadyOpen``,
    ``ContactNotInUnit``.
    """
    (outcome,) = await open_cases(visit, [Opening(body)])
    return made(outcome)


async def open_cases(visit: Visit, openings: Sequence[Opening]) -> list[UUID | Problem]:
    """New cases, each or the problem with it: what cannot be opened leaves nothing behind, the others stand.

    A constraint that is violated all the same, by what somebody else has made meanwhile or what is not seen from here,
    is no problem of one case: nothing is made.
    """
    known = await _known(visit, [opening.body for opening in openings])
    outcomes = [attempt(_open, visit, opening, known) for opening in openings]
    new = [one for one in outcomes if isinstance(one, NewCase)]
    if new:
        families = await guardians.families_of(visit.tx, {one.case.child_id for one in new}, visit.now)
        await circles.open_circles(visit.tx, {one.case.id: families[one.case.child_id] for one in new})
        await visit.tx.insert(record for one in new for record in (one.case, *one.parts))
    return [one.case.id if isinstance(one, NewCase) else one for one in outcomes]


async def _known(visit: Visit, bodies: Sequence[schemas.CaseCreate]) -> Known:
    child_ids = {body.child_id for body in bodies}
    contacts = {body.named_contact_id for body in bodies if body.named_contact_id is not None}
    keys = [(str(body.source_system), body.source_id) for body in bodies if body.source_id is not None]
    return Known(
        await people.facts_of(visit.tx, child_ids),
        set(await repository.with_open_case(visit.tx, list(child_ids))),
        await _taken(visit, keys) if keys else set(),
        await organisations.assigned_among(visit.tx, contacts, visit.actor.unit_id, visit.now) if contacts else (),
        visit.trail.reason,
    )


async def _taken(visit: Visit, keys: Sequence[tuple[str, str]]) -> set[tuple[str | None, str | None]]:
    systems, ids = {system for system, _ in keys}, [own for _, own in keys]
    rows = await repository.keys_among(visit.tx, list(systems), ids)
    return {(row["source_system"], row["source_id"]) for row in rows}


def _open(visit: Visit, opening: Opening, known: Known) -> NewCase:
    """A case by every rule; it is named in the trail only when none is broken."""
    body, decision = opening
    child = _child(visit, body, known)
    if (body.source_system, body.source_id) in known.keys:
        raise AlreadyExists
    if body.named_contact_id is not None and body.named_contact_id not in known.contacts:
        raise ContactNotInUnit
    case = Case(
        id=new_id(), case_number="-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(2)),
        status="draft", child_id=body.child_id, entry_route=body.entry_route, source_system=body.source_system,
        source_id=body.source_id, created_at=visit.now, updated_at=visit.now,
        **visit.ownership(child["municipality_code"]),
    )  # fmt: skip
    parts: list[Base] = [_analysis(visit, case, body), cases.step(visit, case, "open", None)]
    if body.named_contact_id is not None:
        parts.append(cases.contact(visit, case, ContactKind.NAMED_CONTACT, body.named_contact_id, None))
    if decision is not None:
        parts += [cases.decide(visit, case, decision), *cases.due(visit, case, child)]
    _name(visit, case, opening)
    known.busy.add(body.child_id)
    known.keys.update({(body.source_system, body.source_id)} if body.source_id else ())
    return NewCase(case, parts)


def _child(visit: Visit, body: schemas.CaseCreate, known: Known) -> Row:
    child = known.children.get(body.child_id)
    if child is None or child["owner_unit_id"] != visit.actor.unit_id:
        raise UnknownReference(field="childId")
    visit.trail.reason = known.reason  # what was stated to see one child is no reason for the next
    people.require_checkpoint(visit, child)
    if body.child_id in known.busy:
        raise CaseAlreadyOpen
    return child


def _analysis(visit: Visit, case: Case, body: schemas.CaseCreate) -> CaseAnalysis:
    return CaseAnalysis(
        id=new_id(), case_id=case.id, category=cases.own_category(visit), reason_text=body.reason_text,
        level_of_need=body.level_of_need,
        five_questions=body.five_questions and body.five_questions.model_dump(exclude_none=True),
        **visit.ownership(case.municipality_code),
    )  # fmt: skip


def _name(visit: Visit, case: Case, opening: Opening) -> None:
    """In the trail as by hand: who holds the case, that it was opened, and the decision."""
    if case.named_contact_id is not None:
        visit.trail.changed(case.subject, f"{ContactKind.NAMED_CONTACT}_id")
    visit.trail.changed(case.subject, *opening.body.stated)
    if opening.decision is not None:
        with visit.trail.doing(Permission.CASE_ACTIVATE, "activateCase"):
            visit.trail.changed(case.subject, *cases.DECIDED, reason=opening.decision.reason)
