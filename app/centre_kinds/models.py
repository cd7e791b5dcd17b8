"""The kinds of family centre and the parts that make them. ``domain.md`` 7 and 12.12 (R12.1–R12.3).

A part counts while it is one: from its first day until the day it ends. Co-located means that its whole ordinary
activity takes place there. What makes a way of working for 0–18 is the programme's working definition (unverified).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from app.codes import Coded
from app.kernel.errors import FieldError, Problem
from app.kernel.errors import Text as Words


class FamilyCentreKind(Coded):
    """The three kinds; the domain's ``0-18_way_of_working`` begins with a letter here, as names in clients do."""

    FAMILJECENTRAL = "familjecentral", "Familjecentral", "Family centre"
    SIMILAR = "familjecentralsliknande", "Familjecentralsliknande verksamhet", "Family-centre-like activity"
    WAY_OF_WORKING = "way_of_working_0_18", "Familjecentralsliknande arbetssätt 0–18", "Way of working for 0–18"


class CentrePartType(Coded):
    """What a part of a centre is."""

    MHV = "mhv", "Mödrahälsovård (MHV)", "Maternal health care"
    BHV = "bhv", "Barnhälsovård (BHV)", "Child health care"
    OPEN_PRESCHOOL = "open_preschool", "Öppen förskola", "Open preschool"
    PREVENTIVE_SOCIAL = "preventive_social", "Förebyggande socialtjänst", "Preventive social services"
    STUDENT_HEALTH = "student_health", "Elevhälsa", "Student health"
    SCHOOL = "school", "Förskola eller skola", "Preschool or school"
    YOUTH_CLINIC = "youth_clinic", "Ungdomsmottagning", "Youth clinic"
    OTHER = "other", "Annan del", "Other part"


class CentreFault(Coded):
    """What keeps a centre from being the kind it is said to be."""

    NO_MHV = "mhv_missing", "Mödrahälsovård i samma hus saknas", "No co-located maternal health care"
    NO_BHV = "bhv_missing", "Barnhälsovård i samma hus saknas", "No co-located child health care"
    NO_OPEN_PRESCHOOL = "open_preschool_missing", "Öppen förskola i samma hus saknas", "No co-located open preschool"
    NO_PREVENTIVE_SOCIAL = (
        "preventive_social_missing", "Förebyggande socialtjänst i samma hus saknas",
        "No co-located preventive social services",
    )  # fmt: skip
    NO_MUNICIPAL = (
        "municipal_part_missing", "Varken öppen förskola eller förebyggande socialtjänst finns i samma hus",
        "Neither an open preschool nor preventive social services are co-located",
    )  # fmt: skip
    ALL_FOUR = "all_four_parts", "Alla fyra delar finns i samma hus", "All four parts are co-located"
    NO_HEALTH = "health_part_missing", "En del från hälso- och sjukvården saknas", "No part from health care"
    NO_SCHOOL = "school_part_missing", "Skola eller elevhälsa saknas", "Neither school nor student health"
    NO_SOCIAL = "social_part_missing", "Förebyggande socialtjänst saknas", "No preventive social services"


class FamiljecentralNotWhole(Problem):
    """R12.1: all four parts, in one place."""

    status = 422
    title = Words("Det är ingen hel familjecentral", "It is not a whole familjecentral")
    detail = Words(
        "En familjecentral har mödrahälsovård, barnhälsovård, öppen förskola och förebyggande socialtjänst i samma "
        "hus. Se errors för det som saknas.",
        "A familjecentral has maternal and child health care, an open preschool and preventive social services, "
        "co-located. See errors for what is missing.",
    )


class SimilarCentreNotWhole(Problem):
    """R12.2: child health care and a municipal part, in one place."""

    status = 422
    title = Words("Det är ingen familjecentralsliknande verksamhet", "It is not a family-centre-like activity")
    detail = Words(
        "Den har barnhälsovård och minst en av öppen förskola och förebyggande socialtjänst i samma hus. Se errors.",
        "It has child health care co-located with at least one of open preschool and preventive social services. "
        "See errors.",
    )


class IsFamiljecentral(Problem):
    """R12.2: with all four parts it is no longer like one."""

    status = 422
    title = Words("Då är det en familjecentral", "Then it is a familjecentral")
    detail = Words(
        "Med alla fyra delar i samma hus är verksamheten en familjecentral. Ange den sorten (kind, eller centreKind "
        "när en del läggs till).",
        "With all four parts co-located it is a familjecentral. State that kind (kind, or centreKind when a part is "
        "added).",
    )


class WayOfWorkingNotWhole(Problem):
    """R12.3, the working definition of the programme (unverified)."""

    status = 422
    title = Words("Arbetssättet 0–18 saknar en del", "The way of working for 0–18 lacks a part")
    detail = Words(
        "Minst en del vardera från hälso- och sjukvård, från skola eller elevhälsa och från socialtjänst ska vara "
        "med. Se errors.",
        "At least one part each from health care, from school or student health, and from social services takes "
        "part. See errors.",
    )


Parts = Iterable[Mapping[str, Any]]

T, F = CentrePartType, CentreFault
_FOUR = {
    T.MHV: F.NO_MHV,
    T.BHV: F.NO_BHV,
    T.OPEN_PRESCHOOL: F.NO_OPEN_PRESCHOOL,
    T.PREVENTIVE_SOCIAL: F.NO_PREVENTIVE_SOCIAL,
}
_MUNICIPAL = frozenset({T.OPEN_PRESCHOOL, T.PREVENTIVE_SOCIAL})
_TAKE_PART = {
    F.NO_HEALTH: frozenset({T.MHV, T.BHV, T.YOUTH_CLINIC}),
    F.NO_SCHOOL: frozenset({T.SCHOOL, T.STUDENT_HEALTH}),
    F.NO_SOCIAL: frozenset({T.PREVENTIVE_SOCIAL}),
}


def is_part(part: Mapping[str, Any], day: date) -> bool:
    """Whether it is a part on that day: the day it ends is the first without it."""
    return part["from_on"] <= day and (part["to_on"] is None or day < part["to_on"])


def faults(kind: str, parts: Parts) -> list[CentreFault]:
    """What keeps these parts from being a centre of this kind (R12.1, R12.2, R12.3)."""
    there = list(parts)
    if kind == FamilyCentreKind.WAY_OF_WORKING:
        return list(_without_part({part["type"] for part in there}))
    co_located = {part["type"] for part in there if part["co_located"]}
    if kind == FamilyCentreKind.FAMILJECENTRAL:
        return [fault for part, fault in _FOUR.items() if part not in co_located]
    return list(_unlike(co_located))


def _without_part(types: set[str]) -> Iterator[CentreFault]:
    for fault, wanted in _TAKE_PART.items():
        if wanted.isdisjoint(types):
            yield fault


def _unlike(co_located: set[str]) -> Iterator[CentreFault]:
    if _FOUR.keys() <= co_located:
        yield F.ALL_FOUR
    if T.BHV not in co_located:
        yield F.NO_BHV
    if _MUNICIPAL.isdisjoint(co_located):
        yield F.NO_MUNICIPAL


def require_kind(kind: str, parts: Parts, today: date) -> None:
    """Raise the kind's problem unless it is one today, and stays one on each day on which a part begins or ends."""
    there = list(parts)
    changes = {part[day] for part in there for day in ("from_on", "to_on") if part[day] is not None}
    for day in sorted({today} | {change for change in changes if change > today}):
        found = faults(kind, [part for part in there if is_part(part, day)])
        if found:
            told = tuple(FieldError("", fault.replace("_", "-"), fault.label) for fault in found)
            raise _problem_of(kind, found)(errors=told)


def _problem_of(kind: str, found: list[CentreFault]) -> type[Problem]:
    if F.ALL_FOUR in found:
        return IsFamiljecentral
    if kind == FamilyCentreKind.FAMILJECENTRAL:
        return FamiljecentralNotWhole
    return SimilarCentreNotWhole if kind == FamilyCentreKind.SIMILAR else WayOfWorkingNotWhole
