"""Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header-07, expired 2026-04, still the name in use).

The answer is stored in the transaction that did the deed, so a key is used exactly when something happened. A second
request with the key while the first still runs is told so (409); later ones get the first answer again.
"""

import hashlib
from typing import TYPE_CHECKING

from fastapi import Request, Response
from psycopg.types.json import Jsonb
from pydantic_core import from_json, to_json

from app.kernel.errors import FieldError, IdempotencyKeyInUse, IdempotencyKeyReused, Invalid, Text
from app.kernel.http import conditional

if TYPE_CHECKING:
    from app.kernel.context import Visit
    from app.kernel.http.door import Handler

_LOCK = "select pg_try_advisory_xact_lock(%s) as free"
_FIND = """select operation, fingerprint, status, headers, body from idempotency_keys
where caller_id = %s and key = %s"""
_KEEP = """insert into idempotency_keys (caller_id, key, operation, fingerprint, status, headers, body, created_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)"""
_HEADERS = ("location", "etag", "content-type", "content-language")


async def once(request: Request, visit: "Visit", handle: "Handler") -> Response:
    """Run the handler, or replay its first answer when the caller sends a key a second time."""
    key = key_of(request) if request.method == "POST" else None
    if key is None or hasattr(request.state, "upload"):  # a file is recognised by whoever takes it in
        return await handle(request)
    operation = f"{request.method} {request.url.path}"
    fingerprint = hashlib.sha256(await request.body()).digest()
    if not (await visit.tx.rows(_LOCK, [_lock_number(visit, key)]))[0]["free"]:
        raise IdempotencyKeyInUse(headers={"Retry-After": "1"})
    kept = await visit.tx.rows(_FIND, [visit.actor.user_id, key])
    if kept:
        if kept[0]["operation"] != operation or bytes(kept[0]["fingerprint"]) != fingerprint:
            raise IdempotencyKeyReused
        visit.trail.replayed()
        replayed = {**kept[0]["headers"], "idempotency-replayed": "true"}
        return Response(bytes(kept[0]["body"]), kept[0]["status"], replayed)
    response = conditional.answer(request, visit, await handle(request))
    headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
    answer = [response.status_code, Jsonb(headers), _kept(visit, bytes(response.body)), visit.now]
    await visit.tx.rows(_KEEP, [visit.actor.user_id, key, operation, fingerprint, *answer])
    return response


def _kept(visit: "Visit", body: bytes) -> bytes:
    """The answer without what is shown once."""
    return to_json(from_json(body) | dict.fromkeys(visit.shown_once)) if visit.shown_once else body


def key_of(request: Request) -> str | None:
    """The key that the caller sent; raises ``Invalid``."""
    raw = request.headers.get("idempotency-key")
    if raw is None:
        return None
    key = raw.strip().strip('"')
    if not 1 <= len(key) <= 200 or not key.isprintable():
        message = Text("1–200 skrivbara tecken", "1-200 printable characters")
        raise Invalid(errors=(FieldError("/Idempotency-Key", "idempotency-key-format", message),))
    return key


def _lock_number(visit: "Visit", key: str) -> int:
    digest = hashlib.sha256(f"{visit.actor.user_id} {key}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
