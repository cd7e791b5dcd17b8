"""The envelope around every request: trace, language, limits, media type, and the headers of every answer.

Plain ASGI, one layer: it costs microseconds, and what it refuses never reaches a handler.
"""

import re
import secrets
import time
from collections.abc import Iterable, Mapping
from hashlib import blake2b

import structlog
from fastapi import Request
from limits import parse
from limits.aio.strategies import FixedWindowRateLimiter
from limits.storage import storage_from_string
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import Settings
from app.kernel.errors import BodyTooLarge, Problem, TooManyRequests, UnsupportedMediaType
from app.kernel.http.problems import respond, unexpected
from app.kernel.http.streams import UploadForm

log = structlog.get_logger("access")

REQUESTS = Counter("tillsammans_requests_total", "Answered requests", ["method", "route", "status"])
SECONDS = Histogram("tillsammans_request_seconds", "Time to answer", ["method", "route"])

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_MEDIA_TYPES = {"PATCH": ("application/merge-patch+json", "application/json")}
SAFE_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-site",
    "permissions-policy": "interest-cohort=()",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "vary": "Authorization, Accept, Accept-Language, Assignment-Id, Origin",
}
_SAFE = [(name.encode(), value.encode()) for name, value in SAFE_HEADERS.items()]


def trace_of(header: str | None) -> tuple[str, str]:
    """The trace id to go on with and our own traceparent (W3C Trace Context level 1)."""
    match = _TRACEPARENT.fullmatch(header or "")
    trace_id = match[1] if match and match[1].strip("0") and match[2].strip("0") else secrets.token_hex(16)
    return trace_id, f"00-{trace_id}-{secrets.token_hex(8)}-{match[3] if match else '00'}"


def language_of(header: str | None) -> str:
    """``sv`` or ``en``: the first of the two that Accept-Language prefers, English when it names neither."""
    wishes = []
    for place, part in enumerate((header or "").split(",")):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        if language in ("sv", "en"):
            try:
                wishes.append((-float(quality or 1), place, language))
            except ValueError:
                continue
    return min(wishes)[2] if wishes else "en"


def _nameless(caller: str) -> str:
    """What a limit remembers of a caller: never the token itself, also not in Redis."""
    return blake2b(caller.encode(), digest_size=16).hexdigest()


def _until(reset: float) -> int:
    """Whole seconds until a window ends, at least one."""
    return max(1, int(reset - time.time()))


def _sealed(headers: Iterable[tuple[bytes, bytes]], extra: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """What the answer says of itself stays, except for Vary; in bytes, as every answer pays for it."""
    stated = [header for header in headers if header[0] != b"vary"]
    names = {name for name, _ in stated}
    ours = [*_SAFE, *((name.encode(), value.encode()) for name, value in extra.items())]
    return [*stated, *(header for header in ours if header[0] not in names)]


class Envelope:
    """The outermost layer of the API."""

    def __init__(self, app: ASGIApp, settings: Settings, uploads: Mapping[str, UploadForm] | None = None) -> None:
        self.app = app
        self.settings = settings
        self.uploads = uploads or {}
        self.limit = parse(settings.rate_limit)
        self.limit_of_address = parse(settings.rate_limit_per_address)
        self.limiter = FixedWindowRateLimiter(storage_from_string(settings.rate_limit_storage))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: refuse, throttle, or pass on; seal whatever answer comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        trace_id, traceparent = trace_of(headers.get("traceparent"))
        state = scope.setdefault("state", {})
        state["trace_id"] = trace_id
        state["language"] = language_of(headers.get("accept-language"))
        extra = {"traceparent": traceparent, "content-language": state["language"]}
        status = 500
        answered = False

        async def seal(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                message["headers"] = _sealed(message["headers"], extra)
            await send(message)

        request = Request(scope, receive)
        try:
            problem = self._refuse(request, headers) or await self._throttle(scope, headers, extra)
            if problem:
                await respond(problem, request)(scope, receive, seal)
            else:
                await self.app(scope, self._limited(receive, self._limit(request)), seal)
        except BodyTooLarge as large:
            await respond(large, request)(scope, receive, seal)
        except Exception as error:
            if answered:
                raise
            await unexpected(request, error)(scope, receive, seal)
        finally:
            self._account(scope, status, time.perf_counter() - started)

    def _refuse(self, request: Request, headers: Headers) -> Problem | None:
        length, limit = headers.get("content-length"), self._limit(request)
        if length and length.isdigit() and int(length) > limit:
            return BodyTooLarge(limit=limit)
        has_body = (length not in (None, "0")) or "transfer-encoding" in headers
        if has_body and request.method in ("POST", "PUT", "PATCH", "DELETE"):
            form = self._form(request)
            expected = tuple(form.examples) if form else _MEDIA_TYPES.get(request.method, ("application/json",))
            sent = headers.get("content-type", "").split(";")[0].strip().lower()
            if sent not in expected:
                return UnsupportedMediaType(expected=", ".join(expected) if form else expected[0])
        return None

    def _form(self, request: Request) -> UploadForm | None:
        """Where files come in, and only there, a body is something else than JSON and may be large."""
        scope = request.scope
        return self.uploads.get(scope["path"].removeprefix(scope.get("root_path", "")))

    def _limit(self, request: Request) -> int:
        form = self._form(request)
        return form.limit(self.settings) if form else self.settings.body_limit_bytes

    async def _throttle(self, scope: Scope, headers: Headers, extra: dict[str, str]) -> Problem | None:
        address = (scope.get("client") or ("unknown",))[0]
        key, place = _nameless(headers.get("authorization") or address), _nameless(address)
        # Whoever calls under ever new tokens, valid or not, comes from one address: nothing is kept of those past it.
        here = await self.limiter.hit(self.limit_of_address, "address", place)
        allowed = here and await self.limiter.hit(self.limit, key)
        reset, remaining = await self.limiter.get_window_stats(self.limit, key)
        seconds = _until(reset)
        window = self.limit.get_expiry()
        extra["ratelimit-policy"] = f'"default";q={self.limit.amount};w={window}'
        extra["ratelimit"] = f'"default";r={max(0, remaining)};t={seconds}'
        if allowed:
            return None
        if not here:
            seconds = _until((await self.limiter.get_window_stats(self.limit_of_address, "address", place))[0])
        return TooManyRequests(seconds=seconds, headers={"Retry-After": str(seconds)})

    def _limited(self, receive: Receive, limit: int) -> Receive:
        """A body without a stated length is counted while it is read."""
        left = limit

        async def count() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise BodyTooLarge(limit=limit)
            return message

        return count

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        REQUESTS.labels(scope["method"], route, status).inc()
        SECONDS.labels(scope["method"], route).observe(seconds)
        log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            trace_id=scope["state"]["trace_id"],
            refused=scope["state"].get("rejected"),
        )
