"""Rules of a centre and its parts, without a database."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from app.family_centres.models import (
    AgeLimitsUnclear,
    CapacityAnswer,
    CentreDayDoesNotFit,
    CentrePart,
    FamilyCentre,
    PartHasEnded,
    age_limits,
    require_ages,
)
from app.kernel.workflow import ImpossibleInThisState

TODAY = date(2026, 3, 2)


def a_centre(status: str = "planned", **fields: Any) -> FamilyCentre:
    return FamilyCentre(status=status, **fields)


def test_a_centre_opens_closes_and_opens_again():
    centre = a_centre()

    centre.open(date(2019, 9, 2), TODAY)
    centre.close(TODAY, "Huset byggs om.", TODAY)
    assert (centre.status, centre.closed_on, centre.closed_reason) == ("closed", TODAY, "Huset byggs om.")
    with pytest.raises(CentreDayDoesNotFit):
        a_centre("closed", closed_on=TODAY).open(date(2026, 3, 1), TODAY)
    centre.open(TODAY, TODAY)

    assert (centre.status, centre.opened_on, centre.closed_on, centre.closed_reason) == ("open", TODAY, None, None)
    with pytest.raises(ImpossibleInThisState):
        centre.open(TODAY, TODAY)


def test_opened_and_closed_are_facts():
    with pytest.raises(CentreDayDoesNotFit):
        a_centre().open(date(2026, 3, 3), TODAY)
    with pytest.raises(CentreDayDoesNotFit):
        a_centre("open", opened_on=TODAY).close(date(2026, 3, 1), "Fel.", TODAY)


@pytest.mark.parametrize("status", ["planned", "closed"])
def test_only_an_open_centre_answers_whether_there_is_room(status):
    with pytest.raises(ImpossibleInThisState):
        a_centre(status).answer(CapacityAnswer.FULL, None, None, UUID(int=1), datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize(("lowest", "highest", "pregnancy"), [(None, 6, False), (7, 6, False), (13, 23, True)])
def test_limits_that_are_none(lowest, highest, pregnancy):
    with pytest.raises(AgeLimitsUnclear):
        require_ages(lowest, highest, from_pregnancy=pregnancy)


def test_a_parts_own_limits_hold_before_the_centres():
    centre = {"age_min": 0, "age_max": 18}

    assert age_limits(centre, {"age_min": 13, "age_max": 23}) == (13, 23)
    assert age_limits(centre, {"age_min": None, "age_max": None}) == age_limits(centre) == (0, 18)
    require_ages(None, None)
    require_ages(0, 0, from_pregnancy=True)


def test_a_part_ends_once_and_not_before_it_began():
    part = CentrePart(from_on=TODAY)

    with pytest.raises(CentreDayDoesNotFit):
        part.end(date(2026, 3, 1))
    part.end(TODAY)

    with pytest.raises(PartHasEnded):
        part.end(TODAY)
