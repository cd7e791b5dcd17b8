"""What goes out about corrections."""

from app.kernel.shapes import Id, Out, Page, UtcInstant


class CorrectionRecord(Out):
    """What a text was before it was corrected."""

    subject_version: int
    earlier: dict[str, str | bool | None]
    reason: str
    corrected_at: UtcInstant
    corrected_by: Id


class CorrectionPage(Page[CorrectionRecord]):
    """Earlier versions, newest first."""
