"""A record as one line of a file: the shapes that imports and exports share, and what each kind must be able to do.

An export writes the lines that an import reads. A record without a key of its own is called by its id here, under the
system ``tillsammans``, so that every line can be referred to and every export can be imported elsewhere.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

from pydantic import Field

from app.codes import Coded
from app.kernel.context import Visit
from app.kernel.errors import Problem, Text
from app.kernel.shapes import Code, In
from app.permissions import Permission


class RecordKind(Coded):
    """What can be imported and exported, in the order in which files refer to each other."""

    AUTHORITY = "authority", "Myndighet (nämnd)", "Authority"
    UNIT = "unit", "Enhet", "Unit"
    USER = "user", "Användare", "User"
    ASSIGNMENT = "assignment", "Uppdrag", "Assignment"
    CHILD = "child", "Barn med vårdnadshavare", "Child with guardians"
    CASE = "case", "Ärende", "Case"
    CONTACT_GROUP = "contact_group", "Kontaktgrupp", "Contact group"
    GROUP_PLACE = "group_place", "Plats i kontaktgrupp", "Place in a contact group"
    QUEUE_ENTRY = "queue_entry", "Köplats till kontaktgrupp", "Entry in a contact group's queue"
    REFERRAL = "referral", "Hänvisning till familjecentral", "Family-centre referral"
    SUPPORT_OFFER = "support_offer", "Insats i utbudet", "Support offer"


class Key(NamedTuple):
    """What a record is called in the system that it came from."""

    system: str
    id: str


#: Where a line of a file with several kinds says which it is; ``kind`` is a field of some records' own.
KIND_FIELD: Final = "recordKind"
#: The system under which a record without a key of its own is called by its id here.
OURS: Final = "tillsammans"


class Entry(In):
    """One line: a record by its key. What is absent stays as it is; null removes, as in a merge patch (RFC 7396)."""

    source_system: Code = Field(default="", description="Whose id it is; absent: what the import names for all lines.")
    source_id: Code = Field(description="The record's id there; never a person identifier.")

    @property
    def key(self) -> Key:
        """The line's key; two lines with one key are one record."""
        return Key(self.source_system, self.source_id)


AnyEntry = TypeVar("AnyEntry", bound=Entry)
LineOf = TypeVar("LineOf", bound=Entry, contravariant=True)


class Adapter(Protocol[AnyEntry]):
    """What every kind of record can do with its lines, by the same services as by hand."""

    kind: RecordKind
    entry: type[AnyEntry]
    creates: Permission
    changes: Permission

    async def find(self, visit: Visit, keys: Sequence[Key]) -> dict[Key, UUID]:
        """Which of these records there are already, among those that the caller's authority holds."""

    async def create(self, visit: Visit, entry: AnyEntry) -> UUID:
        """The record, made as by hand; raises the problems that a request would be answered with."""

    async def change(self, visit: Visit, record_id: UUID, entry: AnyEntry) -> bool:
        """Change what the line states otherwise; False when nothing differs. Raises as a request would."""

    async def page(self, visit: Visit, selection: "Selection", after: UUID | None, limit: int) -> list["Line"]:
        """The next records in the order of their ids, of those that the caller may see; each leaves a look."""


class InBulk(Protocol[LineOf]):
    """A kind that can make many records with a handful of statements."""

    async def create_many(self, visit: Visit, entries: Sequence[LineOf]) -> list[UUID | Problem]:
        """One outcome a line, in their order; what fails leaves nothing behind, the others stand."""


class Selection(NamedTuple):
    """Which records an export holds."""

    include_protected: bool = False
    municipality_code: str | None = None


class Line(NamedTuple):
    """One record of an export: its id, which pages are ordered by, and its line."""

    id: UUID
    entry: Entry


class UnknownSource(Problem):
    """A line refers to a record that is not there."""

    status = 422
    title = Text("Hänvisad post saknas", "The record referred to is missing")
    detail = Text(
        "Fältet {field} hänvisar till en post som varken finns i filen före raden eller sedan tidigare.",
        "The field {field} refers to a record that neither stands earlier in the file nor is known already.",
    )


def reference(entry: Entry, noun: str) -> Key:
    """The key that ``<noun>SourceId`` names, in ``<noun>SourceSystem`` or else the line's own system."""
    values: dict[str, Any] = entry.__dict__
    return Key(values.get(f"{noun}_source_system") or entry.source_system, values[f"{noun}_source_id"])


def naming(key: Key, noun: str = "") -> dict[str, str]:
    """The fields by which a line names its own record, or the one that it refers to as ``noun``."""
    prefix = f"{noun}_" if noun else ""
    return {f"{prefix}source_system": key.system, f"{prefix}source_id": key.id}
