"""Exports (uttag): who takes out which records, why, and until when.

What is taken out is not kept here: a stored file would be a copy of children's data outside the wall
(``docs/decisions/0016``). It is read while it is fetched.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import Coded
from app.kernel.audit import Subject
from app.kernel.db import Base
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words

_INSTANT = TIMESTAMP(timezone=True)


class ExportFormat(Coded):
    """The form of the lines."""

    NDJSON = "ndjson", "Ett JSON-objekt per rad", "One JSON object a line"
    CSV = "csv", "Tabell med komma (RFC 4180)", "Table with commas (RFC 4180)"
    CSV_EXCEL = "csv_excel", "Tabell för svenskt Excel: semikolon och BOM", "Table for Swedish Excel: semicolons, BOM"


class ExportExpired(Conflict):
    """A reason is good for a while; after that it is stated anew."""

    title = Words("Uttaget har gått ut", "The export has expired")
    detail = Words(
        "Ett uttag är öppet i {minutes} minuter. Begär ett nytt, med sitt skäl.",
        "An export is open for {minutes} minutes. Ask for a new one, with its reason.",
    )


class Export(Base):
    """One export: what may be fetched, for which reason."""

    __tablename__ = "exports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignments.id"))
    kind: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    include_protected: Mapped[bool]
    municipality_code: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    expires_at: Mapped[datetime] = mapped_column(_INSTANT)
    fetched_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    lines: Mapped[int | None]
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_exports_submitted_by", "submitted_by", "id"),
        Index("ix_exports_assignment_id", "assignment_id"),
    )

    @property
    def subject(self) -> Subject:
        """What the access log says an entry is about."""
        return Subject("export", self.id)
