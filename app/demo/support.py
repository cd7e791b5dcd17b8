"""The support that the sources describe: Gnesta's family centre, offers and activities, referrals, and the NPF teams.

What Gnesta says of itself stands in ``catalogue``; days, numbers of visitors and the referrals are made up.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from app.demo.catalogue import GNESTA_OFFERS
from app.demo.deeds import Doer
from app.demo.directory import UNITS
from app.demo.journey import JOHAN, MARIA
from app.demo.play import Body, Play
from app.demo.staff import EVERYBODY, USER_IDS
from app.kernel.clock import STOCKHOLM

HOME = {"municipalityCode": "0461"}
_HOURS = [{"weekday": weekday, "opens": "08:30", "closes": "15:30"} for weekday in range(1, 6)]
#: The staff of the family centre (opened in September 2019): health care from the region, the rest from Gnesta.
_FAMILY_CENTRE = {
    "mhv": "region-mhv-gnesta", "bhv": "region-bvc-gnesta", "open_preschool": "gnesta-oppen-forskola",
    "preventive_social": "gnesta-familjecentral",
}  # fmt: skip
_UP_TO_18 = {
    "student_health": "gnesta-elevhalsa", "preventive_social": "gnesta-familjecentral", "bhv": "region-bvc-gnesta",
}  # fmt: skip
#: The teams of the sources; BUP leads each of them, as it leads the sub-project.
TEAMS = {
    "Katrineholm": ("0483", ("region.bup-katrineholm2", "katrineholm.social", "katrineholm.school")),
    "Strängnäs": ("0486", ("region.bup-eskilstuna", "strangnas.social", "strangnas.school")),
    "Gnesta": ("0461", ("region.bup", "gnesta.social", "gnesta.school")),
}


async def family_centres(play: Play) -> None:
    """The family centre for 0-6, and the way of working for 0-18 that is being tried, with the youth clinic in it."""
    manager = Doer(play, "gnesta.familymanager")
    play.at(215)
    centre = await _centre(
        manager, "familjecentral", "Familjecentralen i Gnesta", _FAMILY_CENTRE, opened="2019-09-02", ageMax=6,
        fromPregnancy=True,
    )  # fmt: skip
    young = await _centre(
        manager, "way_of_working_0_18", "Familjecentralsliknande arbetssätt 0–18 i Gnesta", _UP_TO_18,
        opened=play.today_there.isoformat(), ageMax=18,
    )  # fmt: skip
    clinic = await manager.post(
        f"/family-centres/{young}/parts", type="youth_clinic", name="Ungdomsmottagningen", ageMin=13, ageMax=23,
        unitId=str(UNITS["region-ungdomsmottagning-gnesta"]), fromOn=play.today_there.isoformat(),
    )  # fmt: skip
    await manager.post(f"/family-centres/{centre}/capacity-answer", answer="has_room", note="Tid inom en vecka.")
    staff = Doer(play, "gnesta.familycentre")
    for ago, children, adults in ((26, 14, 11), (19, 9, 8), (12, 17, 13)):
        play.at(ago, 16)
        await staff.post(
            f"/family-centres/{centre}/visits", kind="open_preschool", children=children, adults=adults,
            onDate=play.today_there.isoformat(),
        )  # fmt: skip
    await _referred_to_bup(play, centre)
    await _asked_by_herself(play, centre)
    play.at(4, 20)
    await Doer(play, "youth.one").post(
        "/family-centre-referrals", centreId=young, partId=str(clinic["id"]), birthDate="2010-10-07",
        kindOfNeed="mental_wellbeing", reason="Jag vill prata med någon som inte är hemma eller i skolan.",
    )  # fmt: skip
    await _activities(play, centre)


async def _centre(manager: Doer, kind: str, name: str, parts: dict[str, str], *, opened: str, **more: Any) -> str:
    centre = await manager.post(
        "/family-centres", kind=kind, name=name, unitId=str(UNITS["gnesta-familjecentral"]), openingHours=_HOURS, **more
    )
    address = f"/family-centres/{centre['id']}"
    for part, unit in parts.items():
        await manager.post(f"{address}/parts", type=part, name=part, unitId=str(UNITS[unit]), fromOn=opened)
    await manager.post(f"{address}/opening", openedOn=opened)
    return str(centre["id"])


async def _referred_to_bup(play: Play, centre: str) -> None:
    """The preschool refers Elsa to the family centre, which sees that BUP is better placed; the preschool hears how."""
    preschool, social, bup = Doer(play, "gnesta.preschool"), Doer(play, "gnesta.familycentre"), Doer(play, "region.bup")
    play.at(55)
    elsa = await preschool.child("Elsa Sandell", None, MARIA, JOHAN, birthDate=f"{play.today.year - 5}-02-11", **HOME)
    consent = await preschool.ask_consent(
        elsa, None, ["gnesta-social", "region"], ["contact", "school"],
        "Att familjecentralen eller BUP kan hjälpa till.", days=90, answers=("given", "given"),
    )  # fmt: skip
    referral = await preschool.post(
        "/family-centre-referrals", centreId=centre, childId=elsa, kindOfNeed="child_development",
        reason="Blir rädd för ljud och går undan. Vi vill veta hur vi kan möta henne.", consentId=consent["id"],
        contact="Maria svarar på kvällar.", feedbackAllowed=True,
    )  # fmt: skip
    address = f"/family-centre-referrals/{referral['id']}"
    await preschool.post(f"{address}/sending")
    play.at(49)
    await social.post(f"{address}/receipt")
    play.at(43)
    await social.post(
        f"{address}/redirection", unitId=str(UNITS["region-bup-nykoping"]),
        reason="Små barns rädsla för ljud kan BUP mer om.",
    )  # fmt: skip
    play.at(36)
    await bup.post(f"{address}/receipt")
    await bup.post(f"{address}/acceptance", capacityAnswer="has_room")
    await bup.post(f"{address}/booking", at=(play.now + timedelta(days=7)).isoformat())
    play.at(22)
    await bup.post(f"{address}/start")
    play.at(9)
    await bup.post(
        f"{address}/completion", outcome="support_given", shareWithSender=True,
        text="Tre samtal med familjen. Förbered henne före höga ljud, och ha en tyst vrå.",
    )  # fmt: skip


async def _asked_by_herself(play: Play, centre: str) -> None:
    """Maria turns to the family centre herself, about her youngest."""
    play.at(6, 19)
    await Doer(play, "guardian.one").post(
        "/family-centre-referrals", centreId=centre, givenName="Elsa", kindOfNeed="parenting",
        birthDate=f"{play.today.year - 5}-02-11", reason="Jag vill ha råd om kvällarna.",
    )  # fmt: skip


async def offers(play: Play) -> None:
    """What Gnesta offers, and one who has had two of the five free talks."""
    play.at(180)
    talks = ""
    for keeper, body in GNESTA_OFFERS:
        offer = await Doer(play, keeper).post("/support-offers", **body)
        talks = talks or str(offer["id"])
    manager = Doer(play, "gnesta.socialmanager")
    play.at(20)
    use = await manager.post(f"/support-offers/{talks}/uses")
    play.at(12)
    await manager.post(f"/support-offers/{talks}/uses/{use['useId']}/sessions")


async def _activities(play: Play, centre: str) -> None:
    """The activities of Gnesta's strategy plan, those to come and one that has been."""
    staff = Doer(play, "gnesta.familycentre")
    play.at(30)
    evening = await _activity(
        staff, "theme_evening_andt", "Temakväll om alkohol, droger och tobak", "Evening about alcohol and drugs",
        play.day(14), audiences=["guardians"],
    )  # fmt: skip
    npf = await _activity(
        staff, "npf_meeting", "NPF-träff för föräldrar", "NPF meeting for parents", play.ahead(15),
        audiences=["guardians"], capacity=12,
    )  # fmt: skip
    await _activity(
        staff, "komet_meeting", "Kometträff", "Komet meeting", play.ahead(22), audiences=["guardians"],
        capacity=16,
    )  # fmt: skip
    await _activity(
        staff, "movement", "Rörelse för barn upp till 12 år", "Movement for children up to 12", play.ahead(9),
        audiences=["children"], ageMax=12, capacity=25, centreId=centre,
    )  # fmt: skip
    await _activity(
        staff, "teacher_training", "Tillgänglig lärmiljö", "Accessible learning environments", play.ahead(30),
        audiences=["professionals"], capacity=30,
    )  # fmt: skip
    play.at(7)
    await staff.post(f"/activities/{evening}/attendance", children=0, adults=41, staff=3)
    play.at(3, 20)
    await Doer(play, "guardian.one").post(f"/activities/{npf}/registrations")


async def _activity(staff: Doer, kind: str, sv: str, en: str, day: date, **more: Any) -> str:
    begins = datetime.combine(day, time(18), STOCKHOLM)
    activity = await staff.post(
        "/activities", type=kind, titleSv=sv, titleEn=en, startsAt=begins.isoformat(),
        endsAt=(begins + timedelta(hours=2)).isoformat(), place="Elektron i Gnesta", **more,
    )  # fmt: skip
    if "capacity" in more:
        await staff.post(f"/activities/{activity['id']}/opening")
    return str(activity["id"])


async def npf_teams(play: Play) -> None:
    """Three teams with BUP, social services and school; in Gnesta's a child is discussed, and nobody in particular."""
    play.at(100)
    teams = {town: await _team(play, town) for town in TEAMS}
    bup, school = Doer(play, "region.bup"), Doer(play, "gnesta.school")
    gnesta = f"/npf-teams/{teams['Gnesta']}/matters"
    play.at(40)
    await school.post(
        gnesta, anonymous=True, ageBand="10-12", question="Hur gör ni när ljud gör att någon inte orkar matsalen?"
    )
    milton = await school.child("Milton Sandell", None, MARIA, JOHAN, birthDate=f"{play.today.year - 9}-05-20", **HOME)
    consent = await school.ask_consent(
        milton, None, ["gnesta-social", "region"], ["school"], "Att NPF-teamet kan ge råd till skolan och familjen.",
        days=150, answers=("given", "given"),
    )  # fmt: skip
    matter = await school.post(
        gnesta, anonymous=False, childId=milton, consentIds=[consent["id"]],
        question="Vad kan vi göra för att Milton ska orka hela dagar?",
        needsAndFunctioning="Tappar tråden när mycket händer. Trivs när dagen är förutsägbar.",
    )  # fmt: skip
    address = f"{gnesta}/{matter['id']}"
    play.at(32)
    await bup.post(f"{address}/discussion", nextReviewOn=play.ahead(40).isoformat())
    await bup.post(f"{address}/advices", text="Ett bildschema, och en paus i förväg hellre än en när det har hänt.")
    action = await bup.post(
        f"{address}/actions", unitId=str(UNITS["gnesta-skola"]), text="Bildschema och en vilovrå.",
        dueOn=play.ahead(10).isoformat(),
    )  # fmt: skip
    await school.change(f"{address}/actions/{action['id']}", status="taken_on")
    play.at(8)
    await bup.post(f"{address}/reviews", text="Schemat fungerar. Vilovrån är inte på plats än.")


async def _team(play: Play, town: str) -> str:
    code, members = TEAMS[town]
    lead = Doer(play, members[0])
    team: Body = await lead.post(
        "/npf-teams", municipalityCode=code, name=f"NPF-teamet i {town}", planYear=play.today_there.year,
        planText="Vi möts varannan vecka, tar emot frågor från alla tre och följer upp våra råd varje termin.",
    )  # fmt: skip
    address = f"/npf-teams/{team['id']}"
    for member in members:
        await lead.post(f"{address}/members", userId=str(USER_IDS[member]), unitId=str(_unit_of(member)))
    await lead.post(f"{address}/lead", userId=str(USER_IDS[members[0]]))
    await lead.post(f"{address}/planning")
    await lead.post(f"{address}/plan-adoption")
    await lead.post(f"{address}/operation")
    return str(team["id"])


def _unit_of(subject: str) -> Any:
    unit = next(person.unit for person in EVERYBODY if person.subject == subject)
    return UNITS[str(unit)]
