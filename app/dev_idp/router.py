"""The four addresses of the development issuer: discovery, keys, sign-in page, tokens."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote_plus, urlencode, urlsplit

import httpx
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from app.config import Settings
from app.dev_idp.assertions import ALGORITHMS, ClientAssertions
from app.dev_idp.clients import ClientKeys
from app.dev_idp.grants import AuthorizationCodes, AuthorizationRequest, OAuthError, may_redirect_to
from app.dev_idp.issuer import DEFAULT_SCOPE, DEMO_CLIENT_SECRET, DemoUser, DevIssuer

TOKEN_SECONDS = 3600
NO_STORE = {"cache-control": "no-store"}
_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)

ListUsers = Callable[[], Awaitable[list[DemoUser]]]


class _DevIdp:
    """What the endpoints share: the issuer, its codes and the users there are."""

    def __init__(self, settings: Settings, issuer: DevIssuer, list_users: ListUsers) -> None:
        self.settings = settings
        self.issuer = issuer
        self.list_users = list_users
        self.codes = AuthorizationCodes(issuer.clock)
        addresses = (issuer.issuer, f"{issuer.issuer}/token")
        self.assertions = ClientAssertions(ClientKeys(settings.data_dir), addresses, issuer.clock)

    async def discovery(self, _request: Request) -> Response:
        """OpenID Connect Discovery 1.0."""
        base = self.issuer.issuer
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "jwks_uri": f"{base}/jwks",
                "scopes_supported": ["openid", DEFAULT_SCOPE],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code", "client_credentials"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": [
                    "none",
                    "client_secret_post",
                    "client_secret_basic",
                    "private_key_jwt",
                ],
                "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def jwks(self, _request: Request) -> Response:
        """The public key set."""
        return JSONResponse(self.issuer.jwks)

    async def authorize(self, request: Request) -> Response:
        """Show the demo users; with ``subject`` in the query, send a code for that one to the client at once."""
        query = dict(request.query_params)
        if not query.get("client_id") or not may_redirect_to(query.get("redirect_uri", ""), self.settings):
            # Never redirect to an address that is not known to be the client's (RFC 6749 section 4.1.2.1).
            return _page("refused.html", HTTPStatus.BAD_REQUEST)
        try:
            asked = AuthorizationRequest.read(query)
            users = {user.subject: user for user in await self.list_users() if not user.is_client}
            subject = query.get("subject")
            if subject is None:
                return _page("pick.html", client_id=asked.client_id, choices=_choices(query, users))
            if subject not in users:
                raise OAuthError("access_denied", "there is no such demo user")
            answer = {"code": self.codes.issue(asked, subject)}
        except OAuthError as failure:
            answer = {"error": failure.error, "error_description": failure.description}
        if "state" in query:
            answer["state"] = query["state"]
        return _back_to(query["redirect_uri"], answer | {"iss": self.issuer.issuer})

    async def token(self, request: Request) -> Response:
        """Exchange a code, or a demo system's proof of who it is, for a token (RFC 6749 sections 4.1.3 and 4.4)."""
        try:
            form = await _form(request)
            client_id, proven = await self._caller(request, form)
            match form.get("grant_type"):
                case "authorization_code":
                    granted = await self._by_code(form, client_id)
                case "client_credentials":
                    granted = await self._as_system(form, client_id, proven=proven)
                case _:
                    raise OAuthError("unsupported_grant_type", "authorization_code or client_credentials")
        except OAuthError as failure:
            body = {"error": failure.error, "error_description": failure.description}
            challenge = {"www-authenticate": 'Basic realm="dev-idp"'} if failure.status == 401 else {}
            return JSONResponse(body, failure.status, headers=NO_STORE | challenge)
        return JSONResponse(granted | {"token_type": "Bearer", "expires_in": TOKEN_SECONDS}, headers=NO_STORE)

    async def _caller(self, request: Request, form: Mapping[str, str]) -> tuple[str, bool]:
        """Return the client's id, and whether it has proven to be that one: by a secret or a signature, never both."""
        client_id, secret = _client(request, form)
        if "client_assertion" in form:
            if secret is not None:
                raise OAuthError("invalid_request", "authenticate in one way, not in two")
            return self.assertions.client_of(form, await self._systems()), True
        if secret is not None and not _is_demo_secret(secret):
            raise _unknown_client()
        return client_id, secret is not None

    async def _systems(self) -> set[str]:
        return {user.subject for user in await self.list_users() if user.is_client}

    async def _by_code(self, form: Mapping[str, str], client_id: str) -> dict[str, object]:
        asked, subject = self.codes.redeem(
            form.get("code", ""),
            client_id=client_id,
            redirect_uri=form.get("redirect_uri", ""),
            verifier=form.get("code_verifier", ""),
        )
        user = next((user for user in await self.list_users() if user.subject == subject), None)
        if user is None:
            raise OAuthError("invalid_grant", "the demo user is gone")
        granted = self._grant(subject, client_id, asked.scope)
        if "openid" in (asked.scope or "").split():
            granted["id_token"] = self.issuer.id_token(user, client_id=client_id, nonce=asked.nonce)
        return granted

    async def _as_system(self, form: Mapping[str, str], client_id: str, *, proven: bool) -> dict[str, object]:
        if not proven or client_id not in await self._systems():
            raise _unknown_client()
        return self._grant(client_id, client_id, form.get("scope"))

    def _grant(self, subject: str, client_id: str, scope: str | None) -> dict[str, object]:
        scope = scope or DEFAULT_SCOPE
        token = self.issuer.access_token(subject, client_id=client_id, scope=scope, lifetime=TOKEN_SECONDS)
        return {"access_token": token, "scope": scope}


def dev_idp_app(settings: Settings, issuer: DevIssuer, list_users: ListUsers) -> Starlette:
    """Return the sub-application to mount at ``DEV_ISSUER_PATH``. Raises RuntimeError in production.

    Discovery, keys and tokens answer any origin, so that a frontend on any port can sign in; codes live in this
    process, so development runs one.
    """
    if settings.production:
        raise RuntimeError("the development issuer does not exist in production")
    idp = _DevIdp(settings, issuer, list_users)
    open_to_all = [Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])]
    app = Starlette(
        routes=[
            Route(
                "/.well-known/openid-configuration",
                idp.discovery,
                methods=["GET", "OPTIONS"],
                middleware=open_to_all,
            ),
            Route("/jwks", idp.jwks, methods=["GET", "OPTIONS"], middleware=open_to_all),
            Route("/authorize", idp.authorize),
            Route("/token", idp.token, methods=["POST", "OPTIONS"], middleware=open_to_all),
        ]
    )
    app.state.issuer_path = urlsplit(settings.dev_issuer).path
    return app


def in_process_transport(app: Starlette) -> httpx.ASGITransport:
    """Return a transport that answers the issuer's absolute addresses from ``app``, without a network."""
    mounted = Starlette(routes=[Mount(app.state.issuer_path, app)])
    return httpx.ASGITransport(app=mounted, raise_app_exceptions=False)


def _page(template: str, status: int = HTTPStatus.OK, **context: object) -> Response:
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = NO_STORE | {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "content-language": "sv, en",
    }
    return HTMLResponse(_PAGES.get_template(template).render(nonce=nonce, **context), status, headers=headers)


def _choices(query: Mapping[str, str], users: Mapping[str, DemoUser]) -> list[dict[str, str]]:
    # Plain links, not a form: browsers apply form-action to the redirect as well, and it leads to another origin.
    return [
        {
            "href": "?" + urlencode({**query, "subject": subject}),
            "subject": subject,
            "name": user.name,
            "description": user.description,
            "initials": "".join(word[0] for word in user.name.split()[:2]).upper(),
        }
        for subject, user in users.items()
    ]


def _back_to(redirect_uri: str, answer: Mapping[str, str]) -> Response:
    separator = "&" if urlsplit(redirect_uri).query else "?"
    headers = NO_STORE | {"referrer-policy": "no-referrer"}
    return RedirectResponse(redirect_uri + separator + urlencode(answer), HTTPStatus.FOUND, headers=headers)


async def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "the body must be application/x-www-form-urlencoded")
    items = [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
    form = dict(items)
    if len(form) != len(items):
        raise OAuthError("invalid_request", "a parameter is repeated")
    return form


def _client(request: Request, form: Mapping[str, str]) -> tuple[str, str | None]:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret")
    try:
        name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _unknown_client() from None
    return unquote_plus(name), unquote_plus(secret)


def _is_demo_secret(secret: str) -> bool:
    return hmac.compare_digest(secret.encode(), DEMO_CLIENT_SECRET.encode())


def _unknown_client() -> OAuthError:
    return OAuthError("invalid_client", "unknown client, or wrong secret", HTTPStatus.UNAUTHORIZED)
