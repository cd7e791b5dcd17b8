"""Deeds that many stories have in common, each one request or two of the API."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from app.demo.directory import AUTHORITIES, UNITS
from app.demo.play import Body, Play
from app.demo.staff import USER_IDS


def number(value: str) -> Body:
    """A personnummer as the API takes it."""
    return {"type": "personnummer", "value": value}


def grown_up(name: str, value: str, relation: str, custody: str = "joint", **more: Any) -> Body:
    """A grown-up around a child, custody as the population register has it."""
    given, family = name.split()
    source = "Folkbokföringen"
    return {
        "givenName": given, "familyName": family, "identifier": number(value), "relation": relation,
        "custody": custody, "source": source, "contactAllowed": True, **more,
    }  # fmt: skip


def called(text: str) -> str:
    """A name as an id in the demo's own system: ``ella-sandell``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


class Doer:
    """Somebody who acts in the play; each deed is a request or two of the API."""

    def __init__(self, play: Play, who: str) -> None:
        self._play = play
        self._who = who

    async def post(self, path: str, **body: Any) -> Body:
        """Any other deed."""
        return await self._play.post(self._who, path, **body)

    async def get(self, path: str, **query: str) -> Body:
        """Look something up."""
        return await self._play.get(self._who, path, **query)

    async def change(self, path: str, **body: Any) -> Body:
        """Change a record as it is now."""
        return await self._play.change(self._who, path, **body)

    async def child(self, name: str, value: str | None, *guardians: Body, **more: Any) -> str:
        """A child with its grown-ups; born on the day that the test number tells. The child's id."""
        given, family = name.split()
        body: Body = {"givenName": given, "familyName": family, "guardians": guardians}
        body |= {"sourceSystem": "demo", "sourceId": called(name), **more}
        if value is not None:
            body |= {"birthDate": date(int(value[:4]), int(value[4:6]), int(value[6:8])).isoformat()}
            body |= {"identifiers": [number(value)]}
        found = await self.post("/children", **body)
        return str(found["id"])

    async def case(self, child_id: str, source: str, reason: str, **more: Any) -> str:
        """A draft; ``source`` is its number in the unit's own system. The case's id."""
        body = {"entryRoute": "professional", "sourceSystem": "demo", "sourceId": source, **more}
        found = await self.post("/cases", childId=child_id, reasonText=reason, **body)
        return str(found["id"])

    async def activate(self, case_id: str, result: str = "own_service") -> None:
        """The opening decision, with the one who takes it as named contact."""
        contact = str(USER_IDS[self._who])
        await self.post(f"/cases/{case_id}/activation", analysisResult=result, namedContactId=contact)

    async def note(self, case_id: str, event: str, text: str, **more: Any) -> None:
        """A chronology event of the day that the clock shows, unless ``occurredOn`` says another."""
        body = {"occurredOn": self._play.today_there.isoformat(), "eventType": event, "text": text, **more}
        await self.post(f"/cases/{case_id}/chronology-events", **body)

    async def invite(self, case_id: str, *units: str) -> None:
        """Bring units into the circle."""
        for unit in units:
            await self.post(f"/cases/{case_id}/members", unitId=str(UNITS[unit]))

    async def coordinate(self, case_id: str, subject: str, unit: str, reason: str) -> str:
        """Ask somebody to coordinate; until they accept, whoever answers now goes on (R5.3). The assignment's id."""
        body = {"userId": str(USER_IDS[subject]), "unitId": str(UNITS[unit]), "reason": reason}
        found = await self.post(f"/cases/{case_id}/coordinators", **body)
        return str(found["assignment"]["id"])

    async def accept(self, case_id: str, assignment_id: str) -> None:
        """Say yes to coordinating."""
        await self.post(f"/cases/{case_id}/coordinators/{assignment_id}/acceptance")

    async def acknowledge(self) -> None:
        """A coordinator gives a sign, so that nobody else has to answer (R5.6)."""
        await self.post("/coordination-workload/acknowledgement")

    async def ask_consent(
        self,
        child_id: str,
        case_id: str | None,
        receivers: Sequence[str],
        categories: Sequence[str],
        purpose: str,
        *,
        days: int,
        answers: Sequence[str] = (),
        **more: Any,
    ) -> Body:
        """Ask for consent that holds until so many days after loading.

        Everybody is asked whom the program proposes, unless ``givers`` says whom; ``answers`` came on paper.
        """
        kind = "secrecy_disclosure"
        body: Body = {
            "childId": child_id, "caseId": case_id, "kind": kind, "purpose": purpose, "categories": categories,
            "receivingAuthorityIds": [str(AUTHORITIES[name]) for name in receivers],
            "validTo": self._play.until(days), "information": {"textVersion": "demo-1", "language": "sv"},
            "requirement": {"route": "all_givers", "confirmedReason": "Vårdnaden är kontrollerad i folkbokföringen."},
        }  # fmt: skip
        if "givers" not in more:
            proposal = await self.get(f"/children/{child_id}/consent-requirements", kind=kind)
            body["givers"] = _givers(proposal, answers)
        return await self.post("/consents", **body | more)

    async def consent(self, asked: Body) -> None:
        """A family member says yes in person."""
        await self.post(f"/consents/{asked['id']}/answers", answer="given")

    async def close(self, case_id: str, reason: str, outcome: str, **more: Any) -> None:
        """Close with what R3.7 asks."""
        body = {"closeReason": reason, "outcomeSummary": outcome, "openActionsHandled": True, **more}
        await self.post(f"/cases/{case_id}/closure", **body)


def _givers(proposal: Body, answers: Sequence[str]) -> list[Body]:
    required = [giver for giver in proposal["givers"] if giver["required"]]
    givers: list[Body] = [{"kind": giver["kind"], "guardianshipId": giver["guardianshipId"]} for giver in required]
    for giver, answer in zip(givers, answers, strict=False):
        giver["answer"] = {"answer": answer, "givenHow": "written"}
    return givers
