"""Imports (inläsningar): a file that somebody handed in, its lines in blocks, and what became of each of them.

The lines stand as they came, and are forgotten as soon as they are answered. All of it is the submitter's own: nobody
else sees it, whatever their role.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict, Problem
from app.kernel.errors import Text as Words
from app.kernel.workflow import Workflow

_INSTANT = TIMESTAMP(timezone=True)


class ImportStatus(Coded):
    """Where an import stands."""

    QUEUED = "queued", "I kö", "Queued"
    RUNNING = "running", "Pågår", "Running"
    COMPLETED = "completed", "Klar", "Completed"
    FAILED = "failed", "Misslyckad", "Failed"
    CANCELLED = "cancelled", "Avbruten", "Cancelled"


class ImportMode(Coded):
    """What happens to the other lines when one cannot be imported."""

    PARTIAL = "partial", "De andra raderna läses in", "The other lines are imported"
    ATOMIC = "atomic", "Ingen rad läses in", "No line is imported"


class ImportStrategy(Coded):
    """What a line does about the record that it names."""

    UPSERT = "upsert", "Skapa den, eller ändra den som finns", "Create it, or change the one that there is"
    CREATE = "create", "Skapa den; den får inte finnas", "Create it; it must not be there"
    UPDATE = "update", "Ändra den; den måste finnas", "Change it; it must be there"


class ImportFormat(Coded):
    """The form of the file."""

    NDJSON = "ndjson", "Ett JSON-objekt per rad", "One JSON object a line"
    CSV = "csv", "Tabell med en post per rad", "A table with a record a row"


class LineStatus(Coded):
    """What became of a line; of a dry run: what would."""

    CREATED = "created", "Skapad", "Created"
    UPDATED = "updated", "Ändrad", "Updated"
    UNCHANGED = "unchanged", "Oförändrad", "Unchanged"
    FAILED = "failed", "Misslyckad", "Failed"
    NOT_APPLIED = "not_applied", "Inte inläst", "Not applied"


S = ImportStatus
IMPORT_FLOW = Workflow(
    {
        (S.QUEUED, "start"): S.RUNNING,
        (S.QUEUED, "cancel"): S.CANCELLED,
        (S.RUNNING, "complete"): S.COMPLETED,
        (S.RUNNING, "fail"): S.FAILED,
        (S.RUNNING, "cancel"): S.CANCELLED,
    }
)


ENDED = frozenset({S.COMPLETED, S.FAILED, S.CANCELLED})


class Import(Base):
    """One file, handed in once (inläsning)."""

    __tablename__ = "imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignments.id"))
    client_id: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    language: Mapped[str] = mapped_column(Text)
    trace_id: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(Text)
    source_system: Mapped[str | None] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    strategy: Mapped[str] = mapped_column(Text)
    dry_run: Mapped[bool]
    delimiter: Mapped[str | None] = mapped_column(Text)
    columns: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    idempotency_key: Mapped[str | None] = mapped_column(Text)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(Text)
    failed_because: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[datetime] = mapped_column(_INSTANT)
    started_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    finished_at: Mapped[datetime | None] = mapped_column(_INSTANT)

    __table_args__ = (
        Index("ix_imports_submitted_by", "submitted_by", "id"),
        Index("ix_imports_fingerprint", "submitted_by", "fingerprint"),
        Index("ix_imports_assignment_id", "assignment_id"),
    )

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("import", self.id)

    @property
    def in_one_piece(self) -> bool:
        """All lines in one transaction: a dry run leaves nothing, and an atomic import everything or nothing."""
        return self.dry_run or self.mode == ImportMode.ATOMIC

    @property
    def has_ended(self) -> bool:
        """Nothing more happens to it."""
        return self.status in ENDED

    def go(self, deed: str, at: datetime, because: type[Problem] | None = None) -> None:
        """Start, complete, fail or be cancelled; raises ``ImpossibleInThisState``."""
        IMPORT_FLOW.go(self, deed)
        if deed == "start":
            self.started_at = at
        else:
            self.finished_at = at
        self.failed_because = because.code if because else None


class ImportBlock(Base):
    """Some lines of an import, which are answered together; afterwards only the answers are left."""

    __tablename__ = "import_blocks"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    numbers: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    content: Mapped[list[bytes | None] | None] = mapped_column(ARRAY(LargeBinary))
    results: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    created: Mapped[int] = mapped_column(server_default=sql("0"))
    updated: Mapped[int] = mapped_column(server_default=sql("0"))
    unchanged: Mapped[int] = mapped_column(server_default=sql("0"))
    failed: Mapped[int] = mapped_column(server_default=sql("0"))

    __table_args__ = (Index("ix_import_blocks_submitted_by", "submitted_by"),)


class ImportKey(Base):
    """Which line of a file was the first with a key, of which only a fingerprint is kept."""

    __tablename__ = "import_keys"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    submitted_by: Mapped[UUID]
    line: Mapped[int]


class ImportNotUtf8(Problem):
    """Windows-1252 and UTF-16 are the usual others: in Excel choose "CSV UTF-8"."""

    status = 422
    title = Words("Filen är inte i UTF-8", "The file is not UTF-8")
    detail = Words(
        "Byte {byte} går inte att läsa som UTF-8. Inget har tagits emot. Spara om filen; i Excel som ”CSV UTF-8”.",
        'Byte {byte} cannot be read as UTF-8. Nothing was taken in. Save the file anew; in Excel as "CSV UTF-8".',
    )


class UnknownColumn(Problem):
    """The columns of each kind are the fields of its lines."""

    status = 422
    title = Words("Okänd kolumn", "Unknown column")
    detail = Words(
        "Kolumn {column} är okänd eller finns två gånger. Inget har tagits emot.",
        "Column {column} is unknown or there twice. Nothing was taken in.",
    )


class LineTooLong(Problem):
    """The other lines of the file are read."""

    status = 422
    title = Words("För lång rad", "The line is too long")
    detail = Words("Högst {limit} byte.", "At most {limit} bytes.")


class LineUnreadable(Problem):
    """A row of a table whose quotes or line ends do not fit together."""

    status = 422
    title = Words("Raden går inte att läsa", "The line cannot be read")
    detail = Words("Kontrollera citattecken och radslut.", "Check quotes and line ends.")


class DuplicateInFile(Conflict):
    """Two lines with one key are one record; only the first is imported."""

    title = Words("Samma nyckel två gånger i filen", "The same key twice in the file")
    detail = Words(
        "Rad {line} har samma sourceSystem och sourceId.", "Line {line} has the same sourceSystem and sourceId."
    )


class SourceExists(Conflict):
    """With the strategy ``create``."""

    title = Words("Posten finns redan", "The record is there already")
    detail = Words(
        "En post med radens sourceSystem och sourceId finns redan.",
        "There is a record with the line's sourceSystem and sourceId already.",
    )


class SourceMissing(Problem):
    """With the strategy ``update``."""

    status = 404
    title = Words("Posten finns inte än", "The record is not there yet")
    detail = Words(
        "Ingen post har radens sourceSystem och sourceId.", "No record has the line's sourceSystem and sourceId."
    )


class ImportNotApplied(Conflict):
    """In the mode ``atomic`` all lines are imported, or none is."""

    title = Words("Ingen rad lästes in", "No line was imported")
    detail = Words(
        "Minst en rad misslyckades. Rätta raderna och skicka filen igen.",
        "At least one line failed. Correct the lines and send the file again.",
    )
