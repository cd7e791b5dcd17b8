"""Roles in a plan, kept apart (``domain.md`` 3.5, R7.6, R7.10), and what does not fit together."""

from app.kernel.errors import Problem
from app.kernel.errors import Text as Words


class PersonNotInCircle(Problem):
    """Whoever has a role in the plan works in a unit of its circle (R7.6)."""

    status = 422
    title = Words("Personen arbetar inte i kretsen", "The person does not work in the circle")
    detail = Words(
        "Den som får en roll ska ha ett gällande uppdrag i en enhet i ärendets krets.",
        "Whoever is given a role needs a valid assignment in a unit of the case's circle.",
    )


class PrincipalDoesNotFit(Problem):
    """The authority with overall responsibility belongs to the principal that is named."""

    status = 422
    title = Words("Huvudman och myndighet går inte ihop", "Principal and authority do not go together")
    detail = Words(
        "overallAuthorityId ska vara en myndighet hos huvudmannen i overallPrincipal.",
        "overallAuthorityId must be an authority of the principal in overallPrincipal.",
    )


class MainResponsibleElsewhere(Problem):
    """R7.10: the main responsible works for the principal with overall responsibility."""

    status = 422
    title = Words("Huvudansvarig arbetar hos någon annan", "The main responsible works elsewhere")
    detail = Words("Välj någon hos den som har det samlade ansvaret.", "Choose somebody of the overall responsible.")
