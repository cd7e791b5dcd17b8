"""What the contract says before its first path: who, on which terms, how to sign in (DOK and SAK of the profile)."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from app.config import Settings
from app.kernel.http.door import FULL_SCOPE
from app.permissions import Permission, scope_of

VERSION = version("tillsammans")

_SWEDISH = """\
## Svenska

Kommuner och region arbetar tillsammans kring ett barn: ärenden, samtycken, möten och planer, över
myndighetsgränser och med sekretessen inbyggd.

- **Logga in** med en åtkomsttoken: `Authorization: Bearer …`. Den som har flera uppdrag väljer ett med `Assignment-Id`.
- **Visa en knapp när länken finns.** `_links` i varje post räknar upp det som just du får göra med den just nu.
- **Ändra** med `If-Match` och postens `ETag`. **Skapa** med `Idempotency-Key`: samma nyckel skapar aldrig två poster.
- **Fel** är `application/problem+json`. Förgrena på `code`; texten kan ändras. Adressen i `type` förklarar felet.
- **Bläddra** med `_links.next`. Sök på personnummer är ett POST: inget som identifierar någon står i en adress.
- **Kodverk** finns under `/code-lists` med etiketter på svenska och engelska; `Accept-Language` väljer språk i texter.

Begränsningar: en sida har högst 200 poster, `offset` är högst 10 000 och ett anrop högst 1 MB
(en fil till `/imports` 1 GB).
"""

_ENGLISH = """\
## English

Municipalities and their region work together around a child: cases, consents, meetings and plans, across the borders of
authorities and with secrecy built in.

- **Sign in** with an access token: `Authorization: Bearer …`. Whoever holds several assignments names one in
  `Assignment-Id`.
- **Show a button when the link is there.** `_links` of each record lists what this caller may do with it now.
- **Change** with `If-Match` and the record's `ETag`. **Create** with `Idempotency-Key`: one key never makes two
  records.
- **Errors** are `application/problem+json`. Branch on `code`; texts may change. The address in `type` explains the
  error.
- **Page** by following `_links.next`. Looking up a personal number is a POST: nothing that identifies anybody stands in
  an address.
- **Code lists** stand under `/code-lists` with labels in Swedish and English; `Accept-Language` chooses texts.

Limitations: a page holds at most 200 records, `offset` is at most 10,000 and a request at most 1 MB
(a file for `/imports` 1 GB).
"""

_AREAS = {"read": ("Läsa", "Read"), "write": ("Läsa och ändra", "Change")}


def complete(document: dict[str, Any], settings: Settings) -> None:
    """Add what the document says about the API as a whole."""
    docs = f"{settings.api_url}/docs"
    document["info"] |= {
        "summary": "Samverkan kring barn och unga · Working together around a child",
        "description": f"{_SWEDISH}\n{_ENGLISH}",
        "termsOfService": f"{settings.public_url}/#terms",
        "contact": {"name": "Tillsammans", "url": "https://tillsammans.example.org", "email": "api@example.org"},
        # OpenAPI 3.1 allows an identifier or an address; the profile asks for the address (DOK.03).
        "license": {
            "name": "EUPL-1.2",
            "url": "https://interoperable-europe.ec.europa.eu/collection/eupl/eupl-text-eupl-12",
        },
        "x-sla": {
            "availability": "Stated by each installation; the program runs in any number of processes.",
            "responseTime": "Stated by each installation; `make bench` measures it.",
            "support": "api@example.org",
        },
        "x-limitations": "At most 200 records a page, offset 10,000, bodies of 1 MB, files of 1 GB; rate limits in "
        "RateLimit-Policy.",
    }
    document["externalDocs"] = {"description": "Dokumentation · Documentation (SLA, guides)", "url": docs}
    document.setdefault("components", {})["securitySchemes"] = _security(settings)


def _security(settings: Settings) -> dict[str, Any]:
    issuer = settings.trusted_issuers[0] if settings.production else settings.dev_issuer
    token = {"tokenUrl": f"{issuer}/token", "scopes": _scopes()}
    return {
        "oauth": {
            "type": "oauth2",
            "description": f"Addresses as its discovery names them: {issuer}/.well-known/openid-configuration. "
            "People sign in with an authorization code and PKCE, systems with client credentials.",
            "flows": {
                "authorizationCode": {"authorizationUrl": f"{issuer}/authorize", **token},
                "clientCredentials": dict(token),
            },
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "En åtkomsttoken från en betrodd utfärdare. · An access token of a trusted issuer.",
        },
    }


def _scopes() -> dict[str, str]:
    scopes = {FULL_SCOPE: "Allt som rollen får. · Everything that the role may."}
    for scope in sorted({scope_of(permission) for permission in Permission}):
        area, deed = scope.split(".")
        sv, en = _AREAS[deed]
        scopes[scope] = f"{sv}: {area}. · {en}: {area}."
    return scopes


def tags_of(routers: Iterable[Any]) -> list[dict[str, str]]:
    """The tags, each described in both languages by the one router that says what it is about."""
    told = [router for router in routers if getattr(router, "about", None) is not None]
    return [{"name": str(router.tags[0]), "description": f"{router.about.sv} · {router.about.en}"} for router in told]
