"""State machines as data: which deed leads from which state to which, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.kernel.errors import Conflict, Text


class ImpossibleInThisState(Conflict):
    """The deed exists, but not from the state that the record is in."""

    title = Text("Fel läge för åtgärden", "Wrong state for this deed")
    detail = Text(
        "Posten är i läget ”{status}”, där ”{deed}” inte är möjligt.",
        'The record is in the state "{status}", from which "{deed}" is not possible.',
    )


class HasStatus(Protocol):
    """Anything with a status."""

    status: str


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """States and deeds: ``{(status, deed): next status}``."""

    steps: Mapping[tuple[str, str], str]

    def allows(self, status: str, deed: str) -> bool:
        """Whether the deed is possible from this state."""
        return (status, deed) in self.steps

    def go(self, record: HasStatus, deed: str) -> None:
        """Move the record; raises ``ImpossibleInThisState`` and changes nothing when there is no such step."""
        step = self.steps.get((record.status, deed))
        if step is None:
            raise ImpossibleInThisState(status=record.status, deed=deed)
        record.status = step

    def mermaid(self) -> str:
        """The machine as a Mermaid state diagram, in the order of its steps."""
        lines = [f"    {status} --> {after}: {deed}" for (status, deed), after in self.steps.items()]
        first = next(iter(self.steps))[0]
        ends = dict.fromkeys(after for after in self.steps.values() if all(after != status for status, _ in self.steps))
        return "\n".join(
            ["stateDiagram-v2", f"    [*] --> {first}", *lines, *(f"    {status} --> [*]" for status in ends)]
        )
