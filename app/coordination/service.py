"""Deeds of a coordination desk: a request comes in, is triaged, and gets an answer."""

from uuid import UUID

from app.case_openings import service as case_openings
from app.cases import schemas as case_schemas
from app.cases.models import EntryRoute
from app.cases.service import PRACTICE
from app.coordination import repository, schemas
from app.coordination.models import (
    AskerKind,
    AskerKindNotYours,
    CoordinationRequest,
    FamilyMustAgree,
    FiveQuestionsUnanswered,
    OneChildForTheCase,
    ReferralReceiverRequired,
    RequestStatus,
    RequestTriage,
)
from app.corrections import service as corrections
from app.desks import service as desks
from app.guardians import service as guardians
from app.kernel import circles
from app.kernel.calendar import add_working_days, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.ids import new_id
from app.kernel.paging import Window
from app.newcomers import service as newcomers
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.people import service as people
from app.permissions import Role

_OWN_KIND = {Role.GUARDIAN: AskerKind.GUARDIAN, Role.YOUNG_PERSON: AskerKind.CHILD}
_ROUTE = {
    AskerKind.CHILD: EntryRoute.CHILD_REQUEST,
    AskerKind.GUARDIAN: EntryRoute.FAMILY_REQUEST,
    AskerKind.PROFESSIONAL: EntryRoute.PROFESSIONAL,
}
_TEXTS = ("subject", "asker_name", "asker_phone", "asker_relation")


async def listed(visit: Visit, frame: Window, sent: bool | None) -> tuple[list[Row], bool]:
    """One page of the desk's queue, or of what the caller has sent; and which of the two it is."""
    family = visit.actor.is_family
    sent = bool(sent) or family or await desks.desk_of_unit(visit.tx, visit.actor.unit_id) is None
    return await repository.page_of(visit.tx, frame, sent=sent), sent


async def hand_in(visit: Visit, body: schemas.CoordinationRequestCreate) -> UUID:
    """A request reaches a desk: its own record from the first moment, and the sender sees what comes of it.

    Raises ``UnknownReference`` for a desk or a child that is not there, ``AskerKindNotYours``,
    ``AnonymousStaysAnonymous``.
    """
    kind = _kind(visit, body.asker_kind)
    desk = await desks.desk(visit.tx, body.desk_id)
    if desk is None:
        raise UnknownReference(field="deskId")
    today, settings = stockholm_date(visit.now), visit.settings
    request = CoordinationRequest(
        id=new_id(), status=RequestStatus.RECEIVED, asker_kind=kind, received_at=visit.now,
        acknowledge_due_at=end_of_day(add_working_days(today, settings.desk_acknowledge_days)),
        contact_due_at=end_of_day(add_working_days(today, settings.desk_contact_days)), due_basis=PRACTICE,
        created_by=visit.actor.user_id, owner_unit_id=desk["unit_id"], owner_authority_id=desk["authority_id"],
        municipality_code=desk["municipality_code"], shielded=False, **body.model_dump(exclude={"asker_kind"}),
    )  # fmt: skip
    request.require_anonymity()
    if body.asker_kind is None or visit.actor.is_family:
        request.asker_name = body.asker_name or visit.actor.name
    await _be_about(visit, request, body.child_id)
    await circles.hand_in(visit.tx, request.id, desk["unit_id"], desk["authority_id"], visit.actor.standing)
    visit.tx.session.add(request)
    visit.trail.changed(request.logged, *body.model_fields_set)
    await visit.tx.session.flush()
    return request.id


def _kind(visit: Visit, stated: AskerKind | None) -> AskerKind:
    own = _OWN_KIND.get(visit.actor.role)
    if own is not None and stated not in (None, own):
        raise AskerKindNotYours
    return own or stated or AskerKind.PROFESSIONAL


async def _be_about(visit: Visit, request: CoordinationRequest, child_id: UUID | None) -> None:
    """Name the child, one that the desk's unit has a record of, past its checkpoint; none takes the name away."""
    if child_id is None:
        request.be_about(None, shielded=False)
        return
    child = await people.facts(visit.tx, child_id)
    own_unit = visit.actor.assignment.unit_id
    if child is None or not (child["owner_unit_id"] == request.owner_unit_id == own_unit):
        raise UnknownReference(field="childId")
    people.require_checkpoint(visit, child)
    request.be_about(child_id, shielded=child["protected_identity"] != "none")


async def _name_child(visit: Visit, request: CoordinationRequest, child_id: UUID | None) -> None:
    """The desk says who it is about; a guardian who asked follows it until that child is of age (R2.9)."""
    await _be_about(visit, request, child_id)
    await guardians.until_of_age(visit, request.id, child_id)


async def correct(visit: Visit, request: CoordinationRequest, body: schemas.CoordinationRequestPatch) -> None:
    """The desk corrects who asks or about what, while the request is open; what it said is kept (R3.8)."""
    request.step("edit")
    stated = body.model_dump(exclude_unset=True, exclude={"correction_reason"})
    replaced = tuple(name for name in _TEXTS if name in stated)
    if replaced:
        reason = body.correction_reason or "–"
        corrections.keep_earlier(visit, request.id, "coordination_request", request, reason, replaced)
    request.apply({name: stated[name] for name in replaced})
    if "child_id" in stated:
        await _name_child(visit, request, body.child_id)
    request.require_anonymity()
    visit.trail.changed(request.logged, *stated, reason=body.correction_reason)
    await visit.tx.session.flush()


async def triage(visit: Visit, request: CoordinationRequest, body: schemas.RequestTriageCreate) -> None:
    """Triage answers the five questions in short form (R5.2).

    Suspected harm closes the ordinary path: of what was sent, nothing is kept and nothing is logged (R5.8).
    """
    request.triage("handle_outside" if body.suspected_harm else "triage", visit.actor.user_id, visit.now)
    if not body.suspected_harm:
        answers = body.five_questions.model_dump() if body.five_questions else {}
        if not answers or not all(answers.values()):
            raise FiveQuestionsUnanswered
        visit.tx.session.add(_note(visit, request, five_questions=answers, note=body.note))
    visit.trail.changed(request.logged, "status", "triaged_at", "triaged_by")
    await visit.tx.session.flush()


def _note(visit: Visit, request: CoordinationRequest, **said: object) -> RequestTriage:
    return RequestTriage(
        id=new_id(), request_id=request.id, recorded_at=visit.now, recorded_by=visit.actor.user_id, **said,
        **visit.ownership(request.municipality_code),
    )  # fmt: skip


async def answer(visit: Visit, request: CoordinationRequest, body: schemas.RequestAnswer) -> None:
    """The asker is told; perhaps advice was all that was needed."""
    request.answer("advise" if body.advised_only else "answer", visit.actor.user_id, visit.now, body.text)
    visit.trail.changed(request.logged, "status", "answer_text", "answered_at", "answered_by")
    await visit.tx.session.flush()


async def refer(visit: Visit, request: CoordinationRequest, body: schemas.RequestReferral) -> None:
    """The family is told whom to call instead, and agrees; the receiver is not let in by this.

    Raises ``ReferralReceiverRequired``, ``FamilyMustAgree``, ``UnknownReference``.
    """
    request.answer("refer", visit.actor.user_id, visit.now, body.text)
    if (body.to_unit_id is None) == (body.to_name is None):
        raise ReferralReceiverRequired
    if not body.family_agrees:
        raise FamilyMustAgree
    if body.to_unit_id and await organisations.unit(visit.tx, body.to_unit_id) is None:
        raise UnknownReference(field="toUnitId")
    request.referred_to_unit_id, request.referred_to_name = body.to_unit_id, body.to_name
    request.referral_reason = body.reason
    visit.trail.changed(request.logged, "status", "answered_at", "answered_by", *body.model_fields_set)
    await visit.tx.session.flush()


async def open_case(visit: Visit, request: CoordinationRequest, body: schemas.RequestCase) -> None:
    """The request becomes a case of the desk's unit, about a child that it has or a new one.

    Raises ``NoCaseFromAnonymous``, ``OneChildForTheCase`` and what opening a case raises. A protected child needs its
    record and a checkpoint first.
    """
    request.require_possible("open_case")
    request.require_asker()
    child_id = await _child_of_case(visit, request, body)
    opened = case_schemas.CaseCreate(
        child_id=child_id,
        entry_route=_ROUTE[AskerKind(request.asker_kind)],
        reason_text=body.reason_text or request.subject,
        named_contact_id=body.named_contact_id,
    )
    case_id = await case_openings.open_case(visit, opened)
    request.answer("open_case", visit.actor.user_id, visit.now)
    request.case_id = case_id
    await _name_child(visit, request, child_id)
    visit.trail.changed(request.logged, "status", "case_id", "child_id", "answered_at", "answered_by")
    await visit.tx.session.flush()


async def _child_of_case(visit: Visit, request: CoordinationRequest, body: schemas.RequestCase) -> UUID:
    if body.child is not None and body.child_id is None:
        return await newcomers.create_child(visit, body.child)
    known = body.child_id or request.child_id
    if known is None or body.child is not None:
        raise OneChildForTheCase
    return known


async def give_up(visit: Visit, request: CoordinationRequest, body: schemas.RequestClosure) -> None:
    """Nobody could be reached; how it was tried is the desk's own note."""
    request.give_up(visit.now)
    note = await repository.triage_record(visit.tx, request.id)
    if note is None:
        visit.tx.session.add(_note(visit, request, attempts=body.attempts))
    else:
        note.attempts = body.attempts
    visit.trail.changed(request.logged, "status", "closed_at", "attempts")
    await visit.tx.session.flush()
