"""The actions that this caller may take on this record now, as links: a frontend shows a button when one is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.context import Visit
from app.kernel.workflow import Workflow
from app.permissions import Permission, Relation, may

LinkDict = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Action:
    """One deed as a link: offered when the permission is held and, if it has a deed, the state allows it."""

    rel: str
    method: str
    path: str
    permission: Permission
    deed: str | None = None


def links(
    visit: Visit,
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
    role = visit.actor.role
    for action in actions:
        if action.deed is not None and workflow is not None and not workflow.allows(status, action.deed):
            continue
        if may(role, action.permission, relations):
            found[action.rel] = {"href": base + path + action.path, "rel": action.rel, "method": action.method}
    return found
