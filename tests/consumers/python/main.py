"""A system's day with Tillsammans in one page: a school's register that opens cases. Run it beside ``make serve``:

    openapi-python-client generate --path openapi.json --config config.yml --meta none --output-path tillsammans_client
    tillsammans client-key system.gnesta-school
    python main.py .tillsammans/dev-idp-clients/system.gnesta-school.private.json

The client is generated from the contract; ``mypy --strict`` checks what is sent and received.
"""

import json
import os
import sys
import time
import uuid
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import httpx
import jwt
from tillsammans_client import AuthenticatedClient
from tillsammans_client.api.cases import create_case, get_case, list_cases, update_case
from tillsammans_client.api.children import create_child
from tillsammans_client.api.me import get_me
from tillsammans_client.models.case import Case
from tillsammans_client.models.case_create import CaseCreate
from tillsammans_client.models.case_page import CasePage
from tillsammans_client.models.case_patch import CasePatch
from tillsammans_client.models.case_status import CaseStatus
from tillsammans_client.models.child_create import ChildCreate
from tillsammans_client.models.entry_route import EntryRoute
from tillsammans_client.models.link import Link
from tillsammans_client.models.problem import Problem
from tillsammans_client.types import Response

Answer = TypeVar("Answer")


class ApiProblem(Exception):
    """What went wrong, as the contract promises it on every error (RFC 9457). Branch on ``problem.code``."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.title}")
        self.problem = problem


def sign_in(issuer: str, client_id: str, private_key: dict[str, str]) -> str:
    """An access token for a system that signs instead of keeping a secret (``private_key_jwt``, RFC 7523)."""
    discovery = httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
    now = int(time.time())
    statement = {
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
    }
    key = jwt.PyJWK(private_key).key
    granted = httpx.post(
        discovery["token_endpoint"],
        data={
            "grant_type": "client_credentials",
            "scope": "tillsammans",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(statement, key, algorithm="ES256", headers={"kid": private_key["kid"]}),
        },
    )
    token: str = granted.raise_for_status().json()["access_token"]
    return token


def sure(answer: Response[Answer | Problem]) -> Answer:
    """The record of an answer; raises the problem when there is none."""
    found = answer.parsed
    if isinstance(found, Problem):
        raise ApiProblem(found)
    assert found is not None, "not asked conditionally"
    return found


def follow(client: AuthenticatedClient, link: Link, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Go where a link of an answer leads: an action that this system may take, or the next page."""
    answer = client.get_httpx_client().request(link.method, link.href, json=body)
    found: dict[str, Any] = answer.json()
    if answer.is_error:
        raise ApiProblem(Problem.from_dict(found))
    return found


def all_cases(client: AuthenticatedClient) -> list[str]:
    """The numbers of all drafts and active cases, however many pages they fill."""
    page = sure(list_cases.sync_detailed(client=client, status=[CaseStatus.DRAFT, CaseStatus.ACTIVE], limit=2))
    numbers = [case.case_number for case in page.items]
    while "next" in page.field_links:
        page = CasePage.from_dict(follow(client, page.field_links["next"]))
        numbers += [case.case_number for case in page.items]
    return numbers


def correct(client: AuthenticatedClient, case: Case, etag: str, text: str) -> Case:
    """Change the version that was read, and no other."""
    body = CasePatch(reason_text=text, correction_reason="Preciserat efter samtal.")
    return sure(update_case.sync_detailed(case.id, client=client, body=body, if_match=etag))


def open_case(client: AuthenticatedClient) -> Case:
    """A child and a case. With a key of its own, a POST may be sent again when the answer got lost."""
    key = uuid.uuid4().hex
    child = ChildCreate(family_name="Berg", given_name="Nils", birth_date=date(2015, 2, 3), municipality_code="0461")
    first, again = (sure(create_child.sync_detailed(client=client, body=child, idempotency_key=key)) for _ in range(2))
    print(f"One child, though asked twice: {first.id == again.id}")
    body = CaseCreate(child_id=first.id, entry_route=EntryRoute.PROFESSIONAL, reason_text="Frånvaro över 20 procent.")
    case = sure(create_case.sync_detailed(client=client, body=body))
    try:
        sure(create_case.sync_detailed(client=client, body=body))
    except ApiProblem as error:
        print(f"There is one already: {error.problem.status} {error.problem.code}")
    return case


def main(server: str, issuer: str, client_id: str, key_file: Path) -> None:
    """Sign in, make, list, change, meet a problem, and press a button."""
    token = sign_in(issuer, client_id, json.loads(key_file.read_text("utf-8")))
    with AuthenticatedClient(base_url=f"{server}/tillsammans/v1", token=token) as client:
        me = sure(get_me.sync_detailed(client=client))
        print(f"Signed in as {me.name}: {me.assignment.role}, {me.assignment.unit_name}")

        case = open_case(client)
        numbers = all_cases(client)
        print(f"{len(numbers)} cases, mine among them: {case.case_number in numbers}")

        etag = get_case.sync_detailed(case.id, client=client).headers["ETag"]
        changed = correct(client, case, etag, "Frånvaro över 40 procent.")
        print(f"Version {case.version} became {changed.version}")
        try:
            correct(client, case, etag, "Skriver över någon annans text.")
        except ApiProblem as error:
            print(f"Nobody is overwritten: {error.problem.status} {error.problem.code}")

        print("Buttons:", *changed.field_links.additional_keys)
        ended = Case.from_dict(follow(client, changed.field_links["discard"], {"reason": "Öppnat av misstag."}))
        print(f"Case {ended.case_number} is {ended.status}")


if __name__ == "__main__":
    SERVER = os.environ.get("TILLSAMMANS_URL", "http://127.0.0.1:8000")
    ISSUER = os.environ.get("TILLSAMMANS_ISSUER", f"{SERVER}/dev-idp")
    try:
        main(SERVER, ISSUER, os.environ.get("TILLSAMMANS_CLIENT", "system.gnesta-school"), Path(sys.argv[1]))
    except ApiProblem as error:
        sys.exit(str(error))
