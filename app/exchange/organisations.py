"""Authorities (nämnder) and units (enheter) as lines; the municipalities are the county's nine and no kind."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field

from app.exchange import keys
from app.exchange.deeds import FieldIsFixed, by_hand, differing, require_same, said, told
from app.exchange.lines import Entry, Key, Line, RecordKind, Selection, naming
from app.kernel.access import admit
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.shapes import Code, MunicipalityCode, Name
from app.kernel.shapes import Line as Text
from app.organisations import access, schemas, service
from app.organisations.models import Authority, SecrecyRegime, Sector, Unit, UnitType
from app.permissions import Permission as P


class AuthorityEntry(Entry):
    """An authority (nämnd) with the organisation that it belongs to."""

    name: Name
    sector: Sector
    secrecy_regime: SecrecyRegime
    organisation: schemas.OrganisationIn = Field(
        description="Found by its number, or by kind, name and municipality; a new one where there is none."
    )


class UnitEntry(Entry):
    """A unit (enhet) of an authority."""

    authority_source_system: Code | None = None
    authority_source_id: Code
    name: Name
    unit_type: UnitType
    municipality_code: MunicipalityCode | None = None
    hsa_id: schemas.HsaId | None = None
    function_address: Text | None = None
    phone: Name | None = None


class _Authorities:
    """Authorities, by system administrators."""

    kind = RecordKind.AUTHORITY
    entry = AuthorityEntry
    creates = changes = P.ORGANISATION_MANAGE

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them there are."""
        return await keys.find(visit, self.kind, wanted)

    async def create(self, visit: Visit, entry: AuthorityEntry) -> UUID:
        """A new authority, in its organisation; raises ``FieldIsFixed``, ``UnknownMunicipality``."""
        admit(visit, self.creates, Subject("authority"), access.ANYONE)
        organisation = await _organisation(visit, entry)
        body = schemas.AuthorityCreate(
            name=entry.name, sector=entry.sector, secrecy_regime=entry.secrecy_regime,
            organisation_id=organisation and organisation["id"],
            organisation=None if organisation else entry.organisation,
        )  # fmt: skip
        with by_hand(visit, self.creates, "createAuthority"):
            authority_id = await service.create_authority(visit, body)
        await keys.keep(visit, self.kind, entry.key, authority_id)
        return authority_id

    async def change(self, visit: Visit, record_id: UUID, entry: AuthorityEntry) -> bool:
        """Name, sector and secrecy regime; an authority stays in its organisation (``FieldIsFixed``)."""
        authority: Authority = await access.held(visit, "authority", self.changes, record_id)
        organisation = await _organisation(visit, entry)
        if organisation is None or organisation["id"] != authority.organisation_id:
            raise FieldIsFixed(field="organisation")
        stated = differing(entry, vars(authority), schemas.AuthorityPatch)
        if stated:
            with by_hand(visit, self.changes, "updateAuthority"):
                await service.change(visit, authority, "authority", stated)
        return bool(stated)

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next authorities; the directory is everybody's to read, and leaves no look."""
        admit(visit, P.ORGANISATION_READ, Subject("authority"), access.ANYONE)
        rows = await service.lines(visit, "authority", after, limit, selection.municipality_code)
        known = await keys.names(visit, self.kind, (row["id"] for row in rows))
        return [Line(row["id"], AuthorityEntry(**naming(known[row["id"]]), **_authority(row))) for row in rows]


async def _organisation(visit: Visit, entry: AuthorityEntry) -> Row | None:
    found = await service.organisation_like(visit, entry.organisation)
    if found is not None:
        require_same(entry.organisation, found, *schemas.OrganisationIn.model_fields)
    return found


def _authority(row: Row) -> dict[str, object]:
    described = {**row, "kind": row["organisation_kind"], "name": row["organisation_name"]}
    return {**told(row, AuthorityEntry), "organisation": told(described, schemas.OrganisationIn)}


class _Units:
    """Units, by system administrators."""

    kind = RecordKind.UNIT
    entry = UnitEntry
    creates = changes = P.ORGANISATION_MANAGE

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them there are."""
        return await keys.find(visit, self.kind, wanted)

    async def create(self, visit: Visit, entry: UnitEntry) -> UUID:
        """A new unit in its authority; raises ``UnknownSource``, ``UnknownMunicipality``."""
        admit(visit, self.creates, Subject("unit"), access.ANYONE)
        authority_id = await keys.referred(visit, RecordKind.AUTHORITY, entry, "authority")
        body = schemas.UnitCreate(authority_id=authority_id, **said(entry, schemas.UnitCreate))
        with by_hand(visit, self.creates, "createUnit"):
            unit_id = await service.create_unit(visit, body)
        await keys.keep(visit, self.kind, entry.key, unit_id)
        return unit_id

    async def change(self, visit: Visit, record_id: UUID, entry: UnitEntry) -> bool:
        """What differs; a unit stays with its authority (``FieldIsFixed``)."""
        unit: Unit = await access.held(visit, "unit", self.changes, record_id)
        if await keys.referred(visit, RecordKind.AUTHORITY, entry, "authority") != unit.authority_id:
            raise FieldIsFixed(field="authoritySourceId")
        stated = differing(entry, vars(unit), schemas.UnitPatch)
        if stated:
            with by_hand(visit, self.changes, "updateUnit"):
                await service.change(visit, unit, "unit", stated)
        return bool(stated)

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next units; the directory is everybody's to read, and leaves no look."""
        admit(visit, P.ORGANISATION_READ, Subject("unit"), access.ANYONE)
        rows = await service.lines(visit, "unit", after, limit, selection.municipality_code)
        known = await keys.names(visit, self.kind, (row["id"] for row in rows))
        owners = await keys.names(visit, RecordKind.AUTHORITY, {row["authority_id"] for row in rows})
        return [Line(row["id"], _unit(row, known[row["id"]], owners[row["authority_id"]])) for row in rows]


def _unit(row: Row, key: Key, authority: Key) -> UnitEntry:
    return UnitEntry(**naming(key), **naming(authority, "authority"), **told(row, UnitEntry))


AUTHORITIES = _Authorities()
UNITS = _Units()
