"""Deeds about family accounts."""

from uuid import UUID

from app.family_accounts import repository, schemas
from app.family_accounts.models import AccountOfSomebodyElse
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.organisations import service as organisations
from app.organisations.schemas import AssignmentCreate, UserCreate
from app.people import service as people
from app.permissions import Role


async def give_account(visit: Visit, child: Row, person: Row, role: Role, body: schemas.AccountCreate) -> UUID:
    """A sign-in for one of the family: ``person`` is a row with names and ``person_key``.

    It opens what the circles open to that key. Asking twice changes nothing. Raises ``AccountOfSomebodyElse``, also
    for a professional's subject: an assignment of that kind would have to be chosen at every request.
    """
    user = await repository.user_with_subject(visit.tx, body.subject, body.issuer, role)
    if user is None:
        name = " ".join(part for part in (person["given_name"], person["family_name"]) if part)
        user_id = await organisations.create_user(
            visit, UserCreate(name=name, subject=body.subject, issuer=body.issuer)
        )
        await people.identify(visit, user_id, person["person_key"])
    elif user["person_id"] != person["person_key"]:
        raise AccountOfSomebodyElse
    else:
        user_id = user["id"]
    if user is None or not user["holds_role"]:
        await organisations.create_assignment(visit, AssignmentCreate(user_id=user_id, role=role))
    subject = Subject("family_account", user_id, child["id"], child["id"], child["owner_authority_id"])
    visit.trail.changed(subject, "person_id")
    return user_id
