"""Endpoints of consents."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from app.codes import Text
from app.consents import repository, schemas, service
from app.consents.access import child_asked_about, consent_for, consent_row_for
from app.consents.models import CONSENT_FLOW, Consent, GiverAnswer
from app.kernel.access import Visiting, allowed, opened_by
from app.kernel.audit import Subject
from app.kernel.context import Visit
from app.kernel.db import Row
from app.kernel.http.door import Router
from app.kernel.links import Action, links
from app.kernel.paging import page
from app.permissions import Permission, Relation
from app.sharing.access import relations_of, relations_to_read, subject_of

P = Permission

consents = Router(
    "consents",
    Text(
        "Samtycken: till vem, till vad, för vad, från och till. Återkallas när som helst.",
        "Consents: to whom, to what, for what, from and to. Withdrawn at any time.",
    ),
)

PRIVACY_NOTICE = Text(
    "Personuppgifterna behandlas med stöd av myndighetens uppgift av allmänt intresse eller rättsliga förpliktelse "
    "(dataskyddsförordningen artikel 6.1 c och e). Samtycket gäller sekretess eller medverkan. När det återkallas "
    "upphör delningen; det som redan är dokumenterat finns kvar hos respektive myndighet.",
    "Personal data are processed on the authority's task in the public interest or legal obligation (GDPR article "
    "6.1 c and e). The consent concerns secrecy or taking part. When it is withdrawn sharing stops; what is already "
    "documented stays with each authority.",
)
_ANSWER = Action("answer", "POST", "/answers", P.CONSENT_ANSWER, "answer")
_WITHDRAWAL = Action("withdrawal", "POST", "/withdrawal", P.CONSENT_WITHDRAW, "withdraw")


def shown(visit: Visit, row: Row) -> dict[str, Any]:
    """A consent as it goes out. Reasons and decisions are for the unit that asked, not for the whole circle."""
    asking = Relation.OWN_UNIT in relations_to_read(visit, row)
    givers = [
        giver if asking else {**giver, "exemption_reason": None, "decision_id": None, "recorded_by": None}
        for giver in row["givers"] or ()
    ]
    assessed = asking and row["maturity"] is not None
    path = f"/consents/{row['id']}"
    neighbours = {"child": f"/children/{row['child_id']}"}
    if row["case_id"]:
        neighbours["case"] = f"/cases/{row['case_id']}"
    return {
        **row,
        "givers": givers,
        "receiving_authorities": row["receiving_authorities"] or [],
        "requirement": {"route": row["route"], "confirmed_reason": row["confirmed_reason"] if asking else None},
        "information": {
            "text_version": row["information_version"],
            "language": row["information_language"],
            "interpreter": row["information_interpreter"],
        },
        "maturity": {
            "conclusion": row["maturity"], "assessed_by": row["maturity_by"], "assessed_at": row["maturity_at"],
        } if assessed else None,
        "privacy_notice": PRIVACY_NOTICE.in_language(visit.language),
        "opened_by": opened_by(row),
        "links": links(
            visit, path, _actions(visit, givers), relations_of(visit, row), workflow=CONSENT_FLOW, status=row["status"],
            neighbours=neighbours,
        ),
    }  # fmt: skip


def _actions(visit: Visit, givers: list[dict[str, Any]]) -> list[Action]:
    """What is left to say; to family only what is their own to say."""
    said = {giver["answer"] for giver in givers if giver["oneself"] or not visit.actor.is_family}
    asked, agreed = GiverAnswer.REQUESTED in said, GiverAnswer.GIVEN in said
    return [action for action, possible in ((_ANSWER, asked), (_WITHDRAWAL, agreed)) if possible]


def present(visit: Visit, row: Row) -> dict[str, Any]:
    """One consent as the answer, with its address and version."""
    visit.presents(f"/consents/{row['id']}", row["version"])
    return shown(visit, row)


async def answer(visit: Visit, consent_id: UUID) -> dict[str, Any]:
    """The consent after a change, read as GET reads it."""
    return present(visit, await repository.one(visit.tx, consent_id) or {})


@consents.get("/consents", operation_id="listConsents", response_model=schemas.ConsentPage)
async def list_consents(
    visit: Annotated[Visit, allowed(P.CONSENT_LIST)], query: Annotated[schemas.ConsentQuery, Query()]
) -> Any:
    """Consents that the caller may see, newest first; about somebody protected only when asked for by child."""
    rows, total = await service.listed(visit, query)
    for circle in {row["circle_id"]: row for row in rows[: query.limit]}.values():
        visit.trail.looked(subject_of({**circle, "id": None}, "consent"))
    visit.trail.looked(Subject("consent_list"))
    return page(visit, "/consents", query, rows, lambda row: shown(visit, row), total=total)


@consents.post("/consents", operation_id="createConsent", status_code=201, response_model=schemas.Consent)
async def create_consent(
    visit: Visiting, child: Annotated[Row, child_asked_about(P.CONSENT_CREATE)], body: schemas.ConsentCreate
) -> Any:
    """Ask for consent, or record one given on paper. A professional confirms who must give it (R4.1-R4.5)."""
    return await answer(visit, await service.request(visit, child, body))


@consents.get("/consents/{consentId}", operation_id="getConsent", response_model=schemas.Consent)
async def get_consent(visit: Visiting, row: Annotated[Row, consent_row_for(P.CONSENT_READ)]) -> Any:
    """One consent, with its status at this instant."""
    return present(visit, row)


@consents.post(
    "/consents/{consentId}/answers", operation_id="answerConsent", status_code=201, response_model=schemas.Consent
)
async def answer_consent(
    visit: Visiting, consent: Annotated[Consent, consent_for(P.CONSENT_ANSWER)], body: schemas.AnswerCreate
) -> Any:
    """Give or refuse consent. No reason is asked. When nobody is left to ask, access opens at once (R4.2, R4.8)."""
    await service.hear(visit, consent, body)
    return await answer(visit, consent.id)


@consents.post(
    "/consents/{consentId}/withdrawal", operation_id="withdrawConsent", status_code=201, response_model=schemas.Consent
)
async def withdraw_consent(
    visit: Visiting,
    consent: Annotated[Consent, consent_for(P.CONSENT_WITHDRAW)],
    body: schemas.ConsentWithdrawal | None = None,
) -> Any:
    """Take a consent back. What it opened is closed in the same instant; what was shared stays (R4.6)."""
    return present(visit, await service.withdraw(visit, consent, body.giver_id if body else None))


routers = (consents,)
