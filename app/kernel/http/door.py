"""One request, one transaction: opened here, committed here, before the response leaves (house rule 2).

The door asks who is there, opens the transaction with the caller's signed context, lets the endpoint work, writes the
access log, and commits. Whatever is raised inside leaves the database as it was; a refusal is logged on its own.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from app.config import Settings
from app.kernel.audit import Subject, Trail
from app.kernel.auth import Identity, TokenRejected, TokenVerifier
from app.kernel.clock import Clock
from app.kernel.context import Actor, ContextSigner, Visit
from app.kernel.db import Database, Transaction
from app.kernel.errors import InsufficientScope, Problem, SearchNotAllowed, Text, Unauthenticated
from app.kernel.http import conditional, idempotency, streams
from app.kernel.http.streams import UploadForm
from app.permissions import FULL_SCOPE as FULL_SCOPE
from app.permissions import Permission, in_scope, scope_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
FindActor = Callable[[Transaction, Identity, str | None, Any], Awaitable[Actor]]

#: Deeds that touch no child, case or consent: they leave no entry in the access log.
UNLOGGED = frozenset(
    {
        Permission.ME_READ,
        Permission.ORGANISATION_READ,
        Permission.USER_LIST,
        Permission.USER_READ,
        Permission.DESK_READ,
        Permission.CENTRE_READ,
        Permission.TEMPLATE_READ,
        Permission.ABSENCE_LIST,
        Permission.GROUP_READ,
        Permission.SUPPORT_READ,
        Permission.TEAM_READ,
        Permission.EVENT_LIST,  # one look for an answer that tells something, none for one that tells nothing
    }
)
#: Collections of identifiable children: their search terms are limited by law (ordinance 2001:637 section 15).
SEARCHES = frozenset(
    {
        Permission.CASE_LIST,
        Permission.CHILD_LIST,
        Permission.CONSENT_LIST,
        Permission.DISCLOSURE_LIST,
        Permission.DEADLINE_LIST,
        Permission.REQUEST_LIST,
        Permission.REFERRAL_LIST,
        Permission.WELLBEING_LIST,
        Permission.MEETING_LIST,
        Permission.PLAN_LIST,
        Permission.QUEUE_LIST,
        Permission.PLACE_LIST,
        Permission.SUPPORT_USE_LIST,
        Permission.MATTER_LIST,
    }
)


@dataclass(slots=True)
class Kernel:
    """What the door needs, made once by ``create_app``."""

    settings: Settings
    clock: Clock
    database: Database
    verifier: TokenVerifier
    signer: ContextSigner
    find_actor: FindActor

    async def identify(self, request: Request) -> Identity:
        """The verified identity of the caller, or 401 with one text for every cause."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(headers={"WWW-Authenticate": "Bearer"})
        try:
            return await self.verifier.verify(token.strip())
        except TokenRejected as rejected:
            request.state.rejected = rejected.reason
            raise Unauthenticated(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from None

    async def enter(self, tx: Transaction, actor: Actor, at: Any) -> None:
        """Set the transaction's signed context: until then the wall shows nothing."""
        signed = self.signer.sign(actor.party_id, actor.assignment.authority_id, actor.user_id, at)
        await tx.rows("select set_config('tillsammans.context', %s, true)", [signed])

    async def act_as(
        self, tx: Transaction, actor: Actor, permission: Permission, action: str, *, trace_id: str, language: str = "en"
    ) -> Visit:
        """A visit without a request: what somebody asked for is done later, as them and before the same wall.

        Whoever calls writes ``visit.trail`` and commits, as the door does.
        """
        now = self.clock.now()
        await self.enter(tx, actor, now)
        return Visit(
            actor=actor, tx=tx, now=now, settings=self.settings, method="POST", language=language,
            trail=Trail(actor, now, trace_id, str(permission), action),
        )  # fmt: skip

    async def log_refusal(self, visit: Visit, problem: Problem) -> None:
        """Log that somebody was refused, in a transaction of its own."""
        trail = Trail(visit.actor, visit.now, visit.trail.trace_id, visit.trail.permission, visit.trail.action)
        trail.refused(visit.asked or Subject(visit.trail.permission.split(".")[0]), problem.code)
        async with self.database.transaction(write=False) as tx:
            await self.enter(tx, visit.actor, visit.now)
            await trail.write(tx)
            await tx.commit()


def permission_of(dependant: Dependant) -> Permission | None:
    """The permission that an endpoint's dependencies ask for; two different ones are a mistake."""
    found = {
        permission
        for inner in dependant.dependencies
        for permission in (getattr(inner.call, "permission", None), permission_of(inner))
        if permission is not None
    }
    if len(found) > 1:
        raise TypeError(f"an endpoint asks for one permission, not {sorted(found)}")
    return found.pop() if found else None


class DoorRoute(APIRoute):
    """A route behind the door. It cannot be constructed without a permission."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        permission = permission_of(self.dependant)
        if permission is None:
            raise TypeError(f"{endpoint.__qualname__} ({path}) asks for no permission")
        self.permission = permission
        self.form = streams.form_of(self.dependant)
        self.openapi_extra = {
            **(self.openapi_extra or {}),
            "x-permission": str(permission),
            "security": [{"oauth": [scope_of(permission)]}, {"bearer": []}],
        }

    def get_route_handler(self) -> Handler:
        """FastAPI's own handler, inside the door."""
        handle = super().get_route_handler()
        permission, action = permission_of(self.dependant), self.operation_id or self.name
        if permission is None:
            raise TypeError("an endpoint behind the door asks for a permission")
        scope, form = scope_of(permission), streams.form_of(self.dependant)

        async def door(request: Request) -> Response:
            kernel: Kernel = request.app.state.kernel
            identity = await kernel.identify(request)
            if not in_scope(permission, identity.scopes):
                raise InsufficientScope(
                    scope=scope, headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
                )
            async with (
                streams.incoming(kernel, request, identity, permission, form),
                kernel.database.transaction(write=request.method not in ("GET", "HEAD")) as tx,
            ):
                visit = await _open(kernel, request, identity, tx, permission, action)
                return await _inside(kernel, request, visit, handle)

        return door


async def _open(
    kernel: Kernel, request: Request, identity: Identity, tx: Transaction, permission: Permission, action: str
) -> Visit:
    now = kernel.clock.now()
    actor = await kernel.find_actor(tx, identity, request.headers.get("assignment-id"), now)
    await kernel.enter(tx, actor, now)
    visit = Visit(
        actor=actor,
        tx=tx,
        now=now,
        settings=kernel.settings,
        trail=Trail(actor, now, request.state.trace_id, str(permission), action),
        language=request.state.language,
        method=request.method,
        if_match=request.headers.get("if-match"),
    )
    request.state.visit = visit
    return visit


async def _inside(kernel: Kernel, request: Request, visit: Visit, handle: Handler) -> Response:
    try:
        response = await idempotency.once(request, visit, handle)
    except RequestValidationError as invalid:
        await visit.tx.rollback()
        if visit.trail.permission in SEARCHES and _asks_for_more(invalid):
            await kernel.log_refusal(visit, SearchNotAllowed())
            raise SearchNotAllowed from None
        raise
    except Problem as problem:
        await visit.tx.rollback()
        if problem.refusal:
            await kernel.log_refusal(visit, problem)
        raise
    if not visit.trail.entries and visit.trail.permission not in UNLOGGED:
        raise RuntimeError(f"{visit.trail.action} left no entry in the access log")
    await visit.trail.write(visit.tx)
    await visit.tx.commit()
    return conditional.answer(request, visit, response)


def _asks_for_more(invalid: RequestValidationError) -> bool:
    """Whether the query holds a search term that the collection does not have."""
    return any(error["type"] == "extra_forbidden" and error["loc"][0] == "query" for error in invalid.errors())


class Router(APIRouter):
    """The endpoints of one resource: one tag with a text in both languages, all behind the door."""

    def __init__(self, tag: str, about: Text | None = None) -> None:
        super().__init__(tags=[tag], route_class=DoorRoute)
        self.about = about
        self._first_parts: frozenset[str] = frozenset()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Ask the routes only when the path begins like one of them: matching route by route was slow."""
        if not self._first_parts:
            self._first_parts = frozenset(
                _first_part(route.path) for route in self.routes if isinstance(route, DoorRoute)
            )
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        return super().matches(scope) if _first_part(path) in self._first_parts else (Match.NONE, {})


def uploads_of(routers: Iterable[APIRouter]) -> dict[str, UploadForm]:
    """Where files come in, by path."""
    routes = [route for router in routers for route in router.routes if isinstance(route, DoorRoute)]
    return {route.path: route.form for route in routes if route.form}


def _first_part(path: str) -> str:
    return path.strip("/").split("/", 1)[0]
