"""Deeds about matters, and what other packages may ask of them: bring one, correct, discuss and close it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from app.cases.service import own_category
from app.consents.models import ConsentSettled
from app.corrections import service as corrections
from app.kernel import circles
from app.kernel.audit import Subject
from app.kernel.calendar import end_of_day
from app.kernel.circles import FOREVER, Basis
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.deadlines import meet, set_deadline
from app.kernel.ids import new_id
from app.kernel.reactions import reacts_to
from app.kernel.shapes import In
from app.nameless import require_nameless
from app.npf_matters import repository, schemas
from app.npf_matters.models import (
    MatterInOneMode,
    MattersStillOpen,
    NpfMatter,
    NpfMatterStatus,
    TeamNotOperative,
    consents_by_authority,
    happened_on,
)
from app.npf_teams import service as teams
from app.npf_teams.models import NpfTeamEnds, NpfTeamStatus, require_no_diagnosis
from app.organisations.models import UnknownReference
from app.people import service as people

REVIEW = "npf_matter_review"
PRACTICE = "12.13: uppföljning som teamet har avtalat, overifierad / review that the team has agreed on, unverified"
_TEXTS = ("question", "needs_and_functioning")


class _Ground(NamedTuple):
    """What lets a unit of the team in, and until when."""

    unit_id: UUID
    authority_id: UUID
    basis: Basis
    basis_id: UUID
    until: datetime


async def units_inside(tx: Transaction, matter_id: UUID) -> set[UUID]:
    """The units in a matter's circle, the one that brought it among them."""
    return await repository.units_inside(tx, matter_id)


async def bring(visit: Visit, team: Row, body: schemas.NpfMatterCreate) -> UUID:
    """A matter is brought to the team: its circle is the bringer's, and open to the units of the team as it is now.

    Raises ``TeamNotOperative``, ``MatterInOneMode``, ``TextNamesSomebody``, ``DiagnosisCodeNotKept``,
    ``UnknownReference``, ``ConsentMustCoverAllSectors`` and, of a protected child, ``CheckpointRequired``.
    """
    if team["status"] != NpfTeamStatus.OPERATIVE:
        raise TeamNotOperative
    require_impersonal(body.anonymous, body)
    child = await _child(visit, body)
    matter = NpfMatter(
        id=new_id(), team_id=team["id"], status=NpfMatterStatus.BROUGHT, brought_at=visit.now,
        brought_by=visit.actor.user_id, child_given_name=child and child["given_name"],
        shielded=child is not None and child["protected_identity"] != "none",
        consent_ids=list(dict.fromkeys(body.consent_ids)), **visit.ownership(team["municipality_code"]),
        **body.model_dump(exclude={"consent_ids"}),
    )  # fmt: skip
    grounds = await _grounds(visit, matter)
    await circles.open_circle(visit.tx, matter.id)
    await _let_in(visit, matter, grounds)
    visit.tx.session.add(matter)
    visit.trail.changed(matter.subject, *body.model_fields_set)
    await visit.tx.session.flush()
    return matter.id


async def _child(visit: Visit, body: schemas.NpfMatterCreate) -> Row | None:
    """The child that it is about, past its checkpoint; none of an anonymous consultation."""
    about = body.child_id is not None and bool(body.consent_ids) and body.age_band is None
    about_nobody = body.child_id is None and not body.consent_ids and body.age_band is not None
    if not (about_nobody if body.anonymous else about):
        raise MatterInOneMode
    if body.child_id is None:
        return None
    child = await people.facts(visit.tx, body.child_id)
    if child is None:
        raise UnknownReference(field="childId")
    people.require_checkpoint(visit, child)
    return child


async def _grounds(visit: Visit, matter: NpfMatter) -> list[_Ground]:
    """Whom of the team it is opened to: by consent (R13.3), within the authority, or because nobody is named."""
    members = await teams.members_now(visit.tx, matter.team_id)
    units = {row["unit_id"]: row["authority_id"] for row in members if row["unit_id"] != matter.owner_unit_id}
    if matter.anonymous or matter.child_id is None:
        return [_Ground(unit, authority, "disclosure", matter.id, FOREVER) for unit, authority in units.items()]
    consents = await _consents(visit, matter.consent_ids, matter.child_id)
    bases = consents_by_authority(members, matter.owner_authority_id, consents)
    if len(consents) < len(matter.consent_ids):
        raise UnknownReference(field="consentIds")
    until = min(row["valid_to"] for row in consents)
    found = []
    for unit, authority in units.items():
        if authority == matter.owner_authority_id:
            found.append(_Ground(unit, authority, "authority", matter.id, until))
        elif authority in bases:
            found.append(_Ground(unit, authority, "consent", bases[authority], until))
    return found


async def _consents(visit: Visit, ids: Sequence[UUID], child_id: UUID) -> list[Row]:
    """Those in force that open what the caller's own sector knows."""
    own = own_category(visit)
    return [row for row in await repository.consents_in_force(visit.tx, ids, child_id) if own in row["categories"]]


async def _let_in(visit: Visit, matter: NpfMatter, grounds: Sequence[_Ground]) -> None:
    for unit_id in await repository.units_inside(visit.tx, matter.id) - {matter.owner_unit_id}:
        await circles.leave(visit.tx, matter.id, unit_id)
    for ground in grounds:
        await circles.join(visit.tx, matter.id, ground.unit_id, ground.authority_id, "member")
        await circles.grant(
            visit.tx, matter.id, ground.unit_id, [], valid_from=visit.now, valid_until=ground.until,
            basis=ground.basis, basis_id=ground.basis_id,
        )  # fmt: skip


async def correct(visit: Visit, matter: NpfMatter, body: schemas.NpfMatterPatch, *, readable: bool) -> None:
    """The bringer's unit corrects it; what it said is kept (R3.8). New consents let in the team as it is now.

    Raises ``MatterClosedToTeam``, ``MatterInOneMode``, ``ConsentMustCoverAllSectors`` and what its texts raise.
    """
    stated = body.model_dump(exclude_unset=True, exclude={"correction_reason"})
    matter.step("edit", readable=readable or "consent_ids" in stated)
    require_impersonal(matter.anonymous, body)
    replaced = tuple(name for name in _TEXTS if name in stated)
    if replaced:
        corrections.keep_earlier(visit, matter.id, "npf_matter", matter, body.correction_reason or "–", replaced)
    matter.apply(stated)
    if "consent_ids" in stated:
        if matter.anonymous:
            raise MatterInOneMode
        await _let_in(visit, matter, await _grounds(visit, matter))
    visit.trail.changed(matter.subject, *stated, reason=body.correction_reason)
    await visit.tx.session.flush()


async def discuss(visit: Visit, matter: NpfMatter, body: schemas.NpfMatterDiscussion, *, readable: bool) -> None:
    """The team has met about it. Raises ``DayNotYetCome``, ``ReviewMustLieAhead``."""
    matter.step("discuss", readable=readable)
    matter.discussed_on = happened_on(body.discussed_on, stockholm_date(visit.now))
    await plan_review(visit, matter, body.next_review_on)
    visit.trail.changed(matter.subject, "status", "discussed_on", "next_review_on")
    await visit.tx.session.flush()


async def plan_review(visit: Visit, matter: NpfMatter, on: date | None) -> None:
    """An earlier day is done with; a new one is due of the unit that brought it, unless nobody is named."""
    matter.plan_review(on, stockholm_date(visit.now))
    await meet(visit.tx, matter.id, visit.now, REVIEW)
    if on is not None and not matter.anonymous:
        set_deadline(
            visit, matter.subject, code=REVIEW, due_at=end_of_day(on), start_event="review agreed",
            legal_basis=PRACTICE, owner=matter.ownership,
        )  # fmt: skip


async def close(visit: Visit, matter: NpfMatter, body: schemas.NpfMatterClosure) -> None:
    """The matter is over; those who could read it still can, as long as the consent lasts."""
    require_impersonal(matter.anonymous, body)
    matter.close(body.reason, body.note, visit.now)
    visit.trail.changed(matter.subject, "status", "closed_at", "close_reason", "close_note")
    await visit.tx.session.flush()
    await meet(visit.tx, matter.id, visit.now)


@reacts_to(ConsentSettled)
async def consent_settled(visit: Visit, happening: ConsentSettled) -> None:
    """What rests on a consent ends with it, whoever withdraws it; a superseded one closes the team's access (R4.6)."""
    for consent_id in filter(None, (happening.consent_id, happening.supersedes_id)):
        for matter_id in await repository.end_matters_of(visit.tx, consent_id):
            visit.trail.changed(
                Subject("npf_matter", matter_id, matter_id), "status", "closed_at", action="npf_matter:consent_ended"
            )


@reacts_to(NpfTeamEnds)
async def team_ends(visit: Visit, happening: NpfTeamEnds) -> None:
    """A team ends when its matters are closed. Raises ``MattersStillOpen``."""
    if await repository.has_open(visit.tx, happening.team_id):
        raise MattersStillOpen


def require_impersonal(anonymous: bool, body: In) -> None:
    """No text holds a diagnosis code (R13.4), and those of an anonymous consultation point nobody out (R13.3)."""
    texts = body.model_dump(exclude_unset=True)
    if anonymous:
        require_nameless(texts)
    require_no_diagnosis(texts)
