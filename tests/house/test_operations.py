"""Every operation of the contract, tried by those who should get nothing: nobody, forgers, and strangers.

The contract names the operations, so a new one is tried by being there.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from app.config import Settings
from app.contract.operations import Place, places
from app.database import DatabaseAddresses
from app.demo.directory import UNIT_RECORDS
from app.demo.staff import EVERYBODY
from app.dev_idp import DevIssuer
from app.kernel.context import ContextSigner
from app.people.identifiers import person_key
from app.permissions import WITHOUT_PARTY, Permission, Relation, may, scope_of
from tests.conftest import DEMO_DAY
from tests.contract import DOCUMENT
from tests.house.enquiries import Enquiry, Records, enquiry, guarded_parameters
from tests.house.fortress import guarded_tables

pytestmark = pytest.mark.database

PLACES = list(places(DOCUMENT))
PUBLIC = [place for place in PLACES if place.public]
GUARDED = [place for place in PLACES if not place.public]

#: Another municipality, another part of care, a young person of another case, and those who may never see a child.
STRANGERS = ("strangnas.social", "region.bup-katrineholm", "youth.one", "sys.admin", "stats.reader")
UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
#: Where a stranger is answered otherwise than with 404 about a record behind the wall, and why. It may only shrink.
OTHERWISE: dict[str, str] = {}
#: Parameters behind which the demo world has no record of Gnesta's, and why. It may only shrink.
NO_RECORD: dict[str, str] = {}


def ids(place: Place) -> str:
    return str(place.operation["operationId"])


each_guarded = pytest.mark.parametrize("place", GUARDED, ids=ids)


@pytest.fixture(scope="module")
def records(demo_world: DatabaseAddresses) -> Records:
    home = ("0461", "0428")  # Gnesta, and Vingåker for its contact groups
    return Records(demo_world.owner, [unit.id for unit in UNIT_RECORDS.values() if unit.municipality_code in home])


@pytest.fixture(scope="module")
def hidden(demo_world: DatabaseAddresses, settings: Settings) -> dict[str, set[UUID]]:
    """What each stranger must not hear of: the ids of every row in a circle that the wall does not let them into."""
    return {subject: set(_hidden_from(subject, demo_world, settings)) for subject in STRANGERS}


def test_the_contract_is_not_empty() -> None:
    assert len(GUARDED) >= 40
    assert len(PUBLIC) >= 3


def test_the_strangers_have_something_to_find(records: Records, hidden: dict[str, set[UUID]]) -> None:
    paths = {name: place.path for place in GUARDED for name in guarded_parameters(place, records)}
    named = paths.keys()

    assert named >= {"caseId", "childId", "consentId", "disclosureId", "eventId", "transferId", "deadlineId"}
    assert {name for name in named if records.of(name, paths[name]) is None} == NO_RECORD.keys()
    for subject, ids in hidden.items():
        assert {records.case, records.child} <= ids, f"{subject} is no stranger to this case"


@pytest.mark.parametrize("place", PUBLIC, ids=ids)
async def test_what_is_public_asks_for_no_token(demo_api: httpx.AsyncClient, records: Records, place: Place) -> None:
    answer = await demo_api.request(**enquiry(place, records).arguments)

    assert answer.status_code == 200


@each_guarded
async def test_nobody_gets_in(
    demo_api: httpx.AsyncClient, records: Records, demo_issuer: DevIssuer, place: Place
) -> None:
    """No token, and a good token of another audience."""
    elsewhere = token(demo_issuer, "gnesta.school", aud="https://other.example/api")
    await refused(demo_api, enquiry(place, records), None, f"Bearer {elsewhere}")


async def test_nonsense_is_no_token(demo_api: httpx.AsyncClient, records: Records) -> None:
    await refused(demo_api, enquiry(GUARDED[0], records), "Bearer", "Basic Z25lc3RhOnNjaG9vbA==", "Bearer nonsense")


@cache
def token(issuer: DevIssuer, subject: str, **claims: str) -> str:
    """A token on the day of the demo world, which stands still."""
    return issuer.access_token(subject, **claims)


async def refused(api: httpx.AsyncClient, asked: Enquiry, *authorizations: str | None) -> None:
    for authorization in authorizations:
        answer = await ask(api, asked, authorization)

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), authorization
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")


@each_guarded
async def test_a_token_reaches_only_its_scope(
    demo_api: httpx.AsyncClient, records: Records, demo_issuer: DevIssuer, place: Place
) -> None:
    wanted = scope_of(Permission(place.operation["x-permission"]))
    others = " ".join({scope_of(permission) for permission in Permission} - {wanted})
    for scope in ("", others):
        good = token(demo_issuer, "gnesta.school", scope=scope)
        answer = await ask(demo_api, enquiry(place, records), f"Bearer {good}")

        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
        assert f'scope="{wanted}"' in answer.headers["www-authenticate"]


@each_guarded
async def test_strangers_find_nothing(
    demo_api: httpx.AsyncClient, records: Records, hidden: dict[str, set[UUID]], demo_issuer: DevIssuer, place: Place
) -> None:
    """A record of Gnesta's is not there (404), and no other answer tells an id from behind the wall."""
    asked = enquiry(place, records)
    for subject in STRANGERS:
        answer = await ask(demo_api, asked, f"Bearer {token(demo_issuer, subject)}")

        assert answer.status_code < 500, (subject, answer.text)
        told = {found for found in told_by(answer) & hidden[subject] if not asked.mentions(found)}
        assert told == set(), subject
        if guarded_parameters(place, records):
            if ids(place) not in OTHERWISE:
                assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), subject
        elif not may(role_of(subject), Permission(place.operation["x-permission"]), frozenset({Relation.ANYONE})):
            assert answer.status_code in (403, 404), (subject, answer.text)
        elif told_by(asked) & hidden[subject]:
            assert answer.status_code >= 400, f"{subject} made something of a record that they cannot see"


def told_by(said: httpx.Response | Enquiry) -> set[UUID]:
    """Every id in an answer, or in what was asked."""
    text = said.text if isinstance(said, httpx.Response) else f"{said.path} {said.body}"
    return {UUID(found) for found in UUIDS.findall(text)}


async def ask(api: httpx.AsyncClient, asked: Enquiry, authorization: str | None) -> httpx.Response:
    headers = {"authorization": authorization} if authorization else {}
    return await api.request(**{**asked.arguments, "headers": {**asked.headers, **headers}})


def role_of(subject: str) -> Any:
    return next(person.role for person in EVERYBODY if person.subject == subject)


def _hidden_from(subject: str, addresses: DatabaseAddresses, settings: Settings) -> Iterator[UUID]:
    person = next(person for person in EVERYBODY if person.subject == subject)
    secret = settings.secret.get_secret_value()
    party = UNIT_RECORDS[person.unit].id if person.unit else person_key(secret, person.personnummer or "")
    party_id = None if person.role in WITHOUT_PARTY else party
    context = ContextSigner(secret).sign(party_id, None, None, DEMO_DAY)
    with (
        psycopg.connect(addresses.owner, row_factory=dict_row) as everything,
        psycopg.connect(addresses.program, row_factory=dict_row) as shown,
    ):
        shown.execute("select set_config('tillsammans.context', %s, false)", [context])
        inside = {row["circle_id"] for row in shown.execute("select circle_id from circle_grants")}
        for place in guarded_tables(everything):
            query = sql.SQL("select id, {} as circle from {}").format(sql.Identifier(place.circle), place.table)
            seen = {row["id"] for row in shown.execute(query)}
            rows = everything.execute(query).fetchall()
            yield from (row["id"] for row in rows if row["circle"] not in inside and row["id"] not in seen)
