import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID, uuid4

import pytest

from app.kernel import ids
from app.kernel.ids import new_id, uuid7_time

AT = 1_773_309_600_123  # 2026-03-12T10:00:00.123Z
STEP = 1_000_000


@pytest.fixture
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The milliseconds the ids are made at; the counter starts over."""
    now = [AT]
    monkeypatch.setattr("app.kernel.ids.time.time_ns", lambda: now[0] * STEP + 999_999)
    monkeypatch.setattr(ids, "_latest", 0)
    return now


def test_an_id_is_a_uuid_version_7_of_the_rfc_variant() -> None:
    made = new_id()
    assert made.version == 7
    assert made.variant == RFC_4122


def test_an_id_tells_when_it_was_made(fixed_time: list[int]) -> None:
    assert uuid7_time(new_id()) == datetime(2026, 3, 12, 10, 0, 0, 123_000, tzinfo=UTC)


def test_ids_made_now_carry_the_present_time() -> None:
    assert abs(uuid7_time(new_id()) - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_time_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="UUIDv7"):
        uuid7_time(uuid4())


def test_the_example_of_the_rfc_is_read() -> None:
    assert uuid7_time(UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_ids_of_one_millisecond_sort_in_the_order_they_were_made(fixed_time: list[int]) -> None:
    made = [new_id() for _ in range(500)]
    assert made == sorted(made)
    assert {uuid7_time(one) for one in made} == {uuid7_time(made[0])}
    assert [str(one) for one in made] == sorted(str(one) for one in made)


def test_more_ids_than_the_counter_holds_borrow_from_the_next_millisecond(fixed_time: list[int]) -> None:
    made = [new_id() for _ in range(4097)]
    assert made == sorted(set(made))
    assert uuid7_time(made[4095]) == uuid7_time(made[0])
    assert uuid7_time(made[4096]) - uuid7_time(made[0]) == timedelta(milliseconds=1)
    assert {one.version for one in made} == {7}


def test_a_clock_set_back_does_not_break_the_order(fixed_time: list[int]) -> None:
    before = new_id()
    fixed_time[0] -= 60_000
    assert new_id() > before


def test_a_later_millisecond_sorts_after_an_earlier_one(fixed_time: list[int]) -> None:
    before = new_id()
    fixed_time[0] += 1
    after = new_id()
    assert after > before
    assert uuid7_time(after) - uuid7_time(before) == timedelta(milliseconds=1)


def test_two_processes_at_the_same_instant_make_different_ids(
    fixed_time: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = new_id()
    monkeypatch.setattr(ids, "_latest", 0)
    other = new_id()
    assert one.int >> 64 == other.int >> 64
    assert one != other


def test_threads_never_share_a_place_in_the_order(fixed_time: list[int]) -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            batches = list(pool.map(lambda _: [new_id() for _ in range(1000)], range(8)))
    finally:
        sys.setswitchinterval(interval)
    # The upper half alone is time and counter: equal ones would hide behind the random lower half.
    assert len({one.int >> 64 for batch in batches for one in batch}) == 8000
    assert all(batch == sorted(batch) for batch in batches)
