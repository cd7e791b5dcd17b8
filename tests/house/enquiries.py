"""A whole, well-formed request for any operation of the contract, about records that exist."""

import re
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from app.contract.examples import Maker
from app.contract.operations import Place
from tests.contract import DOCUMENT
from tests.house.fortress import columns_of, guarded_tables

JsonObject = dict[str, Any]
MAKER = Maker.of(DOCUMENT)


class Enquiry(NamedTuple):
    """What is sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = None

    @property
    def arguments(self) -> dict[str, Any]:
        """As httpx wants them."""
        body = {} if self.body is None else {"json": self.body}
        return {"method": self.method, "url": self.path, "headers": self.headers, **body}

    def mentions(self, record_id: UUID) -> bool:
        """Whether the caller named this record itself."""
        return str(record_id) in self.path or str(record_id) in str(self.body)


class Records:
    """The ids of one municipality's records by the name that the contract gives them: ``caseId``, ``eventId`` …

    All belong to one case where they can, so that nested addresses fit together.
    """

    def __init__(self, owner_url: str, units: list[UUID]) -> None:
        with psycopg.connect(owner_url, row_factory=dict_row) as connection:
            self._columns = columns_of(connection)
            self._guarded = {place.name for place in guarded_tables(connection)}
            anchor = connection.execute(_RICHEST_CASE, {"units": units}).fetchone()
            assert anchor is not None
            self.case, self.child = anchor["id"], anchor["child_id"]
            self._found = {table: self._one(connection, table, units) for table in self._columns}

    def of(self, parameter: str, path: str = "") -> UUID | None:
        """The id that such a parameter of a path should have; None where there is no such record."""
        table = self._table(parameter, path)
        return self._found[table] if table else None

    def is_guarded(self, parameter: str, path: str) -> bool:
        """Whether the parameter names a record behind the wall."""
        return self._table(parameter, path) in self._guarded

    def _table(self, parameter: str, path: str) -> str | None:
        """By what stands before it in the path, with what it belongs to (``group_sessions``); else by its own name."""
        if not parameter.endswith("Id"):
            return None
        before = re.search(_BEFORE % parameter, path)
        if before is not None:
            segment, owner = before["segment"].replace("-", "_"), before["owner"]
            if segment in self._columns:
                return segment
            belonging = [table for table in self._columns if owner and table.endswith(f"{owner}_{segment}")]
            if belonging:
                return min(belonging, key=len)
        noun = re.sub(r"(?<!^)(?=[A-Z])", "_", parameter.removesuffix("Id")).lower()
        plurals = {"child": "children"}.get(noun) or (noun[:-1] + "ies" if noun.endswith("y") else noun + "s")
        named = [table for table in self._columns if table == plurals or table.endswith("_" + plurals)]
        return min(named, key=len, default=None)

    def _one(self, connection: psycopg.Connection[JsonObject], table: str, units: list[UUID]) -> UUID | None:
        columns = self._columns[table]
        if columns.get("id") != "uuid":
            return None
        near = {"id": [self.case, self.child], "case_id": [self.case], "child_id": [self.child]}
        conditions = [
            sql.SQL("{} = any ({})").format(sql.Identifier(column), sql.Literal(ids))
            for column, ids in near.items()
            if column in columns
        ]
        order = sql.SQL(" or ").join(conditions)
        ours = sql.SQL("owner_unit_id = any ({})").format(sql.Literal(units))
        where = ours if "owner_unit_id" in columns else sql.SQL("true")
        query = sql.SQL("select id from {} where {} order by ({}) desc, id limit 1")
        row = connection.execute(query.format(sql.Identifier(table), where, order)).fetchone()
        return row["id"] if row else None


_BEFORE = r"(?:{(?P<owner>\w+)Id}/)?(?P<segment>[a-z-]+)/{%s}"
_RICHEST_CASE = """
select c.id, c.child_id from cases c where c.owner_unit_id = any (%(units)s)
order by (select count(*) from chronology_events e where e.case_id = c.id)
       + (select count(*) from consents s where s.case_id = c.id)
       + (select count(*) from disclosures d where d.case_id = c.id)
       + 100 * (select count(*) from plan_closures p where p.case_id = c.id) desc limit 1
"""


def enquiry(place: Place, records: Records) -> Enquiry:
    """The smallest request that the contract allows, with ids of real records wherever it names one."""
    path = place.path
    for parameter in place.operation.get("parameters", []):
        if parameter.get("in") == "path":
            name = parameter["name"]
            value = records.of(name, place.path) or parameter.get("example") or MAKER.example(parameter["schema"], name)
            path = path.replace(f"{{{name}}}", str(value))
    headers = {"if-match": "*"} if place.method in ("put", "patch", "delete") else {}
    content = place.operation.get("requestBody", {}).get("content", {}).get("application/json")
    body = _with_records(_least(content["examples"]), records) if content else None
    return Enquiry(place.method.upper(), path, headers, body)


def guarded_parameters(place: Place, records: Records) -> list[str]:
    """The parameters in an operation's path that name a record behind the wall."""
    return [name for name in re.findall(r"{(\w+)}", place.path) if records.is_guarded(name, place.path)]


def _least(examples: JsonObject) -> Any:
    example = examples.get("leastPossible") or next(iter(examples.values()))
    return example["value"]


def _with_records(value: Any, records: Records) -> Any:
    if isinstance(value, dict):
        return {
            key: str(records.of(key) or inner) if key.endswith("Id") and inner else _with_records(inner, records)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_with_records(inner, records) for inner in value]
    return value
