"""What comes in about a wish for a place in a contact group."""

from uuid import UUID

from pydantic import Field

from app.contact_groups.schemas import Grade
from app.group_queues.models import AskedVia, WishedBy
from app.kernel.shapes import In, Instant, Prose
from app.places.models import Priority

_NEEDS = "What the child needs, for the leaders; by the group's unit or the family. Read by both."
_EXCEPTION = "Why the child is excepted from the group's grades; by the manager of its unit only (R11.3)."


class QueueEntryCreate(In):
    """A wish for a place. The first name follows from the child; until there is a consent nothing else is kept."""

    child_id: UUID = Field(description="A child of one's own: the caller's unit's, or a family member's.")
    grade: Grade
    wished_by: WishedBy | None = Field(
        default=None, description="Follows from the sign-in of a family member; professional for others, when absent."
    )
    asked_via: AskedVia | None = Field(
        default=None, description="Follows from the caller's sector, when absent; of a family member it always does."
    )
    requested_at: Instant | None = Field(
        default=None, description="When the wish was made, if earlier than now; by the group's unit only."
    )
    priority: Priority = Field(default=Priority.ORDINARY, description="By the group's unit only (R11.4).")
    priority_reason: Prose | None = None
    consent_id: UUID | None = Field(
        default=None,
        description="A consent about the child that names the group's authority with contact or social. Asked for: the "
        "entry is held back until it is given. Given: in line at once.",
    )
    note: Prose | None = Field(default=None, description=_NEEDS)
    grade_exception_reason: Prose | None = Field(default=None, description=_EXCEPTION)


class QueueEntryPatch(In):
    """Corrections by the group's unit while the child waits; absent fields stay."""

    grade: Grade = 0
    grade_exception_reason: Prose | None = Field(default=None, description=_EXCEPTION)
    wished_by: WishedBy = WishedBy.GUARDIAN
    asked_via: AskedVia = AskedVia.OTHER
    note: Prose = Field(default="", description=f"{_NEEDS} It is added; what was written before is kept.")
