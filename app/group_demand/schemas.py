"""What goes out about how many children wait for contact groups."""

from pydantic import Field

from app.contact_groups.schemas import Term
from app.group_demand.models import GradeBand
from app.group_queues.models import AskedVia, WishedBy
from app.kernel.paging import PageQuery
from app.kernel.shapes import Linked, MunicipalityCode, Out, Page, UtcInstant


class DemandQuery(PageQuery):
    """Which municipalities and terms; never pooled otherwise: two that overlap would tell what each leaves out."""

    municipality_code: list[MunicipalityCode] = []
    term: list[Term] = []


class PooledCount(Out):
    """A number of children or places, unless it is too small to be told (R11.9)."""

    number: int | None = Field(json_schema_extra={"example": 12})
    suppressed: bool = Field(description="The number is left out: too small, or others could be worked out from it.")


class AskedViaCount(PooledCount):
    """Those who asked in one way."""

    asked_via: AskedVia


class WishedByCount(PooledCount):
    """Those whose wish was somebody's."""

    wished_by: WishedBy


class GradeBandCount(PooledCount):
    """Those in some grades."""

    grade_band: GradeBand


class ContactGroupDemand(Linked):
    """How many children wait for contact groups, pooled over all groups of a municipality in a term (R11.9).

    A child that waits for several groups counts once. A number that stems from one group alone is not told.
    """

    municipality_code: str = Field(json_schema_extra={"example": "0428"})
    term: str = Field(json_schema_extra={"example": "HT2026"})
    counted_at: UtcInstant
    waiting: PooledCount
    places: PooledCount
    taken: PooledCount
    asked_via_counts: list[AskedViaCount]
    wished_by_counts: list[WishedByCount]
    grade_band_counts: list[GradeBandCount]


class ContactGroupDemandPage(Page[ContactGroupDemand]):
    """How many wait, one item for each municipality and term, newest term first."""
