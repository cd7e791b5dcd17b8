"""A version of a plan as a paper, in the reader's language."""

import asyncio
from collections.abc import Mapping
from typing import Any

from app.documents.plan import Form, render_plan
from app.kernel.context import Visit
from app.plan_contents.models import ActionPrincipal, DisagreementSide
from app.plan_versions.models import Content

#: What the paper calls a principal otherwise than the plan does.
_PRINCIPALS = {ActionPrincipal.PRIVATE_PROVIDER.value: "private"}


async def document(visit: Visit, content: Content, form: Form | None) -> bytes:
    """The PDF: set in a thread of its own, because that takes a moment."""
    chosen = form or (Form.FAMILY if visit.actor.is_family else Form.PROFESSIONAL)
    language = "sv" if visit.language == "sv" else "en"
    return await asyncio.to_thread(render_plan, printable(content, language), form=chosen, language=language)


def printable(content: Content, language: str) -> dict[str, Any]:
    """A snapshot with its codes in words, where the paper has no words of its own for them."""
    labels: Mapping[str, Mapping[str, str]] = content.get("dimension_labels") or {}
    return dict(content) | {
        "dimension_labels": {code: label[language] for code, label in labels.items()},
        "disagreements": [
            {**each, "whose": DisagreementSide(each["whose"]).label.in_language(language)}
            for each in content["disagreements"]
        ],
        **{
            name: [
                {**each, "principal": _PRINCIPALS.get(each["principal"], each["principal"])} for each in content[name]
            ]
            for name in ("actions", "parties")
        },
    }
