"""What the tests of templates, and of wheels, begin with."""

from typing import Any
from uuid import uuid4

import httpx

from app.wheel_templates.models import THE_EIGHT
from tests.builders import Json, made


def proposal(**fields: Any) -> Json:
    """The body of a version of a wheel of its own."""
    words = {"helpText": "Hur har barnet det?", "childText": "Hur har du det?"}
    return {
        "code": f"test-{uuid4().hex[:8]}",
        "locale": "sv",
        "dimensions": [{"dimension": each, "label": each.label.sv, **words} for each in THE_EIGHT],
        "hopes": {"label": "Det jag hoppas på", **words},
        **fields,
    }


async def a_template(client: httpx.AsyncClient, **fields: Any) -> Json:
    """A published version."""
    draft = await made(await client.post("/wheel-templates", json=proposal(**fields)))
    return await made(await client.post(f"/wheel-templates/{draft['id']}/publication"))
