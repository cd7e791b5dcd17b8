"""Rules of invitations, without a database."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.meeting_invitations.models import (
    AbsenceNeedsReason,
    InvitationAnswer,
    InvitationKind,
    InvitationNotice,
    MeetingInvitation,
    NothingToAcknowledge,
    NothingToExplain,
    SubstituteNeedsName,
    kind_of,
)
from app.meetings.models import MeetingType
from app.organisations.models import Sector

NOON, SOMEBODY = datetime(2026, 3, 2, 11, tzinfo=UTC), uuid4()


def an_invitation(kind: InvitationKind = InvitationKind.KALLELSE) -> MeetingInvitation:
    return MeetingInvitation(kind=kind, answer=InvitationAnswer.WAITING, told=InvitationNotice.CALLED, told_at=NOON)


@pytest.mark.rule("R7.7")
def test_health_care_and_social_services_are_called_to_a_sip_and_everybody_else_is_invited():
    called = {
        (meeting_type, sector)
        for meeting_type in MeetingType
        for sector in (*Sector, None)
        if kind_of(meeting_type, sector) is InvitationKind.KALLELSE
    }
    assert called == {
        (meeting_type, sector)
        for meeting_type in (MeetingType.SIP, MeetingType.FOLLOW_UP)
        for sector in (Sector.HEALTH, Sector.SOCIAL)
    }


def test_an_answer_is_whole_and_may_be_given_anew():
    invitation = an_invitation()
    with pytest.raises(AbsenceNeedsReason):
        invitation.reply(InvitationAnswer.CANNOT, None, None, SOMEBODY, NOON)
    with pytest.raises(SubstituteNeedsName):
        invitation.reply(InvitationAnswer.SENDS_SUBSTITUTE, None, "Semester.", SOMEBODY, NOON)

    invitation.reply(InvitationAnswer.SENDS_SUBSTITUTE, "Kim Ek", "Semester.", SOMEBODY, NOON)
    invitation.reply(InvitationAnswer.WILL_ATTEND, "Kim Ek", None, SOMEBODY, NOON)

    assert (invitation.answer, invitation.substitute_name, invitation.answer_reason) == ("will_attend", None, None)


def test_another_time_makes_an_answer_worthless_and_a_cancellation_does_not():
    invitation = an_invitation()
    invitation.reply(InvitationAnswer.CANNOT, None, "Annat möte.", SOMEBODY, NOON)

    invitation.tell(InvitationNotice.CANCELLED, NOON)
    assert invitation.answer == "cannot"

    invitation.tell(InvitationNotice.MOVED, NOON)
    assert (invitation.answer, invitation.answer_reason, invitation.answered_by) == ("waiting", None, None)


def test_only_a_cancellation_is_acknowledged_and_only_once():
    invitation = an_invitation()
    with pytest.raises(NothingToAcknowledge):
        invitation.acknowledge(SOMEBODY, NOON)
    invitation.tell(InvitationNotice.CANCELLED, NOON)
    invitation.acknowledge(SOMEBODY, NOON)
    with pytest.raises(NothingToAcknowledge):
        invitation.acknowledge(SOMEBODY, NOON)


@pytest.mark.rule("R7.7")
@pytest.mark.parametrize(
    ("kind", "attended"), [("kallelse", True), ("kallelse", None), ("inbjudan", False)], ids=["came", "not yet", "free"]
)
def test_only_a_called_principal_that_did_not_come_explains(kind, attended):
    invitation = an_invitation(InvitationKind(kind))
    invitation.attended = attended
    with pytest.raises(NothingToExplain):
        invitation.explain("Sjuk.", SOMEBODY, NOON)


@pytest.mark.rule("R7.7")
def test_an_absence_is_explained_once():
    invitation = an_invitation()
    invitation.attend(False, None)
    invitation.explain("Sjuk.", SOMEBODY, NOON)
    with pytest.raises(NothingToExplain):
        invitation.explain("Sjuk.", SOMEBODY, NOON)
