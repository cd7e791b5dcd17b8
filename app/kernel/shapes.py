"""The shapes that every schema shares: camelCase by one generator, links, pages, and bounded field types."""

from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
)
from pydantic.alias_generators import to_camel
from pydantic_core import core_schema

from app.codes import Coded

_SHARED = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, from_attributes=True)


class In(BaseModel):
    """What comes in: unknown fields are refused, texts are trimmed."""

    model_config = _SHARED | ConfigDict(extra="forbid", str_strip_whitespace=True)

    @property
    def stated(self) -> dict[str, Any]:
        """Only the fields that the caller sent: absent is not null (RFC 7396)."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Out(BaseModel):
    """What goes out. Built when first used: a start needs few of these shapes, and building them all made it slow."""

    model_config = _SHARED | ConfigDict(serialize_by_alias=True, defer_build=True)


def _no_nul(value: object) -> object:
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("NUL is not a character of any text")
    return value


_NO_NUL = BeforeValidator(_no_nul)
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), _NO_NUL]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500), _NO_NUL]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=4000), _NO_NUL]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/-]{1,100}$"), Field(examples=["gnesta-school-4711"])]
MunicipalityCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}$"), Field(description="SCB municipality code", examples=["0461"])
]
Instant = Annotated[AwareDatetime, Field(json_schema_extra={"example": "2026-03-02T09:30:00Z"})]
Day = Annotated[date, Field(json_schema_extra={"example": "2026-03-02"})]
UtcInstant = Annotated[datetime, Field(json_schema_extra={"example": "2026-03-02T09:30:00Z"})]
Id = Annotated[UUID, Field(json_schema_extra={"example": "01976b1e-7a30-7c3e-9d5a-5d7f3c1b2a90"})]


class LinkMethod(Coded):
    """How a link is followed."""

    GET = "GET", "Läs", "Read"
    POST = "POST", "Gör", "Do"
    PUT = "PUT", "Sätt", "Set"
    PATCH = "PATCH", "Ändra", "Change"
    DELETE = "DELETE", "Ta bort", "Remove"


class Link(Out):
    """A hypermedia link (HYP.11-17): where, what it means, and with which method."""

    href: str = Field(json_schema_extra={"example": "https://tillsammans.example/tillsammans/v1/cases"})
    rel: str = Field(json_schema_extra={"example": "self"})
    method: LinkMethod


class _AsBuilt:
    """Documented but not validated: ``kernel.links`` alone makes them, and checking each was a third of a page."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        documented = handler(source)
        return core_schema.any_schema(
            metadata={"pydantic_js_annotation_functions": [lambda _schema, describe: describe(documented)]}
        )


Links = Annotated[dict[str, Link], _AsBuilt]


class Linked(Out):
    """A record with its neighbours and the actions that this caller may take on it now."""

    links: Links = Field(alias="_links", default_factory=dict)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """A reader wants the record first and its links last; inherited fields would come the other way round."""
        schema: Any = handler(source)
        inner = schema
        while "fields" not in inner and "schema" in inner:
            inner = inner["schema"]
        if "links" in inner.get("fields", {}):
            inner["fields"]["links"] = inner["fields"].pop("links")
        return schema


class Record(Linked):
    """A versioned record."""

    id: Id
    version: int = Field(description="Grows by one at each change; also in the ETag.", json_schema_extra={"example": 1})


class PageMeta(Out):
    """How large this page is."""

    limit: int = Field(json_schema_extra={"example": 20})
    offset: int = Field(json_schema_extra={"example": 0})
    count: int = Field(json_schema_extra={"example": 1})
    total_records: int | None = Field(
        default=None, description="Only with includeTotal=true; never counts what the caller may not see."
    )


Item = TypeVar("Item")


class Page(Out, Generic[Item]):
    """A collection: items, size, and links to the next and first page."""

    items: list[Item]
    meta: PageMeta = Field(alias="_meta")
    links: Links = Field(alias="_links")


class Opened(Out):
    """On which consent or disclosure a record of another authority is shown (R4.11)."""

    basis: str = Field(json_schema_extra={"example": "consent"})
    id: Id
    categories: list[str]
    valid_until: UtcInstant
