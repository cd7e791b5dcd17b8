"""What a proposal says: the givers, and the routes that a professional may take instead, each with its basis."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from app.codes import Text
from app.consent_requirements.models import (
    ADULT,
    ConsentKind,
    ConsentRoute,
    GiverKind,
    MeasureType,
    Proposal,
    ProposedGiver,
)
from app.guardians import service as guardians
from app.kernel.calendar import age_on
from app.kernel.clock import stockholm_date
from app.kernel.context import Visit
from app.kernel.db import Row

JOINT = Text(
    "Vårdnadshavarna bestämmer tillsammans: FB 6:11 och 6:13 (R4.2)",
    "The guardians decide together: FB 6:11 and 6:13 (R4.2)",
)
SOLE = Text("Ensam vårdnadshavare: FB 6:11 (R4.2)", "Sole guardian: FB 6:11 (R4.2)")
APPOINTED = Text("Särskilt förordnad vårdnadshavare: FB 6:11 (R4.2)", "Specially appointed guardian: FB 6:11 (R4.2)")
OWN = Text(
    "Barnets eget samtycke vid tillräcklig mognad: OSL 12:3. Åldern är praxis, inte lag (R4.2)",
    "The child's own consent when mature enough: OSL 12:3. The age is practice, not statute (R4.2)",
)
ADVISORY = Text(
    "Barnet tillfrågas med hänsyn till ålder och mognad: FB 6:11, OSL 12:3. Åldern är praxis (R4.2)",
    "The child is asked, with regard to age and maturity: FB 6:11, OSL 12:3. The age is practice (R4.2)",
)
OF_AGE = Text("Myndig: samtycker själv (R2.9)", "Of age: consents in person (R2.9)")
SIP_PRACTICE = Text(
    "Praxis går isär: somliga regioner kräver alltid vårdnadshavares samtycke till SIP före 18, andra inte.",
    "Practice differs: some regions always ask the guardians' consent to a SIP before 18, others do not.",
)

_ROUTES: dict[ConsentRoute, tuple[Text, Text, bool]] = {
    ConsentRoute.ALL_GIVERS: (
        Text("Alla föreslagna personer tillfrågas.", "Everybody proposed is asked."),
        Text("FB 6:11 och 6:13, OSL 12:3 (R4.2)", "FB 6:11 and 6:13, OSL 12:3 (R4.2)"),
        False,
    ),
    ConsentRoute.PREVENTED: (
        Text(
            "Den ena vårdnadshavaren är förhindrad, frågan kan inte vänta och är inte ingripande. Skälet antecknas.",
            "One guardian is prevented, the matter cannot wait and is not far-reaching. The reason is recorded.",
        ),
        Text("FB 6:13 andra stycket (R4.2)", "FB 6:13 second paragraph (R4.2)"),
        False,
    ),
    ConsentRoute.FB_6_13_A: (
        Text(
            "Socialnämnden har beslutat om en av lagens fyra åtgärder med bara den ena vårdnadshavarens samtycke. "
            "Beslutet gäller omedelbart.",
            "The social board has decided on one of the law's four measures with only one guardian's consent. "
            "The decision takes effect at once.",
        ),
        Text("FB 6:13 a (R4.4)", "FB 6:13 a (R4.4)"),
        False,
    ),
    ConsentRoute.TWELVE_YEARS: (
        Text(
            "Socialnämnden ger en öppen insats eller kontaktperson, det är lämpligt och barnet samtycker.",
            "The social board gives open support or a contact person, it is suitable and the child consents.",
        ),
        Text("SoL, från tolv år sedan 1 juli 2023 (R4.5)", "Social Services Act, from 12 since 1 July 2023 (R4.5)"),
        True,
    ),
    ConsentRoute.CHILD_DECIDES_ALONE: (
        Text(
            "En mognadsbedömning är antecknad: barnet kan själv bestämma i frågan.",
            "An assessment of maturity is recorded: the child can decide this alone.",
        ),
        Text("OSL 12:3 (R4.2)", "OSL 12:3 (R4.2)"),
        True,
    ),
}


class Custodian(Protocol):
    """Somebody with custody at an instant, as ``guardians`` tells."""

    @property
    def guardianship_id(self) -> UUID: ...  # noqa: D102
    @property
    def person_key(self) -> UUID | None: ...  # noqa: D102
    @property
    def name(self) -> str | None: ...  # noqa: D102
    @property
    def relation(self) -> str | None: ...  # noqa: D102
    @property
    def custody(self) -> str: ...  # noqa: D102


async def proposal_for(visit: Visit, child: Row) -> Proposal:
    """The proposed set for a child at this instant; custody is what the caller may see of it (R2.8, R4.3)."""
    custodians = await guardians.custodians_at(visit.tx, child["id"], visit.now)
    return propose(
        child["birth_date"],
        custodians,
        stockholm_date(visit.now),
        own_age=visit.settings.own_consent_age,
        advisory_age=visit.settings.advisory_consent_age,
        child_key=child["person_key"],
    )


def propose(
    birth_date: date | None,
    custodians: Iterable[Custodian],
    on: date,
    *,
    own_age: int,
    advisory_age: int,
    child_key: UUID | None = None,
) -> Proposal:
    """Who must consent on a Stockholm date: custodians below 18, the child in person from the configured age."""
    age = None if birth_date is None or birth_date > on else age_on(birth_date, on)
    if age is not None and age >= ADULT:
        return Proposal(age, (ProposedGiver(GiverKind.CHILD, True, OF_AGE, False, person_key=child_key),))
    held = list(custodians)
    givers = [_custodian(each, SOLE if len(held) == 1 else JOINT) for each in held]
    if age is not None and age >= own_age:
        givers.append(ProposedGiver(GiverKind.CHILD, True, OWN, True, person_key=child_key))
    elif age is not None and age >= advisory_age:
        givers.append(ProposedGiver(GiverKind.CHILD, False, ADVISORY, True, person_key=child_key))
    return Proposal(age, tuple(givers))


def _custodian(custodian: Custodian, basis: Text) -> ProposedGiver:
    appointed = custodian.custody == "appointed"
    return ProposedGiver(
        GiverKind.APPOINTED_GUARDIAN if appointed else GiverKind.GUARDIAN,
        required=True,
        basis=APPOINTED if appointed else basis,
        unverified=False,
        guardianship_id=custodian.guardianship_id,
        person_key=custodian.person_key,
        name=custodian.name,
        relation=custodian.relation,
    )


def shown(
    visit: Visit, child: Row, proposal: Proposal, kind: ConsentKind, measure: MeasureType | None
) -> dict[str, Any]:
    """The proposal in the caller's language, with every route and its conditions (R4.2, R4.3, R4.5)."""
    language = visit.language
    return {
        "child_id": child["id"],
        "kind": kind,
        "age": proposal.age,
        "custody_known": bool(proposal.custodians) or (proposal.age is not None and proposal.age >= ADULT),
        "givers": [
            {
                "kind": giver.kind,
                "guardianship_id": giver.guardianship_id,
                "name": giver.name,
                "relation": giver.relation,
                "required": giver.required,
                "basis": giver.basis.in_language(language),
                "unverified": giver.unverified,
            }
            for giver in proposal.givers
        ],
        "routes": [
            {
                "route": route,
                "available": _available(visit, proposal, route, measure),
                "conditions": conditions.in_language(language),
                "basis": basis.in_language(language),
                "unverified": unverified,
            }
            for route, (conditions, basis, unverified) in _ROUTES.items()
        ],
        "note": SIP_PRACTICE.in_language(language) if kind is ConsentKind.SIP_PARTICIPATION else None,
    }


def _available(visit: Visit, proposal: Proposal, route: ConsentRoute, measure: MeasureType | None) -> bool:
    custodians = len(proposal.custodians)
    if route is ConsentRoute.PREVENTED:
        return custodians > 1
    if route is ConsentRoute.FB_6_13_A:
        return custodians > 1 and measure is not None
    if route is ConsentRoute.TWELVE_YEARS:
        return proposal.open_to_twelve(measure, visit.actor.assignment.sector)
    if route is ConsentRoute.CHILD_DECIDES_ALONE:
        return custodians > 0
    return any(giver.required for giver in proposal.givers)
