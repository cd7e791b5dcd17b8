"""What a consent does to a place in the line: it holds it back, lets it in, and takes it out again.

Whatever is done locks the line first (``app.places``), then what rests on the consent: so no two wait in a ring.
"""

from datetime import datetime
from uuid import UUID

from app.consents.models import ConsentSettled, ConsentStatus
from app.kernel.context import Visit
from app.kernel.db import Row, Transaction
from app.kernel.reactions import reacts_to
from app.organisations.models import UnknownReference
from app.places import service as places
from app.places.line import Moving
from app.places.models import IN_LINE, ClaimStatus
from app.queue_consents import repository
from app.queue_consents.models import ConsentDoesNotFit, Ground, QueueConsent, QueueConsentState, opens_the_line

S = QueueConsentState
_STATES = {
    ConsentStatus.REQUESTED: S.REQUESTED,
    ConsentStatus.GIVEN: S.GIVEN,
    ConsentStatus.REFUSED: S.REFUSED,
    ConsentStatus.WITHDRAWN: S.WITHDRAWN,
}


async def ground_of(visit: Visit, consent_id: UUID, child_id: UUID, person_key: UUID, authority_id: UUID) -> Ground:
    """A consent about the child for the group's authority, asked for or in force now.

    Raises ``UnknownReference`` for one that the caller does not see, ``ConsentDoesNotFit``.
    """
    consent = await repository.consent(visit.tx, consent_id)
    if consent is None:
        raise UnknownReference(field="consentId")
    same = consent["child_id"] == child_id or consent["person_key"] == person_key
    asked = consent["status"] in (ConsentStatus.REQUESTED, ConsentStatus.GIVEN)
    if not (same and asked and consent["valid_from"] <= visit.now < consent["valid_to"]):
        raise ConsentDoesNotFit
    if not _lets_know(consent, authority_id):
        raise ConsentDoesNotFit
    return Ground(consent_id, _STATES[ConsentStatus(consent["status"])], consent["valid_to"])


def _lets_know(consent: Row, authority_id: UUID) -> bool:
    return authority_id in consent["receiving_authority_ids"] and opens_the_line(consent["categories"])


async def state_of(tx: Transaction, entry_id: UUID) -> QueueConsentState | None:
    """Where the consent stands that an entry rests on; none when it rests on none."""
    resting = await repository.record(tx, entry_id)
    return None if resting is None else QueueConsentState(resting.state)


async def rest_on(moving: Moving, entry_id: UUID, ground: Ground) -> None:
    """An entry rests on a consent from now on; given, it lets in whoever was held back for it.

    Raises ``ConsentDoesNotFit`` when one that was given would make room for one that is only asked for.
    """
    status = await places.status_of(moving, entry_id)
    resting = await repository.record(moving.tx, entry_id)
    if resting is None:
        resting = QueueConsent(entry_id=entry_id)
        moving.tx.session.add(resting)
    elif resting.state == S.GIVEN and resting.valid_until > moving.at and ground.state is not S.GIVEN:
        raise ConsentDoesNotFit
    resting.consent_id = ground.consent_id
    resting.become(ground.state, ground.valid_until)
    await _follow(moving, resting, status)


async def rest_on_nothing(moving: Moving, entry_id: UUID) -> None:
    """An entry needs no consent after all: it stays, whatever becomes of the one it had; held back, it goes in."""
    status = await places.status_of(moving, entry_id)
    resting = await repository.record(moving.tx, entry_id)
    if resting is not None:
        await moving.tx.session.delete(resting)
        await moving.tx.session.flush()
    if status is ClaimStatus.HELD_BACK:
        await places.release(moving, entry_id)


async def _follow(moving: Moving, resting: QueueConsent, status: ClaimStatus) -> None:
    """What a claim does when its consent has come to something. Whoever has a place keeps it."""
    await moving.tx.session.flush()
    if resting.state == S.GIVEN and status is ClaimStatus.HELD_BACK:
        await places.release(moving, resting.entry_id)
    elif resting.state not in (S.REQUESTED, S.GIVEN) and status in IN_LINE:
        await places.withdraw(moving, resting.entry_id)


@reacts_to(ConsentSettled)
async def consent_settled(visit: Visit, happening: ConsentSettled) -> None:
    """Given: the child stands in line. Refused or taken back: it stands there no longer, in this instant (R4.6)."""
    named = {happening.consent_id}
    if happening.status == ConsentStatus.GIVEN and happening.supersedes_id is not None:
        named.add(happening.supersedes_id)
    found = await repository.resting_on(visit.tx, list(named))
    consent = await repository.consent(visit.tx, happening.consent_id) if found else None
    if consent is None:
        return
    moving = Moving.of(visit)
    for row in found:
        status = await places.status_of(moving, row["entry_id"])
        resting = await repository.record(visit.tx, row["entry_id"])
        if resting is None:
            continue
        given = happening.status == ConsentStatus.GIVEN
        narrower = given and not _lets_know(consent, row["authority_id"])
        resting.consent_id = happening.consent_id
        resting.become(S.WITHDRAWN if narrower else _STATES[ConsentStatus(happening.status)], consent["valid_to"])
        await _follow(moving, resting, status)


async def entries_on(tx: Transaction, consent_id: UUID) -> list[UUID]:
    """The entries that rest on a consent, seen or not."""
    return [row["entry_id"] for row in await repository.resting_on(tx, [consent_id])]


async def settle(moving: Moving, group_id: UUID) -> None:
    """Let what time has done in a group's line be done: offers that are over go on, and so do those without consent."""
    await places.expire_due(moving, group_id)
    for entry_id in await repository.lapsed(moving.tx, moving.at, group_id):
        await lapse(moving, entry_id)


async def lapse(moving: Moving, entry_id: UUID) -> None:
    """The consent has ended, and acts as if it were taken back (R4.7)."""
    time_itself = moving._replace(by=None)
    status = await places.status_of(time_itself, entry_id)
    resting = await repository.record(moving.tx, entry_id)
    if resting is not None:
        resting.become(S.EXPIRED, resting.valid_until)
        await _follow(time_itself, resting, status)


async def lapsed(tx: Transaction, at: datetime) -> list[UUID]:
    """Who stands in a line although the consent has ended, and nobody has noticed."""
    return await repository.lapsed(tx, at)
