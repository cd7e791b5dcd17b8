"""Who must consent for a child, proposed and never decided here. ``domain.md`` 5.3, 12.4 (R4.2-R4.5).

No table: a proposal follows from the child's age and the custody at an instant. What a professional confirms is kept
with the consent itself (``app.consents``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.codes import Coded
from app.kernel.errors import Problem
from app.kernel.errors import Text as Words

ADULT = 18
TWELVE = 12


class ConsentKind(Coded):
    """What is consented to."""

    SECRECY_DISCLOSURE = "secrecy_disclosure", "Brytande av sekretess", "Disclosure despite secrecy"
    SIP_PARTICIPATION = "sip_participation", "Deltagande i SIP", "Taking part in a SIP"
    MEETING_INVITE = "meeting_invite", "Inbjudan till möte", "Invitation to a meeting"
    SCHOOL_PARTICIPATION = "school_participation", "Skolans deltagande", "The school's participation"
    INSTRUMENT = "instrument", "Skattningsinstrument", "Assessment instrument"
    RESEARCH = "research", "Forskning", "Research"


class MeasureType(Coded):
    """The four measures of FB 6:13 a, and nothing else (R4.4)."""

    PSYCHIATRIC_TREATMENT = (
        "psychiatric_treatment",
        "Psykiatrisk eller psykologisk utredning eller behandling (HSL)",
        "Psychiatric or psychological assessment or treatment",
    )
    OPEN_TREATMENT = "open_treatment", "Behandling i öppna former (SoL 11:1)", "Open treatment"
    CONTACT_PERSON = "contact_person", "Kontaktperson eller kontaktfamilj (SoL 13:7)", "Contact person or family"
    LSS_9_4_6 = "lss_9_4_6", "Insats enligt LSS 9 § 4-6", "Support under LSS section 9, items 4-6"


class GiverKind(Coded):
    """Who consents."""

    GUARDIAN = "guardian", "Vårdnadshavare", "Guardian"
    CHILD = "child", "Barnet", "The child"
    APPOINTED_GUARDIAN = "appointed_guardian", "Särskilt förordnad vårdnadshavare", "Appointed guardian"


class ConsentRoute(Coded):
    """How the set of givers becomes complete (R4.2)."""

    ALL_GIVERS = "all_givers", "Alla som ska samtycka gör det", "Everybody who must consent does"
    PREVENTED = "prevented", "En vårdnadshavare är förhindrad", "One guardian is prevented"
    FB_6_13_A = "fb_6_13_a", "Socialnämndens beslut enligt FB 6:13 a", "The social board's decision under FB 6:13 a"
    TWELVE_YEARS = "twelve_years", "Öppen insats från tolv år", "Open support from the age of twelve"
    CHILD_DECIDES_ALONE = "child_decides_alone", "Barnet bestämmer själv", "The child decides alone"


class Exemption(Coded):
    """Why somebody who would be asked is not."""

    PREVENTED = "prevented", "Förhindrad", "Prevented"
    FB_6_13_A = "fb_6_13_a", "Beslut enligt FB 6:13 a", "Decision under FB 6:13 a"
    TWELVE_YEARS = "twelve_years", "Öppen insats från tolv år", "Open support from the age of twelve"
    CHILD_DECIDES_ALONE = "child_decides_alone", "Barnet bestämmer själv", "The child decides alone"
    NOT_MATURE = "not_mature", "Barnet är inte moget att samtycka", "The child is not mature enough to consent"


class Maturity(Coded):
    """What a professional concluded about the child's maturity, for this question."""

    DECIDES_ALONE = "decides_alone", "Kan bestämma själv", "Can decide alone"
    WITH_GUARDIANS = "with_guardians", "Bestämmer tillsammans med vårdnadshavare", "Decides together with guardians"
    NOT_MATURE = "not_mature", "Inte mogen att samtycka", "Not mature enough to consent"


class ConsentSetIncomplete(Problem):
    """R4.2: somebody who is proposed as a required giver is neither asked nor exempted."""

    status = 422
    title = Words("Samtyckeskretsen är inte komplett", "The set of consents is not complete")
    detail = Words(
        "Varje föreslagen person ska tillfrågas eller undantas med skäl, och minst en ska samtycka.",
        "Everybody proposed is to be asked or exempted with a reason, and at least one is to consent.",
    )


class GiverHasNoCustody(Problem):
    """R2.8: custody at the time decides who may consent."""

    status = 422
    title = Words("Personen har inte vårdnaden", "This person holds no custody")
    detail = Words(
        "Bara barnet och de som har vårdnaden nu kan tillfrågas.",
        "Only the child and those who hold custody now can be asked.",
    )


class ExemptionDoesNotFit(Problem):
    """An exemption belongs to the confirmed route; a child is exempted only as not mature."""

    status = 422
    title = Words("Undantaget passar inte vägen", "The exemption does not fit the route")
    detail = Words(
        "Undantaget ska följa av den bekräftade vägen och lämna kvar någon som samtycker.",
        "The exemption must follow from the confirmed route and leave somebody who consents.",
    )


class SixThirteenADoesNotApply(Problem):
    """R4.4: only the four measures, one guardian's consent, and a decision by a social authority."""

    status = 422
    title = Words("FB 6:13 a är inte tillämplig", "FB 6:13 a does not apply")
    detail = Words(
        "Det krävs en av lagens fyra åtgärder, ett beslut av en socialnämnd och den ena vårdnadshavarens samtycke.",
        "It takes one of the law's four measures, a decision by a social authority and one guardian's consent.",
    )


class TwelveYearRouteDoesNotApply(Problem):
    """R4.5: an open measure or a contact person, by a social authority, to somebody of 12 to 17 who consents."""

    status = 422
    title = Words("Tolvårsvägen är inte tillämplig", "The twelve-year route does not apply")
    detail = Words(
        "Den gäller öppen insats eller kontaktperson från socialnämnd, för den som fyllt 12 år och själv samtycker.",
        "It holds for open support or a contact person by a social authority, from 12, on the child's own consent.",
    )


class MaturityNotRecorded(Problem):
    """R4.2: the child decides alone only on a recorded assessment of maturity."""

    status = 422
    title = Words("Mognadsbedömning saknas", "No assessment of maturity")
    detail = Words(
        "Registrera en mognadsbedömning som bär undantaget, och barnet som samtyckesgivare.",
        "Record an assessment of maturity that carries the exemption, and the child as a giver.",
    )


@dataclass(frozen=True, slots=True)
class StatedGiver:
    """A giver as a professional states it; ``decided``: a decision by a social authority is named with its id."""

    kind: GiverKind
    guardianship_id: UUID | None = None
    exemption: Exemption | None = None
    decided: bool = False


@dataclass(frozen=True, slots=True)
class ProposedGiver:
    """Somebody who is proposed to consent, and why."""

    kind: GiverKind
    required: bool
    basis: Words
    unverified: bool
    guardianship_id: UUID | None = None
    person_key: UUID | None = None
    name: str | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed set; a professional confirms it or takes another route (R4.3)."""

    age: int | None
    givers: tuple[ProposedGiver, ...]

    @property
    def custodians(self) -> tuple[ProposedGiver, ...]:
        """Those who hold custody."""
        return tuple(giver for giver in self.givers if giver.kind is not GiverKind.CHILD)

    def confirm(
        self,
        route: ConsentRoute,
        givers: Sequence[StatedGiver],
        *,
        maturity: Maturity | None,
        measure: MeasureType | None,
        sector: str | None,
    ) -> None:
        """Hold the set that a professional states against the proposal and its route.

        Raises ``GiverHasNoCustody``, ``ConsentSetIncomplete``, ``ExemptionDoesNotFit``, ``MaturityNotRecorded``,
        ``SixThirteenADoesNotApply`` or ``TwelveYearRouteDoesNotApply``.
        """
        self._hold_against(givers)
        exempted = [giver for giver in givers if giver.exemption and giver.kind is not GiverKind.CHILD]
        consenting = [giver for giver in givers if not giver.exemption]
        _require_fitting(route, givers, maturity)
        guardians_left = any(giver.kind is not GiverKind.CHILD for giver in consenting)
        child_consents = any(giver.kind is GiverKind.CHILD for giver in consenting)
        if route is ConsentRoute.PREVENTED and not guardians_left:
            raise ExemptionDoesNotFit
        if route is ConsentRoute.FB_6_13_A and not (
            measure and guardians_left and all(giver.decided for giver in exempted)
        ):
            raise SixThirteenADoesNotApply
        if route is ConsentRoute.TWELVE_YEARS and not (child_consents and self.open_to_twelve(measure, sector)):
            raise TwelveYearRouteDoesNotApply
        if route is ConsentRoute.CHILD_DECIDES_ALONE and not (child_consents and maturity is Maturity.DECIDES_ALONE):
            raise MaturityNotRecorded
        nobody_proposed = not any(giver.required for giver in self.givers)
        if not consenting or (nobody_proposed and route is not ConsentRoute.CHILD_DECIDES_ALONE):
            raise ConsentSetIncomplete

    def open_to_twelve(self, measure: MeasureType | None, sector: str | None) -> bool:
        """Whether the twelve-year route can be taken (R4.5)."""
        of_age = self.age is not None and TWELVE <= self.age < ADULT
        return of_age and sector == "social" and measure in (MeasureType.OPEN_TREATMENT, MeasureType.CONTACT_PERSON)

    def _hold_against(self, givers: Sequence[StatedGiver]) -> None:
        stated = {(giver.kind, giver.guardianship_id) for giver in givers}
        known = {(giver.kind, giver.guardianship_id) for giver in self.givers} | {(GiverKind.CHILD, None)}
        if not stated <= known:
            raise GiverHasNoCustody
        if not {(giver.kind, giver.guardianship_id) for giver in self.givers if giver.required} <= stated:
            raise ConsentSetIncomplete


def _require_fitting(route: ConsentRoute, givers: Sequence[StatedGiver], maturity: Maturity | None) -> None:
    """Each exemption follows from the route, and a route that exempts guardians is not confirmed for nothing."""
    taken = False
    for giver in givers:
        if giver.exemption is Exemption.NOT_MATURE and giver.kind is GiverKind.CHILD:
            if maturity is not Maturity.NOT_MATURE:
                raise MaturityNotRecorded
        elif giver.exemption is not None:
            if giver.kind is GiverKind.CHILD or giver.exemption != route.value:
                raise ExemptionDoesNotFit
            taken = True
    if not taken and route not in (ConsentRoute.ALL_GIVERS, ConsentRoute.CHILD_DECIDES_ALONE):
        raise ExemptionDoesNotFit
