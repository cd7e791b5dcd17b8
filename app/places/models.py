"""Pools of places, the claims that stand in line for them, and offers. ``domain.md`` 12.11 (R11.1, R11.4, R11.5).

A claim knows nobody. It is an id, a time and a priority; who it stands for is told by a record behind the wall that has
the same id. Whatever moves in a pool is done while its row is locked, and a seat is held by one claim at most: that no
pool is overbooked is the database's own doing (``docs/decisions/0010``).
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.db import Base
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow

_INSTANT = TIMESTAMP(timezone=True)


class ClaimStatus(Coded):
    """Where somebody stands who wants a place."""

    HELD_BACK = "held_back", "Väntar på samtycke", "Waiting for consent"
    WAITING = "waiting", "I kö", "In line"
    OFFERED = "offered", "Erbjuden plats", "Offered a place"
    TAKEN = "taken", "Har plats", "Has a place"
    DECLINED = "declined", "Tackat nej", "Declined"
    EXPIRED = "expired", "Erbjudandet gick ut", "The offer expired"
    WITHDRAWN = "withdrawn", "Återkallad", "Withdrawn"
    LEFT = "left", "Platsen är avslutad", "The place has ended"


class OfferStatus(Coded):
    """Where an offer stands."""

    OPEN = "open", "Väntar på svar", "Waiting for an answer"
    ACCEPTED = "accepted", "Antaget", "Accepted"
    DECLINED = "declined", "Avböjt", "Declined"
    EXPIRED = "expired", "Gick ut", "Expired"
    WITHDRAWN = "withdrawn", "Återtaget", "Withdrawn"


class Priority(Coded):
    """How urgent a claim is; within one priority the earlier request comes first (R11.4)."""

    ORDINARY = "ordinary", "Ordinarie", "Ordinary"
    RAISED = "raised", "Förhöjd", "Raised"
    URGENT = "urgent", "Brådskande", "Urgent"

    @property
    def weight(self) -> int:
        """What the line is ordered by, highest first."""
        return list(Priority).index(self)


class PlaceMoveKind(Coded):
    """What moved in a pool: together the moves explain every place afterwards."""

    JOINED = "joined", "Ställdes i kö", "Joined the line"
    RELEASED = "released", "Samtycke finns", "Consent is given"
    PRIORITISED = "prioritised", "Fick annan prioritet", "Got another priority"
    OFFERED = "offered", "Erbjöds plats", "Was offered a place"
    ACCEPTED = "accepted", "Tackade ja", "Accepted"
    DECLINED = "declined", "Tackade nej", "Declined"
    EXPIRED = "expired", "Erbjudandet gick ut", "The offer expired"
    PLACED = "placed", "Fick plats genom beslut", "Was given a place by decision"
    WITHDRAWN = "withdrawn", "Återkallades", "Was withdrawn"
    RETURNED = "returned", "Kom tillbaka i kön", "Came back into the line"
    LEFT = "left", "Lämnade platsen", "Left the place"
    RESIZED = "resized", "Antalet platser ändrades", "The number of places changed"
    OPENED = "opened", "Platser erbjuds", "Places are offered"
    CLOSED = "closed", "Inga platser erbjuds", "No places are offered"


class NoPlaceFree(Conflict):
    """R11.1: never more than there are places for."""

    title = Words("Ingen plats är ledig", "No place is free")
    detail = Words("Alla platser är upptagna eller erbjudna.", "Every place is taken or offered.")


class OthersWaitLonger(Conflict):
    """R11.4: priority, then the time of the request; to go past somebody needs a reason."""

    title = Words("Andra står före i kön", "Others are ahead in the line")
    detail = Words("Ange skipReason för att gå förbi dem.", "State skipReason to go past them.")


class OfferHasExpired(Conflict):
    """R11.5: after its last instant an offer is nobody's."""

    title = Words("Erbjudandet har gått ut", "The offer has expired")
    detail = Words("Platsen går till nästa i kön.", "The place goes to the next in line.")


class OfferIsConcluded(Conflict):
    """An offer is answered once."""

    title = Words("Erbjudandet är redan besvarat", "The offer has been answered already")
    detail = Words("Det kan inte besvaras igen.", "It cannot be answered again.")


class PlacesAreTaken(Conflict):
    """Nobody loses a place because there are to be fewer."""

    title = Words("Platserna är upptagna", "The places are taken")
    detail = Words(
        "Antalet platser kan inte bli mindre än de som är upptagna eller erbjudna.",
        "There cannot be fewer places than those that are taken or offered.",
    )


class NoPlacesOffered(Conflict):
    """A pool that is planned, paused or ended offers nothing."""

    title = Words("Inga platser erbjuds nu", "No places are offered now")
    detail = Words("Verksamheten är planerad, pausad eller avslutad.", "It is planned, paused or ended.")


class AlreadyInLine(Conflict):
    """One claim for each in one pool."""

    title = Words("Står redan i kön", "Already in the line")
    detail = Words("Det finns redan en pågående anmälan eller plats.", "There is a request or a place already.")
    constraint = "uq_place_claims_holder"


S = ClaimStatus
CLAIM_FLOW = Workflow(
    {
        (S.HELD_BACK, "release"): S.WAITING,
        (S.HELD_BACK, "withdraw"): S.WITHDRAWN,
        (S.WAITING, "offer"): S.OFFERED,
        (S.WAITING, "place"): S.TAKEN,
        (S.WAITING, "prioritise"): S.WAITING,
        (S.WAITING, "withdraw"): S.WITHDRAWN,
        (S.OFFERED, "accept"): S.TAKEN,
        (S.OFFERED, "decline"): S.DECLINED,
        (S.OFFERED, "expire"): S.EXPIRED,
        (S.OFFERED, "withdraw"): S.WITHDRAWN,
        (S.TAKEN, "leave"): S.LEFT,
        (S.DECLINED, "return"): S.WAITING,
        (S.EXPIRED, "return"): S.WAITING,
        (S.WITHDRAWN, "return"): S.WAITING,
    }
)

#: A holder has one claim at a time in one of these.
LIVE = (S.HELD_BACK, S.WAITING, S.OFFERED, S.TAKEN)
#: Where somebody has no place yet and may get one.
IN_LINE = (S.HELD_BACK, S.WAITING, S.OFFERED)


class PlacePool(Base):
    """So many places for a contact group or an activity, whose id it has; ``automatic`` offers a free one at once."""

    __tablename__ = "place_pools"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    offer_days: Mapped[int] = mapped_column(SmallInteger)
    automatic: Mapped[bool]
    open: Mapped[bool]
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}


class PlaceSeat(Base):
    """One place of a pool: it exists as long as the pool has it, and is held by one claim at most."""

    __tablename__ = "place_seats"

    pool_id: Mapped[UUID] = mapped_column(ForeignKey("place_pools.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)


class PlaceClaim(Base):
    """Somebody in line, or with a place; who it is stands behind the wall."""

    __tablename__ = "place_claims"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("place_pools.id"))
    holder: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(SmallInteger)
    requested_at: Mapped[datetime] = mapped_column(_INSTANT)
    seat: Mapped[int | None] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (ForeignKeyConstraint(["pool_id", "seat"], ["place_seats.pool_id", "place_seats.number"]),)

    def step(self, deed: str, seat: int | None = None) -> None:
        """Take a step; a claim holds a seat exactly while it is offered or taken. Raises ``ImpossibleInThisState``."""
        CLAIM_FLOW.go(self, deed)
        if deed != "accept":
            self.seat = seat


class PlaceOffer(Base):
    """A place offered to a claim until an instant (erbjudande)."""

    __tablename__ = "place_offers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("place_pools.id"))
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("place_claims.id"))
    rank: Mapped[int] = mapped_column(SmallInteger)
    made_at: Mapped[datetime] = mapped_column(_INSTANT)
    expires_at: Mapped[datetime] = mapped_column(_INSTANT)
    status: Mapped[str] = mapped_column(Text)
    concluded_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index(None, "claim_id", "id"),)

    def conclude(self, outcome: OfferStatus, at: datetime) -> None:
        """Answered, expired or taken back. Raises ``OfferIsConcluded``, ``OfferHasExpired`` for an answer too late."""
        if self.status != OfferStatus.OPEN:
            raise OfferHasExpired if self.status == OfferStatus.EXPIRED else OfferIsConcluded
        if at >= self.expires_at and outcome in (OfferStatus.ACCEPTED, OfferStatus.DECLINED):
            raise OfferHasExpired
        self.status, self.concluded_at = outcome, at


class PlaceMove(Base):
    """What moved, when, and where the claim stood in the line then (``rank`` of ``waiting``)."""

    __tablename__ = "place_moves"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("place_pools.id"))
    claim_id: Mapped[UUID | None] = mapped_column(ForeignKey("place_claims.id"))
    move: Mapped[str] = mapped_column(Text)
    moved_at: Mapped[datetime] = mapped_column(_INSTANT)
    moved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    seat: Mapped[int | None] = mapped_column(SmallInteger)
    rank: Mapped[int | None] = mapped_column(SmallInteger)
    waiting: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (Index(None, "pool_id", "id"), Index(None, "claim_id", "id"))


def until(made_at: datetime, days: int) -> datetime:
    """When an offer that is made now expires: so many whole days later, whenever it was made (R11.5)."""
    return made_at + timedelta(days=days)


def holder_of(secret: str, pool_id: UUID, key: UUID) -> UUID:
    """What a claim remembers of its holder: the same for one holder in one pool, and nothing to anybody else."""
    return UUID(bytes=hmac.digest(secret.encode(), b"place-holder" + pool_id.bytes + key.bytes, hashlib.sha256)[:16])
