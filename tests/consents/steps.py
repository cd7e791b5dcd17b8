"""What several of these tests begin with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.builders import a_case, a_child_with_two_guardians, authority_of, guardianships, invited

PAPER = {"answer": {"answer": "given", "givenHow": "written"}}
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def asked(child_id: str, givers: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """The body of a request for consent, in no case, unless more is said."""
    return {
        "childId": child_id,
        "purpose": "Samordna stöd i skola och hemma.",
        "receivingAuthorityIds": [authority_of("gnesta-ifo")],
        "categories": ["plan"],
        "validTo": (datetime.now(UTC) + timedelta(days=90)).isoformat(),
        "information": {"textVersion": "samtycke-2026-1", "language": "sv"},
        "requirement": {"route": "all_givers", "confirmedReason": "Gemensam vårdnad."},
        "givers": givers,
        **fields,
    }


def exempted(guardianship: str, kind: str, **fields: Any) -> dict[str, Any]:
    exemption = {"kind": kind, "reason": "Skälet är antecknat.", **fields}
    return {"kind": "guardian", "guardianshipId": guardianship, "exemption": exemption}


def one_of(guardianship: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "guardian", "guardianshipId": guardianship, **fields}


async def family(client: httpx.AsyncClient, **fields: Any) -> tuple[str, str, str]:
    """A child of six and its two guardianships: Maria's and Johan's."""
    child = await a_child_with_two_guardians(client, **{"birthDate": "2020-05-06", **fields})
    maria, johan = await guardianships(client, child["id"])
    return child["id"], maria, johan


async def shared_case(client: httpx.AsyncClient, *units: str, **fields: Any) -> dict[str, Any]:
    """An active case with two guardians and these units invited."""
    child = await a_child_with_two_guardians(client, **{"birthDate": "2020-05-06", **fields})
    case = await a_case(client, child)
    for unit in units:
        await invited(client, case, unit)
    return case
