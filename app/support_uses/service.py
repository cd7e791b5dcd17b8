"""Deeds about the use of support: somebody comes, talks are counted, and it ends."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from app.kernel import circles
from app.kernel.audit import Subject
from app.kernel.calendar import add_months, age_on
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Alternative, Text
from app.kernel.ids import new_id
from app.kernel.spoken_codes import code_hash, new_code
from app.organisations.models import UnknownReference
from app.people import service as people
from app.support_offers import service as support_offers
from app.support_offers.models import IdentityRecording, admits, is_valid
from app.support_uses import repository, schemas
from app.support_uses.models import (
    AgeOutsideOffer,
    AgeRequired,
    MoreThanIsRecorded,
    NoChildForThisOffer,
    NoUseWithThisCode,
    OfferIsNotValid,
    PeriodBackwards,
    RecordedOneByOne,
    SessionAlreadyCounted,
    SupportUse,
    SupportUseStatus,
    UseInTheFuture,
    UseSession,
    WhoIsRequired,
)

_MORE = Text("Fler samtal efter chefens beslut", "More talks by the manager's decision")
_APPLY = Text("Ansök om insats efter behovsprövning", "Apply for support after an assessment of needs")


class Recorded(NamedTuple):
    """What became of somebody's coming: the day that was counted and, where somebody is recorded, the use."""

    on_date: date
    use: SupportUse | None = None
    code: str | None = None


async def record(visit: Visit, offer: Row, body: schemas.SupportUseCreate) -> Recorded:
    """Somebody uses an offer: counted, and recorded only as far as the offer says (R14.4).

    Raises ``OfferIsNotValid``, ``UseInTheFuture``, ``AgeOutsideOffer``, ``AgeRequired``, ``MoreThanIsRecorded``,
    ``WhoIsRequired``, ``NoChildForThisOffer``, ``RecordedOneByOne``, ``UnknownReference``.
    """
    on = _day(visit, body.on_date)
    if not is_valid(offer, on):
        raise OfferIsNotValid
    _require_fitting_identity(offer, body)
    recorded = Recorded(on)
    if offer["identity_recording"] == IdentityRecording.NONE:
        await _require_age(visit, offer, body.age_years)
    else:
        recorded = await _begin(visit, offer, body, on)
    await repository.add_people(visit.tx, new_id(), offer["id"], on, body.people or 1)
    visit.trail.changed(Subject("support_offer", offer["id"]), "uses")
    await visit.tx.session.flush()
    return recorded


def _day(visit: Visit, stated: date | None) -> date:
    today = stockholm_date(visit.now)
    if stated is not None and stated > today:
        raise UseInTheFuture
    return stated or today


def _require_fitting_identity(offer: Row, body: schemas.SupportUseCreate) -> None:
    recording = offer["identity_recording"]
    said = [given for given in (body.child_id, body.first_name) if given is not None]
    if body.people is not None and recording != IdentityRecording.NONE:
        raise RecordedOneByOne
    if body.child_id is not None and (offer["two_parties"] or offer["private_to_person"]):
        raise NoChildForThisOffer
    if said and recording != IdentityRecording.FULL:
        raise MoreThanIsRecorded
    if len(said) != 1 and recording == IdentityRecording.FULL:
        raise WhoIsRequired


async def _begin(visit: Visit, offer: Row, body: schemas.SupportUseCreate, on: date) -> Recorded:
    child = await _child(visit, body.child_id)
    age = _age(child, body, on)
    if age is None and (offer["age_min"] is not None or offer["age_max"] is not None):
        raise AgeRequired
    await _require_age(visit, offer, age)
    code = new_code() if offer["identity_recording"] == IdentityRecording.MINIMAL else None
    use = SupportUse(
        id=new_id(), offer_id=offer["id"], status=SupportUseStatus.ONGOING, child_id=body.child_id,
        code_hash=_hash(visit, code) if code else None, first_name=body.first_name,
        parties=2 if offer["two_parties"] else 1, age_years=age, sessions_used=0,
        sessions_allowed=offer["max_sessions"], started_on=on, created_by=visit.actor.user_id,
        **visit.ownership(offer["unit_municipality_code"]),
    )  # fmt: skip
    await circles.open_circle(visit.tx, use.id)
    visit.tx.session.add(use)
    visit.trail.changed(use.subject, *body.model_fields_set)
    return Recorded(on, use, code)


async def _child(visit: Visit, child_id: UUID | None) -> Row | None:
    """The child, one that the caller's unit has a record of, past its checkpoint."""
    if child_id is None:
        return None
    child = await people.facts(visit.tx, child_id)
    if child is None or child["owner_unit_id"] != visit.actor.unit_id:
        raise UnknownReference(field="childId")
    people.require_checkpoint(visit, child)
    return child


def _age(child: Row | None, body: schemas.SupportUseCreate, on: date) -> int | None:
    born = child["birth_date"] if child else None
    return age_on(born, on) if born is not None and born <= on else body.age_years


async def _require_age(visit: Visit, offer: Row, age: int | None) -> None:
    if age is not None and not admits(offer, age):
        raise AgeOutsideOffer(alternatives=await support_offers.alternatives(visit, offer, age))


def _hash(visit: Visit, code: str) -> str:
    secret = visit.settings.secret.get_secret_value()
    return code_hash(secret, f"support-use|{visit.actor.unit_id}", code)


async def use_of_code(visit: Visit, code: str) -> Row:
    """The use of somebody who comes back and says the code; raises ``NoUseWithThisCode``."""
    visit.asked = Subject("support_use_lookup")
    row = await repository.use_by_code(visit.tx, _hash(visit, code))
    if row is None:
        raise NoUseWithThisCode
    return row


async def count_session(visit: Visit, offer: Row, use: SupportUse, body: schemas.UseSessionCreate) -> None:
    """A talk was held. Raises ``SessionsUsedUp`` with what there is instead (R14.2), ``SessionAlreadyCounted``."""
    on = _day(visit, body.on_date)
    if await repository.has_session(visit.tx, use.id, on):
        raise SessionAlreadyCounted
    use.count_session(on, _instead(offer, use))
    session = UseSession(
        id=new_id(), use_id=use.id, on_date=on, recorded_by=visit.actor.user_id, **use.ownership
    )  # fmt: skip
    visit.tx.session.add(session)
    visit.trail.changed(use.subject, "sessions_used")
    await visit.tx.session.flush()


def _instead(offer: Row, use: SupportUse) -> tuple[Alternative, ...]:
    town = offer["municipality_code"] or offer["unit_municipality_code"]
    place = f"&municipalityCode={town}" if town else ""
    return (
        Alternative(_MORE, f"/support-offers/{offer['id']}/uses/{use.id}/extension", "POST"),
        Alternative(_APPLY, f"/support-offers?decisionType=needs_assessed{place}"),
    )


async def extend(visit: Visit, use: SupportUse, body: schemas.UseExtension) -> None:
    """The manager grants more talks, for a reason that is kept. Raises ``NothingToExtend``."""
    use.extend(body.sessions, body.reason, visit.actor.user_id)
    visit.trail.changed(use.subject, "sessions_allowed", reason=body.reason)
    await visit.tx.session.flush()


async def end(visit: Visit, use: SupportUse, body: schemas.UseEnding) -> None:
    """Whoever came comes no more."""
    use.end(_day(visit, body.on_date))
    visit.trail.changed(use.subject, "status", "ended_on")
    await visit.tx.session.flush()


async def counts(visit: Visit, offer: Row, query: schemas.UseCountQuery, *, own: bool) -> list[Row]:
    """How many used an offer: by day for its own unit; for others by month that is over, from the smallest count up.

    Others are shown whole months only: shifted days would tell small numbers as differences. ``PeriodBackwards``.
    """
    today = stockholm_date(visit.now)
    last = query.to or today
    first = query.from_ or add_months(last, -12)
    if first > last:
        raise PeriodBackwards
    if own:
        return await repository.counts_by_day(visit.tx, offer["id"], first, last)
    last_over = min(add_months(last.replace(day=1), 1), today.replace(day=1)) - timedelta(days=1)
    smallest = visit.settings.smallest_count
    return await repository.counts_by_month(visit.tx, offer["id"], first.replace(day=1), last_over, smallest)
