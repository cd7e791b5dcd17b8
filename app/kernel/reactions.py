"""What happens in one package may concern another above it: told in the same transaction, without knowing whom.

A happening is a small frozen class in the ``models.py`` of the package that tells it. Whoever stands above reacts with
a function of its ``service.py``; all of it commits, or nothing does (``docs/decisions/0007``).
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from app.kernel.context import Visit

Happening = TypeVar("Happening")
Reaction = Callable[[Visit, Happening], Awaitable[None]]

#: Who reacts to what, in the order of import. The contract reads it too: a reaction's problems are the teller's.
REACTIONS: dict[type[Any], list[Callable[[Visit, Any], Awaitable[None]]]] = defaultdict(list)


def reacts_to(happening: type[Happening]) -> Callable[[Reaction[Happening]], Reaction[Happening]]:
    """``@reacts_to(ConsentEnded)`` on ``async def (visit, happening)``."""

    def register(reaction: Reaction[Happening]) -> Reaction[Happening]:
        REACTIONS[happening].append(reaction)
        return reaction

    return register


async def tell(visit: Visit, happening: object) -> None:
    """Let everybody react whom it concerns; a problem that a reaction raises refuses the deed."""
    for reaction in REACTIONS[type(happening)]:
        await reaction(visit, happening)
