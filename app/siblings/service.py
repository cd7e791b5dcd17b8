"""Deeds about siblings."""

from uuid import UUID

from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.ids import new_id
from app.organisations.models import UnknownReference
from app.people import service as people
from app.people.models import Child
from app.siblings import repository, schemas
from app.siblings.models import SiblingLink, SiblingsProtected


async def link_sibling(visit: Visit, child: Child, body: schemas.SiblingCreate) -> UUID:
    """Two children of the caller's unit are siblings (R2.7). Raises ``UnknownReference``, ``SiblingsProtected``."""
    sibling = await people.facts(visit.tx, body.sibling_id)
    if sibling is None or sibling["owner_unit_id"] != child.owner_unit_id or sibling["id"] == child.id:
        raise UnknownReference(field="siblingId")
    if await repository.any_protected(visit.tx, [child.id, body.sibling_id]):
        raise SiblingsProtected
    link = SiblingLink(
        id=new_id(), child_id=child.id, sibling_id=body.sibling_id, relation=body.relation,
        owner_unit_id=child.owner_unit_id, owner_authority_id=child.owner_authority_id,
        municipality_code=child.municipality_code,
    )  # fmt: skip
    visit.tx.session.add(link)
    visit.trail.changed(Subject("sibling_link", link.id, child.id, child.id, child.owner_authority_id), *body.stated)
    await visit.tx.session.flush()
    return link.id
