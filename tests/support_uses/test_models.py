"""The rules of a use, without a database."""

from datetime import date
from uuid import uuid4

import pytest

from app.kernel.errors import Alternative, Text
from app.kernel.workflow import ImpossibleInThisState
from app.support_uses.models import NothingToExtend, SessionBeforeTheUse, SessionsUsedUp, SupportUse

BEGAN = date(2026, 3, 2)
CALL = (Alternative(Text("Ring oss", "Call us")),)


def a_use(**fields: object) -> SupportUse:
    plain = {"status": "ongoing", "sessions_used": 0, "sessions_allowed": 5, "started_on": BEGAN}
    return SupportUse(id=uuid4(), **{**plain, **fields})


@pytest.mark.rule("R14.2")
def test_five_talks_are_five_and_an_extension_makes_them_six() -> None:
    use = a_use()
    for _ in range(5):
        use.count_session(BEGAN, CALL)

    with pytest.raises(SessionsUsedUp) as refused:
        use.count_session(BEGAN, CALL)
    assert refused.value.alternatives == CALL
    assert "5" in refused.value.describe("sv")

    use.extend(1, "Mitt i en flytt.", uuid4())
    use.count_session(BEGAN, CALL)
    assert use.sessions_used == use.sessions_allowed == 6


def test_without_a_limit_talks_go_on_and_nothing_is_extended() -> None:
    use = a_use(sessions_allowed=None, sessions_used=40)
    use.count_session(BEGAN, CALL)
    assert use.sessions_used == 41
    with pytest.raises(NothingToExtend):
        use.extend(1, "Behövs inte.", uuid4())


def test_no_talk_before_the_beginning_nor_after_the_end() -> None:
    use = a_use()
    with pytest.raises(SessionBeforeTheUse):
        use.count_session(date(2026, 3, 1), CALL)
    use.end(BEGAN)
    with pytest.raises(ImpossibleInThisState):
        use.count_session(BEGAN, CALL)
    assert use.ended_on == BEGAN
