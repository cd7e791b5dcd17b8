"""The keys that records have in the systems that they came from."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base
from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words


class SourceKey(Base):
    """One record's key in one system (källsystemets id); one record may have several."""

    __tablename__ = "source_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    source_system: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str] = mapped_column(Text)
    record_id: Mapped[UUID]
    owner_authority_id: Mapped[UUID] = mapped_column(ForeignKey("authorities.id"))
    owner_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))

    __table_args__ = (
        Index("uq_source_keys_key", "owner_authority_id", "kind", "source_system", "source_id", unique=True),
        Index("ix_source_keys_key", "kind", "source_system", "source_id"),
        Index("ix_source_keys_record_id", "record_id"),
    )


class SourceKeyTaken(Conflict):
    """Another record of the authority has this key."""

    title = Words("Källsystemets id är upptaget", "The source id is taken")
    detail = Words(
        "En annan post av samma slag hos myndigheten har redan denna sourceSystem och sourceId.",
        "Another record of the same kind in the authority has this sourceSystem and sourceId already.",
    )
    constraint = "uq_source_keys_key"
