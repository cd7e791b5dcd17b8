"""Who is proposed to consent, and which stated sets are accepted. No database: ages and custody are enough."""

from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest

from app.consent_requirements.models import (
    ConsentRoute,
    ConsentSetIncomplete,
    Exemption,
    ExemptionDoesNotFit,
    GiverHasNoCustody,
    GiverKind,
    Maturity,
    MaturityNotRecorded,
    MeasureType,
    SixThirteenADoesNotApply,
    StatedGiver,
    TwelveYearRouteDoesNotApply,
)
from app.consent_requirements.service import propose

TODAY = date(2026, 3, 2)
G, C, A = GiverKind.GUARDIAN, GiverKind.CHILD, GiverKind.APPOINTED_GUARDIAN
MARIA, JOHAN = UUID(int=1), UUID(int=2)


class Custodian(NamedTuple):
    guardianship_id: UUID
    custody: str = "joint"
    person_key: UUID | None = None
    name: str | None = None
    relation: str | None = None


BOTH = (Custodian(MARIA), Custodian(JOHAN))


def proposed(age: int, custodians=BOTH):
    return propose(TODAY.replace(year=TODAY.year - age), custodians, TODAY, own_age=15, advisory_age=12)


def people(proposal, *, required: bool = True):
    return [(giver.kind, giver.guardianship_id) for giver in proposal.givers if giver.required is required]


def confirm(proposal, route, givers, **facts):
    proposal.confirm(route, givers, **{"maturity": None, "measure": None, "sector": "education", **facts})


@pytest.mark.rule("R4.2")
def test_two_custodians_decide_together():
    assert people(proposed(9)) == [(G, MARIA), (G, JOHAN)]


@pytest.mark.rule("R4.2")
def test_a_sole_custodian_decides_alone_and_an_appointed_one_in_their_place():
    assert people(proposed(9, [Custodian(MARIA, "sole")])) == [(G, MARIA)]
    assert people(proposed(9, [Custodian(MARIA, "appointed")])) == [(A, MARIA)]


@pytest.mark.rule("R4.2")
@pytest.mark.parametrize(
    ("age", "required", "advisory"),
    [(11, False, False), (12, False, True), (14, False, True), (15, True, False), (17, True, False)],
)
def test_the_child_is_asked_by_age(age, required, advisory):
    proposal = proposed(age)

    assert ((C, None) in people(proposal)) is required
    assert ((C, None) in people(proposal, required=False)) is advisory
    assert all(giver.unverified for giver in proposal.givers if giver.kind is C), "an age of practice, not of law"


@pytest.mark.rule("R4.2")
def test_from_eighteen_nobody_else_is_asked():
    assert people(proposed(18)) == [(C, None)]


@pytest.mark.rule("R4.3")
def test_nobody_is_proposed_without_age_and_custody_and_then_nothing_can_be_confirmed():
    unborn = propose(None, (), TODAY, own_age=15, advisory_age=12)

    assert unborn.givers == ()
    with pytest.raises(ConsentSetIncomplete):
        confirm(unborn, ConsentRoute.ALL_GIVERS, [StatedGiver(C)])


@pytest.mark.rule("R4.2")
def test_a_set_without_a_proposed_custodian_is_incomplete():
    with pytest.raises(ConsentSetIncomplete):
        confirm(proposed(9), ConsentRoute.ALL_GIVERS, [StatedGiver(G, MARIA)])


@pytest.mark.rule("R4.2")
def test_from_fifteen_the_set_is_incomplete_without_the_child():
    both = [StatedGiver(G, MARIA), StatedGiver(G, JOHAN)]

    confirm(proposed(14), ConsentRoute.ALL_GIVERS, both)
    with pytest.raises(ConsentSetIncomplete):
        confirm(proposed(15), ConsentRoute.ALL_GIVERS, both)
    confirm(proposed(15), ConsentRoute.ALL_GIVERS, [*both, StatedGiver(C)])


def test_somebody_without_custody_cannot_be_a_giver():
    with pytest.raises(GiverHasNoCustody):
        confirm(proposed(9), ConsentRoute.ALL_GIVERS, [StatedGiver(G, MARIA), StatedGiver(G, uuid4())])


@pytest.mark.rule("R4.2")
def test_one_guardian_may_be_prevented_but_not_both():
    away = StatedGiver(G, JOHAN, Exemption.PREVENTED)

    confirm(proposed(9), ConsentRoute.PREVENTED, [StatedGiver(G, MARIA), away])
    with pytest.raises(ExemptionDoesNotFit):
        confirm(proposed(9), ConsentRoute.PREVENTED, [StatedGiver(G, MARIA, Exemption.PREVENTED), away])


def test_an_exemption_belongs_to_the_confirmed_route():
    set_with_exemption = [StatedGiver(G, MARIA), StatedGiver(G, JOHAN, Exemption.PREVENTED)]

    for route in (ConsentRoute.ALL_GIVERS, ConsentRoute.CHILD_DECIDES_ALONE):
        with pytest.raises(ExemptionDoesNotFit):
            confirm(proposed(9), route, set_with_exemption)
    with pytest.raises(ExemptionDoesNotFit):
        confirm(proposed(9), ConsentRoute.PREVENTED, [StatedGiver(G, MARIA), StatedGiver(G, JOHAN)])


@pytest.mark.rule("R4.4")
@pytest.mark.parametrize("measure", list(MeasureType))
def test_six_thirteen_a_holds_for_each_of_the_four_measures(measure):
    decided = StatedGiver(G, JOHAN, Exemption.FB_6_13_A, decided=True)

    confirm(proposed(9), ConsentRoute.FB_6_13_A, [StatedGiver(G, MARIA), decided], measure=measure)


@pytest.mark.rule("R4.4")
def test_six_thirteen_a_needs_measure_decision_and_one_guardian():
    maria, decided = StatedGiver(G, MARIA), StatedGiver(G, JOHAN, Exemption.FB_6_13_A, decided=True)
    undecided = StatedGiver(G, JOHAN, Exemption.FB_6_13_A)
    neither = StatedGiver(G, MARIA, Exemption.FB_6_13_A, decided=True)

    for givers, measure in (
        ([maria, decided], None),
        ([maria, undecided], MeasureType.OPEN_TREATMENT),
        ([neither, decided], MeasureType.OPEN_TREATMENT),
    ):
        with pytest.raises(SixThirteenADoesNotApply):
            confirm(proposed(9), ConsentRoute.FB_6_13_A, givers, measure=measure)


@pytest.mark.rule("R4.5")
@pytest.mark.parametrize(
    ("age", "measure", "sector", "fits"),
    [
        (12, MeasureType.OPEN_TREATMENT, "social", True),
        (12, MeasureType.CONTACT_PERSON, "social", True),
        (11, MeasureType.OPEN_TREATMENT, "social", False),
        (12, MeasureType.PSYCHIATRIC_TREATMENT, "social", False),
        (12, MeasureType.OPEN_TREATMENT, "health", False),
        (12, None, "social", False),
    ],
)
def test_the_twelve_year_route(age, measure, sector, fits):
    givers = [StatedGiver(C), *(StatedGiver(G, each, Exemption.TWELVE_YEARS) for each in (MARIA, JOHAN))]

    if fits:
        confirm(proposed(age), ConsentRoute.TWELVE_YEARS, givers, measure=measure, sector=sector)
    else:
        with pytest.raises(TwelveYearRouteDoesNotApply):
            confirm(proposed(age), ConsentRoute.TWELVE_YEARS, givers, measure=measure, sector=sector)


@pytest.mark.rule("R4.5")
def test_the_twelve_year_route_rests_on_the_childs_own_consent():
    givers = [StatedGiver(G, MARIA, Exemption.TWELVE_YEARS), StatedGiver(G, JOHAN)]

    with pytest.raises(TwelveYearRouteDoesNotApply):
        confirm(proposed(13), ConsentRoute.TWELVE_YEARS, givers, measure=MeasureType.OPEN_TREATMENT, sector="social")


@pytest.mark.rule("R4.2")
def test_a_child_decides_alone_only_on_recorded_maturity():
    givers = [StatedGiver(C), *(StatedGiver(G, each, Exemption.CHILD_DECIDES_ALONE) for each in (MARIA, JOHAN))]

    confirm(proposed(14), ConsentRoute.CHILD_DECIDES_ALONE, givers, maturity=Maturity.DECIDES_ALONE)
    for maturity in (None, Maturity.WITH_GUARDIANS, Maturity.NOT_MATURE):
        with pytest.raises(MaturityNotRecorded):
            confirm(proposed(14), ConsentRoute.CHILD_DECIDES_ALONE, givers, maturity=maturity)


@pytest.mark.rule("R4.2")
def test_who_is_fifteen_is_left_out_only_when_recorded_as_not_mature():
    givers = [StatedGiver(G, MARIA), StatedGiver(G, JOHAN), StatedGiver(C, None, Exemption.NOT_MATURE)]

    confirm(proposed(16), ConsentRoute.ALL_GIVERS, givers, maturity=Maturity.NOT_MATURE)
    with pytest.raises(MaturityNotRecorded):
        confirm(proposed(16), ConsentRoute.ALL_GIVERS, givers)
