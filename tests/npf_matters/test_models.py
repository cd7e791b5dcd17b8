"""The rules of matters, without a database."""

from datetime import date
from uuid import uuid4

import pytest

from app.kernel.workflow import ImpossibleInThisState
from app.npf_matters.models import (
    ConsentMustCoverAllSectors,
    DayNotYetCome,
    MatterClosedToTeam,
    MatterCloseReason,
    NpfMatter,
    ReviewMustLieAhead,
    consents_by_authority,
    happened_on,
)

TODAY = date(2026, 3, 2)
SCHOOL, SOCIAL, HEALTH, PRIVATE = (uuid4() for _ in range(4))
MEMBERS = [
    {"authority_id": SCHOOL, "sector": "education"},
    {"authority_id": SOCIAL, "sector": "social"},
    {"authority_id": HEALTH, "sector": "health"},
]


def consent(*authorities) -> dict:
    return {"id": uuid4(), "receiving_authority_ids": list(authorities)}


@pytest.mark.rule("R13.3")
def test_consent_reaches_every_sector_but_ones_own():
    one, other = consent(HEALTH), consent(SOCIAL, HEALTH)

    assert consents_by_authority(MEMBERS, SCHOOL, [other]) == {SOCIAL: other["id"], HEALTH: other["id"]}
    assert consents_by_authority(MEMBERS, SCHOOL, [one, other]) == {SOCIAL: other["id"], HEALTH: one["id"]}


@pytest.mark.rule("R13.3")
def test_the_sectors_that_consent_does_not_reach_are_named():
    for consents, missing in (
        ([], "health, social"),
        ([consent(SOCIAL, SCHOOL)], "health"),
        ([consent(HEALTH)], "social"),
    ):
        with pytest.raises(ConsentMustCoverAllSectors) as refused:
            consents_by_authority(MEMBERS, SCHOOL, consents)
        assert refused.value.values == {"missing": missing}
        assert refused.value.errors[0].pointer == "/consentIds"


@pytest.mark.rule("R13.3")
def test_a_member_whose_authority_no_consent_names_is_not_let_in():
    with_private = [*MEMBERS, {"authority_id": PRIVATE, "sector": "education"}]

    assert PRIVATE not in consents_by_authority(with_private, SCHOOL, [consent(SOCIAL, HEALTH)])


def test_what_the_team_cannot_read_is_only_closed():
    matter = NpfMatter(status="discussed")

    for deed in ("discuss", "advise", "review"):
        with pytest.raises(MatterClosedToTeam):
            matter.step(deed, readable=False)
    matter = NpfMatter(status="discussed", next_review_on=TODAY)
    matter.close(MatterCloseReason.CONSENT_ENDED, None, TODAY)

    assert (matter.status, matter.close_reason, matter.next_review_on) == ("closed", "consent_ended", None)


def test_advice_comes_after_the_discussion():
    matter = NpfMatter(status="brought")

    with pytest.raises(ImpossibleInThisState):
        matter.step("advise", readable=True)
    matter.step("discuss", readable=True)
    matter.step("advise", readable=True)
    matter.step("review", readable=True)

    assert matter.status == "followed_up"


def test_what_is_told_of_has_happened_and_what_is_planned_has_not():
    assert happened_on(None, TODAY) == TODAY
    assert happened_on(date(2026, 3, 1), TODAY) == date(2026, 3, 1)
    with pytest.raises(DayNotYetCome):
        happened_on(date(2026, 3, 3), TODAY)
    with pytest.raises(ReviewMustLieAhead):
        NpfMatter().plan_review(TODAY, TODAY)
