"""The deeds of a wheel, told as they happen; what it says in words and as a picture."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.codes import Text
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Denied
from app.kernel.ids import new_id
from app.organisations.models import UnknownReference
from app.people import service as people
from app.permissions import Role
from app.pictures.history import History, Moment, Slice, Voice, draw_history
from app.pictures.wheel import Wheel, draw_wheel
from app.wellbeing import repository, schemas
from app.wellbeing.models import (
    WELLBEING_ASSESSMENT_FLOW,
    Assessment,
    AssessmentStatus,
    DimensionEntry,
    EarlierNotShown,
    HeldInTheFuture,
    OnlyConfirmedIsCorrected,
    Respondent,
    SpeaksForItself,
    TemplateHasNoHopes,
    VisibilityNotDecided,
    require_all_dimensions,
    visible_by_default,
)
from app.wheel_templates import service as templates
from app.wheel_templates.models import THE_EIGHT, WheelDimension, WheelScale

_OWN_VOICE = {Role.GUARDIAN: Respondent.GUARDIAN, Role.YOUNG_PERSON: Respondent.CHILD}
_NOT_ASKED = schemas.SaidIn(not_discussed=True)
_TITLE = Text("Välmåendehjulet", "The wellbeing wheel")
_HISTORY_TITLE = Text("Välmåendet över tid", "Wellbeing over time")
_UNVERIFIED = Text(
    "Hjulets ord är ett förslag och ännu inte fastställda.", "The words of the wheel are a proposal, not yet agreed on."
)


async def make(visit: Visit, place: Row, body: schemas.AssessmentCreate) -> UUID:
    """A wheel as a conversation left it: a draft, or what the family has made itself and therefore sees at once.

    Raises ``SpeaksForItself``, ``TemplateNotUsable``, ``DimensionsMissing``, ``DiscussedOrNot``, ``ScaleValueOutside``,
    ``TemplateHasNoHopes``, ``HeldInTheFuture``, ``UnknownReference``, ``OnlyConfirmedIsCorrected``,
    ``VisibilityNotDecided``.
    """
    family = visit.actor.is_family
    if family and body.respondent is not _OWN_VOICE[visit.actor.role]:
        raise SpeaksForItself
    template = await templates.usable(visit.tx, body.template_id)
    _require_held(visit, body.held_on)
    require_all_dimensions(entry.dimension for entry in body.entries)
    await _require_correctable(visit, place, body.supersedes_id)
    # What somebody of the family makes belongs where the case or the child belongs: the family has no unit.
    owner = {name: place[name] for name in ("owner_unit_id", "owner_authority_id", "municipality_code")}
    assessment = Assessment(
        id=new_id(), circle_id=place["id"], status=AssessmentStatus.DRAFT, open_to=[],
        recorded_by=visit.actor.user_id, created_at=visit.now, updated_at=visit.now,
        **body.model_dump(exclude={"entries", "hopes"}),
        **(owner if family else visit.ownership(place["municipality_code"])),
    )  # fmt: skip
    asked = [*THE_EIGHT, WheelDimension.HOPES] if template["hopes"] else THE_EIGHT
    entries = [_entry(assessment, dimension) for dimension in asked]
    _write(entries, body.entries, body.hopes or (_NOT_ASKED if template["hopes"] else None), template)
    if family:
        assessment.share(entries, visible_to_guardians=await _visible(visit, assessment, None), at=visit.now)
    visit.tx.session.add_all([assessment, *entries])
    visit.trail.changed(assessment.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    return assessment.id


def _require_held(visit: Visit, held_on: date) -> None:
    if held_on > stockholm_date(visit.now):
        raise HeldInTheFuture


async def _require_correctable(visit: Visit, place: Row, earlier_id: UUID | None) -> None:
    """Whoever made a wheel corrects it: the unit, or the person of the family."""
    if earlier_id is None:
        return
    earlier = await repository.one(visit.tx, earlier_id)
    if earlier is None or earlier["circle_id"] != place["id"]:
        raise UnknownReference(field="supersedesId")
    own_unit = not visit.actor.is_family and earlier["owner_unit_id"] == visit.actor.unit_id
    if not own_unit and earlier["recorded_by"] != visit.actor.user_id:
        raise Denied
    if earlier["status"] != AssessmentStatus.CONFIRMED:
        raise OnlyConfirmedIsCorrected


def _entry(assessment: Assessment, dimension: WheelDimension) -> DimensionEntry:
    return DimensionEntry(
        id=new_id(), assessment_id=assessment.id, circle_id=assessment.circle_id, dimension=dimension, open_to=[],
        **assessment.ownership,
    )  # fmt: skip


def _write(
    entries: Sequence[DimensionEntry], said: Sequence[schemas.EntryIn], hopes: schemas.SaidIn | None, template: Row
) -> None:
    given: dict[str, schemas.SaidIn] = {str(each.dimension): each for each in said}
    if hopes is not None:
        if template["hopes"] is None:
            raise TemplateHasNoHopes
        given[WheelDimension.HOPES.value] = hopes
    for entry in entries:
        if (one := given.get(entry.dimension)) is not None:
            entry.say(one.model_dump(exclude={"dimension"}), WheelScale(template["scale"]).steps)


async def _visible(visit: Visit, assessment: Assessment, stated: bool | None) -> bool:
    """What was said now, or before, or follows from age and unit; a guardian sees its own (R21.1)."""
    if visit.actor.role is Role.GUARDIAN:
        return True
    decided = assessment.visible_to_guardians if stated is None else stated
    if decided is None:
        child = await people.facts(visit.tx, assessment.child_id) or {}
        today, unit_type = stockholm_date(visit.now), visit.actor.assignment.unit_type
        decided = visible_by_default(child.get("birth_date"), today, unit_type)
    if decided is None:
        raise VisibilityNotDecided
    return decided


async def change(visit: Visit, assessment: Assessment, body: schemas.AssessmentPatch) -> None:
    """Change a draft; a dimension that is given is replaced whole. Raises what ``make`` does about the same fields."""
    WELLBEING_ASSESSMENT_FLOW.go(assessment, "edit")
    stated = {name: value for name, value in body.stated.items() if name not in ("entries", "hopes")}
    if "held_on" in stated:
        _require_held(visit, body.held_on)
    assessment.apply(stated)
    assessment.updated_at = visit.now
    template = (await templates.by_id(visit.tx, {assessment.template_id}))[assessment.template_id]
    _write(await repository.entry_records(visit.tx, assessment.id), body.entries, body.hopes, template)
    visit.trail.changed(assessment.subject, *body.model_fields_set)
    await visit.tx.session.flush()


async def share(visit: Visit, assessment: Assessment, visible_to_guardians: bool | None) -> None:
    """Show it to the family, or to the child alone. Raises ``VisibilityNotDecided``."""
    visible = await _visible(visit, assessment, visible_to_guardians)
    entries = await repository.entry_records(visit.tx, assessment.id)
    assessment.share(entries, visible_to_guardians=visible, at=visit.now)
    visit.trail.changed(assessment.subject, "status", "visible_to_guardians", "shared_at")
    await visit.tx.session.flush()


async def confirm(visit: Visit, assessment: Assessment, body: schemas.Confirmation) -> None:
    """It says what was meant; a correction takes the place of what it corrects.

    Raises ``StrengthOrReason``, ``EarlierNotShown``.
    """
    entries = await repository.entry_records(visit.tx, assessment.id)
    assessment.confirm(entries, body.confirmed_how, body.no_strength_reason, visit.now, visit.actor.user_id)
    visit.trail.changed(assessment.subject, "status", "confirmed_at", *body.model_fields_set)
    if assessment.supersedes_id is not None:
        earlier = await repository.record(visit.tx, assessment.supersedes_id)
        if earlier is None:
            raise EarlierNotShown
        earlier.supersede(visit.now)
        visit.trail.changed(earlier.subject, "status", reason=assessment.correction_reason)
    await visit.tx.session.flush()


def entries_of(row: Row) -> tuple[list[Row], Row | None]:
    """The eight in the template's order with its words, and the hopes; what the wall keeps back is withheld (R6.8)."""
    template, said = row["template"], {entry["dimension"]: entry for entry in row["said"]}

    def told(dimension: str, label: str) -> Row:
        entry = said.get(dimension)
        if entry is None:
            return {"dimension": dimension, "withheld": True}
        step = entry["scale_value"]
        return {**entry, "label": label, "scale_label": template["scale_labels"][step - 1] if step else None}

    hopes = template["hopes"] and told(WheelDimension.HOPES.value, template["hopes"]["label"])
    return [told(part["dimension"], part["label"]) for part in template["dimensions"]], hopes


async def history(visit: Visit, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Confirmed wheels in order of time, each respondent for itself (R6.4), with breaks between versions (R6.5)."""
    origins = await templates.origins(visit.tx)
    voices: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        # Two professionals with one title are two voices: whose it is, is part of who speaks.
        unit = row["owner_unit_id"] if row["respondent"] == Respondent.PROFESSIONAL else None
        moments = voices.setdefault((row["respondent"], row["respondent_relation"], unit), [])
        same = not moments or origins[moments[-1]["template_id"]] == origins[row["template_id"]]
        moments.append({**row, "comparable": same})
    return [
        {"respondent": respondent, "respondent_relation": relation, "moments": moments}
        for (respondent, relation, _), moments in voices.items()
    ]


def picture(row: Row, language: str) -> str:
    """One wheel as SVG, with the words of its template."""
    entries, hopes = entries_of(row)
    template = row["template"]
    return draw_wheel(
        Wheel(
            title=_TITLE.in_language(language),
            respondent=_speaker(row, language),
            held_on=row["held_on"],
            setting=row["setting"],
            slices=[_slice(entry, part["label"]) for entry, part in zip(entries, template["dimensions"], strict=True)],
            hopes=_slice(hopes, template["hopes"]["label"]) if hopes else None,
            scale=template["scale_labels"],
            note=None if template["labels_verified"] else _UNVERIFIED.in_language(language),
        ),
        language,
    )


def history_picture(voices: Sequence[dict[str, Any]], language: str) -> str:
    """Voices side by side as SVG; steps are drawn where the scale is the one of the newest wheel."""
    wheels = sorted((moment for voice in voices for moment in voice["moments"]), key=lambda row: row["held_on"])
    scales = [row["template"]["scale_labels"] for row in wheels if row["template"]["scale_labels"]]
    scale = scales[-1] if scales else []
    labels = [part["label"] for part in wheels[-1]["template"]["dimensions"]] if wheels else []
    verified = all(row["template"]["labels_verified"] for row in wheels)
    return draw_history(
        History(
            title=_HISTORY_TITLE.in_language(language),
            labels=labels or [each.label.in_language(language) for each in THE_EIGHT],
            voices=[
                Voice(_speaker(voice, language), [_moment(row, scale) for row in voice["moments"]]) for voice in voices
            ],
            scale=scale,
            note=None if verified else _UNVERIFIED.in_language(language),
        ),
        language,
    )


def _speaker(row: Row, language: str) -> str:
    who = Respondent(row["respondent"]).label.in_language(language)
    return f"{who} ({row['respondent_relation']})" if row["respondent_relation"] else who


def _moment(row: Row, scale: Sequence[str]) -> Moment:
    template = row["template"]
    on_scale = template["scale_labels"] == scale
    words = [part["label"] for part in template["dimensions"]]
    slices = [_slice(entry, label) for entry, label in zip(entries_of(row)[0], words, strict=True)]
    return Moment(
        row["held_on"],
        f"{template['code']} {template['number']} ({template['locale']})",
        slices if on_scale else [each._replace(step=None) for each in slices],
    )


def _slice(entry: Row, label: str) -> Slice:
    if entry.get("withheld"):
        return Slice(label, (), (), None, None, not_discussed=False, withheld=True)
    own = "\n".join(words["text"] for words in entry["own_words"]) or None
    return Slice(label, entry["strengths"], entry["challenges"], own, entry["scale_value"], entry["not_discussed"])
