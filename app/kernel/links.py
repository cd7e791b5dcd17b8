"""The actions that this caller may take on this record now, as links: a frontend shows a button when one is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from app.config import Settings
from app.kernel.context import Actor
from app.kernel.workflow import Workflow
from app.permissions import Permission, Relation, Role, may

LinkDict = dict[str, dict[str, str]]


class Asking(Protocol):
    """Whoever asks: a visit, or at a public endpoint perhaps nobody known, who is offered no action."""

    settings: Settings

    @property
    def actor(self) -> Actor | None:
        """Who it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """One deed as a link: offered when the permission is held and, if it has a deed, the state allows it."""

    rel: str
    method: str
    path: str
    permission: Permission
    deed: str | None = None


def links(
    visit: Asking,
    path: str,
    actions: Sequence[Action],
    relations: frozenset[Relation],
    *,
    workflow: Workflow | None = None,
    status: str = "",
    neighbours: dict[str, str] | None = None,
) -> LinkDict:
    """``self``, the neighbours, and one link for each action that role and state allow."""
    base = visit.settings.api_url
    found: LinkDict = {"self": {"href": base + path, "rel": "self", "method": "GET"}}
    for rel, target in (neighbours or {}).items():
        found[rel] = {"href": base + target, "rel": rel, "method": "GET"}
    role = visit.actor and visit.actor.role
    for action in _offered(tuple(actions), role, relations, workflow, status) if role else ():
        found[action.rel] = {"href": base + path + action.path, "rel": action.rel, "method": action.method}
    return found


@lru_cache(maxsize=4096)
def _offered(
    actions: tuple[Action, ...], role: Role, relations: frozenset[Relation], workflow: Workflow | None, status: str
) -> tuple[Action, ...]:
    # Worked out once for each way to stand to a record in a state: a page asks it for every item.
    return tuple(
        action
        for action in actions
        if (action.deed is None or workflow is None or workflow.allows(status, action.deed))
        and may(role, action.permission, relations)
    )
