"""Lines about children who want a place in one of Vingåker's contact groups, and what they rest on."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from app.exchange.lines import RecordKind
from app.kernel.http.door import Kernel
from tests.builders import Json
from tests.exchange.steps import as_json, exported
from tests.group_queues.steps import a_vingaker_child

MANAGER = "vingaker.manager"


async def a_known_child(client: httpx.AsyncClient, **fields: Any) -> Json:
    """A child of the caller's unit with a key in the unit's own system."""
    return await a_vingaker_child(client, **{"sourceSystem": "kontakt", "sourceId": uuid4().hex, **fields})


def signed(**fields: Any) -> Json:
    """What both guardians have signed."""
    now = datetime.now(UTC).replace(microsecond=0)
    at = {"validFrom": now - timedelta(days=3), "validTo": now + timedelta(days=60)}
    return {
        "purpose": "Plats i kontaktgrupp.", "categories": ["contact"],
        **{name: f"{day:%Y-%m-%dT%H:%M:%SZ}" for name, day in at.items()}, "givenHow": "written",
        "answeredAt": f"{at['validFrom']:%Y-%m-%dT%H:%M:%SZ}",
        "information": {"textVersion": "samtycke-2026-1", "language": "sv", "interpreter": False},
        "confirmedReason": "Gemensam vårdnad enligt folkbokföringen.", **fields,
    }  # fmt: skip


def a_wish(group: Json, child: Json, **fields: Any) -> Json:
    """A line about a child and a group of the unit's."""
    return {
        "sourceSystem": "kontakt", "sourceId": uuid4().hex,
        "groupSourceSystem": "tillsammans", "groupSourceId": group["id"],
        "childSourceSystem": child["sourceSystem"], "childSourceId": child["sourceId"], "grade": 4,
        "wishedBy": "guardian", "askedVia": "ifo", **fields,
    }  # fmt: skip


async def line_of(kernel: Kernel, who: str, kind: RecordKind, line: Json, **selection: Any) -> Json | None:
    """The exported line with a line's key, if there is one."""
    found = [entry for entry in await exported(kernel, who, kind, **selection) if entry.source_id == line["sourceId"]]
    return as_json(found[0]) if found else None
