"""How a request obtains a template of the wheel."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.kernel.access import Visiting, admit, asks, require_version, unseen
from app.kernel.audit import Subject
from app.kernel.db import Row
from app.permissions import Permission, Relation
from app.wheel_templates import repository
from app.wheel_templates.models import WheelTemplate

TemplateId = Annotated[UUID, Path(alias="templateId")]
ANYONE = frozenset({Relation.ANYONE})


def template_row_for(permission: Permission) -> Any:
    """A template to read."""

    async def load(template_id: TemplateId, visit: Visiting) -> Row:
        subject = Subject("wheel_template", template_id)
        row = await repository.one(visit.tx, template_id)
        if row is None:
            raise unseen(visit, subject)
        admit(visit, permission, subject, ANYONE)
        return row

    return asks(permission, load)


def template_for(permission: Permission) -> Any:
    """A template to change, locked, at the version that the caller states."""

    async def load(template_id: TemplateId, visit: Visiting) -> WheelTemplate:
        subject = Subject("wheel_template", template_id)
        admit(visit, permission, subject, ANYONE)
        template = await repository.record(visit.tx, template_id)
        if template is None:
            raise unseen(visit, subject)
        require_version(visit, template.version)
        return template

    return asks(permission, load)
