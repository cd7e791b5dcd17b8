"""One family's way, told from the telephone call to the closed case: a SIP with school, social services and BUP.

Each chapter is a few requests of the API by those who would send them. The demo world plays it without a word,
``tillsammans story`` prints each step, and the tests turn it where something goes wrong.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.demo.deeds import Doer, grown_up
from app.demo.directory import AUTHORITIES, DESKS, UNITS
from app.demo.play import Body, Play
from app.demo.staff import GUARDIAN_ONE, GUARDIAN_TWO, USER_IDS

MARIA = grown_up("Maria Sandell", GUARDIAN_ONE, "mother", phone="070-000 00 01")
JOHAN = grown_up("Johan Sandell", GUARDIAN_TWO, "father", phone="070-000 00 02")
GNESTA_DESK = next(desk.id for desk in DESKS if desk.unit == "gnesta-samordning")
PARTIES = {"gnesta-ifo": "gnesta.social", "region-bup-nykoping": "region.bup", "gnesta-skola": "gnesta.school"}
DIMENSIONS = ("safe", "healthy", "achieving", "nurtured", "active", "respected", "responsible", "included")


@dataclass
class Journey:
    """The stage, the child, and what the chapters have made so far."""

    play: Play
    given_name: str = "Tilde"
    birth_date: str = "2015-03-13"
    personnummer: str | None = None
    child: str = ""
    case: str = ""
    wheel: str = ""
    consent: Body = field(default_factory=dict)
    plan: str = ""
    goals: list[str] = field(default_factory=list)
    actions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.maria, self.johan = Doer(self.play, "guardian.one"), Doer(self.play, "guardian.two")
        self.karin = Doer(self.play, "gnesta.coordinator")
        self.social, self.bup = Doer(self.play, "gnesta.social"), Doer(self.play, "region.bup")
        self.school = Doer(self.play, "gnesta.school")

    async def the_call(self) -> None:
        """Maria turns to the desk in Gnesta; Karin hears her, asks the five questions and opens a case."""
        say = self.play.say
        say("Maria ringer samordningsfunktionen i Gnesta / Maria calls the coordination desk in Gnesta")
        asked = await self.maria.post(
            "/coordination-requests", deskId=str(GNESTA_DESK), channel="phone", askerRelation="mamma",
            subject=f"{self.given_name} orkar inte gå till skolan. Jag ringer runt till alla och ingen ser helheten.",
            askerPhone="070-000 00 01",
        )  # fmt: skip
        address = f"/coordination-requests/{asked['id']}"
        await self.karin.post(
            f"{address}/triage", suspectedHarm=False,
            fiveQuestions={
                "whatStandsInTheWay": "Trötthet, oro och många kontakter.",
                "doIHaveTheInformation": "Inte hela bilden; familjen vill berätta tillsammans.",
                "whatCanIDoNow": "Vara den familjen ringer.", "whatCanMyServiceDoNow": "Råd- och stödsamtal.",
                "whatFurtherHelpIsNeeded": "Skola och BUP vid samma bord.",
            },
        )  # fmt: skip
        number = [{"type": "personnummer", "value": self.personnummer}] if self.personnummer else []
        opened = await self.karin.post(
            f"{address}/case", namedContactId=str(USER_IDS["gnesta.coordinator"]),
            child={"givenName": self.given_name, "familyName": "Sandell", "birthDate": self.birth_date,
                   "municipalityCode": "0461", "guardians": [MARIA, JOHAN], "identifiers": number},
        )  # fmt: skip
        self.case = str(opened["caseId"])
        self.child = str((await self.karin.get(f"/cases/{self.case}"))["child"]["id"])
        await self.karin.activate(self.case, "cooperation_needed")

    async def the_wheel(self) -> None:
        """Karin and the child fill in the wheel; it is shown to the family and says what was meant."""
        self.play.say("Välmåendehjulet, i barnets egna ord / The wheel, in the child's own words")
        templates = await self.karin.get("/wheel-templates", code="sormland", locale="sv", status="published")
        template = next(each for each in templates["items"] if each["scale"] == "none")
        said: dict[str, Body] = {
            "safe": {"strengths": ["Trygg hos mormor", "Har en vuxen i skolan"]},
            "healthy": {"challenges": ["Sover för lite"], "ownWords": [{"text": "Magen gör ont på måndagar."}]},
            "achieving": {"strengths": ["Ritar serier"], "challenges": ["Mattelektionerna är för långa"]},
            "included": {"challenges": ["Vågar inte gå in i klassrummet sist"]},
        }
        wheel = await self.karin.post(
            "/wellbeing-assessments", childId=self.child, caseId=self.case, templateId=template["id"],
            respondent="child", heldOn=self.play.today_there.isoformat(), setting="Hemma vid köksbordet",
            entries=[{"dimension": each, **said.get(each, {"notDiscussed": True})} for each in DIMENSIONS],
            hopes={"ownWords": [{"text": "Jag vill bli veterinär."}]},
        )  # fmt: skip
        self.wheel = str(wheel["id"])
        await self.karin.post(f"/wellbeing-assessments/{self.wheel}/sharing", visibleToGuardians=True)
        await self.maria.post(f"/wellbeing-assessments/{self.wheel}/confirmation", confirmedHow="together")

    async def the_consent(self) -> None:
        """School, social services and BUP are invited; nothing opens before both guardians have said yes."""
        await self.asking()
        self.play.say("Båda vårdnadshavarna samtycker / Both guardians consent")
        await self.maria.consent(self.consent)
        await self.johan.consent(self.consent)

    async def asking(self, *, days: int = 200, **more: Any) -> None:
        """The need of a SIP is seen; the parties are invited and the family is asked."""
        self.play.say("Behov av SIP; familjen tillfrågas / A SIP is needed; the family is asked")
        await self.karin.invite(self.case, *PARTIES)
        plan = await self.karin.post(
            "/plans", caseId=self.case, kind="sip", initiatorKind="family",
            needReason="Flera verksamheter behöver göra olika saker samtidigt, och familjen vill ha en plan.",
            whatMatters="Att kunna gå hela måndagen, och att ingen frågar samma sak igen.",
            childView="Jag vill veta vem som kommer.", plainText="Det här är din plan. Karin är den ni ringer.",
        )  # fmt: skip
        self.plan = str(plan["id"])
        self.consent = await self.karin.ask_consent(
            self.child, self.case, ["gnesta-utbildning", "region"], ["contact", "plan", "meeting_notes", "wheel"],
            "Att skola, socialtjänst och BUP kan göra och följa upp en gemensam plan.", days=days,
            kind="sip_participation", wheelDimensions=["healthy", "achieving", "included"], **more,
        )  # fmt: skip
        await self.karin.post(f"/plans/{self.plan}/consents", consentIds=[self.consent["id"]])

    async def the_meeting(self, *, absent: tuple[str, ...] = ()) -> None:
        """The principals are called, the others invited; everybody answers, and the child takes part."""
        await self.preparing()
        meeting = await self.calling()
        address = f"/meetings/{meeting}"
        invitations = (await self.karin.get(f"{address}/invitations"))["items"]
        for invitation in invitations:
            who = self._answering(invitation)
            if who is not None:
                await who.post(f"{address}/invitations/{invitation['id']}/answer", answer="will_attend")
        self.play.at(self.play.ago - 10, 14)
        self.play.say("SIP-mötet hålls / The SIP meeting is held")
        away = {str(UNITS[unit]) for unit in absent}
        await self.karin.post(
            f"{address}/attendance",
            attended=[{"invitationId": each["id"], "attended": each["unitId"] not in away} for each in invitations],
            childParticipation={"present": True, "prepared": True, "view": "Jag vill ha en kompis bredvid mig.",
                                "effect": "Skolan ordnar plats bredvid Ebba."},
        )  # fmt: skip
        await self.karin.post(
            f"{address}/minutes", notes="Alla såg samma bild. Planen skrevs tillsammans.",
            decisions=[{"text": "Kortare måndagar i sex veckor."}],
        )  # fmt: skip
        await self.karin.post(f"{address}/minutes/confirmation")

    async def preparing(self) -> None:
        """The question of the meeting, and who leads and writes."""
        await self.karin.post(
            f"/plans/{self.plan}/preparation", question="Vad behövs för att skolveckan ska hålla?",
            chairId=str(USER_IDS["gnesta.coordinator"]), documenterId=str(USER_IDS["gnesta.coordinator"]),
            mainResponsibleId=str(USER_IDS["gnesta.social"]), mainResponsibleUnitId=str(UNITS["gnesta-ifo"]),
        )  # fmt: skip

    async def calling(self) -> str:
        """Kallelse to the principals, inbjudan to school and family. The meeting's id."""
        self.play.say("Kallelse och inbjudan / The principals are called, the others invited")
        starts = self.play.now + timedelta(days=10)
        meeting = await self.karin.post(
            "/meetings", caseId=self.case, planId=self.plan, meetingType="sip", startsAt=starts.isoformat(),
            endsAt=(starts + timedelta(hours=1)).isoformat(), place="Familjecentralen i Gnesta",
            chairUserId=str(USER_IDS["gnesta.coordinator"]), documenterUserId=str(USER_IDS["gnesta.coordinator"]),
            question="Vad behövs för att skolveckan ska hålla?", agenda=["Vad fungerar", "Vem gör vad", "Uppföljning"],
        )  # fmt: skip
        await self.karin.post(
            f"/meetings/{meeting['id']}/invitations", unitIds=[str(UNITS[unit]) for unit in PARTIES], family=True
        )
        return str(meeting["id"])

    def _answering(self, invitation: Body) -> Doer | None:
        by_unit = {str(UNITS[unit]): Doer(self.play, who) for unit, who in PARTIES.items()}
        if invitation["unitId"] is not None:
            return by_unit[invitation["unitId"]]
        return {"Maria Sandell": self.maria, "Johan Sandell": self.johan}.get(invitation["name"] or "")

    async def the_writing(self) -> None:
        """Needs and goals together; each principal writes its own actions."""
        self.play.say("Planen skrivs; var och en sitt / The plan is written; each its own part")
        plan = f"/plans/{self.plan}"
        await self.karin.post(f"{plan}/drafting")
        need = await self.karin.post(
            f"{plan}/needs", wheelDimensions=["healthy", "achieving"], assessmentId=self.wheel,
            description="Orka hela skolveckan.", childView="Magen gör ont på måndagar.",
            guardianView="Vi behöver slippa ringa runt.",
        )  # fmt: skip
        goal = await self.karin.post(
            f"{plan}/goals", needId=need["id"], text="I skolan alla måndagar.", horizon="short",
            evidence="Närvaron på måndagar.",
        )  # fmt: skip
        self.goals = [str(goal["id"])]
        what = {
            "gnesta-skola": ("municipality", "Kortare måndagar och en vuxen som möter vid grinden."),
            "gnesta-ifo": ("municipality", "Fem kostnadsfria råd- och stödsamtal för föräldrarna."),
            "region-bup-nykoping": ("region", "Bedömning och stöd kring sömn och oro."),
        }
        for unit, (principal, text) in what.items():
            action = await Doer(self.play, PARTIES[unit]).post(
                f"{plan}/actions", goalId=goal["id"], principal=principal, unitId=str(UNITS[unit]), description=text,
                startOn=self.play.today_there.isoformat(),
                dueOn=(self.play.today_there + timedelta(days=80)).isoformat(),
            )  # fmt: skip
            self.actions[unit] = str(action["id"])
        effort = await self.karin.post(
            f"{plan}/actions", goalId=goal["id"], principal="family", description="Lägga fram kläder kvällen innan."
        )
        self.actions["family"] = str(effort["id"])
        await self.johan.post(f"{plan}/disagreements", text="Jag hade hellre sett hela dagar från början.")
        await self.social.post(
            f"{plan}/crisis-notes", text="Om magen gör mycket ont: ring mormor först, sedan Hanna på BUP.",
            namedUnitIds=[str(UNITS["region-bup-nykoping"])],
        )  # fmt: skip

    async def the_agreement(self) -> None:
        """Each party accepts its own; the plan is activated, and everybody has a copy."""
        await self.accepting(*PARTIES)
        await self.activating()
        deliveries = (await self.karin.get(f"/plans/{self.plan}/deliveries"))["items"]
        for delivery in deliveries:
            who = {str(UNITS[unit]): Doer(self.play, name) for unit, name in PARTIES.items()}.get(delivery["unitId"])
            if who is not None:
                await who.post(f"/plans/{self.plan}/deliveries/{delivery['id']}/receipt")

    async def accepting(self, *units: str) -> None:
        """These units accept what they have written."""
        self.play.say("Var och en godkänner sitt / Each party accepts its own commitments")
        for unit in units:
            await Doer(self.play, PARTIES[unit]).post(f"/plans/{self.plan}/approvals")

    async def activating(self) -> None:
        """The four statutory items, the follow-up date, and the plan is active."""
        self.play.say("Planen börjar gälla / The plan becomes active")
        await self.karin.change(
            f"/plans/{self.plan}", overallPrincipal="municipality",
            overallAuthorityId=str(AUTHORITIES["gnesta-social"]), othersMeasuresNote="Inga insatser av andra.",
            nextFollowUpOn=(self.play.today_there + timedelta(days=85)).isoformat(),
        )  # fmt: skip
        await self.social.post(f"/plans/{self.plan}/activation")

    async def the_follow_up(self) -> None:
        """After three months: what happened, goal by goal, in the family's own words."""
        self.play.say("Uppföljning efter tre månader / Follow-up after three months")
        for unit in PARTIES:
            who = Doer(self.play, PARTIES[unit])
            await who.change(f"/actions/{self.actions[unit]}", status="ongoing")
            await who.change(f"/actions/{self.actions[unit]}", status="done", result="Genomfört som planerat.")
        await self.maria.change(f"/actions/{self.actions['family']}", status="ongoing")
        await self.maria.change(f"/actions/{self.actions['family']}", status="done", result="Det blev en vana.")
        await self.social.post(
            f"/plans/{self.plan}/follow-ups", heldOn=self.play.today_there.isoformat(),
            goals=[{"goalId": goal, "outcome": "reached", "note": "Hemma två måndagar på en termin."}
                   for goal in self.goals],
            childView="Jag går in med Ebba.", familyView="Vi ringer en person nu.",
            experiences=[{"question": "Har planen gjort skillnad?", "answer": "Ja, vi slipper berätta om igen."}],
            nextFollowUpOn=(self.play.today_there + timedelta(days=80)).isoformat(),
        )  # fmt: skip

    async def the_end(self) -> None:
        """The goals are met: the main responsible closes the plan, the coordinator the case."""
        self.play.say("Målen är nådda; planen och ärendet avslutas / The goals are met; plan and case are closed")
        await self.social.post(f"/plans/{self.plan}/closing", reason="Målen är nådda.")
        await self.social.post(
            f"/plans/{self.plan}/closure", closeReason="goals_met", childView="Det är bra nu.",
            outcomeSummary="Hela veckor i skolan sedan i höstas.",
        )  # fmt: skip
        await self.karin.close(
            self.case, "need_met", "Familjen har det stöd den behöver och vet vem den ringer.",
            childView="Det är bra nu.", informedUnitIds=[str(UNITS[unit]) for unit in PARTIES],
        )  # fmt: skip

    async def tell(self) -> None:
        """The whole way, over four months."""
        self.play.at(125, 9)
        await self.the_call()
        self.play.at(121, 15)
        await self.the_wheel()
        self.play.at(118, 10)
        await self.the_consent()
        self.play.at(113, 9)
        await self.the_meeting()
        await self.the_writing()
        self.play.at(98, 9)
        await self.the_agreement()
        self.play.at(8, 14)
        await self.the_follow_up()
        self.play.at(2, 10)
        await self.the_end()
