"""The rules of a wish, without a database."""

import pytest

from app.group_queues.models import AskedVia, WishedBy
from app.queue_wishes.models import GradeOutsideGroup, Wish, require_grade

V, W = AskedVia, WishedBy


@pytest.mark.parametrize(
    ("wish", "needed"),
    [
        (Wish(W.GUARDIAN, V.OTHER, by_family=True, by_own_unit=False, within_authority=False), False),
        (Wish(W.CHILD, V.OTHER, by_family=True, by_own_unit=False, within_authority=False), False),
        (Wish(W.GUARDIAN, V.SCHOOL, by_family=False, by_own_unit=True, within_authority=True), False),
        (Wish(W.CHILD, V.SCHOOL, by_family=False, by_own_unit=True, within_authority=True), True),
        (Wish(W.CHILD, V.IFO, by_family=False, by_own_unit=True, within_authority=True), False),
        (Wish(W.PROFESSIONAL, V.IFO, by_family=False, by_own_unit=False, within_authority=True), False),
        (Wish(W.GUARDIAN, V.SCHOOL, by_family=False, by_own_unit=False, within_authority=False), True),
        (Wish(W.PROFESSIONAL, V.OTHER, by_family=False, by_own_unit=False, within_authority=False), True),
    ],
)
def test_consent_is_needed_for_what_school_was_asked_and_what_another_authority_sends(wish: Wish, needed: bool) -> None:
    assert wish.needs_consent is needed


@pytest.mark.rule("R11.3")
def test_a_group_is_for_its_grades_and_for_those_who_are_excepted() -> None:
    for grade in (3, 7):
        require_grade(grade, 3, 7, excepted=False)
    for grade in (2, 8):
        with pytest.raises(GradeOutsideGroup):
            require_grade(grade, 3, 7, excepted=False)
        require_grade(grade, 3, 7, excepted=True)
