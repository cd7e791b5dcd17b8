"""Referrals to family centres (remisser) as lines: a unit's own, written or sent (R12.5).

What its receiver has done since stands in no line: a referral under way is one that has been sent. Centres are
directory and no kind of their own: a line names its centre, and the part of it, by their ids here.
"""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.centre_referrals import access, schemas, service
from app.centre_referrals.labels import ReferralNeed, ReferralUrgency
from app.centre_referrals.models import ReferralStatus, subject_of
from app.codes import Coded
from app.exchange import keys, paper
from app.exchange.deeds import FieldIsFixed, by_hand, differing, look_at, naming_child, require_same, said, told
from app.exchange.lines import Entry, Key, Line, RecordKind, Selection, naming
from app.kernel.access import admit
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import NotFound
from app.kernel.paging import onward
from app.kernel.shapes import Code, Prose
from app.kernel.shapes import Line as Text
from app.permissions import Permission as P
from app.permissions import Relation
from app.referral_parties import service as parties


class ReferralStage(Coded):
    """How far the referrals of a file have come on their sender's side."""

    DRAFT = "draft", "Utkast", "Draft"
    SENT = "sent", "Skickad", "Sent"


class ReferralEntry(Entry):
    """A referral that the caller's unit writes about one of its own children."""

    child_source_system: Code | None = None
    child_source_id: Code
    centre_id: UUID
    part_id: UUID | None = Field(default=None, description="The part that is to receive it; the centre, when absent.")
    kind_of_need: ReferralNeed
    urgency: ReferralUrgency = ReferralUrgency.ORDINARY
    reason: Prose = Field(description="Shown to the receiver once it has accepted.")
    wishes: Prose | None = None
    contact: Text | None = Field(default=None, description="How and when to reach the family or the young person.")
    private: bool | None = Field(default=None, description="Decided from 13 years on: no guardian is in it (R21.1).")
    consent_id: UUID | None = Field(default=None, description="A consent that is recorded already.")
    consent: paper.PaperConsent | None = Field(default=None, description="A consent that is recorded with it (R12.5).")
    feedback_allowed: bool = False
    status: ReferralStage | None = Field(default=None, description="A new one is a draft, when absent.")

    @model_validator(mode="after")
    def _rests_on_one_consent(self) -> Self:
        if self.consent_id is not None and self.consent is not None:
            raise ValueError("a referral rests on consentId or on consent, not on both")
        return self


class _Referrals:
    """Referrals, by the unit that sends them."""

    kind = RecordKind.REFERRAL
    entry = ReferralEntry
    creates, changes = P.REFERRAL_CREATE, P.REFERRAL_EDIT

    async def find(self, visit: Visit, wanted: Sequence[Key]) -> dict[Key, UUID]:
        """Which of them there are."""
        return await keys.find(visit, self.kind, wanted)

    async def create(self, visit: Visit, entry: ReferralEntry) -> UUID:
        """A draft, sent where the line says so; raises ``UnknownSource`` and what ``create`` and ``send`` do."""
        child_id = await keys.referred(visit, RecordKind.CHILD, entry, "child")
        with by_hand(visit, self.creates, "createFamilyCentreReferral"):
            admit(visit, self.creates, Subject("referral"), frozenset({Relation.ANYONE}))
            stated = {**said(entry, schemas.FamilyCentreReferralCreate), "child_id": child_id}
            if entry.consent is not None:
                stated["consent_id"] = await _signed(visit, entry.consent, child_id, entry.centre_id, entry.part_id)
            referral_id = await service.create(visit, schemas.FamilyCentreReferralCreate(**stated))
        await keys.keep(visit, self.kind, entry.key, referral_id)
        if entry.status is ReferralStage.SENT:
            await _send(visit, referral_id)
        return referral_id

    async def change(self, visit: Visit, record_id: UUID, entry: ReferralEntry) -> bool:
        """What differs, and that it is sent, also again once it has come back completed; raises ``FieldIsFixed``."""
        now = await _now(visit, record_id, entry)
        changed = await self._correct(visit, entry, now)
        comes_back = now["status"] == ReferralStatus.RETURNED and changed
        if entry.status is not ReferralStage.SENT or not (now["status"] == ReferralStatus.DRAFT or comes_back):
            return changed
        await _send(visit, record_id)
        return True

    async def _correct(self, visit: Visit, entry: ReferralEntry, now: Row) -> bool:
        stated = differing(entry, now, schemas.FamilyCentreReferralPatch)
        if entry.consent is not None and paper.differs(entry.consent, now["consent"]):
            where = now["centre_id"], now["part_id"]
            stated["consent_id"] = await _signed(visit, entry.consent, now["child_id"], *where)
        if stated:
            with by_hand(visit, self.changes, "updateFamilyCentreReferral"):
                referral = await access.held(visit, now["id"], self.changes)
                await service.change(visit, referral, schemas.FamilyCentreReferralPatch(**stated))
        return bool(stated)

    async def page(self, visit: Visit, selection: Selection, after: UUID | None, limit: int) -> list[Line]:
        """The next referrals that the unit has written and that are not over, each with its look."""
        admit(visit, P.REFERRAL_READ, Subject("referral"), frozenset({Relation.OWN_UNIT}))
        code = selection.municipality_code
        frame = onward(after, limit, **({"municipality_code": code} if code else {}))
        rows = await service.lines(visit.tx, frame, protected_too=selection.include_protected)
        known = await keys.names(visit, self.kind, (row["id"] for row in rows))
        for row in rows:
            child_id = None if row["private"] else row["child_id"]
            look_at(visit, subject_of(row["id"], row["owner_authority_id"], child_id), row)
        return [Line(row["id"], _line(row, known[row["id"]])) for row in rows]


async def _now(visit: Visit, referral_id: UUID, entry: ReferralEntry) -> Row:
    """The record beside which a line is held, seen as whoever wrote it; what cannot change is the same."""
    with by_hand(visit, P.REFERRAL_EDIT, "getFamilyCentreReferral"):
        await access.admitted(visit, referral_id, P.REFERRAL_EDIT)
    now = await service.line_with(visit.tx, referral_id)
    if now is None:
        raise NotFound
    if await keys.referred(visit, RecordKind.CHILD, entry, "child") != now["child_id"]:
        raise FieldIsFixed(field="childSourceId")
    # A receiver may have passed it on: that is theirs to do, and does not come back with a line.
    require_same(entry, now, "private", *(() if now["redirected_from_unit_id"] else ("centre_id", "part_id")))
    if entry.status is ReferralStage.DRAFT and now["status"] != ReferralStatus.DRAFT:
        raise FieldIsFixed(field="status")
    return now


async def _signed(
    visit: Visit, consent: paper.PaperConsent, child_id: UUID, centre_id: UUID, part_id: UUID | None
) -> UUID:
    """The consent to the authority of whoever receives it at the centre; raises what ``at_centre`` does."""
    receiver = await parties.at_centre(visit, centre_id, part_id)
    return await paper.record(visit, consent, child_id, receiver.authority_id)


async def _send(visit: Visit, referral_id: UUID) -> None:
    with by_hand(visit, P.REFERRAL_SEND, "sendFamilyCentreReferral"):
        await service.send(visit, await access.held(visit, referral_id, P.REFERRAL_SEND), None)


def _line(row: Row, known: Key) -> ReferralEntry:
    stage = ReferralStage.DRAFT if row["status"] == ReferralStatus.DRAFT else ReferralStage.SENT
    fields = {**told({**row, "consent_id": None}, ReferralEntry), "status": stage}
    return ReferralEntry(**{**fields, **naming(known), **naming_child(row)})


ADAPTER = _Referrals()
