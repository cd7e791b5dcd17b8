"""The rules of a referral, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.centre_referrals.models import (
    REFERRAL_FLOW,
    UNDER_WAY,
    BookingInThePast,
    ConsentDoesNotCoverReceiver,
    FeedbackNotAllowed,
    Referral,
    ReferralGoesElsewhere,
    ReferralStatus,
    subject_of,
)
from app.kernel.workflow import ImpossibleInThisState
from app.referral_parties.models import (
    PrivacyNotDecided,
    PrivateFromSchools,
    Receiver,
    SenderKind,
    YouthClinicIsOnesOwnChoice,
    private_by_default,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=5)
S = ReferralStatus


def a_referral(status: str = S.RECEIVED, **fields: object) -> Referral:
    values = {
        "id": uuid4(), "status": status, "sender_kind": SenderKind.PROFESSIONAL, "from_unit_id": uuid4(),
        "receiver_unit_id": uuid4(), "consented_authority_ids": [], "private": False, "feedback_allowed": False,
        "child_id": uuid4(), "owner_authority_id": uuid4(),
    }  # fmt: skip
    return Referral(**{**values, **fields})


def a_receiver(unit_type: str = "bup", sector: str = "health", part: str | None = None) -> Receiver:
    unit = {"id": uuid4(), "authority_id": uuid4(), "unit_type": unit_type, "sector": sector}
    return Receiver(unit, None, {"id": uuid4(), "type": part} if part else None)


def test_every_way_through_the_states_comes_to_an_end():
    ends = {S.DECLINED, S.COMPLETED, S.WITHDRAWN}
    assert {status for status in S if all(status != before for before, _ in REFERRAL_FLOW.steps)} == ends
    assert set(UNDER_WAY) == set(S) - ends - {S.DRAFT}
    assert all(REFERRAL_FLOW.allows(status, "withdraw") for status in (*UNDER_WAY, S.DRAFT))


def test_a_step_out_of_turn_changes_nothing():
    referral = a_referral(S.SENT)
    for deed in ("accept", "book", "start", "complete", "edit", "send", "redirect"):
        with pytest.raises(ImpossibleInThisState):
            referral.step(deed, NOW)
    assert (referral.status, referral.accepted_at) == (S.SENT, None)


@pytest.mark.rule("R4.7")
def test_with_its_consent_a_referral_is_over():
    for status in S:
        referral = a_referral(status, open_until=NOW)
        referral.settle(NOW - timedelta(microseconds=1))
        assert referral.status == status
        referral.settle(NOW)
        assert referral.status == (S.WITHDRAWN if status in UNDER_WAY else status)


def test_a_time_is_booked_ahead():
    referral = a_referral(S.ACCEPTED)
    referral.book(LATER, NOW)
    with pytest.raises(BookingInThePast):
        referral.book(NOW, NOW)
    assert referral.booked_for == LATER


@pytest.mark.rule("R12.5")
def test_a_redirection_goes_as_far_as_consent_reaches():
    to = a_receiver()
    referral = a_referral(S.BOOKED, booked_for=LATER, consented_authority_ids=[to.authority_id])
    first = referral.receiver_unit_id
    referral.redirect(to, NOW, LATER, person_agrees=False)
    assert (referral.status, referral.receiver_unit_id) == (S.SENT, to.unit_id)
    assert (referral.redirected_from_unit_id, referral.booked_for) == (first, None)

    for own, agrees in ((False, True), (True, False)):
        sender = SenderKind.GUARDIAN if own else SenderKind.PROFESSIONAL
        with pytest.raises(ConsentDoesNotCoverReceiver):
            a_referral(sender_kind=sender).redirect(to, NOW, LATER, person_agrees=agrees)
    a_referral(sender_kind=SenderKind.GUARDIAN, from_unit_id=None).redirect(to, NOW, LATER, person_agrees=True)


def test_a_redirection_leaves_both_who_sent_it_and_who_has_it():
    to = a_receiver()
    for field in ("from_unit_id", "receiver_unit_id"):
        with pytest.raises(ReferralGoesElsewhere):
            a_referral(**{field: to.unit_id}).redirect(to, NOW, LATER, person_agrees=True)


@pytest.mark.rule("R14.6")
def test_what_is_private_reaches_no_school_and_a_youth_clinic_only_what_is_private():
    school, clinic = a_receiver("school", "education"), a_receiver("youth_clinic")
    mine = {"sender_kind": SenderKind.YOUNG_PERSON, "from_unit_id": None}
    with pytest.raises(PrivateFromSchools):
        a_referral(**mine, private=True).redirect(school, NOW, LATER, person_agrees=True)
    with pytest.raises(YouthClinicIsOnesOwnChoice):
        a_referral(**mine, private=False).redirect(clinic, NOW, LATER, person_agrees=True)
    a_referral(**mine, private=True).redirect(clinic, NOW, LATER, person_agrees=True)


@pytest.mark.rule("R14.6")
def test_neither_a_guardian_nor_a_school_refers_to_a_youth_clinic():
    for clinic in (a_receiver("youth_clinic"), a_receiver("other", part="youth_clinic")):
        for sender, sector in ((SenderKind.GUARDIAN, None), (SenderKind.PROFESSIONAL, "education")):
            with pytest.raises(YouthClinicIsOnesOwnChoice):
                clinic.require_choice(sender, sector)
        clinic.require_choice(SenderKind.YOUNG_PERSON, None)
        clinic.require_choice(SenderKind.PROFESSIONAL, "social")
    a_receiver().require_choice(SenderKind.GUARDIAN, None)


@pytest.mark.rule("R21.1")
@pytest.mark.parametrize(
    ("sender", "age", "stated", "clinic", "private"),
    [
        (SenderKind.YOUNG_PERSON, 12, None, False, False),
        (SenderKind.YOUNG_PERSON, 13, None, False, True),
        (SenderKind.YOUNG_PERSON, 15, False, False, False),
        (SenderKind.YOUNG_PERSON, 15, False, True, True),
        (SenderKind.GUARDIAN, 15, None, False, False),
        (SenderKind.GUARDIAN, None, True, False, True),
        (SenderKind.PROFESSIONAL, None, None, False, False),
        (SenderKind.PROFESSIONAL, 12, None, False, False),
        (SenderKind.PROFESSIONAL, 13, True, False, True),
        (SenderKind.PROFESSIONAL, 14, None, True, True),
    ],
)
def test_who_else_of_the_family_is_in_it(sender, age, stated, clinic, private):
    assert private_by_default(sender, age, stated, youth_clinic=clinic) is private


@pytest.mark.rule("R21.1")
def test_a_professional_decides_from_thirteen_on():
    with pytest.raises(PrivacyNotDecided):
        private_by_default(SenderKind.PROFESSIONAL, 13, None, youth_clinic=False)


def test_feedback_needs_leave():
    a_referral().require_feedback(shared=False)
    a_referral(feedback_allowed=True).require_feedback(shared=True)
    with pytest.raises(FeedbackNotAllowed):
        a_referral().require_feedback(shared=True)


@pytest.mark.rule("R21.1")
def test_the_log_names_no_child_of_what_is_private():
    assert a_referral(private=True).subject.child_id is None
    assert a_referral().subject.child_id is not None
    assert subject_of(uuid4(), uuid4(), None).circle_id is not None
