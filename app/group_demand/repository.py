"""The one query about how many wait: it asks a function of the wall, which tells no small number."""

from sqlalchemy import Integer, Text, any_, bindparam, column, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.contact_groups.models import ContactGroup
from app.kernel.db import AnySelect, Row, Transaction, prepared

_POOLS = {
    "municipality_code": ContactGroup.municipality_code == any_(bindparam("municipality_code", type_=ARRAY(Text))),
    "term": ContactGroup.term == any_(bindparam("term", type_=ARRAY(Text))),
}


@prepared
def _demand(filters: frozenset[str]) -> AnySelect:
    pool = (
        select(ContactGroup.municipality_code, ContactGroup.term)
        .where(*(_POOLS[name] for name in sorted(filters)))
        .distinct()
        .subquery()
    )
    counts = func.wall.contact_group_demand(
        pool.c.municipality_code, pool.c.term, bindparam("smallest", type_=Integer)
    ).table_valued(column("dimension", Text), column("code", Text), column("number", Integer))
    one = func.jsonb_build_array(counts.c.dimension, counts.c.code, counts.c.number)
    told = select(func.jsonb_agg(one, type_=JSONB)).select_from(counts).scalar_subquery()
    year, half = func.right(pool.c.term, literal_column("4")), func.left(pool.c.term, literal_column("2"))
    rows = select(pool.c.municipality_code, pool.c.term, told.label("told"))
    return rows.order_by(year.desc(), half, pool.c.municipality_code)


async def demand(tx: Transaction, filters: dict[str, list[str]], smallest: int) -> list[Row]:
    """How many wait, for each municipality and term, newest term first; small numbers are left out (R11.9)."""
    return await tx.all(_demand(frozenset(filters)), **filters, smallest=smallest)
