"""A new child and those around it: built by the rules, looked at beside the others, and written together.

One child is many of which there is one, so that what is done by hand and what comes in a file cannot differ.
"""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.guardians import service as guardians
from app.guardians.models import GuardianPerson, Guardianship
from app.kernel import circles
from app.kernel.circles import FamilyMember
from app.kernel.context import Visit
from app.kernel.db import Base
from app.kernel.errors import AlreadyExists, Problem, attempt, made
from app.kernel.ids import new_id
from app.newcomers import schemas
from app.organisations import service as organisations
from app.people import service as people
from app.people.models import Child


class NewFamily(NamedTuple):
    """A new child and those around it, not yet written."""

    newcomer: people.Newcomer
    persons: list[GuardianPerson]
    periods: list[Guardianship]

    @property
    def child(self) -> Child:
        """The child."""
        return self.newcomer.child

    @property
    def records(self) -> list[Base]:
        """Everything to write."""
        child, details, identifiers = self.newcomer
        return [child, details, *identifiers, *self.persons, *self.periods]

    def members(self, at: datetime) -> list[FamilyMember]:
        """Who of them stands in the child's circle."""
        keys = {person.id: person.person_key for person in self.persons}
        periods = ({**vars(period), "person_key": keys[period.person_id]} for period in self.periods)
        return guardians.family(vars(self.child), periods, at)


async def create_child(visit: Visit, body: schemas.ChildCreate) -> UUID:
    """A new child with what is known of it and of those around it, in one go (R2.2, R2.8)."""
    (outcome,) = await create_children(visit, [body])
    return made(outcome)


async def create_children(visit: Visit, bodies: Sequence[schemas.ChildCreate]) -> list[UUID | Problem]:
    """New children, each or the problem with it: what cannot be made leaves nothing behind, the others stand.

    A constraint that is violated all the same, by what somebody else has made meanwhile or what is not seen from here,
    is no problem of one child: nothing is made.
    """
    municipalities = await organisations.municipality_codes(visit.tx)
    families = [attempt(_family, visit, body, municipalities) for body in bodies]
    taken = await people.claimed(visit.tx, [one.newcomer for one in families if isinstance(one, NewFamily)])
    outcomes = [_settled(visit, *pair, taken) for pair in zip(bodies, families, strict=True)]
    new = [one for one in outcomes if isinstance(one, NewFamily)]
    if new:
        await circles.open_circles(visit.tx, {one.child.id: one.members(visit.now) for one in new})
        await visit.tx.insert(record for one in new for record in one.records)
    return [one.child.id if isinstance(one, NewFamily) else one for one in outcomes]


def _family(visit: Visit, body: schemas.ChildCreate, municipalities: Container[str]) -> NewFamily:
    newcomer = people.new_child(visit, body, municipalities)
    child, persons, periods = newcomer.child, dict[UUID, GuardianPerson](), list[Guardianship]()
    for place, guardian in enumerate(body.guardians):
        key = guardians.key_of(visit, guardian, f"/guardians/{place}")
        person = persons.setdefault(key, GuardianPerson(id=new_id(), person_key=key, **child.ownership))
        periods.append(guardians.begin(visit, child, person, guardian))
    current = [period.person_id for period in periods if period.valid_to is None]
    if len(current) > len(set(current)):
        raise AlreadyExists
    return NewFamily(newcomer, list(persons.values()), periods)


def _settled(
    visit: Visit, body: schemas.ChildCreate, family: NewFamily | Problem, taken: set[people.Claim]
) -> NewFamily | Problem:
    """The new family is named in the trail, unless it claims what is taken."""
    if isinstance(family, Problem):
        return family
    claims = family.newcomer.claims
    if len(claims) > len(set(claims)) or not taken.isdisjoint(claims):
        return AlreadyExists()
    taken.update(claims)
    child = family.child
    visit.trail.changed(child.subject("child", child.id), *body.stated)
    for period, guardian in zip(family.periods, body.guardians, strict=True):
        visit.trail.changed(child.subject("guardianship", period.id), *guardian.stated)
    return family
