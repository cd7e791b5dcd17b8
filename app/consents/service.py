"""The deeds of a consent: ask, hear an answer, withdraw; and what it opens, to whom."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.consent_requirements import service as requirements
from app.consent_requirements.models import GiverKind, Proposal, StatedGiver
from app.consents import repository, schemas
from app.consents.models import (
    AnswerInTheFuture,
    Consent,
    ConsentGiver,
    ConsentOutlivesCustody,
    ConsentSettled,
    ConsentStatus,
    GivenHow,
    GiverAnswer,
    NotThisGiver,
)
from app.guardians import service as guardians
from app.kernel import circles
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.deadlines import meet, set_deadline
from app.kernel.errors import FieldError, Invalid
from app.kernel.errors import Text as Words
from app.kernel.ids import new_id
from app.kernel.paging import window
from app.kernel.reactions import tell
from app.organisations.models import UnknownReference
from app.people import service as people
from app.sharing import models as shared
from app.sharing import service as sharing

REMINDER = "R4.7: påminnelse före utgång, avtalad / reminder before the end, agreed"
_AS_STATED = {
    "child_id", "case_id", "kind", "purpose", "measure_type", "valid_to", "supersedes_id", "wheel_dimensions",
}  # fmt: skip
_WHO = Words("Ange vem svaret gäller", "Name whose answer it is")
_HOW = Words("Ange hur svaret lämnades", "State how the answer was given")


async def request(visit: Visit, child: Row, body: schemas.ConsentCreate) -> UUID:
    """Ask for consent, with the set of givers that a professional confirms (R4.1-R4.5).

    When all answers are recorded with the request it takes effect at once. Raises ``InvalidPeriod``,
    ``CaseIsNotTheChilds``, ``UnknownReference``, ``ConsentOutlivesCustody`` and what ``Proposal.confirm`` raises.
    """
    starts = body.valid_from or visit.now
    Consent.require_period(starts, body.valid_to, visit.now, visit.settings.consent_max_months)
    await sharing.require_own_case(visit, body.case_id, child["id"])
    await _require_replaceable(visit, body)
    proposal = await requirements.proposal_for(visit, child)
    await _confirm(visit, proposal, body)
    _require_custody(child, body)
    consent = _asked(visit, child, body)
    visit.tx.session.add(consent)
    await visit.tx.session.flush()
    givers = [_giver(visit, consent, giver, _keys(child, proposal)) for giver in body.givers]
    visit.tx.session.add_all(givers)
    visit.trail.changed(consent.subject, *body.model_fields_set)
    await _conclude(visit, consent, givers)
    return consent.id


async def _require_replaceable(visit: Visit, body: schemas.ConsentCreate) -> None:
    if body.supersedes_id is None:
        return
    earlier = await repository.record(visit.tx, body.supersedes_id)
    if earlier is None or (earlier.child_id, earlier.case_id) != (body.child_id, body.case_id):
        raise UnknownReference(field="supersedesId")


async def _confirm(visit: Visit, proposal: Proposal, body: schemas.ConsentCreate) -> None:
    deciders = {giver.exemption.deciding_authority_id for giver in body.givers if giver.exemption} - {None}
    named = {*body.receiving_authority_ids, *deciders}
    sectors = await repository.sectors(visit.tx, [each for each in named if each is not None])
    if not set(body.receiving_authority_ids) <= sectors.keys():
        raise UnknownReference(field="receivingAuthorityIds")
    if not deciders <= sectors.keys():
        raise UnknownReference(field="decidingAuthorityId")
    proposal.confirm(
        body.requirement.route,
        [_stated(giver, sectors) for giver in body.givers],
        maturity=body.maturity.conclusion if body.maturity else None,
        measure=body.measure_type,
        sector=visit.actor.assignment.sector,
    )


def _require_custody(child: Row, body: schemas.ConsentCreate) -> None:
    """Nobody but the person consents to what goes on after the 18th birthday (R2.9)."""
    asks_child = any(giver.kind is GiverKind.CHILD and giver.exemption is None for giver in body.givers)
    if not asks_child and body.valid_to > guardians.majority(child["birth_date"]):
        raise ConsentOutlivesCustody


def _stated(giver: schemas.GiverIn, sectors: dict[UUID, str]) -> StatedGiver:
    exemption = giver.exemption
    if exemption is None:
        return StatedGiver(giver.kind, giver.guardianship_id)
    authority_id = exemption.deciding_authority_id
    social = authority_id is not None and sectors.get(authority_id) == "social"
    return StatedGiver(giver.kind, giver.guardianship_id, exemption.kind, social and exemption.decision_id is not None)


def _asked(visit: Visit, child: Row, body: schemas.ConsentCreate) -> Consent:
    assessed = body.maturity
    return Consent(
        id=new_id(),
        circle_id=body.case_id or body.child_id,
        **body.model_dump(include=_AS_STATED),
        receiving_authority_ids=list(dict.fromkeys(body.receiving_authority_ids)),
        categories=list(dict.fromkeys(body.categories)),
        valid_from=body.valid_from or visit.now,
        status=ConsentStatus.REQUESTED,
        route=body.requirement.route,
        confirmed_reason=body.requirement.confirmed_reason,
        information_version=body.information.text_version,
        information_language=body.information.language,
        information_interpreter=body.information.interpreter,
        maturity=assessed and assessed.conclusion,
        maturity_at=assessed and (assessed.assessed_at or visit.now),
        maturity_by=assessed and visit.actor.user_id,
        requested_at=visit.now,
        requested_by=visit.actor.user_id,
        **visit.ownership(child["municipality_code"]),
    )


def _keys(child: Row, proposal: Proposal) -> dict[UUID | None, UUID | None]:
    return {giver.guardianship_id: giver.person_key for giver in proposal.custodians} | {None: child["person_key"]}


def _giver(visit: Visit, consent: Consent, body: schemas.GiverIn, keys: dict[UUID | None, UUID | None]) -> ConsentGiver:
    exemption = body.exemption
    giver = ConsentGiver(
        id=new_id(),
        circle_id=consent.circle_id,
        consent_id=consent.id,
        kind=body.kind,
        guardianship_id=body.guardianship_id,
        person_key=keys[body.guardianship_id],
        answer=GiverAnswer.EXEMPTED if exemption else GiverAnswer.REQUESTED,
        exemption=exemption and exemption.kind,
        exemption_reason=exemption and exemption.reason,
        decision_id=exemption and exemption.decision_id,
        deciding_authority_id=exemption and exemption.deciding_authority_id,
        recorded_by=visit.actor.user_id if exemption else None,
        **visit.ownership(consent.municipality_code),
    )
    if body.answer is not None:
        said_at = _past(visit, body.answer.answered_at)
        giver.say(body.answer.answer, body.answer.given_how, said_at, visit.actor.user_id)
    return giver


def _past(visit: Visit, stated: Any) -> Any:
    if stated is not None and stated > visit.now:
        raise AnswerInTheFuture
    return stated or visit.now


async def hear(visit: Visit, consent: Consent, body: schemas.AnswerCreate) -> None:
    """A giver answers, or a professional records it. Raises ``PeriodIsOver``, ``AlreadyAnswered``, ``NotThisGiver``."""
    consent.hear(visit.now)
    givers = await repository.givers_of(visit.tx, consent.id)
    giver = _chosen(visit, givers, body.giver_id, [each for each in givers if each.answer == GiverAnswer.REQUESTED])
    how = GivenHow.E_SIGN if visit.actor.is_family else body.given_how
    if how is None:
        raise Invalid(errors=(FieldError("/givenHow", "missing", _HOW),))
    said_at = visit.now if visit.actor.is_family else _past(visit, body.answered_at)
    giver.say(body.answer, how, said_at, visit.actor.user_id)
    visit.trail.changed(consent.subject, "answer")
    await _conclude(visit, consent, givers)


def _chosen(
    visit: Visit, givers: Sequence[ConsentGiver], giver_id: UUID | None, likely: Sequence[ConsentGiver]
) -> ConsentGiver:
    """Whose word it is: family's own, or the one that a professional names or that alone is left."""
    if visit.actor.is_family:
        own = next((giver for giver in givers if giver.person_key == visit.actor.person_id), None)
        if own is None or giver_id not in (None, own.id):
            raise NotThisGiver
        return own
    if giver_id is None and len(likely) == 1:
        return likely[0]
    named = next((giver for giver in givers if giver.id == giver_id), None)
    if named is None:
        raise Invalid(errors=(FieldError("/giverId", "missing" if giver_id is None else "unknown", _WHO),))
    return named


async def _conclude(visit: Visit, consent: Consent, givers: Sequence[ConsentGiver]) -> None:
    """When the set is complete the consent takes effect: circles open, reminders are set, an earlier one ends."""
    child, end = await people.facts(visit.tx, consent.child_id), consent.valid_to
    if consent.conclude(givers, visit.now, guardians.majority(child["birth_date"] if child else None)):
        moved = () if consent.valid_to == end else ("valid_to",)
        visit.trail.changed(consent.subject, "status", "concluded_at", *moved, action="consent:given")
        await _supersede(visit, consent)
        around = await sharing.circles_around(visit, consent.child_id, consent.case_id)
        await sharing.open_circles(
            visit, around, "consent", consent.id, consent.opened, consent.valid_from, consent.valid_to,
            authorities=consent.receiving_authority_ids,
        )  # fmt: skip
        _remind(visit, consent)
    await visit.tx.session.flush()
    if consent.concluded_at is not None:
        await tell(visit, ConsentSettled.of(consent))


async def _supersede(visit: Visit, consent: Consent) -> None:
    if consent.supersedes_id is None:
        return
    earlier = await repository.record(visit.tx, consent.supersedes_id)
    if earlier is None or not earlier.supersede(visit.now):
        return
    visit.trail.changed(earlier.subject, "status", action="consent:superseded")
    await meet(visit.tx, earlier.id, visit.now)
    await circles.revoke(visit.tx, earlier.id)


def _remind(visit: Visit, consent: Consent) -> None:
    for code, due_at in consent.reminders.items():
        if due_at > visit.now:
            set_deadline(
                visit, consent.subject, code=code, due_at=due_at, start_event="consent given", legal_basis=REMINDER,
                owner=consent.ownership,
            )  # fmt: skip


async def withdraw(visit: Visit, consent: Consent, giver_id: UUID | None) -> Row:
    """Withdrawn in this instant; what it opened is closed before anybody is answered (R4.6). History stays.

    The row is read before the circles close: whoever sees the consent through it does not see it afterwards.
    Raises ``NotThisGiver``, ``NothingToWithdraw``.
    """
    givers = await repository.givers_of(visit.tx, consent.id)
    giver = _chosen(visit, givers, giver_id, [each for each in givers if each.may_withdraw])
    giver.withdraw(visit.now, visit.actor.user_id)
    consent.withdraw(visit.now, visit.actor.user_id)
    visit.trail.changed(consent.subject, "status", "withdrawn_at")
    await visit.tx.session.flush()
    await meet(visit.tx, consent.id, visit.now)
    await tell(visit, ConsentSettled.of(consent))
    row = await repository.one(visit.tx, consent.id)
    await circles.revoke(visit.tx, consent.id)
    return {**(row or {}), "grants": None}


async def listed(visit: Visit, query: schemas.ConsentQuery) -> tuple[list[Row], int | None]:
    """One page, and the number when it is asked for; a protected child's only to its family or past the checkpoint."""
    protected_too = visit.actor.is_family
    if len(query.child_id) == 1:
        child = await people.facts(visit.tx, query.child_id[0])
        if child is not None:
            people.require_checkpoint(visit, child)
            protected_too = True
    frame = window(visit, query)
    rows = await repository.page_of(visit.tx, frame, protected_too=protected_too)
    if not query.include_total:
        return rows, None
    return rows, await repository.count(visit.tx, frame, protected_too=protected_too)


async def open_for_member(visit: Visit, case_id: UUID, child_id: UUID, unit_id: UUID, authority_id: UUID) -> list[Row]:
    """Open to a new member what its authority has consent for; the consents in force now, none when there is none."""
    found = await repository.naming(visit.tx, case_id, authority_id, visit.now)
    for row in found:
        await sharing.open_circles(
            visit, (case_id, child_id), "consent", row["id"],
            shared.opened_categories(row["categories"], row["wheel_dimensions"]), row["valid_from"], row["valid_to"],
            units=(unit_id,),
        )  # fmt: skip
    return [{**row, "basis": "consent"} for row in found if row["valid_from"] <= visit.now]


async def has_basis(tx: Transaction, case_id: UUID, authority_id: UUID, at: Any) -> bool:
    """Whether a consent in force at an instant names the authority (R3.2)."""
    return any(row["valid_from"] <= at for row in await repository.naming(tx, case_id, authority_id, at))


async def covers(visit: Visit, consent_id: UUID, child_id: UUID, authority_id: UUID, opened: Sequence[str]) -> bool:
    """Whether a consent about the child is in force now for an authority and opens all of this."""
    row = await repository.one(visit.tx, consent_id)
    return (
        row is not None
        and row["child_id"] == child_id
        and row["status"] == ConsentStatus.GIVEN
        and row["valid_from"] <= visit.now
        and str(authority_id) in {named["id"] for named in row["receiving_authorities"]}
        and shared.covers(shared.opened_categories(row["categories"], row["wheel_dimensions"]), opened)
    )
