"""What comes in about a new child with its guardians."""

from pydantic import Field

from app.guardians.schemas import GuardianCreate
from app.people.schemas import NewChild


class ChildCreate(NewChild):
    """A new child: no identifier is needed, and the unborn have an expected birth date instead (R2.2)."""

    guardians: list[GuardianCreate] = Field(default=[], max_length=8)
