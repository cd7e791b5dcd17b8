"""What a proposal looks like."""

from pydantic import Field

from app.consent_requirements.models import ConsentKind, ConsentRoute, GiverKind, MeasureType
from app.kernel.paging import Query
from app.kernel.shapes import Id, Linked, Out


class RequirementQuery(Query):
    """What is to be consented to."""

    kind: ConsentKind = ConsentKind.SECRECY_DISCLOSURE
    measure_type: MeasureType | None = Field(default=None, description="One of the four of FB 6:13 a, when it is one.")


class RequiredGiver(Out):
    """Somebody proposed to consent, and why."""

    kind: GiverKind
    guardianship_id: Id | None
    name: str | None = Field(json_schema_extra={"example": "Anna Andersson"})
    relation: str | None = Field(json_schema_extra={"example": "mother"})
    required: bool = Field(description="False: to be asked with regard to age, but not needed for completeness.")
    basis: str = Field(json_schema_extra={"example": "FB 6:11 and 6:13 (R4.2)"})
    unverified: bool = Field(description="True: practice or unclear law, to be assessed.")


class RequirementRoute(Out):
    """A way in which the set can become complete."""

    route: ConsentRoute
    available: bool = Field(description="False: what is known speaks against it.")
    conditions: str = Field(json_schema_extra={"example": "Everybody proposed is asked."})
    basis: str = Field(json_schema_extra={"example": "FB 6:13 a (R4.4)"})
    unverified: bool


class ConsentRequirements(Linked):
    """A proposal, not a decision: a professional confirms the set with a reason when asking for consent (R4.3)."""

    proposal: bool = Field(default=True, description="Always true: nothing here is decided.")
    child_id: Id
    kind: ConsentKind
    age: int | None = Field(description="In whole years today in Sweden; null before birth or when unknown.")
    custody_known: bool = Field(description="False: the caller sees no custodian, so nobody can be proposed.")
    givers: list[RequiredGiver]
    routes: list[RequirementRoute]
    note: str | None = Field(json_schema_extra={"example": "Practice differs between regions."})
