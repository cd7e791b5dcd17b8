"""Deeds about deadlines."""

from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.deadlines import Deadline
from app.my_day import schemas


async def extend(visit: Visit, deadline: Deadline, body: schemas.Extension) -> None:
    """A later date with its reason and its approver."""
    deadline.extend(body.due_at, body.reason, visit.actor.user_id)
    subject = Subject("deadline", deadline.id, deadline.circle_id, deadline.child_id, deadline.owner_authority_id)
    visit.trail.changed(subject, "due_at", "extension_reason", "extended_by", reason=body.reason)
    await visit.tx.session.flush()
