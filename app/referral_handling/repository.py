"""What the receiver of a referral asks of the database beyond the referral itself."""

from uuid import UUID

from app.centre_referrals.repository import details_record as details_record
from app.kernel.db import Transaction


async def pass_on(tx: Transaction, referral_id: UUID, unit_id: UUID) -> None:
    """The receiver's own access becomes the next receiver's too, within the consent."""
    await tx.rows("select wall.pass_on_referral(%s, %s)", [referral_id, unit_id])
