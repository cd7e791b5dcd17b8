"""A consent on paper (samtycke på papper) as part of a line: what was signed, recorded by the same deed as by hand."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import Field

from app.consent_requirements import service as requirements
from app.consent_requirements.models import ConsentRoute, ConsentSetIncomplete, GiverKind, ProposedGiver
from app.consents import schemas, service
from app.consents.models import GivenHow, GiverAnswer
from app.exchange.deeds import by_hand
from app.kernel.context import Visit
from app.kernel.shapes import In, Instant, Prose
from app.permissions import Permission as P
from app.sharing.access import admitted_child
from app.sharing.schemas import Categories


class PaperConsent(In):
    """A consent that everybody who is to give it has given, to the authority of whoever receives the record (R4.2).

    Any other, where somebody was prevented or the child decides alone, is recorded by hand and named by its id.
    """

    purpose: Prose
    categories: Categories
    valid_from: Instant | None = Field(default=None, description="Now, when absent.")
    valid_to: Instant
    given_how: GivenHow = GivenHow.WRITTEN
    answered_at: Instant | None = Field(default=None, description="When the last one answered; now, when absent.")
    information: schemas.InformationIn
    confirmed_reason: Prose = Field(description="Why it is for these to consent: a professional confirms it (R4.3).")


async def record(visit: Visit, paper: PaperConsent, child_id: UUID, authority_id: UUID) -> UUID:
    """Record what was signed; raises ``ConsentSetIncomplete`` where nobody is known who could, and as by hand."""
    with by_hand(visit, P.CONSENT_CREATE, "createConsent"):
        child = await admitted_child(visit, P.CONSENT_CREATE, child_id, None)
        proposal = await requirements.proposal_for(visit, child)
        asked = [giver for giver in proposal.givers if giver.required]
        if not asked:
            raise ConsentSetIncomplete
        return await service.request(visit, child, _request(paper, child_id, authority_id, asked))


def differs(paper: PaperConsent, recorded: Mapping[str, Any] | None) -> bool:
    """Whether another consent was signed than the one that is recorded."""
    if recorded is None:
        return True
    known = PaperConsent(**recorded).model_dump()
    return any(value != known[name] for name, value in paper.model_dump(exclude_unset=True).items())


def _request(
    paper: PaperConsent, child_id: UUID, authority_id: UUID, asked: Sequence[ProposedGiver]
) -> schemas.ConsentCreate:
    reply = schemas.ReplyIn(answer=GiverAnswer.GIVEN, given_how=paper.given_how, answered_at=paper.answered_at)
    return schemas.ConsentCreate(
        child_id=child_id, purpose=paper.purpose, categories=paper.categories, receiving_authority_ids=[authority_id],
        valid_from=paper.valid_from, valid_to=paper.valid_to, information=paper.information,
        requirement=schemas.RequirementIn(route=ConsentRoute.ALL_GIVERS, confirmed_reason=paper.confirmed_reason),
        givers=[_giver(one, reply) for one in asked],
    )  # fmt: skip


def _giver(one: ProposedGiver, reply: schemas.ReplyIn) -> schemas.GiverIn:
    guardianship_id = None if one.kind is GiverKind.CHILD else one.guardianship_id
    return schemas.GiverIn(kind=one.kind, guardianship_id=guardianship_id, answer=reply)
