"""What comes in and goes out about crisis notes."""

from uuid import UUID

from pydantic import Field

from app.kernel.shapes import Id, In, Page, Prose, Record, UtcInstant


class CrisisNoteCreate(In):
    """What to know and do in a crisis, and which units besides one's own may know it."""

    text: Prose
    named_unit_ids: list[UUID] = Field(default=[], max_length=50, description="Nobody else hears that there is a note.")


class CrisisNoteEnding(In):
    """The note holds no longer."""


class CrisisNote(Record):
    """A crisis note (krisinformation), for the units that are named, the one that wrote it, and the family."""

    plan_id: Id
    text: str
    named_unit_ids: list[Id]
    owner_unit_id: Id
    owner_unit_name: str | None = Field(description="Null where it would tell the place of a protected child.")
    written_at: UtcInstant
    ended_at: UtcInstant | None


class CrisisNotePage(Page[CrisisNote]):
    """The crisis notes that the caller is named in."""
