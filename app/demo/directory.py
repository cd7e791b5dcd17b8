"""The demo directory: organisations, authorities (nämnder), units (enheter) and coordination desks of the county.

Codes, organisation numbers and what Gnesta says of itself come from the sources (``domain.md`` 0 and 6.3); what they do
not say is null. Names of units, addresses and telephone numbers are made up, and look it. Ids can be remembered and
never change: ``0000<municipality>-000<kind>-7000-a000-<number>``, where a number is a place in one of the lists below,
so that new entries go last.
"""

from typing import Any, Final, NamedTuple
from uuid import UUID

REGION_CODE: Final = "0004"


class Municipality(NamedTuple):
    """A municipality (kommun). Nobody has published the day on which any of them joined: there is no such field."""

    code: str
    slug: str
    name: str
    org_number: str
    org_number_verified: bool
    area_code: str
    joined_note: str | None


_TRIED = "En av de sju kommuner som prövade nya arbetssätt 2023."

MUNICIPALITIES: Final = (
    Municipality("0428", "vingaker", "Vingåker", "212000-0308", True, "0151", _TRIED),
    Municipality(
        "0461", "gnesta", "Gnesta", "212000-2965", False, "0158",
        f"Med i utvecklingsarbetet sedan hösten 2022. {_TRIED}",
    ),
    Municipality("0480", "nykoping", "Nyköping", "212000-2940", False, "0155", _TRIED),
    Municipality("0481", "oxelosund", "Oxelösund", "212000-0324", False, "0155", _TRIED),
    Municipality("0482", "flen", "Flen", "212000-0332", False, "0157", _TRIED),
    Municipality("0483", "katrineholm", "Katrineholm", "212000-0340", False, "0150", _TRIED),
    Municipality("0484", "eskilstuna", "Eskilstuna", "212000-0357", False, "016", _TRIED),
    Municipality("0486", "strangnas", "Strängnäs", "212000-0365", False, "0152", None),
    Municipality("0488", "trosa", "Trosa", "212000-2957", False, "0156", None),
)  # fmt: skip


class Organisation(NamedTuple):
    """A legal person."""

    id: UUID
    kind: str
    name: str
    municipality_code: str | None
    org_number: str | None
    org_number_verified: bool


class Authority(NamedTuple):
    """A board (nämnd) or other controller of what its units record."""

    id: UUID
    organisation_id: UUID
    name: str
    sector: str
    secrecy_regime: str


class Unit(NamedTuple):
    """A unit with its function address, under the reserved domain ``.example`` (RFC 2606)."""

    id: UUID
    authority_id: UUID
    name: str
    unit_type: str
    municipality_code: str | None
    function_address: str
    phone: str


class Desk(NamedTuple):
    """A coordination desk (samordningsfunktion): the unit whose desk it is, and who leads it and answers there."""

    id: UUID
    staff_id: UUID
    unit: str
    lead: str


def demo_id(code: str, kind: int, number: int) -> UUID:
    """The id of a directory record: 1 organisation, 2 authority, 3 unit, 4 user, 5 assignment, 6 desk, 7 its staff."""
    return UUID(f"0000{code}-000{kind}-7000-a000-{number:012}")


# slug, board (of the municipality: social or utbildning), name, unit type
_MUNICIPAL_UNITS: Final[dict[str, tuple[tuple[str, str, str, str], ...]]] = {
    "gnesta": (
        ("samordning", "social", "Samordningsfunktionen i Gnesta", "open_social"),
        ("skola-2", "utbildning", "Andra grundskolan i Gnesta", "school"),
        ("forskola", "utbildning", "Förskolan i Gnesta", "preschool"),
        ("elevhalsa", "utbildning", "Elevhälsans medicinska del i Gnesta", "elevhalsa_medical"),
        ("barn-och-utbildning", "utbildning", "Barn- och utbildningsförvaltningen i Gnesta", "other"),
        ("familjecentral", "social", "Familjecentralen i Gnesta, förebyggande socialtjänst", "family_centre_part"),
        ("oppen-forskola", "utbildning", "Familjecentralen i Gnesta, öppna förskolan", "family_centre_part"),
    ),
    "vingaker": (("kontaktgrupper", "social", "Kontaktgrupperna, Socialförvaltningen i Vingåker", "open_social"),),
    "katrineholm": (("samordning", "social", "Samordningsfunktionen i Katrineholm", "open_social"),),
    "strangnas": (("samordning", "social", "Samordningsfunktionen i Strängnäs", "open_social"),),
}
# slug, name, unit type, where
_REGION_UNITS: Final = (
    ("bup-nykoping", "BUP Nyköping", "bup", "0480"),
    ("bup-katrineholm", "BUP Katrineholm", "bup", "0483"),
    ("bup-eskilstuna", "BUP Eskilstuna", "bup", "0484"),
    ("bvc-gnesta", "BVC Gnesta", "bvc", "0461"),
    ("mhv-gnesta", "Barnmorskemottagningen Gnesta", "mhv", "0461"),
    ("ungdomsmottagning-gnesta", "Ungdomsmottagningen Gnesta", "youth_clinic", "0461"),
)


def _organisations() -> dict[str, Organisation]:
    found = {
        town.slug: Organisation(
            demo_id(town.code, 1, 1), "municipality", f"{town.name} kommun", town.code, town.org_number,
            town.org_number_verified,
        )
        for town in MUNICIPALITIES
    }  # fmt: skip
    found["region"] = Organisation(demo_id(REGION_CODE, 1, 1), "region", "Region Sörmland", None, "232100-0032", True)
    found["nsv"] = Organisation(
        demo_id(REGION_CODE, 1, 2), "nsv", "Nämnden för samverkan kring socialtjänst och vård", None, None, False
    )
    found["friskola"] = Organisation(
        demo_id("0461", 1, 2), "private_provider", "Friskolan Exempelvik AB", "0461", None, False
    )
    return found


def _authorities() -> dict[str, Authority]:
    """Every municipality has a social and an education board (``domain.md`` 6.3); Gnesta's names stand for all."""
    found = {}
    for town in MUNICIPALITIES:
        owner = demo_id(town.code, 1, 1)
        found[f"{town.slug}-social"] = Authority(
            demo_id(town.code, 2, 1), owner, f"Socialnämnden i {town.name}", "social", "OSL26"
        )
        # Preschool and student health are held by the strong rule, school partly by the weak: the stricter is kept.
        found[f"{town.slug}-utbildning"] = Authority(
            demo_id(town.code, 2, 2), owner, f"Barn- och utbildningsnämnden i {town.name}", "education", "OSL23_strong"
        )
    region, nsv, school = (ORGANISATIONS[key].id for key in ("region", "nsv", "friskola"))
    found["region"] = Authority(
        demo_id(REGION_CODE, 2, 1), region, "Hälso- och sjukvården i Region Sörmland", "health", "OSL25"
    )
    found["nsv"] = Authority(
        demo_id(REGION_CODE, 2, 2), nsv, "Nämnden för samverkan kring socialtjänst och vård", "joint", "OSL25"
    )
    found["friskola"] = Authority(
        demo_id("0461", 2, 3), school, "Friskolan Exempelviks styrelse", "education", "skollag29_14"
    )
    return found


def _municipal_units(town: Municipality) -> dict[str, Unit]:
    specified = (
        ("skola", "utbildning", f"Grundskolan i {town.name}", "school"),
        ("ifo", "social", f"Individ- och familjeomsorgen i {town.name}", "social_ifo"),
        *_MUNICIPAL_UNITS.get(town.slug, ()),
    )
    return {
        f"{town.slug}-{slug}": Unit(
            demo_id(town.code, 3, number), AUTHORITY_RECORDS[f"{town.slug}-{board}"].id, name, unit_type, town.code,
            f"{slug}@{town.slug}.example", f"{town.area_code}-000 00",
        )
        for number, (slug, board, name, unit_type) in enumerate(specified, start=1)
    }  # fmt: skip


def _units() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for town in MUNICIPALITIES:
        found |= _municipal_units(town)
    region, nsv = AUTHORITY_RECORDS["region"].id, AUTHORITY_RECORDS["nsv"].id
    for number, (slug, name, unit_type, where) in enumerate(_REGION_UNITS, start=1):
        found[f"region-{slug}"] = Unit(
            demo_id(REGION_CODE, 3, number), region, name, unit_type, where, f"{slug}@region.example", "0155-000 00"
        )
    found["friskola"] = Unit(
        demo_id("0461", 3, 51), AUTHORITY_RECORDS["friskola"].id, "Friskolan Exempelvik i Gnesta", "school", "0461",
        "skolan@exempelvik.example", "0158-000 00",
    )  # fmt: skip
    found["lansstod"] = Unit(
        demo_id(REGION_CODE, 3, 51), nsv, "Länsgemensamt stöd, Tillsammans för barnens bästa", "other", None,
        "lansstod@region.example", "0155-000 00",
    )  # fmt: skip
    return found


ORGANISATIONS: Final = _organisations()
AUTHORITY_RECORDS: Final = _authorities()
UNIT_RECORDS: Final = _units()

AUTHORITIES: Final[dict[str, UUID]] = {key: record.id for key, record in AUTHORITY_RECORDS.items()}
UNITS: Final[dict[str, UUID]] = {key: record.id for key, record in UNIT_RECORDS.items()}

DESKS: Final = (
    Desk(demo_id("0461", 6, 1), demo_id("0461", 7, 1), "gnesta-samordning", "gnesta.coordinator"),
    Desk(demo_id("0483", 6, 1), demo_id("0483", 7, 1), "katrineholm-samordning", "katrineholm.coordinator"),
    Desk(demo_id("0486", 6, 1), demo_id("0486", 7, 1), "strangnas-samordning", "strangnas.coordinator"),
)
#: Monday to Friday, and late on Thursdays; made up.
DESK_HOURS: Final[list[dict[str, Any]]] = [
    {"weekday": weekday, "opens": "08:00", "closes": "18:00" if weekday == 4 else "16:30"} for weekday in range(1, 6)
]
