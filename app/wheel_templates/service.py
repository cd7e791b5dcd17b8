"""The deeds of a template, and what other packages ask of it."""

from typing import Any
from uuid import UUID

from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.organisations.models import UnknownReference
from app.wheel_templates import repository, schemas
from app.wheel_templates.models import TemplateNotUsable, WheelTemplate, WheelTemplateStatus


async def propose(visit: Visit, body: schemas.WheelTemplateCreate) -> UUID:
    """A new version as a draft, with the next number of its code and language.

    Raises ``NotTheEightDimensions``, ``ScaleLabelsDoNotFit``, ``UnknownReference``.
    """
    await _require_origin(visit, body.maps_from_id)
    template = WheelTemplate(
        id=new_id(), code=body.code, locale=body.locale, status=WheelTemplateStatus.DRAFT,
        number=await repository.newest_number(visit.tx, body.code, body.locale) + 1,
    )  # fmt: skip
    template.write(_plain(body) | body.model_dump(include={"labels_verified", "note", "maps_from_id"}))
    visit.tx.session.add(template)
    visit.trail.changed(template.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    return template.id


def _plain(body: schemas.WheelTemplateCreate | schemas.WheelTemplatePatch) -> dict[str, Any]:
    """The words and the scale as they are kept: JSON with the names of the contract."""
    return {
        "scale": body.scale,
        "scale_labels": body.scale_labels,
        "dimensions": [part.model_dump(mode="json", by_alias=True) for part in body.dimensions],
        "hopes": body.hopes and body.hopes.model_dump(mode="json", by_alias=True),
    }


async def _require_origin(visit: Visit, template_id: UUID | None) -> None:
    """Answers can only be read beside those of a version that children have answered to."""
    if template_id is not None:
        origin = await repository.one(visit.tx, template_id)
        if origin is None or origin["status"] == WheelTemplateStatus.DRAFT:
            raise UnknownReference(field="mapsFromId")


async def change(visit: Visit, template: WheelTemplate, body: schemas.WheelTemplatePatch) -> None:
    """Change a draft. Raises ``TemplateIsPublished`` and what ``propose`` does."""
    await _require_origin(visit, body.maps_from_id)
    plain = _plain(body)
    template.write({name: plain.get(name, value) for name, value in body.stated.items()})
    visit.trail.changed(template.subject, *body.model_fields_set)
    await visit.tx.session.flush()


async def publish(visit: Visit, template: WheelTemplate) -> None:
    """From now on wheels are made with it; an earlier version stays usable. Raises ``TemplateIsPublished``."""
    template.publish(visit.now)
    visit.trail.changed(template.subject, "status", "published_at")
    await visit.tx.session.flush()


async def retire(visit: Visit, template: WheelTemplate, reason: str) -> None:
    """No new wheel is made with it; those that were stay as they are."""
    template.retire()
    visit.trail.changed(template.subject, "status", reason=reason)
    await visit.tx.session.flush()


async def usable(tx: Transaction, template_id: UUID) -> Row:
    """The published template that a new wheel is made with. Raises ``TemplateNotUsable``."""
    template = await repository.one(tx, template_id)
    if template is None or template["status"] != WheelTemplateStatus.PUBLISHED:
        raise TemplateNotUsable
    return template


async def by_id(tx: Transaction, template_ids: set[UUID]) -> dict[UUID, Row]:
    """Templates, whatever their state."""
    return {row["id"]: row for row in await repository.some(tx, sorted(template_ids))}


async def origins(tx: Transaction) -> dict[UUID, UUID]:
    """For each template the first version that it maps from, over any number of steps: those can be compared (R6.5)."""
    parents = await repository.parents(tx)
    found = {}
    for template_id in parents:
        first = template_id
        # A draft can only map from what is published, and what is published does not change: there is no circle.
        while (earlier := parents[first]) is not None:
            first = earlier
        found[template_id] = first
    return found
