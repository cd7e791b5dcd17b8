"""Deeds of whoever refers: write, send, withdraw; and what ends or goes on with a consent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.cases.models import CATEGORY_OF_SECTOR
from app.centre_referrals import repository, schemas
from app.centre_referrals.models import (
    REFERRAL_FLOW,
    ConsentIsInUse,
    Referral,
    ReferralDetails,
    ReferralGoesElsewhere,
    ReferralNeedsConsent,
    ReferralStatus,
    ReferralStep,
    subject_of,
)
from app.consents import service as consents
from app.consents.models import ConsentSettled, ConsentStatus
from app.corrections import service as corrections
from app.guardians import service as guardians
from app.kernel import circles
from app.kernel.calendar import add_working_days, end_of_day
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.deadlines import meet, set_deadline
from app.kernel.errors import NotFound
from app.kernel.ids import new_id
from app.kernel.paging import Window
from app.kernel.reactions import reacts_to
from app.organisations import service as organisations
from app.organisations.models import UnknownReference
from app.permissions import Role
from app.referral_parties import service as parties
from app.referral_parties.models import Receiver, Referred, SenderKind, private_by_default
from app.sharing.models import InformationCategory

PRACTICE = "R12.7: avtalad praxis, overifierad / agreed practice, unverified"
RECEIPT = "referral_receipt"
_SENDER = {Role.GUARDIAN: SenderKind.GUARDIAN, Role.YOUNG_PERSON: SenderKind.YOUNG_PERSON}
_WORDS = ("reason", "wishes", "contact")
_EARLIER = "Kompletterad efter att ha kommit åter / completed after it came back"


async def referral_of(tx: Transaction, referral_id: UUID) -> Row:
    """A referral as the caller sees it; raises ``NotFound``."""
    row = await repository.one(tx, referral_id)
    if row is None:
        raise NotFound
    return row


async def lines(tx: Transaction, frame: Window, *, protected_too: bool) -> list[Row]:
    """The next referrals of the unit's own children to centres, drafts and those under way, by their ids."""
    return await repository.lines(tx, frame, protected_too=protected_too)


async def line_with(tx: Transaction, referral_id: UUID) -> Row | None:
    """What a line would say of one of the unit's own referrals, wherever it stands."""
    return await repository.line_with(tx, referral_id)


async def create(visit: Visit, body: schemas.FamilyCentreReferralCreate) -> UUID:
    """A professional's draft, or a family member's own referral, which is sent by being made.

    Raises ``AgeOutsideCentre`` (R12.4), ``YouthClinicIsOnesOwnChoice`` (R14.6), ``PrivacyNotDecided`` (R21.1),
    ``ReferralGoesElsewhere``, ``UnknownReference`` and what the parties raise.
    """
    receiver = await parties.at_centre(visit, body.centre_id, body.part_id)
    about = await parties.referred(visit, body.child_id, body.given_name, body.birth_date)
    sender = _SENDER.get(visit.actor.role, SenderKind.PROFESSIONAL)
    receiver.require_choice(sender, visit.actor.assignment.sector)
    await parties.require_age(visit, receiver, about.age)
    private = private_by_default(sender, about.age, body.private, youth_clinic=receiver.is_youth_clinic)
    referral = Referral(
        id=new_id(), status=ReferralStatus.DRAFT, sender_kind=sender, child_id=about.child_id,
        child_given_name=about.given_name, age_years=about.age, shielded=about.shielded, private=private,
        consented_authority_ids=[], requested_at=visit.now, created_by=visit.actor.user_id,
        **body.model_dump(include={"kind_of_need", "urgency"}), **receiver.place,
    )  # fmt: skip
    if visit.actor.is_family:
        await _hand_in(visit, referral, receiver, about)
    else:
        await _draft(visit, referral, receiver, about, body)
    visit.tx.session.add(referral)
    words = body.model_dump(include=set(_WORDS))
    visit.trail.changed(referral.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    visit.tx.session.add(
        ReferralDetails(id=new_id(), referral_id=referral.id, opened=False, **words, **referral.ownership)
    )
    if visit.actor.is_family:
        record_step(visit, referral, "send")
        set_out(visit, referral, receiver)
    await visit.tx.session.flush()
    return referral.id


async def _draft(
    visit: Visit, referral: Referral, receiver: Receiver, about: Referred, body: schemas.FamilyCentreReferralCreate
) -> None:
    """A draft is the sender's own paper: nobody else is in its circle before it is sent."""
    if receiver.unit_id == visit.actor.unit_id:
        raise ReferralGoesElsewhere
    await _require_known(visit.tx, body.consent_id)
    municipality = about.child["municipality_code"] if about.child else None
    referral.apply({"from_unit_id": visit.actor.unit_id, **visit.ownership(municipality)})
    referral.consent_id, referral.feedback_allowed = body.consent_id, body.feedback_allowed
    await circles.open_circle(visit.tx, referral.id)


async def _hand_in(visit: Visit, referral: Referral, receiver: Receiver, about: Referred) -> None:
    """What a family member refers is the receiver's at once, and their own to follow; no consent: the act is theirs."""
    municipality = receiver.centre["municipality_code"] if receiver.centre else None
    referral.apply({"feedback_allowed": True, **organisations.owned_by(receiver.unit, municipality)})
    referral.send(visit.now, due(visit))
    oneself = guardians.oneself(visit, referral.id, about.born)
    child_id = None if referral.private else about.child_id
    others = await guardians.family_of(visit.tx, child_id, visit.now) if child_id else []
    await circles.hand_in(
        visit.tx, referral.id, receiver.unit_id, receiver.authority_id, oneself.standing, [*others, oneself]
    )
    if child_id and oneself.standing == "child":
        await repository.let_guardians_in(visit.tx, referral.id, child_id)


def due(visit: Visit) -> datetime:
    """The end of the day by which a receiver acknowledges what is sent now (R12.7)."""
    return end_of_day(add_working_days(stockholm_date(visit.now), visit.settings.referral_acknowledge_days))


def set_out(visit: Visit, referral: Referral, receiver: Receiver) -> None:
    """It is on its way: the receiver has a deadline for its receipt, of its own (R12.7)."""
    if referral.child_id is not None and referral.acknowledge_due_at is not None:
        set_deadline(
            visit, referral.subject_of_deadline, code=RECEIPT, due_at=referral.acknowledge_due_at,
            start_event="referral sent", legal_basis=PRACTICE,
            owner=organisations.owned_by(receiver.unit, referral.municipality_code),
        )  # fmt: skip


async def change(visit: Visit, referral: Referral, body: schemas.FamilyCentreReferralPatch) -> None:
    """Change a draft, or complete what has come back; what it said when it was out is kept (R3.8).

    Raises ``ConsentIsInUse``, ``UnknownReference``.
    """
    REFERRAL_FLOW.go(referral, "edit")
    stated = body.stated
    words = tuple(name for name in _WORDS if name in stated)
    if "consent_id" in stated or "feedback_allowed" in stated:
        await _restate(visit, referral, stated)
    details = await repository.details_record(visit.tx, referral.id)
    if words and details is not None:
        if referral.status == ReferralStatus.RETURNED and not visit.actor.is_family:
            corrections.keep_earlier(visit, referral.id, "referral_details", details, _EARLIER, words)
        details.apply({name: stated[name] for name in words})
    referral.apply({name: stated[name] for name in ("kind_of_need", "urgency") if name in stated})
    visit.trail.changed(referral.subject, *stated)
    await visit.tx.session.flush()


async def _restate(visit: Visit, referral: Referral, stated: dict[str, Any]) -> None:
    """Consent and feedback are a professional's to state: the family's own referral needs none, and hears all."""
    if referral.sender_kind != SenderKind.PROFESSIONAL:
        return
    if "consent_id" in stated and referral.status == ReferralStatus.RETURNED:
        raise ConsentIsInUse
    await _require_known(visit.tx, stated.get("consent_id"))
    referral.apply({name: stated[name] for name in ("consent_id", "feedback_allowed") if name in stated})


async def _require_known(tx: Transaction, consent_id: UUID | None) -> None:
    if consent_id is not None and await repository.consent(tx, consent_id) is None:
        raise UnknownReference(field="consentId")


async def send(visit: Visit, referral: Referral, consent_id: UUID | None) -> None:
    """On its way, on a consent in force (R12.5), to a receiver that is there for the age (R12.4).

    Raises ``ReferralNeedsConsent``, ``AgeOutsideCentre``, ``CentreTakesNoReferrals``, ``UnknownReference``.
    """
    referral.send(visit.now, due(visit))
    receiver = await parties.at(visit, referral.receiver_unit_id, referral.centre_id, referral.part_id)
    referral.apply(receiver.place)
    await _grow(visit, referral, receiver)
    if referral.sender_kind == SenderKind.PROFESSIONAL:
        await _open(visit, referral, receiver, consent_id or referral.consent_id)
    record_step(visit, referral, "send")
    set_out(visit, referral, receiver)
    visit.trail.changed(referral.subject, "status", "sent_at", "consent_id", "age_years")
    await visit.tx.session.flush()


async def _grow(visit: Visit, referral: Referral, receiver: Receiver) -> None:
    """Age and protection as they are today: a draft may have waited."""
    if referral.child_id is not None:
        about = await parties.now(visit, referral.child_id, Referred(referral.child_given_name, referral.age_years))
        referral.age_years, referral.shielded = about.age, referral.shielded or about.shielded
    await parties.require_age(visit, receiver, referral.age_years)


async def _open(visit: Visit, referral: Referral, receiver: Receiver, consent_id: UUID | None) -> None:
    """The consent opens it to the receiver; the family comes into the circle with it."""
    if consent_id is None or referral.child_id is None:
        raise ReferralNeedsConsent
    earlier = referral.consent_id
    if not await _rests_on(visit, referral, consent_id, receiver.unit, visit.actor.assignment.sector):
        raise ReferralNeedsConsent
    await visit.tx.session.flush()
    if earlier != consent_id:
        await circles.leave(visit.tx, referral.id, receiver.unit_id)
    await circles.join(visit.tx, referral.id, receiver.unit_id, receiver.authority_id, "member")
    await _grant(visit, referral)
    family = await guardians.family_of(visit.tx, referral.child_id, visit.now)
    await guardians.bring_into(
        visit, referral.id, [one for one in family if one.standing == "child" or not referral.private]
    )


async def _rests_on(visit: Visit, referral: Referral, consent_id: UUID, unit: Row, sector: str | None) -> bool:
    """Whether the consent covers it: contact, and what is of the sender's sector, for the unit's authority (R12.5)."""
    opened = [InformationCategory.CONTACT.value, CATEGORY_OF_SECTOR[sector or "social"]]
    found, child_id = await repository.consent(visit.tx, consent_id), referral.child_id
    if found is None or child_id is None:
        return False
    if not await consents.covers(visit, consent_id, child_id, unit["authority_id"], opened):
        return False
    referral.consent_id, referral.open_until = consent_id, found["valid_to"]
    referral.consented_authority_ids = found["receiving_authority_ids"]
    return True


async def _grant(visit: Visit, referral: Referral) -> None:
    if referral.consent_id is None or referral.open_until is None:
        return
    await circles.grant(
        visit.tx, referral.id, referral.receiver_unit_id, ["referral"], valid_from=visit.now,
        valid_until=referral.open_until, basis="consent", basis_id=referral.consent_id,
    )  # fmt: skip


def record_step(
    visit: Visit,
    referral: Referral,
    deed: str,
    text: str | None = None,
    *,
    capacity_answer: str | None = None,
    to_unit_id: UUID | None = None,
) -> None:
    """Keep one step with its words; the family's own stand with the receiver, which has no other place for them."""
    owner = referral.ownership if visit.actor.is_family else visit.ownership(referral.municipality_code)
    visit.tx.session.add(
        ReferralStep(
            id=new_id(), referral_id=referral.id, deed=deed, status=referral.status, text=text,
            capacity_answer=capacity_answer, unit_id=visit.actor.assignment.unit_id, to_unit_id=to_unit_id,
            taken_at=visit.now, taken_by=visit.actor.user_id, **owner,
        )
    )  # fmt: skip


async def withdraw(visit: Visit, referral: Referral, reason: str | None) -> None:
    """It goes no further; the receiver sees that, and no longer why it was sent."""
    referral.step("withdraw", visit.now)
    record_step(visit, referral, "withdraw", reason)
    visit.trail.changed(referral.subject, "status")
    await visit.tx.session.flush()
    await meet(visit.tx, referral.id, visit.now)


@reacts_to(ConsentSettled)
async def consent_settled(visit: Visit, happening: ConsentSettled) -> None:
    """With its consent a referral ends, in that instant; a newer consent that covers it carries it on (R4.6)."""
    if happening.status == ConsentStatus.WITHDRAWN:
        await _end(visit, happening.consent_id)
    elif happening.status == ConsentStatus.GIVEN and happening.supersedes_id is not None:
        for referral in await repository.resting_on(visit.tx, happening.supersedes_id):
            await _exchange(visit, referral, happening.consent_id)
        await _end(visit, happening.supersedes_id)


async def _exchange(visit: Visit, referral: Referral, consent_id: UUID) -> None:
    receiver = await organisations.unit(visit.tx, referral.receiver_unit_id)
    sender = await organisations.unit(visit.tx, referral.from_unit_id) if referral.from_unit_id else None
    if receiver and sender and await _rests_on(visit, referral, consent_id, receiver, sender["sector"]):
        visit.trail.changed(referral.subject, "consent_id", action="referral:consent_superseded")
        await visit.tx.session.flush()
        await _grant(visit, referral)


async def _end(visit: Visit, consent_id: UUID) -> None:
    """Whoever ends the consent need not be in the circle, and hears nothing of what rested on it."""
    for ended in await repository.end_resting_on(visit.tx, consent_id):
        subject = subject_of(ended["referral_id"], ended["controller_id"], None)
        visit.trail.changed(subject, "status", action="referral:consent_ended")
