"""Endpoints of referrals: whoever refers, and everybody who reads."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.centre_referrals import repository, schemas, service
from app.centre_referrals.access import (
    is_outsider,
    is_receiver,
    is_sender,
    is_shielded,
    referral_for,
    referral_row_for,
    relations,
)
from app.centre_referrals.models import REFERRAL_FLOW, Referral
from app.kernel.access import Visiting, allowed, opened_by
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page, window
from app.permissions import Permission as P

router = Router(
    "family-centre-referrals",
    Text(
        "Remisser till familjecentraler: hela vägen, och vad det blev av dem.",
        "Referrals to family centres: the whole way, and what became of them.",
    ),
)

_PATH = "/family-centre-referrals"
#: What only whoever wrote it does.
_WRITERS = (
    Action("edit", "PATCH", "", P.REFERRAL_EDIT, "edit"),
    Action("sending", "POST", "/sending", P.REFERRAL_SEND, "send"),
)
_ACTIONS = (
    Action("receipt", "POST", "/receipt", P.REFERRAL_HANDLE, "receive"),
    Action("acceptance", "POST", "/acceptance", P.REFERRAL_HANDLE, "accept"),
    Action("return", "POST", "/return", P.REFERRAL_HANDLE, "return"),
    Action("decline", "POST", "/decline", P.REFERRAL_HANDLE, "decline"),
    Action("booking", "POST", "/booking", P.REFERRAL_HANDLE, "book"),
    Action("start", "POST", "/start", P.REFERRAL_HANDLE, "start"),
    Action("no-show", "POST", "/no-show", P.REFERRAL_HANDLE, "miss"),
    Action("completion", "POST", "/completion", P.REFERRAL_HANDLE, "complete"),
    Action("redirection", "POST", "/redirection", P.REFERRAL_HANDLE, "redirect"),
    Action("withdrawal", "POST", "/withdrawal", P.REFERRAL_WITHDRAW, "withdraw"),
)
#: From what a protected child's place could be read (R2.5).
_PLACES = ("from_unit_id", "from_unit_name", "redirected_from_unit_name", "contact")


def _neighbours(row: Row) -> dict[str, str]:
    found = {"centre": f"/family-centres/{row['centre_id']}"} if row["centre_id"] else {}
    if row["part_id"]:
        found["part"] = f"/family-centres/{row['centre_id']}/parts/{row['part_id']}"
    return found | ({"child": f"/children/{row['child_id']}"} if row["child_id"] else {})


def _listed(visit: Visit, row: Row) -> dict[str, Any]:
    found = links(
        visit, f"{_PATH}/{row['id']}", (*_WRITERS, *_ACTIONS) if is_sender(visit, row) else _ACTIONS,
        relations(visit, row), workflow=REFERRAL_FLOW, status=row["status"], neighbours=_neighbours(row),
    )  # fmt: skip
    return {**row, "links": found}


def _shown(visit: Visit, row: Row) -> dict[str, Any]:
    if is_shielded(visit, row):
        hidden = [{**step, "unit_name": None, "to_unit_name": None} for step in row["steps"]]
        row = {**row, **dict.fromkeys(_PLACES), "steps": hidden}
    row = {**row, "preview": False, "details": row if row["details_id"] else None, "opened_by": opened_by(row)}
    if is_outsider(visit, row) and (row["details"] is None or not is_receiver(visit, row)):
        said = [step if step["own"] else {**step, "text": None} for step in row["steps"]]
        row |= {"preview": True, "details": None, "consent_id": None, "feedback_allowed": None, "steps": said}
    return _listed(visit, row)


def present(visit: Visit, row: Row) -> dict[str, Any]:
    """A referral as its reader may see it, with its address and version."""
    visit.presents(f"{_PATH}/{row['id']}", row["version"])
    return _shown(visit, row)


async def answer(visit: Visit, referral_id: UUID) -> dict[str, Any]:
    """The referral after a change, read as GET reads it."""
    return present(visit, await service.referral_of(visit.tx, referral_id))


@router.get(
    "/family-centre-referrals", operation_id="listFamilyCentreReferrals",
    response_model=schemas.FamilyCentreReferralPage,
)  # fmt: skip
async def list_referrals(
    visit: Annotated[Visit, allowed(P.REFERRAL_LIST)], query: Annotated[schemas.FamilyCentreReferralQuery, Query()]
) -> Any:
    """Referrals that the caller has sent or received, newest first. Protected children are never listed (R2.5).

    What is private to a young person is in nobody else's list or count (R14.6, R21.1).
    """
    frame, direction, family = window(visit, query), query.direction, visit.actor.is_family
    rows = await repository.page_of(visit.tx, frame, direction=direction, family=family)
    total = None
    if query.include_total:
        total = await repository.count(visit.tx, frame, direction=direction, family=family)
    visit.trail.looked(Subject("family_centre_referral_list"))
    return page(visit, _PATH, query, rows, lambda row: _listed(visit, row), total=total)


@router.post(
    "/family-centre-referrals", operation_id="createFamilyCentreReferral", status_code=201,
    response_model=schemas.FamilyCentreReferral,
)  # fmt: skip
async def create_referral(
    visit: Annotated[Visit, allowed(P.REFERRAL_CREATE)], body: schemas.FamilyCentreReferralCreate
) -> Any:
    """Write a referral as a draft; or, for a guardian or a young person, turn to a centre by oneself, sent at once.

    The age limits are the centre's or the part's (R12.4): outside them ``alternatives`` tells what fits.
    """
    return await answer(visit, await service.create(visit, body))


@router.get(
    "/family-centre-referrals/{referralId}", operation_id="getFamilyCentreReferral",
    response_model=schemas.FamilyCentreReferral,
)  # fmt: skip
async def get_referral(visit: Visiting, row: Annotated[Row, referral_row_for(P.REFERRAL_READ)]) -> Any:
    """One referral; to a receiver that has not accepted it a preview with what is needed to decide."""
    return present(visit, row)


@router.patch(
    "/family-centre-referrals/{referralId}", operation_id="updateFamilyCentreReferral",
    response_model=schemas.FamilyCentreReferral,
)  # fmt: skip
async def update_referral(
    visit: Visiting,
    referral: Annotated[Referral, referral_for(P.REFERRAL_EDIT)],
    body: schemas.FamilyCentreReferralPatch,
) -> Any:
    """Change a draft, or complete what has come back; send it then."""
    await service.change(visit, referral, body)
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/sending", operation_id="sendFamilyCentreReferral", status_code=201,
    response_model=schemas.FamilyCentreReferral,
)  # fmt: skip
async def send_referral(
    visit: Visiting, referral: Annotated[Referral, referral_for(P.REFERRAL_SEND)], body: schemas.ReferralSending
) -> Any:
    """Send it, also again when it came back. Without a consent that covers it nothing is sent (R12.5)."""
    await service.send(visit, referral, body.consent_id)
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/withdrawal", operation_id="withdrawFamilyCentreReferral", status_code=201,
    response_model=schemas.FamilyCentreReferral,
)  # fmt: skip
async def withdraw_referral(
    visit: Visiting,
    referral: Annotated[Referral, referral_for(P.REFERRAL_WITHDRAW)],
    body: schemas.ReferralWithdrawal,
) -> Any:
    """Take it back: the sender, or the family, at any time before it is completed."""
    await service.withdraw(visit, referral, body.reason)
    return await answer(visit, referral.id)


routers = (router,)
