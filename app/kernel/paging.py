"""Pages: ``limit`` and ``offset`` for the profile, an opaque signed cursor for whoever follows links (FNS.07-11).

The cursor holds the sort value and the id of the last row, so that rows with one timestamp are neither lost nor shown
twice. It is signed: a made-up cursor is refused, never interpreted.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy import bindparam, tuple_
from sqlalchemy.types import TypeEngine

from app.codes import Coded
from app.config import Settings
from app.kernel.db import AnySelect, Row
from app.kernel.errors import InvalidCursor


class Asking(Protocol):
    """Whoever asks for a page: a visit, or anybody at a public endpoint."""

    settings: Settings
    headers: dict[str, str]

    def href(self, path: str) -> str:
        """The absolute address of a resource of this API."""


class SortOrder(Coded):
    """In which direction a collection is read."""

    ASC = "asc", "Stigande", "Ascending"
    DESC = "desc", "Fallande", "Descending"


class Query(BaseModel):
    """The query parameters of an operation: camelCase on the wire, and nothing that is not known."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid")


class PageQuery(Query):
    """The query parameters of every collection; a resource's own filters extend it."""

    limit: int = Field(default=20, ge=1, le=200, description="Items a page.")
    offset: int = Field(default=0, ge=0, le=10_000, description="Items to skip. Follow _links.next to go deeper.")
    cursor: str | None = Field(default=None, max_length=500, description="From _links.next; opaque.")
    include_total: bool = Field(default=False, description="Also count; bounded to 10,000.")
    sort_order: SortOrder = Field(default=SortOrder.DESC, description="Direction.")

    @property
    def filters(self) -> dict[str, Any]:
        """The resource's own parameters that are in use."""
        shared = PageQuery.model_fields.keys()
        return {name: value for name, value in self if name not in shared and value is not None and value != []}


class Shape(NamedTuple):
    """What decides a list's SQL text: everything else is a bound value."""

    filters: frozenset[str]
    sort_by: str
    descending: bool
    after: bool


class Window(NamedTuple):
    """One page's bound values."""

    shape: Shape
    values: dict[str, Any]


def window(visit: Asking, query: PageQuery, sort_by: str = "id") -> Window:
    """The shape and values with which a repository fetches one page (one row more than asked, to know of a next)."""
    filters = {name: value for name, value in query.filters.items() if name != "sort_by"}
    values: dict[str, Any] = {**filters, "page_limit": query.limit + 1, "page_offset": query.offset}
    if query.cursor is not None:
        values["after_value"], values["after_id"] = _read(visit, query.cursor, sort_by)
        values["page_offset"] = 0
    shape = Shape(frozenset(filters), sort_by, query.sort_order == SortOrder.DESC, query.cursor is not None)
    return Window(shape, values)


def onward(after: UUID | None, limit: int, **filters: Any) -> Window:
    """The next rows in the order of their ids, for whoever reads all of them: an export."""
    values: dict[str, Any] = {**filters, "page_limit": limit, "page_offset": 0}
    if after is not None:
        values |= {"after_value": after, "after_id": after}
    return Window(Shape(frozenset(filters), "id", descending=False, after=after is not None), values)


def keyset(statement: AnySelect, shape: Shape, column: Any, id_column: Any) -> AnySelect:
    """Order, continue after the cursor, and limit."""
    pair = tuple_(column, id_column)
    if shape.after:
        kinds: list[TypeEngine[Any]] = [column.type, id_column.type]
        after = tuple_(bindparam("after_value", type_=kinds[0]), bindparam("after_id", type_=kinds[1]))
        statement = statement.where(pair < after if shape.descending else pair > after)
    order = (column.desc(), id_column.desc()) if shape.descending else (column.asc(), id_column.asc())
    return statement.order_by(*order).limit(bindparam("page_limit")).offset(bindparam("page_offset"))


def page(
    visit: Asking,
    path: str,
    query: PageQuery,
    rows: list[Row],
    show: Callable[[Row], Mapping[str, Any]],
    *,
    sort_by: str = "id",
    total: int | None = None,
) -> dict[str, Any]:
    """The answer of a collection: items, ``_meta`` and ``_links``, mirrored in a Link header (RFC 8288)."""
    shown = rows[: query.limit]
    stated = query.model_dump(by_alias=True, exclude_unset=True, mode="json", exclude={"cursor", "offset"})
    links = {"self": _address(visit, path, query.model_dump(by_alias=True, exclude_unset=True, mode="json"))}
    links["first"] = _address(visit, path, stated)
    if len(rows) > query.limit:
        last = shown[-1]
        links["next"] = _address(visit, path, {**stated, "cursor": _write(visit, last[sort_by], last["id"], sort_by)})
    return _answer(visit, path, query, links, [show(row) for row in shown], total)


def whole(
    visit: Asking,
    path: str,
    query: PageQuery,
    rows: list[Row],
    show: Callable[[Row], Mapping[str, Any]],
    *,
    descending: bool = True,
) -> dict[str, Any]:
    """The answer of a short collection that was read whole, in its natural order: pages by offset, without cursors."""
    if query.cursor is not None:
        raise InvalidCursor
    if "sort_order" in query.model_fields_set and (query.sort_order == SortOrder.DESC) != descending:
        rows = rows[::-1]
    end = query.offset + query.limit
    stated = query.model_dump(by_alias=True, exclude_unset=True, mode="json", exclude={"cursor", "offset"})
    links = {"self": _address(visit, path, query.model_dump(by_alias=True, exclude_unset=True, mode="json"))}
    links["first"] = _address(visit, path, stated)
    if end < len(rows):
        links["next"] = _address(visit, path, {**stated, "offset": end})
    items = [show(row) for row in rows[query.offset : end]]
    return _answer(visit, path, query, links, items, len(rows) if query.include_total else None)


def stream(
    visit: Asking, path: str, query: BaseModel, items: Sequence[Mapping[str, Any]], limit: int, *, kind: str, at: int
) -> dict[str, Any]:
    """The answer of a feed: there is always a next; its cursor, good for any filter, stands beside the items too."""
    cursor = _write(visit, at, "", kind)
    stated = query.model_dump(by_alias=True, exclude_unset=True, mode="json")
    links = {"self": _address(visit, path, stated)}
    links["next"] = _address(visit, path, {**stated, "cursor": cursor})
    visit.headers["link"] = f'<{links["next"]}>; rel="next"'
    return {
        "items": items,
        "cursor": cursor,
        "meta": {"limit": limit, "offset": 0, "count": len(items)},
        "links": {rel: {"href": href, "rel": rel, "method": "GET"} for rel, href in links.items()},
    }


def position_in(visit: Asking, cursor: str, kind: str) -> int:
    """Where a feed goes on after a cursor of its kind. Raises ``InvalidCursor``."""
    return int(_read(visit, cursor, kind)[0])


def _answer(
    visit: Asking, path: str, query: PageQuery, links: dict[str, str], items: list[Mapping[str, Any]], total: int | None
) -> dict[str, Any]:
    if query.cursor is None and query.offset:
        stated = query.model_dump(by_alias=True, exclude_unset=True, mode="json", exclude={"cursor", "offset"})
        links["prev"] = _address(visit, path, {**stated, "offset": max(0, query.offset - query.limit)})
    visit.headers["link"] = ", ".join(f'<{href}>; rel="{rel}"' for rel, href in links.items() if rel != "self")
    return {
        "items": items,
        "meta": {"limit": query.limit, "offset": query.offset, "count": len(items), "total_records": total},
        "links": {rel: {"href": href, "rel": rel, "method": "GET"} for rel, href in links.items()},
    }


def _address(visit: Asking, path: str, parameters: Mapping[str, Any]) -> str:
    pairs = [
        (name, str(item).lower() if isinstance(item, bool) else item)
        for name, value in parameters.items()
        for item in (value if isinstance(value, list) else [value])
        if item is not None
    ]
    return visit.href(path) + (f"?{urlencode(pairs)}" if pairs else "")


def _signature(visit: Asking, body: bytes) -> bytes:
    key = hmac.digest(visit.settings.secret.get_secret_value().encode(), b"cursor", hashlib.sha256)
    return hmac.digest(key, body, hashlib.sha256)[:12]


def _write(visit: Asking, value: Any, last_id: Any, sort_by: str) -> str:
    body = json.dumps([sort_by, str(value), str(last_id)], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(visit, body) + body).decode().rstrip("=")


def _read(visit: Asking, cursor: str, sort_by: str) -> tuple[str, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise InvalidCursor from None
    if not hmac.compare_digest(raw[:12], _signature(visit, raw[12:])):
        raise InvalidCursor
    stated_sort, value, last_id = json.loads(raw[12:])
    if stated_sort != sort_by:
        raise InvalidCursor
    return value, last_id
