"""Rules of meetings, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from app.kernel.workflow import ImpossibleInThisState
from app.meetings.models import MEETING_FLOW, ChildParticipationMissing, Meeting, MeetingParticipation, MeetingStatus
from app.people.models import EndsBeforeItBegins

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)


def a_meeting(status: MeetingStatus) -> Meeting:
    return Meeting(status=status, starts_at=NOON, ends_at=NOON + timedelta(hours=1), sequence=0, place="Rum 3")


@pytest.mark.parametrize(
    ("deed", "possible"),
    [
        ("edit", {"planned", "called"}),
        ("call", {"planned", "called"}),
        ("cancel", {"planned", "called"}),
        ("answer", {"called"}),
        ("hold", {"called"}),
        ("document", {"held"}),
        ("confirm_notes", {"held"}),
    ],
)
def test_each_deed_has_its_states(deed, possible):
    assert {str(status) for status in MeetingStatus if MEETING_FLOW.allows(status, deed)} == possible


@pytest.mark.parametrize(
    ("status", "stated", "moved"),
    [
        (MeetingStatus.CALLED, {"place": "Rum 4"}, True),
        (MeetingStatus.CALLED, {"place": "Rum 3"}, False),
        (MeetingStatus.CALLED, {"interpreter_language": "so"}, False),
        (MeetingStatus.PLANNED, {"place": "Rum 4"}, False),
    ],
)
def test_only_another_time_or_place_after_the_call_moves_a_meeting(status, stated, moved):
    meeting = a_meeting(status)

    assert meeting.change(stated) is moved
    assert meeting.sequence == moved


def test_a_meeting_ends_after_it_begins():
    with pytest.raises(EndsBeforeItBegins):
        a_meeting(MeetingStatus.PLANNED).change({"ends_at": NOON})


def test_a_held_meeting_is_not_cancelled():
    meeting = a_meeting(MeetingStatus.HELD)

    with pytest.raises(ImpossibleInThisState):
        meeting.cancel("Sjukdom.")
    assert (meeting.sequence, meeting.cancelled_reason) == (0, None)


@pytest.mark.rule("R8.5")
def test_the_child_was_there_or_was_not_because():
    MeetingParticipation(present=True, prepared=True).require_reason()
    MeetingParticipation(present=False, prepared=False, missing_reason="För litet.").require_reason()
    with pytest.raises(ChildParticipationMissing):
        MeetingParticipation(present=False, prepared=True).require_reason()
