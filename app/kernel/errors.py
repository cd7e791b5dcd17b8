"""Errors with names. A rule that is broken raises one; ``kernel.http.problems`` writes it as RFC 9457.

A subclass states its code, status and texts once; the code is the last part of the ``type`` address, where its
documentation stands. Texts never hold what the caller sent: an identifier in an error would be a leak (R2.3).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from app.codes import Text as Text


@dataclass(frozen=True, slots=True)
class FieldError:
    """One rejected field: a JSON Pointer (RFC 6901), a stable code and a message without the value."""

    pointer: str
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class Alternative:
    """What there is instead of what was refused: what it is called, and where it stands if it has an address.

    ``path`` starts at the resource (``/family-centres/…``). Only what everybody may know: directory, never a person.
    """

    name: Text
    path: str | None = None
    method: str = "GET"
    id: UUID | None = None


class Problem(Exception):
    """The base of everything a caller is told is wrong."""

    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("Något gick fel", "Something went wrong")
    detail: ClassVar[Text] = Text("Felet är loggat.", "The fault is logged.")
    code: ClassVar[str] = "internal-error"
    refusal: ClassVar[bool] = False  #: kept in the access log: somebody reached for what is not theirs
    constraint: ClassVar[str | None] = None  #: the unique constraint that catches this also in a race
    by_constraint: ClassVar[dict[str, type["Problem"]]] = {}
    registry: ClassVar[dict[str, type["Problem"]]] = {}

    def __init__(
        self,
        *,
        errors: tuple[FieldError, ...] = (),
        headers: dict[str, str] | None = None,
        alternatives: Sequence[Alternative] = (),
        **values: object,
    ) -> None:
        super().__init__(self.code)
        self.errors = errors
        self.alternatives = alternatives
        self.headers = headers or {}
        self.values = values

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        if "constraint" in cls.__dict__ and cls.constraint:
            Problem.by_constraint[cls.constraint] = cls
        if cls.__dict__.get("title"):
            Problem.registry[cls.code] = cls

    def describe(self, language: str) -> str:
        """The detail text with this occurrence's values; values are counts, dates and codes, never personal data."""
        return self.detail.in_language(language).format(**self.values)


Problem.registry[Problem.code] = Problem

Made = TypeVar("Made")


def attempt(make: Callable[..., Made], *given: Any) -> Made | Problem:
    """What is made of one among many, or the problem with it, which is no problem of the others."""
    try:
        return make(*given)
    except Problem as problem:
        return problem


def made(outcome: Made | Problem) -> Made:
    """What was made of the only one; raises the problem with it."""
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


class Malformed(Problem):
    status = 400
    title = Text("Begäran går inte att läsa", "The request cannot be read")
    detail = Text("Kontrollera syntaxen i begäran.", "Check the syntax of the request.")


class SearchNotAllowed(Problem):
    """SoLPuL's ordinance 15 §: only name, identifier or case number (domain.md 5.5, trap 10)."""

    status = 400
    refusal = True
    title = Text("Sökningen är inte tillåten", "This search is not allowed")
    detail = Text(
        "Identifierbara barn får bara sökas på namn, ärendenummer eller (med POST) identitetsbeteckning "
        "(förordning 2001:637 15 §).",
        "Identifiable children may only be searched by name, case number or (by POST) identifier "
        "(ordinance 2001:637 section 15).",
    )


class InvalidCursor(Problem):
    status = 400
    title = Text("Ogiltig sidmarkör", "Invalid cursor")
    detail = Text("Börja om från första sidan.", "Start again from the first page.")


class Unauthenticated(Problem):
    status = 401
    title = Text("Inloggning krävs", "Authentication required")
    detail = Text(
        "Skicka en giltig åtkomsttoken: Authorization: Bearer …",
        "Send a valid access token: Authorization: Bearer …",
    )


class Denied(Problem):
    code = "forbidden"
    status = 403
    refusal = True
    title = Text("Inte tillåtet", "Not permitted")
    detail = Text(
        "Din roll har inte rätt att göra detta med den här posten. Försöket är loggat.",
        "Your role may not do this with this record. The attempt is logged.",
    )


class InsufficientScope(Denied):
    code = "insufficient-scope"
    title = Text("Åtkomsttokenen räcker inte", "The access token does not reach this far")
    detail = Text("Tokenen saknar omfånget {scope}.", "The token lacks the scope {scope}.")


class NoAssignment(Denied):
    code = "no-assignment"
    title = Text("Inget gällande uppdrag", "No valid assignment")
    detail = Text(
        "Användaren är okänd eller har inget gällande uppdrag.",
        "The user is unknown here or has no valid assignment.",
    )


class AssignmentNotChosen(Problem):
    status = 400
    title = Text("Välj uppdrag", "Choose an assignment")
    detail = Text(
        "Du har flera gällande uppdrag. Ange ett i huvudet Assignment-Id; GET /me räknar upp dem.",
        "You hold several valid assignments. Name one in the Assignment-Id header; GET /me lists them.",
    )


class NotFound(Problem):
    status = 404
    refusal = True
    title = Text("Finns inte", "Not found")
    detail = Text(
        "Posten finns inte, eller så får du inte veta att den finns.",
        "The record does not exist, or you may not know that it does.",
    )


class MethodNotAllowed(Problem):
    status = 405
    title = Text("Metoden stöds inte", "Method not allowed")
    detail = Text("Se Allow-huvudet.", "See the Allow header.")


class Conflict(Problem):
    status = 409
    title = Text("Går inte i nuläget", "Not possible in the current state")
    detail = Text("Postens läge tillåter inte åtgärden.", "The record's state does not allow this.")


class AlreadyExists(Conflict):
    title = Text("Finns redan", "Already exists")
    detail = Text("En post med samma nyckel finns redan.", "A record with the same key exists already.")


class IdempotencyKeyInUse(Conflict):
    title = Text("Begäran behandlas redan", "The request is still running")
    detail = Text("Försök igen om en stund med samma nyckel.", "Try again in a moment with the same key.")


class PreconditionFailed(Problem):
    status = 412
    title = Text("Posten har ändrats", "The record has changed")
    detail = Text("Hämta posten på nytt och försök igen.", "Read the record again and retry.")


class BodyTooLarge(Problem):
    status = 413
    title = Text("För stor begäran", "Request too large")
    detail = Text("Högst {limit} byte.", "At most {limit} bytes.")


class UnsupportedMediaType(Problem):
    status = 415
    title = Text("Fel medietyp", "Unsupported media type")
    detail = Text("Skicka {expected}.", "Send {expected}.")


class Invalid(Problem):
    code = "validation-failed"
    status = 422
    title = Text("Uppgifterna kan inte godtas", "The data cannot be accepted")
    detail = Text("Se errors för varje fält.", "See errors for each field.")


class IdempotencyKeyReused(Problem):
    status = 422
    title = Text("Nyckeln är redan använd", "The key was used before")
    detail = Text(
        "Samma Idempotency-Key har skickats med ett annat innehåll.",
        "The same Idempotency-Key was sent with another content.",
    )


class PreconditionRequired(Problem):
    status = 428
    title = Text("If-Match krävs", "If-Match required")
    detail = Text("Skicka postens ETag i If-Match.", "Send the record's ETag in If-Match.")


class TooManyRequests(Problem):
    status = 429
    title = Text("För många anrop", "Too many requests")
    detail = Text("Vänta {seconds} sekunder.", "Wait {seconds} seconds.")


class Unavailable(Problem):
    code = "service-unavailable"
    status = 503
    title = Text("Tjänsten är inte tillgänglig", "The service is unavailable")
    detail = Text("Inget har sparats. Försök igen.", "Nothing was saved. Try again.")
