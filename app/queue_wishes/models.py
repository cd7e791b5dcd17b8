"""A wish for a place in a contact group (önskemål). ``domain.md`` 12.11 (R11.3, R11.4, requests by school)."""

from dataclasses import dataclass

from app.group_queues.models import AskedVia, WishedBy
from app.kernel.errors import Denied, Problem
from app.kernel.errors import Text as Words


class GradeOutsideGroup(Problem):
    """R11.3: a group is for its grades; the manager of its unit may except a child, with a reason."""

    status = 422
    title = Words("Årskursen passar inte gruppen", "The grade does not fit the group")
    detail = Words(
        "Gruppen är för årskurs {lowest}–{highest}. Välj en annan grupp; chefen för gruppens enhet kan göra undantag "
        "med gradeExceptionReason.",
        "The group is for grades {lowest} to {highest}. Choose another group; the manager of the group's unit can make "
        "an exception with gradeExceptionReason.",
    )


class GradeExceptionByManager(Denied):
    """R11.3: an exception from the grades is the manager's."""

    code = "grade-exception-by-manager"
    title = Words("Chefen gör undantag", "The manager makes exceptions")
    detail = Words(
        "Bara chefen för gruppens enhet får ange gradeExceptionReason.",
        "Only the manager of the group's unit may state gradeExceptionReason.",
    )


class PriorityNeedsReason(Problem):
    """R11.4: a priority is documented with its reason."""

    status = 422
    title = Words("Prioritet kräver skäl", "A priority needs a reason")
    detail = Words("Ange priorityReason.", "State priorityReason.")


class StatedByGroupsUnit(Denied):
    """R11.4: who comes before whom, and from when, is told by those who keep the line."""

    code = "stated-by-groups-unit"
    title = Words("Anges av gruppens enhet", "Stated by the group's unit")
    detail = Words(
        "Bara gruppens egen enhet anger requestedAt, priority och priorityReason; den och familjen anger note.",
        "Only the group's own unit states requestedAt, priority and priorityReason; it and the family state note.",
    )


class WishIsYourOwn(Problem):
    """A family member wishes as who they are, and asks here."""

    status = 422
    title = Words("Önskemålet är ditt eget", "The wish is your own")
    detail = Words(
        "Utelämna wishedBy och askedVia: de följer av din inloggning.",
        "Leave wishedBy and askedVia out: your sign-in tells them.",
    )


class RequestedInTheFuture(Problem):
    """A wish that is recorded afterwards was made before."""

    status = 422
    title = Words("Önskemålet ligger i framtiden", "The wish lies in the future")
    detail = Words("requestedAt ska inte vara efter nu.", "requestedAt must not be after now.")


class NoteAwaitsConsent(Problem):
    """12.11: until the guardians consent the line holds first name and grade only."""

    status = 422
    title = Words("Samtycke saknas ännu", "There is no consent yet")
    detail = Words(
        "Fram till dess finns bara förnamn och årskurs i kön: utelämna note.",
        "Until then the line holds first name and grade only: leave note out.",
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose wish it is, where it was made, and by whom it is recorded."""

    wished_by: WishedBy
    asked_via: AskedVia
    by_family: bool
    by_own_unit: bool
    within_authority: bool

    @property
    def needs_consent(self) -> bool:
        """A guardian's own word needs none, given here or to the group's unit.

        What school has been asked does, and what another authority sends (12.11).
        """
        if self.wished_by is WishedBy.GUARDIAN and (self.by_family or self.by_own_unit):
            return False
        return self.asked_via is AskedVia.SCHOOL or not (self.by_family or self.within_authority)


def require_grade(grade: int, lowest: int, highest: int, *, excepted: bool) -> None:
    """Raise ``GradeOutsideGroup`` unless a group is for a grade, or the child is excepted (R11.3)."""
    if not lowest <= grade <= highest and not excepted:
        raise GradeOutsideGroup(lowest=lowest, highest=highest)
