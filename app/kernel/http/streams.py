"""Files that come in, and answers that are longer than a page: both pass in pieces, and neither holds a connection.

A file is on disk before its transaction begins, however slowly it was sent; whoever may not send it is told so by the
door, unread. The file has no name there, so that nothing of it is left when the program dies.
"""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from app.config import Settings
from app.kernel.context import Visit
from app.kernel.errors import Malformed, Problem, UnsupportedMediaType
from app.kernel.http.idempotency import key_of
from app.kernel.uploads import Upload
from app.permissions import Permission, Relation, may

if TYPE_CHECKING:
    from app.kernel.auth import Identity
    from app.kernel.http.door import Kernel

Read = Callable[[Visit], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class UploadForm:
    """Which files an operation takes: an example of each media type, and the setting that holds the largest size.

    For the contract also the schema of each kind of line, the field that tells the kind, and what is done with the
    lines later, whose problems are told of them.
    """

    examples: dict[str, str]
    limit_setting: str
    lines: Mapping[str, type[BaseModel]]
    tag: str
    later: Sequence[Callable[..., Any]]

    def limit(self, settings: Settings) -> int:
        """The most bytes that a file may have."""
        return cast(int, getattr(settings, self.limit_setting))


def receives(form: UploadForm) -> Any:
    """The dependency of an endpoint whose body is a file and not JSON."""

    async def received(request: Request) -> Upload:
        upload: Upload = request.state.upload
        return upload

    received.form = form  # type: ignore[attr-defined]
    return Depends(received)


def form_of(dependant: Dependant) -> UploadForm | None:
    """The form of an endpoint that takes a file."""
    return next((form for inner in dependant.dependencies if (form := getattr(inner.call, "form", None))), None)


@asynccontextmanager
async def incoming(
    kernel: "Kernel", request: Request, identity: "Identity", permission: Permission, form: UploadForm | None
) -> AsyncIterator[None]:
    """Have the file on disk while the block runs. Raises ``UnsupportedMediaType`` and ``Malformed``."""
    if form is None or not await _may_send(kernel, request, identity, permission):
        yield
        return
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in form.examples:
        raise UnsupportedMediaType(expected=", ".join(form.examples))
    key = key_of(request)
    with tempfile.TemporaryFile() as file:
        request.state.upload = Upload(file, media_type, await _keep(request, file), key)
        yield


async def _may_send(kernel: "Kernel", request: Request, identity: "Identity", permission: Permission) -> bool:
    try:
        async with kernel.database.transaction(write=False) as tx:
            assignment = request.headers.get("assignment-id")
            actor = await kernel.find_actor(tx, identity, assignment, kernel.clock.now())
    except Problem:
        return False
    return may(actor.role, permission, frozenset({Relation.ANYONE}))


async def _keep(request: Request, file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    try:
        async for chunk in request.stream():
            digest.update(chunk)
            file.write(chunk)
    except ClientDisconnect:
        raise Malformed from None
    return digest.digest()


class Ndjson(StreamingResponse):
    """Lines of JSON (application/x-ndjson), page by page."""

    media_type = "application/x-ndjson"

    @classmethod
    def documented(cls, description: str, *others: type[StreamingResponse]) -> dict[int | str, dict[str, Any]]:
        """The ``responses`` of an operation that answers so, or as one of the others does."""
        content = {str(form.media_type): {"schema": {"type": "string", "format": "binary"}} for form in (cls, *others)}
        return {200: {"description": description, "content": content}}

    @classmethod
    def of(cls, line: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
        """The ``responses`` of an operation that answers so, each line in one shape, which the contract describes."""
        return {200: {"model": line}}


class Csv(StreamingResponse):
    """A table (text/csv, RFC 4180) with its header, page by page."""

    media_type = "text/csv"


def paged(request: Request, visit: Visit, read: Read, answer: type[StreamingResponse] = Ndjson) -> Response:
    """An answer of any length: ``read`` is asked for pages until it has none.

    Each page is read as the caller in a transaction of its own, and what it leaves in the access log is there before
    the page is. Between pages, and while the receiver is slow, there is no transaction.
    """
    kernel: Kernel = request.app.state.kernel
    trail = visit.trail

    async def pages() -> AsyncIterator[bytes]:
        page: bytes | None = b""
        while page is not None:
            async with kernel.database.transaction(write=False) as tx:
                inside = await kernel.act_as(
                    tx, visit.actor, Permission(trail.permission), trail.action, trace_id=trail.trace_id,
                    language=visit.language,
                )  # fmt: skip
                page = await read(inside)
                await inside.trail.write(tx)
                await tx.commit()
            if page:
                yield page

    return answer(pages(), headers={"cache-control": "no-store"})
