"""Deeds of the unit that receives a referral."""

from app.centre_referrals import service as referrals
from app.centre_referrals.labels import ReferralResult
from app.centre_referrals.models import Referral, ReferralOutcome
from app.kernel import circles
from app.kernel.circles import FOREVER
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.deadlines import meet
from app.kernel.ids import new_id
from app.organisations import service as organisations
from app.referral_handling import repository, schemas
from app.referral_handling.models import OneReceiver
from app.referral_parties import service as parties
from app.referral_parties.models import Receiver


async def take(visit: Visit, referral: Referral, deed: str, text: str | None = None, answer: str | None = None) -> None:
    """One step of the receiver's, with its words and its answer to whether there is room."""
    referral.step(deed, visit.now)
    await _done(visit, referral, deed, text, answer)


async def _done(
    visit: Visit, referral: Referral, deed: str, text: str | None = None, answer: str | None = None, *fields: str
) -> None:
    referrals.record_step(visit, referral, deed, text, capacity_answer=answer)
    visit.trail.changed(referral.subject, "status", *fields)
    await visit.tx.session.flush()


async def receive(visit: Visit, referral: Referral) -> None:
    """It has arrived: the deadline is met (R12.7). What a person handed in to another unit is this unit's from now."""
    referral.step("receive", visit.now)
    if referral.from_unit_id is None and referral.owner_unit_id != visit.actor.unit_id:
        await _take_over(visit, referral)
    await _done(visit, referral, "receive", None, None, "received_at")
    await meet(visit.tx, referral.id, visit.now, referrals.RECEIPT)


async def accept(visit: Visit, referral: Referral, body: schemas.ReferralAcceptance) -> None:
    """The receiver takes it on: from now it reads why, and how to reach the family."""
    await take(visit, referral, "accept", body.text, body.capacity_answer)
    if referral.from_unit_id is None:
        await _own_details(visit, referral)


async def _own_details(visit: Visit, referral: Referral) -> None:
    """Why somebody turned to an earlier receiver is no longer that receiver's."""
    details = await repository.details_record(visit.tx, referral.id)
    if details is not None and details.owner_unit_id != referral.owner_unit_id:
        details.apply(referral.ownership)
        await visit.tx.session.flush()


async def book(visit: Visit, referral: Referral, body: schemas.ReferralBooking) -> None:
    """A time, or another one; raises ``BookingInThePast``."""
    referral.book(body.at, visit.now)
    await _done(visit, referral, "book", None, None, "booked_for")


async def complete(visit: Visit, referral: Referral, body: schemas.ReferralCompletion) -> None:
    """It is done, and what became of it is written down; raises ``FeedbackNotAllowed``."""
    referral.step("complete", visit.now)
    referral.require_feedback(shared=body.share_with_sender)
    _write_outcome(visit, referral, body.outcome, body.text, shared=body.share_with_sender)
    await _done(visit, referral, "complete", None, None, "completed_at")


def _write_outcome(visit: Visit, referral: Referral, result: str, text: str | None, *, shared: bool) -> None:
    visit.tx.session.add(
        ReferralOutcome(
            id=new_id(), referral_id=referral.id, outcome=result, text=text, shared=shared, recorded_at=visit.now,
            recorded_by=visit.actor.user_id, **visit.ownership(referral.municipality_code),
        )
    )  # fmt: skip


async def redirect(visit: Visit, referral: Referral, body: schemas.ReferralRedirection) -> Row:
    """Another receiver begins from the beginning; this one keeps only that it passed it on.

    The row is read before the circle closes. Raises ``OneReceiver``, ``AgeOutsideCentre``,
    ``ConsentDoesNotCoverReceiver``, ``PrivateFromSchools``, ``YouthClinicIsOnesOwnChoice``, ``ReferralGoesElsewhere``.
    """
    receiver = await _receiver(visit, body)
    sender = await organisations.unit(visit.tx, referral.from_unit_id) if referral.from_unit_id else None
    receiver.require_choice(referral.sender_kind, sender["sector"] if sender else None)
    referral.redirect(receiver, visit.now, referrals.due(visit), person_agrees=body.person_agrees)
    await parties.require_age(visit, receiver, referral.age_years)
    await _let_in(visit, referral, receiver)
    referrals.record_step(visit, referral, "redirect", body.reason, to_unit_id=receiver.unit_id)
    _write_outcome(visit, referral, ReferralResult.REFERRED_ON, None, shared=False)
    await meet(visit.tx, referral.id, visit.now)
    referrals.set_out(visit, referral, receiver)
    visit.trail.changed(referral.subject, "status", "receiver_unit_id", *body.model_fields_set)
    await visit.tx.session.flush()
    row = await referrals.referral_of(visit.tx, referral.id)
    if referral.from_unit_id is not None:
        await circles.leave(visit.tx, referral.id, visit.actor.unit_id)
    return row


async def _receiver(visit: Visit, body: schemas.ReferralRedirection) -> Receiver:
    if body.centre_id is not None and body.unit_id is None:
        return await parties.at_centre(visit, body.centre_id, body.part_id)
    if body.unit_id is not None and body.centre_id is None and body.part_id is None:
        return await parties.at_unit(visit, body.unit_id)
    raise OneReceiver


async def _let_in(visit: Visit, referral: Referral, receiver: Receiver) -> None:
    """The next receiver may see the preview: on the consent, or on the word of whoever handed it in.

    The wall asks who the receiver is until now, so this comes before the change is written.
    """
    if referral.from_unit_id is not None:
        await repository.pass_on(visit.tx, referral.id, receiver.unit_id)
        return
    await circles.join(visit.tx, referral.id, receiver.unit_id, receiver.authority_id, "member")
    await circles.grant(
        visit.tx, referral.id, receiver.unit_id, [],
        valid_from=visit.now, valid_until=FOREVER, basis="transfer", basis_id=referral.id,
    )  # fmt: skip


async def _take_over(visit: Visit, referral: Referral) -> None:
    """A person's own referral follows to its next receiver, which owns the circle from its receipt."""
    unit_id, authority_id = visit.actor.unit_id, visit.actor.authority_id
    await circles.hand_over(visit.tx, referral.id, unit_id, authority_id)
    await circles.grant(
        visit.tx, referral.id, unit_id, ["referral"],
        valid_from=visit.now, valid_until=FOREVER, basis="authority", basis_id=referral.id,
    )  # fmt: skip
    referral.owner_unit_id, referral.owner_authority_id = unit_id, authority_id
