"""The demo world after `make serve` on an empty database: who is there, what has happened, and nothing invented."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from app import database
from app.config import Settings
from app.demo import USERS, _was_interrupted, load
from app.demo.play import Play, stage
from app.kernel.clock import FixedClock
from app.people.testnumbers import TEST_PERSONNUMMER, TEST_SAMORDNINGSNUMMER
from tests.conftest import DEMO_DAY, NewDatabase

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture(scope="module")
def world(own_settings: Settings, new_database: NewDatabase, demo_template: str) -> database.DatabaseAddresses:
    """A database of its own, with all of the demo data."""
    return database.addresses(own_settings, new_database("world", demo_template))


@pytest.fixture
def owner(world: database.DatabaseAddresses) -> Iterator[Owner]:
    with psycopg.connect(world.owner, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
async def play(settings: Settings, world: database.DatabaseAddresses) -> Any:
    async with stage(settings, world.program, FixedClock(DEMO_DAY)) as play:
        yield play


def column(owner: Owner, query: str) -> list[Any]:
    return [next(iter(row.values())) for row in owner.execute(query.encode())]


async def test_every_demo_user_signs_in(client_for: Callable[[str], httpx.AsyncClient]) -> None:
    for user in USERS:
        answer = await client_for(user.subject).get("/me")
        assert answer.status_code == 200, (user.subject, answer.text)
        assert answer.json()["assignment"]["role"] in user.description


def test_loading_again_does_nothing(settings: Settings, world: database.DatabaseAddresses, owner: Owner) -> None:
    before = column(owner, "select count(*) from access_log")

    assert not load(settings, world, FixedClock(DEMO_DAY))

    assert column(owner, "select count(*) from access_log") == before


def test_an_interrupted_load_is_completed_and_a_strangers_data_left_alone(world: database.DatabaseAddresses) -> None:
    with psycopg.connect(world.owner) as connection:
        assert not _was_interrupted(connection)
        connection.execute("truncate children cascade")
        assert _was_interrupted(connection)
        connection.execute("truncate users cascade")
        assert not _was_interrupted(connection)
        connection.rollback()


def test_there_is_no_demo_data_in_production(settings: Settings, world: database.DatabaseAddresses) -> None:
    with pytest.raises(RuntimeError, match="production"):
        load(settings.model_copy(update={"environment": "production"}), world)


def test_nobody_has_joined_on_a_day_that_the_sources_do_not_give(owner: Owner) -> None:
    assert column(owner, "select code from municipalities where joined_on is not null") == []
    assert len(column(owner, "select code from municipalities")) == 9
    assert "hösten 2022" in column(owner, "select joined_note from municipalities where code = '0461'")[0]


def test_every_number_is_one_of_the_official_test_numbers(owner: Owner) -> None:
    numbers = column(owner, "select value from child_identifiers")

    assert len(numbers) >= 15
    assert set(numbers) <= {*TEST_PERSONNUMMER, *TEST_SAMORDNINGSNUMMER}


def test_the_same_day_tells_the_same_story(owner: Owner) -> None:
    rows = owner.execute(
        """select c.given_name, k.status, k.opened_at::date::text as opened, k.case_number is not null as numbered
           from cases k join children c on c.id = k.child_id order by k.id"""
    )

    assert [(row["given_name"], row["status"], row["opened"]) for row in rows] == [
        ("Nils", "active", "2026-01-23"),
        ("Oliver", "closed", "2026-03-05"),
        ("Ella", "active", "2026-05-04"),
        ("Mira", "active", "2026-06-23"),
        ("Tilde", "closed", "2026-07-17"),
        ("Saga", "active", "2026-07-23"),
        ("Wilma", "closed", "2026-07-31"),
        ("Adam", "active", "2026-08-12"),
        ("Alva", "active", "2026-08-21"),
        ("Liam", "active", "2026-09-04"),
        ("Elias", "paused", "2026-09-11"),
        ("Tuva", "active", "2026-09-18"),
        ("Otto", "active", "2026-09-29"),
        ("Milo", "active", "2026-10-06"),
        ("Vera", "transferring", "2026-10-09"),
        ("Yusuf", "active", "2026-10-21"),
        (None, "active", "2026-10-30"),
        ("Hugo", "active", "2026-11-06"),
        ("Noah", "draft", None),
    ]


def test_consents_stand_in_every_early_state(owner: Owner) -> None:
    assert set(column(owner, "select distinct status from consents")) == {"given", "requested", "refused"}
    assert set(column(owner, "select distinct close_reason from case_closures")) == {"need_met", "declined"}
    assert column(owner, "select given_name from children where protected_identity <> 'none'") == ["Mira"]
    assert column(owner, "select family_name from children where expected_birth_date is not null") == ["Holm"]


def test_nothing_happened_in_the_future(owner: Owner) -> None:
    assert column(owner, "select max(logged_at) from access_log")[0] <= DEMO_DAY
    assert column(owner, "select max(occurred_on) from chronology_events")[0] <= DEMO_DAY.date()


@pytest.mark.rule("R2.7")
async def test_the_guardians_meet_each_of_their_children_in_a_case_of_its_own(play: Play) -> None:
    for guardian in ("guardian.one", "guardian.two"):
        cases = (await play.get(guardian, "/cases"))["items"]
        assert sorted(case["child"]["givenName"] for case in cases) == ["Ella", "Noah", "Otto", "Tilde"]


async def test_the_young_person_meets_the_own_case_and_its_coordinator(play: Play) -> None:
    (case,) = (await play.get("youth.one", "/cases"))["items"]

    assert (case["child"]["givenName"], case["namedContact"]["name"]) == ("Liam", "Karin Wallin")


@pytest.mark.rule("R4.11")
async def test_social_services_see_the_main_case_on_the_guardians_consent(play: Play) -> None:
    case = next(
        case for case in (await play.get("gnesta.social", "/cases"))["items"] if case["child"]["givenName"] == "Ella"
    )
    told = (await play.get("gnesta.social", f"/cases/{case['id']}/chronology"))["items"]

    assert {opened["basis"] for opened in case["openedBy"]} == {"consent"}
    assert sorted(event["category"] for event in told) == ["plan", "social"]


async def test_the_log_reviewer_can_review_the_main_case(play: Play) -> None:
    case = next(
        case for case in (await play.get("gnesta.school", "/cases"))["items"] if case["child"]["givenName"] == "Ella"
    )

    entries = (await play.get("gnesta.logreviewer", f"/cases/{case['id']}/access-log", limit="200"))["items"]

    assert {"createCase", "answerConsent", "inviteMember"} <= {entry["action"] for entry in entries}
