"""Systems that call by themselves: what they may do stands in our table of assignments, never in their token."""

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from app.demo.directory import UNITS
from app.demo.staff import EVERYBODY
from app.dev_idp import DevIssuer

pytestmark = pytest.mark.database

Clients = Callable[..., httpx.AsyncClient]
SYSTEM = "system.gnesta-school"


class Caller:
    """Whoever has a token of the issuer with exactly these claims."""

    def __init__(self, nobody: httpx.AsyncClient, issuer: DevIssuer, client: str) -> None:
        self.nobody, self.issuer, self.client = nobody, issuer, client

    async def get(self, path: str, **claims: object) -> httpx.Response:
        token = self.issuer.access_token(self.client, client_id=self.client, **claims)  # type: ignore[arg-type]
        return await self.nobody.get(path, headers={"authorization": f"Bearer {token}"})


@pytest.fixture
def calling(client_for: Clients, issuer: DevIssuer) -> Callable[[str], Caller]:
    return lambda client: Caller(client_for(None), issuer, client)


async def test_a_system_acts_in_the_assignment_of_our_table(calling: Callable[[str], Caller]) -> None:
    me = (await calling(SYSTEM).get("/me")).json()
    (system,) = [somebody for somebody in EVERYBODY if somebody.subject == SYSTEM]
    assert system.unit is not None
    assert (me["assignment"]["role"], me["assignment"]["unitId"]) == (system.role, str(UNITS[system.unit]))


async def test_a_client_unknown_to_our_table_is_refused_by_name(calling: Callable[[str], Caller]) -> None:
    refused = await calling("system.stranger").get("/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "no-assignment")


async def test_a_client_that_is_called_as_a_person_is_not_that_person(calling: Callable[[str], Caller]) -> None:
    refused = await calling("gnesta.school").get("/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "no-assignment")


async def test_a_client_without_an_assignment_is_refused_by_name(
    client_for: Clients, calling: Callable[[str], Caller]
) -> None:
    client = f"system.{uuid4().hex}"
    await made(client_for("sys.admin"), "/users", kind="system", name="Utan uppdrag", subject=client)
    refused = await calling(client).get("/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "no-assignment")


async def test_an_administrator_maps_a_client_to_a_unit_and_a_role(
    client_for: Clients, calling: Callable[[str], Caller]
) -> None:
    client, admin = f"system.{uuid4().hex}", client_for("sys.admin")
    user = await made(admin, "/users", kind="system", name="Elevregistret i Flen", subject=client)
    unit = str(UNITS["katrineholm-skola"])
    await made(admin, "/assignments", userId=user, unitId=unit, role="practitioner")
    me = (await calling(client).get("/me")).json()
    assert (me["userId"], me["assignment"]["unitId"], me["assignment"]["role"]) == (user, unit, "practitioner")


@pytest.mark.parametrize(
    "claims",
    [
        {"role": "system_admin", "roles": ["system_admin"]},
        {"unitId": str(UNITS["gnesta-ifo"]), "authorityId": "x", "municipalityCode": "0483"},
        {"scope": "tillsammans admin", "permissions": ["user.create"]},
        {"userId": "00000000-0000-7000-a000-000000000001", "Assignment-Id": "x", "personId": "x"},
    ],
)
async def test_what_a_token_claims_beside_its_subject_widens_nothing(
    calling: Callable[[str], Caller], claims: dict[str, object]
) -> None:
    system = calling(SYSTEM)
    assert (await system.get("/me", **claims)).json() == (await system.get("/me")).json()
    assert (await system.get("/users", **claims)).status_code == (await system.get("/users")).status_code


async def test_a_scope_narrows_what_the_assignment_allows(calling: Callable[[str], Caller]) -> None:
    refused = await calling(SYSTEM).get("/cases", scope="directory.read")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient-scope")
    assert 'scope="cases.read"' in refused.headers["www-authenticate"]


async def made(client: httpx.AsyncClient, path: str, **body: object) -> str:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    identifier: str = answer.json()["id"]
    return identifier
