"""Who is inside, in which transaction, at which instant: what every service receives.

The actor's party is whom the wall asks about: the unit of the assignment, or the family member in person. The
context is signed with a key that the database role cannot read (``docs/decisions/0002``).
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.config import Settings
from app.kernel.audit import Subject, Trail
from app.kernel.db import Transaction
from app.permissions import WITHOUT_PARTY, Role


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment (uppdrag) as the request acts in it."""

    id: UUID
    role: Role
    unit_id: UUID | None
    unit_name: str | None
    unit_type: str | None
    authority_id: UUID | None
    authority_name: str | None
    sector: str | None
    municipality_code: str | None


_STANDING: dict[Role, Literal["guardian", "child"]] = {Role.GUARDIAN: "guardian", Role.YOUNG_PERSON: "child"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a person or a system, acting in one assignment."""

    user_id: UUID
    name: str
    assignment: Assignment
    person_id: UUID | None
    client_id: str | None
    scopes: frozenset[str]

    @property
    def role(self) -> Role:
        """The role of the assignment."""
        return self.assignment.role

    @property
    def unit_id(self) -> UUID:
        """The unit acted for. Only asked of staff."""
        if self.assignment.unit_id is None:
            raise RuntimeError("a family member acts for no unit")
        return self.assignment.unit_id

    @property
    def authority_id(self) -> UUID:
        """The authority (nämnd) acted for. Only asked of staff."""
        if self.assignment.authority_id is None:
            raise RuntimeError("a family member acts for no authority")
        return self.assignment.authority_id

    @property
    def is_family(self) -> bool:
        """A guardian or a young person, speaking for themselves."""
        return self.role in (Role.GUARDIAN, Role.YOUNG_PERSON)

    @property
    def standing(self) -> Literal["member", "guardian", "child"]:
        """As what the caller stands in a circle that they hand in (``wall.hand_in``)."""
        return _STANDING.get(self.role, "member")

    @property
    def party_id(self) -> UUID | None:
        """Whom the wall asks about; roles without identifiable data are nobody there (R1.1, R1.2)."""
        if self.role in WITHOUT_PARTY:
            return None
        return self.person_id if self.is_family else self.assignment.unit_id


@dataclass(slots=True)
class Visit:
    """One request inside the house."""

    actor: Actor
    tx: Transaction
    now: datetime
    settings: Settings
    trail: Trail
    language: str = "en"
    method: str = "GET"
    if_match: str | None = None
    asked: Subject | None = None
    location: str | None = None
    version: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    shown_once: tuple[str, ...] = ()  #: fields of the answer that are not kept, and null when it is repeated

    def ownership(self, municipality_code: str | None) -> dict[str, object]:
        """The columns that say whose a new record is: the caller's unit and its authority."""
        return {
            "owner_unit_id": self.actor.unit_id,
            "owner_authority_id": self.actor.authority_id,
            "municipality_code": municipality_code,
        }

    def href(self, path: str) -> str:
        """The absolute address of a resource of this API (HYP.07)."""
        return self.settings.api_url + path

    def presents(self, path: str, version: int | None = None) -> None:
        """The answer is this record: the door writes its Location and ETag."""
        self.location, self.version = self.href(path), version


class ContextSigner:
    """Signs contexts for ``wall.context()``: HMAC-SHA256 (RFC 2104) over ``party|authority|user|instant``."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"wall-context", hashlib.sha256)

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """The inner and outer key pads that the database needs to verify, never to be given to the program's role."""
        key = self._key.ljust(64, b"\0")
        return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)

    def sign(self, party: UUID | None, authority: UUID | None, user: UUID | None, at: datetime) -> str:
        """The value of the ``tillsammans.context`` setting."""
        payload = f"{party or ''}|{authority or ''}|{user or ''}|{at.isoformat()}"
        return hmac.digest(self._key, payload.encode(), hashlib.sha256).hex() + payload
