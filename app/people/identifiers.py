"""Person identifiers (personidentiteter): what is accepted, in which form it is kept (domain.md 6.1, R2.1).

The date in an identifier is checked to be a date, never to be the birth date: when a day's numbers have run out, a
neighbouring day's is given (folkbokföringslagen 18 §). No value ever stands in an error, a log line or a path (R2.3).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import date
from typing import Final, Literal
from uuid import UUID, uuid4

from personnummer import personnummer

from app.codes import Coded, Text
from app.kernel.errors import FieldError, Invalid


class IdentifierType(Coded):
    """The kinds of identifier a person may have; a child may have none, one or several."""

    PERSONNUMMER = "personnummer", "Personnummer", "Personal identity number"
    SAMORDNINGSNUMMER = "samordningsnummer", "Samordningsnummer", "Coordination number"
    NRID = "nrid", "Nationellt reserv-id", "National reserve id"
    LOCAL_RESERVE = "local_reserve", "Lokalt reservnummer", "Local reserve number"


# A local reserve number has the OID of the system that gave it; it must come with the number.
OIDS: Final[Mapping[IdentifierType, str]] = {
    IdentifierType.PERSONNUMMER: "1.2.752.129.2.1.3.1",
    IdentifierType.SAMORDNINGSNUMMER: "1.2.752.129.2.1.3.3",
    IdentifierType.NRID: "1.2.752.74.9.1",
}

RejectionCode = Literal["identifier-format", "identifier-check-digit", "identifier-date", "identifier-type"]


class IdentifierRejected(ValueError):
    """The identifier is not valid as what it is said to be; carries a code and never the value."""

    def __init__(self, code: RejectionCode) -> None:
        super().__init__(code)
        self.code: RejectionCode = code


def normalise(kind: IdentifierType, value: str, on: date) -> str:
    """The identifier in the one form it is stored, compared and exchanged in.

    ``on`` is the day it was written: it tells the century of ten digits. Personnummer and samordningsnummer come back
    as 12 digits, NRID and local reserve numbers in capitals. Raises ``IdentifierRejected``.
    """
    # str.upper() turns some letters outside ASCII into letters within it.
    if not value.isascii():
        raise IdentifierRejected("identifier-format")
    text = value.strip().upper()
    if kind is IdentifierType.NRID:
        return _nrid(text)
    if kind is IdentifierType.LOCAL_RESERVE:
        return _local_reserve(text)
    return _personal(kind, text, on)


_REJECTIONS: Final[Mapping[RejectionCode, Text]] = {
    "identifier-format": Text("Fel form på identitetsbeteckningen", "The identifier has the wrong form"),
    "identifier-check-digit": Text("Fel kontrollsiffra", "Wrong check digit"),
    "identifier-date": Text("Datumdelen är inget datum", "The date part is no date"),
    "identifier-type": Text("Det är en annan sorts identitetsbeteckning", "It is another type of identifier"),
}


def accept(kind: IdentifierType, value: str, on: date, pointer: str) -> str:
    """``normalise`` for a request: raises ``Invalid`` that points at the field below ``pointer``, without the value."""
    try:
        return normalise(kind, value, on)
    except IdentifierRejected as rejected:
        code = rejected.code
    field = "type" if code == "identifier-type" else "value"
    raise Invalid(errors=(FieldError(f"{pointer}/{field}", code, _REJECTIONS[code]),))


_PERSONAL = re.compile(
    r"(?P<century>18|19|20)?(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?P<sign>[-+]?)(?P<last>(?!000)[0-9]{4})"
)


def _personal(kind: IdentifierType, text: str, on: date) -> str:
    """Personnummer, and samordningsnummer whose day is 60 higher (lag 2022:1697).

    Skatteverket's test data also holds samordningsnummer with month 00 or day 60, for an unknown birth date; R2.1 says
    61-91 and a real date, so they are refused.
    """
    match = _PERSONAL.fullmatch(text)
    if match is None:
        raise IdentifierRejected("identifier-format")
    year, month, day = _full_year(match, on), int(match["month"]), int(match["day"])
    is_coordination = day > 60
    if not _is_date(year, month, day - 60 if is_coordination else day):
        raise IdentifierRejected("identifier-date")
    if is_coordination != (kind is IdentifierType.SAMORDNINGSNUMMER):
        raise IdentifierRejected("identifier-type")
    digits = f"{year:04}{match['month']}{match['day']}{match['last']}"
    if not personnummer.valid(digits):
        raise IdentifierRejected("identifier-check-digit")
    return digits


def _full_year(match: re.Match[str], on: date) -> int:
    """The four-digit year. ``-`` becomes ``+`` the year a person turns 100; without a sign ``-`` is meant."""
    if match["century"] is None:
        latest = on.year - (on.year - int(match["year"])) % 100
        return latest - 100 if match["sign"] == "+" else latest
    year = int(match["century"] + match["year"])
    # With the century written out a hyphen is harmless at any age, but a plus can contradict it.
    if match["sign"] == "+" and on.year - year < 100:
        raise IdentifierRejected("identifier-format")
    return year


_NRID = re.compile(
    r"(?P<series>[0-9]{2})(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"[A-HJ-NPR-UX-Z]{2}[0-9A-HJ-NPR-UX-Z][0-9]"
)


def _nrid(text: str) -> str:
    """National reserve id (nationellt reservid) ``XXYYMMDDNNGC``.

    XX is the birth century + 3, 6 … 78, or 00 with a running number instead of the date; G is a digit, or a letter when
    the sex is unknown; C is the check digit over all characters before it. The check digit's rule and the letter in G
    are read from a public implementation that quotes specification 1.0, and agree with its examples (unverified
    against the specification itself).
    """
    match = _NRID.fullmatch(text)
    if match is None:
        raise IdentifierRejected("identifier-format")
    series, year, month, day = (int(match[part]) for part in ("series", "year", "month", "day"))
    if series == 0:
        if month < 20 or not 40 <= day <= 59:
            raise IdentifierRejected("identifier-format")
    elif not 22 <= series <= 98 or series % 3 == 0:
        raise IdentifierRejected("identifier-format")
    elif not _is_date((19 if series % 3 == 1 else 20) * 100 + year, month, day):
        raise IdentifierRejected("identifier-date")
    if not _nrid_luhn(text):
        raise IdentifierRejected("identifier-check-digit")
    return text


def _nrid_luhn(text: str) -> bool:
    """Luhn where a letter counts as its ASCII number, which the library for personnummer does not know."""
    values = [int(char) if char.isdigit() else ord(char) for char in reversed(text)]
    weighted = [value * 2 if index % 2 else value for index, value in enumerate(values)]
    return sum(int(digit) for value in weighted for digit in str(value)) % 10 == 0


def _local_reserve(text: str) -> str:
    """A local reserve number (lokalt reservnummer): formats differ from region to region, so only the pattern."""
    if not re.fullmatch(r"[A-Z0-9]{6,20}", text):
        raise IdentifierRejected("identifier-format")
    return text


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


_VERSION_8 = 0x8 << 76
_VARIANT = 0b10 << 62


def person_key(secret: str, value: str) -> UUID:
    """The key under which a person is the same in every authority: HMAC-SHA256 of the identifier.

    A UUIDv8 (RFC 9562, 5.8). ``value`` is what ``normalise`` returns. Without the secret the key tells nothing of it.
    """
    own = hmac.digest(secret.encode(), b"person-key", hashlib.sha256)
    digest = int.from_bytes(hmac.digest(own, value.encode(), hashlib.sha256)[:16])
    kept = digest & ~(0xF << 76) & ~(0b11 << 62)
    return UUID(int=kept | _VERSION_8 | _VARIANT)


def unidentified_key() -> UUID:
    """The key of a person who has no identifier: random, and the same nowhere else (R2.2)."""
    return uuid4()


def follows_from_identifier(key: UUID) -> bool:
    """Whether a key was made by ``person_key``."""
    return key.version == 8


_GAP = "[ \u00a0]?[-+\u2010-\u2015\u2212]?[ \u00a0]?"

# Errs on the side of finding. No check digit is asked for, since a mistyped number points at a person as well; month 00
# and day 60 stand in numbers of people whose birth date is unknown; some ten-digit telephone numbers are caught.
# Not caught: a date followed by another date, and reserve numbers that do not begin with eight digits.
IDENTIFIER_PATTERN: Final = re.compile(
    rf"(?<!\d)(?:(?:1[89]|20)?\d\d{_GAP}(?:0\d|1[0-2]){_GAP}(?:[0-2]\d|3[01]|[6-8]\d|9[01]){_GAP}\d{{4}}"
    r"|\d{8}-?[A-Z][A-Z\d]{2}\d)(?!\d|-\d\d-\d\d)"
)

# Trace ids and record ids are hexadecimal and now and then hold ten digits in a row; logs are useless without them.
_OPAQUE = r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{16})\b"
_REDACTABLE = re.compile(rf"(?P<opaque>{_OPAQUE})|(?:{IDENTIFIER_PATTERN.pattern})")


def redact(text: str) -> str:
    """The text with every person identifier that ``IDENTIFIER_PATTERN`` finds replaced by ``[redacted]`` (R2.3)."""
    return _REDACTABLE.sub(lambda match: match[0] if match["opaque"] else "[redacted]", text)
