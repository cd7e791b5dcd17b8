"""What the adapters share: a deed that stands in the log as it does by hand, and what a line says otherwise."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from pydantic import BaseModel

from app.exchange.lines import OURS, Key, naming
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Conflict, Text
from app.kernel.shapes import In
from app.people import service as people
from app.permissions import Permission


class FieldIsFixed(Conflict):
    """A line says otherwise in a field that no deed by hand changes."""

    title = Text("Fältet kan inte ändras", "The field cannot be changed")
    detail = Text(
        "Posten finns redan med ett annat värde i fältet {field}, som inte ändras. Avsluta den och gör en ny.",
        "The record is there already with another value in the field {field}, which does not change. End it and make "
        "another.",
    )


def by_hand(visit: Visit, permission: Permission, action: str) -> AbstractContextManager[None]:
    """What is done inside stands in the log under the operation that does it by hand (``createUnit``)."""
    return visit.trail.doing(permission, action)


def look_at(visit: Visit, subject: Subject, row: Row) -> None:
    """An export looks at a record about a child; the log keeps the reason for which a protected one is seen (R2.5)."""
    before = visit.trail.reason
    people.require_checkpoint(visit, row)
    visit.trail.looked(subject)
    visit.trail.reason = before


def said(entry: In, body: type[BaseModel]) -> dict[str, Any]:
    """What a line says of the fields that a body by hand has."""
    return {name: value for name, value in entry.stated.items() if name in body.model_fields}


def naming_child(row: Row) -> dict[str, str]:
    """The fields by which a line names the child that its record is about: by its system's key, or by its id here."""
    key = Key(row["child_source_system"], row["child_source_id"])
    return naming(key if all(key) else Key(OURS, str(row["child_id"])), "child")


def told(row: Row, body: type[BaseModel]) -> dict[str, Any]:
    """What a line tells of a record: the fields that the body has and that are not empty."""
    return {name: row[name] for name in body.model_fields if row.get(name) is not None}


def differing(entry: In, now: Mapping[str, Any], patch: type[BaseModel]) -> dict[str, Any]:
    """The fields of a patch that the line states otherwise than the record has them: absent is not null."""
    stated = entry.stated
    return {name: stated[name] for name in patch.model_fields if name in stated and stated[name] != now[name]}


def require_same(entry: In, now: Mapping[str, Any], *fixed: str) -> None:
    """Raise ``FieldIsFixed`` where the line says otherwise in a field that stays; null says nothing."""
    for name in fixed:
        value = entry.stated.get(name)
        if value is not None and value != now[name]:
            raise FieldIsFixed(field=type(entry).model_fields[name].alias)
