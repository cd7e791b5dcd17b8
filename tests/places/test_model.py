"""The line and its places against a model of them in plain Python: a list, a sort, and what the rules say.

Random sequences of deeds are played on both. After each of them every status, every seat, every open offer with its
last instant and the order of the line agree, and so does the name of whatever was refused.
"""

import copy
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.kernel.db import Prepared
from app.kernel.errors import Problem
from app.kernel.http.door import Kernel
from app.places import repository
from app.places import service as places
from app.places.line import Moving
from app.places.models import LIVE, PlaceClaim, PlaceOffer, Priority

pytestmark = pytest.mark.database

POOL = UUID(int=1)
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAYS = 10
Step = tuple[Any, ...]
#: The deeds, the likelier the oftener they stand here.
DEEDS = ["join", "join", "join", "offer", "accept", "decline", "decline", "withdraw", "withdraw", "leave", "return",
         "release", "place", "prioritise", "wait", "wait", "job", "pause", "reopen", "reopen", "resize"]  # fmt: skip
#: From which states a deed is possible, and what it makes of them.
STEPS = {
    "release": (["held_back"], "waiting"), "withdraw": (["held_back", "waiting", "offered"], "withdrawn"),
    "leave": (["taken"], "left"), "return": (["declined", "expired", "withdrawn"], "waiting"),
    "offer": (["waiting"], "offered"), "place": (["waiting"], "taken"), "prioritise": (["waiting"], "waiting"),
    "accept": (["offered"], "taken"), "decline": (["offered"], "declined"),
}  # fmt: skip


class Refused(Exception):
    """The model says no, by the name of the problem."""


@dataclass
class Wish:
    """Somebody who wants a place, as the model keeps it."""

    number: int
    person: int
    priority: int
    asked: datetime
    status: str
    offers: list[list[Any]] = field(default_factory=list)  # [how it ended or "open", last instant]


@dataclass
class Model:
    """The rules once more, told without a database."""

    size: int
    automatic: bool
    now: datetime = T0
    offering: bool = True
    wishes: list[Wish] = field(default_factory=list)

    @property
    def line(self) -> list[Wish]:
        waiting = [wish for wish in self.wishes if wish.status == "waiting"]
        return sorted(waiting, key=lambda wish: (-wish.priority, wish.asked, wish.number))

    @property
    def free(self) -> int:
        return self.size - sum(wish.status in ("offered", "taken") for wish in self.wishes)

    def give_next(self, at_most: int) -> None:
        while at_most and self.offering and self.free and self.line:
            self.make_offer(self.line[0])
            at_most -= 1

    def make_offer(self, wish: Wish) -> None:
        wish.status = "offered"
        wish.offers.append(["open", self.now + timedelta(days=DAYS)])

    def end_offer(self, wish: Wish, how: str) -> None:
        wish.offers[-1][0] = how

    def is_over(self, wish: Wish) -> bool:
        return wish.status == "offered" and wish.offers[-1][1] <= self.now

    def settle(self) -> None:
        """Whatever has expired goes on, one for one."""
        over = [wish for wish in self.wishes if self.is_over(wish)]
        for wish in over:
            wish.status = "expired"
            self.end_offer(wish, "expired")
        self.give_next(len(over))

    def play(self, step: Step) -> str | None:
        """Do it, or change nothing and say why not."""
        before = copy.deepcopy(self.__dict__)
        try:
            self.settle()
            freed = self.do(*step)
        except Refused as refused:
            self.__dict__.update(before)
            return str(refused)
        self.give_next(freed)
        if self.automatic:
            self.give_next(len(self.wishes))
        return None

    def do(self, deed: str, *given: Any) -> int:
        """One deed; answers how many offers became free by it."""
        if deed == "join":
            person, priority, hours, held = given
            self.only_one(person)
            asked = self.now - timedelta(hours=hours)
            status = "held_back" if held else "waiting"
            self.wishes.append(Wish(len(self.wishes), person, priority, asked, status))
        elif deed in ("pause", "reopen"):
            self.offering = deed == "reopen"
        elif deed == "resize":
            if self.size - self.free > given[0]:
                raise Refused("PlacesAreTaken")
            self.size = given[0]
        elif deed != "job":
            wish = self.wishes[given[0]]
            return self.with_wish(deed, wish, *given[1:])
        return 0

    def with_wish(self, deed: str, wish: Wish, *given: Any) -> int:
        if deed in ("accept", "decline"):
            how = wish.offers[-1][0]
            if how != "open":
                raise Refused("OfferHasExpired" if how == "expired" else "OfferIsConcluded")
            self.end_offer(wish, deed)
            wish.status = "taken" if deed == "accept" else "declined"
            return 0 if deed == "accept" else 1
        if deed in ("offer", "place"):
            self.require_seat(wish, skipping=given[0])
        allowed, after = STEPS[deed]
        if wish.status not in allowed:
            raise Refused("ImpossibleInThisState")
        if deed == "return":
            self.only_one(wish.person)
        freed = int(deed == "withdraw" and wish.status == "offered")
        if freed:
            self.end_offer(wish, "withdrawn")
        wish.status = after
        if deed == "offer":
            self.make_offer(wish)
        if deed == "prioritise":
            wish.priority = given[0]
        return freed

    def require_seat(self, wish: Wish, *, skipping: bool) -> None:
        if not self.offering:
            raise Refused("NoPlacesOffered")
        if not self.free:
            raise Refused("NoPlaceFree")
        if wish.status == "waiting" and self.line[0] is not wish and not skipping:
            raise Refused("OthersWaitLonger")

    def only_one(self, person: int) -> None:
        if any(wish.person == person and wish.status in LIVE for wish in self.wishes):
            raise Refused("AlreadyInLine")


class Engine:
    """The same deeds on the program."""

    def __init__(self, moving: Moving, kernel: Kernel) -> None:
        self.moving, self.kernel, self.joined = moving, kernel, 0

    @property
    def tx(self) -> Any:
        return self.moving.tx

    async def now(self, at: datetime) -> None:
        """It is that instant, for deeds and for whoever reads."""
        self.moving = self.moving._replace(at=at)
        signed = self.kernel.signer.sign(None, None, None, at)
        await self.tx.rows("select set_config('tillsammans.context', %s, true)", [signed])

    async def play(self, step: Step) -> str | None:
        """Do it, or take it back and say why not, as a request does."""
        try:
            async with self.tx.session.begin_nested():
                await self.do(*step)
                await self.tx.session.flush()
        except Problem as problem:
            return type(problem).__name__
        except IntegrityError as caught:
            return Problem.by_constraint[caught.orig.diag.constraint_name].__name__  # type: ignore[union-attr]
        self.joined += step[0] == "join"
        return None

    async def do(self, deed: str, *given: Any) -> None:
        if deed == "join":
            person, priority, hours, held = given
            await places.join(
                self.moving, POOL, UUID(int=100 + self.joined), holder=UUID(int=person), held_back=held,
                priority=list(Priority)[priority], requested_at=self.moving.at - timedelta(hours=hours),
            )  # fmt: skip
        elif deed in ("pause", "reopen"):
            await places.configure(self.moving, POOL, offering=deed == "reopen")
        elif deed == "resize":
            await places.configure(self.moving, POOL, capacity=given[0])
        elif deed == "job":
            for pool in await places.pools_due(self.tx, self.moving.at):
                await places.expire_due(self.moving, pool)
        else:
            await self.with_claim(deed, UUID(int=100 + given[0]), *given[1:])

    async def with_claim(self, deed: str, claim: UUID, *given: Any) -> None:
        plain: dict[str, Callable[[Moving, UUID], Awaitable[object]]] = {
            "release": places.release, "withdraw": places.withdraw, "leave": places.leave,
            "return": places.return_to_line, "accept": places.accept, "decline": places.decline,
        }  # fmt: skip
        if deed in ("accept", "decline"):
            claim = (await places.offers_of(self.tx, claim))[0]["id"]
        if deed == "prioritise":
            await places.prioritise(self.moving, claim, list(Priority)[given[0]])
        elif deed in ("offer", "place"):
            await (places.offer if deed == "offer" else places.place)(self.moving, claim, skipping=given[0])
        else:
            await plain[deed](self.moving, claim)


_SEEN = Prepared(
    select(
        PlaceClaim.status, repository.EFFECTIVE_STATUS.label("shown"), PlaceClaim.seat, repository.RANK.label("rank"),
        PlaceOffer.expires_at,
    )
    .outerjoin(PlaceOffer, (PlaceOffer.claim_id == PlaceClaim.id) & (PlaceOffer.status == "open"))
    .where(PlaceClaim.pool_id == POOL)
    .order_by(PlaceClaim.id)
)  # fmt: skip


async def agree(engine: Engine, model: Model) -> None:
    """Everything that can be seen of the line is the same in both."""
    rows, line = await engine.tx.all(_SEEN), model.line
    assert [row["status"] for row in rows] == [wish.status for wish in model.wishes]
    assert [row["shown"] for row in rows] == [
        "expired" if model.is_over(wish) else wish.status for wish in model.wishes
    ]
    assert [row["rank"] for row in rows] == [line.index(wish) + 1 if wish in line else None for wish in model.wishes]
    offered = [wish.offers[-1][1] if wish.status == "offered" else None for wish in model.wishes]
    assert [row["expires_at"] for row in rows] == offered
    seats = [row["seat"] for row in rows if row["seat"] is not None]
    taken = sum(wish.status == "taken" for wish in model.wishes)
    assert len(seats) == len(set(seats)) == model.size - model.free <= model.size
    pool = await places.pool_of(engine.tx, POOL)
    assert pool is not None
    over = sum(model.is_over(wish) for wish in model.wishes)
    counts = (model.size, taken, model.size - model.free - taken - over, model.free + over, len(line))
    assert tuple(pool[name] for name in ("capacity", "taken", "offered", "free", "waiting")) == counts


def next_step(dice: Random, deed: str, model: Model) -> Step | None:
    """A step with somebody who is there: mostly one whom it suits, now and then anybody at all."""
    if deed == "join":
        held = dice.random() < 0.15
        return (deed, dice.randrange(12), dice.choice([0, 0, 0, 1, 2]), dice.randrange(4), held)
    if deed in ("wait", "resize"):
        return (deed, dice.choice([1, 6, DAYS, 13]) if deed == "wait" else dice.randrange(5))
    if deed not in STEPS:
        return (deed,)
    suited = [wish for wish in model.wishes if wish.status in STEPS[deed][0]]
    wish = dice.choice(suited if suited and dice.random() < 0.8 else model.wishes)
    if deed in ("accept", "decline"):
        return (deed, wish.number) if wish.offers else None
    told = {"offer": dice.random() < 0.4, "place": dice.random() < 0.4, "prioritise": dice.randrange(3)}
    return (deed, wish.number, *([told[deed]] if deed in told else []))


@pytest.mark.rule("R11.1")
@pytest.mark.rule("R11.4")
@pytest.mark.rule("R11.5")
@pytest.mark.parametrize("automatic", [True, False], ids=["by itself", "by hand"])
@given(dice=st.randoms(use_true_random=True))
@settings(max_examples=12, phases=[Phase.generate])
async def test_the_line_does_what_the_rules_say(kernel: Kernel, automatic: bool, dice: Random) -> None:
    size = dice.randrange(1, 4)
    async with kernel.database.transaction(write=True) as tx:
        engine, model = Engine(Moving(tx, T0), kernel), Model(size, automatic)
        await engine.now(T0)
        await places.open_pool(engine.moving, POOL, capacity=size, offer_days=DAYS, automatic=automatic, offering=True)
        for deed in ["join"] * (size + 2) + dice.choices(DEEDS, k=20):
            step = next_step(dice, deed, model)
            if step is None:
                continue
            if deed == "wait":
                model.now += timedelta(days=step[1])
                await engine.now(model.now)
            else:
                assert await engine.play(step) == model.play(step), step
            await agree(engine, model)
        await tx.rollback()
