"""Endpoints of the unit that receives a referral."""

from typing import Annotated, Any

from app.centre_referrals.access import referral_for
from app.centre_referrals.models import Referral
from app.centre_referrals.router import answer, present
from app.centre_referrals.schemas import FamilyCentreReferral
from app.kernel.access import Visiting
from app.kernel.errors import Text
from app.kernel.http.door import Router
from app.permissions import Permission as P
from app.referral_handling import schemas, service

router = Router(
    "referral-handling",
    Text("Vad mottagaren gör med en remiss.", "What its receiver does with a referral."),
)

Handled = Annotated[Referral, referral_for(P.REFERRAL_HANDLE)]


@router.post(
    "/family-centre-referrals/{referralId}/receipt", operation_id="receiveFamilyCentreReferral", status_code=201,
    response_model=FamilyCentreReferral,
)  # fmt: skip
async def receive_referral(visit: Visiting, referral: Handled, _body: schemas.ReferralReceipt) -> Any:
    """Acknowledge it, within five working days by agreed practice (R12.7)."""
    await service.receive(visit, referral)
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/acceptance", operation_id="acceptFamilyCentreReferral", status_code=201,
    response_model=FamilyCentreReferral,
)  # fmt: skip
async def accept_referral(visit: Visiting, referral: Handled, body: schemas.ReferralAcceptance) -> Any:
    """Take it on: from now the receiver reads why, and how to reach the family."""
    await service.accept(visit, referral, body)
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/return", operation_id="returnFamilyCentreReferral", status_code=201,
    response_model=FamilyCentreReferral,
)  # fmt: skip
async def return_referral(visit: Visiting, referral: Handled, body: schemas.ReferralReturn) -> Any:
    """Ask the sender for more before deciding."""
    await service.take(visit, referral, "return", body.what)
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/decline", operation_id="declineFamilyCentreReferral", status_code=201,
    response_model=FamilyCentreReferral,
)  # fmt: skip
async def decline_referral(visit: Visiting, referral: Handled, body: schemas.ReferralDecline) -> Any:
    """Say no, with the reason."""
    await service.take(visit, referral, "decline", body.reason, body.capacity_answer)
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/booking", operation_id="bookFamilyCentreReferral", status_code=201,
    response_model=FamilyCentreReferral,
)  # fmt: skip
async def book_referral(visit: Visiting, referral: Handled, body: schemas.ReferralBooking) -> Any:
    """Book a time, or another one."""
    await service.book(visit, referral, body)
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/start", operation_id="startFamilyCentreReferral", status_code=201,
    response_model=FamilyCentreReferral,
)  # fmt: skip
async def start_referral(visit: Visiting, referral: Handled, _body: schemas.ReferralStart) -> Any:
    """They have come; without a booked time too."""
    await service.take(visit, referral, "start")
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/no-show", operation_id="recordFamilyCentreNoShow", status_code=201,
    response_model=FamilyCentreReferral,
)  # fmt: skip
async def record_no_show(visit: Visiting, referral: Handled, body: schemas.ReferralNoShow) -> Any:
    """They did not come. Nothing is derived from it: another time can be booked."""
    await service.take(visit, referral, "miss", body.text)
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/completion", operation_id="completeFamilyCentreReferral", status_code=201,
    response_model=FamilyCentreReferral,
)  # fmt: skip
async def complete_referral(visit: Visiting, referral: Handled, body: schemas.ReferralCompletion) -> Any:
    """It is done: the sender sees that, and what became of it where the family allows it and the receiver shares it."""
    await service.complete(visit, referral, body)
    return await answer(visit, referral.id)


@router.post(
    "/family-centre-referrals/{referralId}/redirection", operation_id="redirectFamilyCentreReferral", status_code=201,
    response_model=FamilyCentreReferral,
)  # fmt: skip
async def redirect_referral(visit: Visiting, referral: Handled, body: schemas.ReferralRedirection) -> Any:
    """Pass it on to another centre or unit that the consent names (R12.5), or that the person agrees to.

    The next receiver begins with a preview; this one is out of the circle when this has been answered.
    """
    return present(visit, await service.redirect(visit, referral, body))


routers = (router,)
