"""A version is made of what stands in a plan, and two of them are compared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel
from pydantic_core import to_jsonable_python

from app.codes import Coded
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.ids import new_id
from app.plan_agreements.models import PartyKind
from app.plan_contents.service import Contents
from app.plan_follow_ups import service as follow_ups
from app.plan_versions import repository
from app.plan_versions.labels import CODES, FIELDS, PARTS, PERSON, ChangeKind, Part, PlanPart
from app.plan_versions.models import Content, PlanVersion
from app.plans import service as plans
from app.plans.models import OverallPrincipal, Plan
from app.wheel_templates.models import WheelDimension

_TEXTS = (
    "kind", "case_number", "need_reason", "question", "what_matters", "child_view", "child_view_missing_reason",
    "plain_text", "care_contact", "one_sided_reason", "others_measures_note", "next_follow_up_on",
)  # fmt: skip
_NEED = ("id", "wheel_dimensions", "description", "child_view", "guardian_view")
_GOAL = ("id", "need_id", "text", "horizon", "evidence", "status")
_ACTION = (
    "id", "goal_id", "principal", "unit_id", "unit_name", "responsible_name", "description", "own_effort",
    "other_party_name", "start_on", "due_on", "status", "result",
)  # fmt: skip
_PARTY = ("unit_id", "unit_name", "authority_name", "principal", "contact_name", "phone", "accepted_at")
_FOLLOW_UP = ("id", "held_on", "child_view", "family_view", "goals")
#: How much of a text names an item.
_TITLE = 80


async def version_of(tx: Transaction, plan_id: UUID, number: int | None) -> Row | None:
    """One version with its content; the newest when none is named."""
    return await repository.version(tx, plan_id, number)


async def latest_number(tx: Transaction, plan_id: UUID) -> int:
    """The number of the newest version; zero when there is none."""
    return await repository.latest_number(tx, plan_id)


async def make(visit: Visit, plan: Plan, held: Contents, parties: Sequence[Row], reason: str | None) -> PlanVersion:
    """Keep what stands in the plan now as its next version. The plan is locked: numbers follow one another."""
    await visit.tx.session.flush()
    number = await repository.latest_number(visit.tx, plan.id) + 1
    content = await _content(visit, plan, held, parties)
    version = PlanVersion(
        id=new_id(), case_id=plan.case_id, plan_id=plan.id, number=number, reason=reason, made_at=visit.now,
        made_by=visit.actor.user_id, content=to_jsonable_python({"number": number, **content}), **plan.ownership,
    )  # fmt: skip
    visit.tx.session.add(version)
    visit.trail.changed(version.named("plan_version", plan.child_id), "content", reason=reason)
    await visit.tx.session.flush()
    return version


async def _content(visit: Visit, plan: Plan, held: Contents, parties: Sequence[Row]) -> dict[str, Any]:
    row = await plans.plan_of(visit.tx, plan.id) or {}
    past = await follow_ups.follow_ups_of(visit.tx, plan.id)
    return {
        "plan_id": plan.id, "made_at": visit.now, **_picked(row, _TEXTS), **await _people(visit, row),
        "parties": [_picked(party, _PARTY) for party in parties if party["kind"] == PartyKind.UNIT],
        "family_acceptances": [
            {"name": party["name"], "standing": party["kind"], "accepted_at": party["accepted_at"]}
            for party in parties if party["kind"] != PartyKind.UNIT
        ],
        "needs": [_picked(need, _NEED) for need in held.needs],
        "goals": [_picked(goal, _GOAL) for goal in held.goals],
        "actions": [_picked(action, _ACTION) for action in held.actions],
        "disagreements": [_picked(each, ("whose", "text")) for each in held.disagreements if not each["settled_at"]],
        "follow_ups": [_picked(each, _FOLLOW_UP) for each in reversed(past)],
        "dimension_labels": {each.value: each.label._asdict() for each in WheelDimension},
    }  # fmt: skip


def _picked(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


async def _people(visit: Visit, row: Row) -> dict[str, Any]:
    """The child, and who does what: each with the unit in which they are reached."""
    roles = {
        "chair": row["chair"] and row["chair"]["user_id"],
        "named_contact": row["named_contact_id"],
        "coordinator": row["coordinator_id"],
    }
    ids = {role: UUID(str(user_id)) for role, user_id in roles.items() if user_id}
    placed = await repository.placed(visit.tx, row["case_id"], list(ids.values()))
    people = {role: placed.get(ids[role]) if role in ids else None for role in roles}
    people |= {role: row[role] for role in ("documenter", "main_responsible")}
    child, principal = row["child"], row["overall_principal"]
    names = (child["given_name"], child["family_name"])
    return {
        "child": {"name": " ".join(name for name in names if name), "birth_date": child["birth_date"]},
        "initiator": {"kind": row["initiator_kind"], "unit_name": row["initiator_unit_name"]},
        "overall_responsible": principal and {"principal": principal, "authority_name": row["overall_authority_name"]},
        **{role: person and _picked(person, ("name", "unit_name", "phone")) for role, person in people.items()},
    }


def changes(before: Content, after: Content, language: str) -> list[Row]:
    """What is another in the later snapshot, in words; an empty earlier one makes everything new."""
    found = [
        _change(PlanPart.PLAN, ChangeKind.CHANGED, None, label.in_language(language), name, *said)
        for name, label in FIELDS.items()
        if (said := _both(PlanPart.PLAN, name, before, after, language))
    ]
    for name, part in PARTS.items():
        found += _items(part, before.get(name) or [], after.get(name) or [], language)
    return found


def _items(
    part: Part, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], language: str
) -> Iterator[Row]:
    was, now = ({item[part.key]: item for item in items} for items in (before, after))
    for key, item in now.items():
        label, whole = _named(part, item, language)
        if key not in was:
            yield _change(part.part, ChangeKind.ADDED, _id(part, item), label, None, None, whole)
            continue
        for name in part.fields:
            if said := _both(part.part, name, was[key], item, language):
                yield _change(part.part, ChangeKind.CHANGED, _id(part, item), label, name, *said)
    for key, item in was.items():
        if key not in now:
            label, whole = _named(part, item, language)
            yield _change(part.part, ChangeKind.REMOVED, _id(part, item), label, None, whole, None)


def _change(what: PlanPart, kind: ChangeKind, key: str | None, label: str, name: str | None, *said: str | None) -> Row:
    before, after = said
    field = name and to_camel(name)
    return {"what": what, "kind": kind, "id": key, "label": label, "field": field, "before": before, "after": after}


def _named(part: Part, item: Mapping[str, Any], language: str) -> tuple[str, str | None]:
    """What an item is called, and its whole title."""
    title = item[part.title]
    short = (title or "–") if len(title or "") <= _TITLE else f"{title[: _TITLE - 1]}…"
    return f"{part.part.label.in_language(language)}: {short}", title


def _id(part: Part, item: Mapping[str, Any]) -> str | None:
    return str(item[part.key]) if part.key != part.title else None


def _both(
    part: PlanPart, name: str, before: Mapping[str, Any], after: Mapping[str, Any], language: str
) -> tuple[str | None, str | None] | None:
    """What a field said and says, when that is not the same."""
    if before.get(name) == after.get(name):
        return None
    codes = CODES.get((part, name))
    return _said(before.get(name), codes, language), _said(after.get(name), codes, language)


def _said(value: Any, codes: type[Coded] | None, language: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        principal = value.get("principal")
        known = [OverallPrincipal(principal).label.in_language(language)] if principal else []
        return ", ".join([*known, *(value[name] for name in PERSON if value.get(name))])
    values = value if isinstance(value, list) else [value]
    return ", ".join(codes(each).label.in_language(language) if codes else str(each) for each in values)
