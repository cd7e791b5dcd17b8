"""Stories of Gnesta: schools, social services, the family centre, and one young person who asked for himself."""

from app.demo.deeds import Doer, grown_up
from app.demo.directory import UNITS
from app.demo.play import Play
from app.demo.staff import USER_IDS, YOUTH_ONE

HOME = {"municipalityCode": "0461"}


async def alva(play: Play) -> None:
    """One school, its own means, and nobody else needed."""
    who = Doer(play, "gnesta.otherschool")
    play.at(90)
    alva = await who.child(
        "Alva Persson", "201903132387", grown_up("Linda Persson", "198803042384", "mother", "sole"), **HOME
    )
    case = await who.case(alva, "alva", "Alva behöver mer tid för att lära sig läsa.", levelOfNeed="universal")
    await who.activate(case)
    play.at(55, 13)
    await who.note(case, "strength", "Läser högt för sin bästa vän varje dag.", impact="positive")


async def liam(play: Play) -> None:
    """A sixteen-year-old who asked for help himself and decides alone whom it concerns (OSL 12:3)."""
    desk, young = Doer(play, "gnesta.coordinator"), Doer(play, "youth.one")
    play.at(75, 15)
    mother = grown_up(
        "Anna Norberg", "197909089265", "mother", "sole", contactAllowed=False,
        contactReason="Liam vill själv berätta först.",
    )  # fmt: skip
    liam = await desk.child("Liam Norberg", YOUTH_ONE, mother, **HOME)
    case = await desk.case(
        liam, "liam", "Liam ringde själv. Han sover dåligt och vill ha någon att prata med.", entryRoute="child_request"
    )
    await desk.activate(case, "cooperation_needed")
    await desk.invite(case, "region-ungdomsmottagning-gnesta")
    custody = (await desk.get(f"/children/{liam}/guardians"))["items"][0]["id"]
    consent = await desk.ask_consent(
        liam, case, ["region"], ["contact", "plan"],
        "Att ungdomsmottagningen kan boka tid och veta vad Liam vill ha hjälp med.", days=90,
        maturity={"conclusion": "decides_alone"},
        requirement={"route": "child_decides_alone", "confirmedReason": "Liam förstår frågan och vad den leder till."},
        givers=[
            {"kind": "child"},
            {"kind": "guardian", "guardianshipId": custody,
             "exemption": {"kind": "child_decides_alone", "reason": "Mognadsbedömning gjord i samtal."}},
        ],
    )  # fmt: skip
    play.at(73, 20)
    await young.consent(consent)
    play.at(66, 14)
    await Doer(play, "region.youthclinic").note(
        case, "contact", "Första samtalet på ungdomsmottagningen.", impact="positive"
    )


async def elias(play: Play) -> None:
    """A private school is a controller of its own (R1.5); the work rests while the family is away."""
    who = Doer(play, "gnesta.privateschool")
    play.at(70)
    elias = await who.child(
        "Elias Nordin", "201405052398", grown_up("Carina Nordin", "198303169281", "mother"),
        grown_up("Stefan Nordin", "198203249274", "father"), **HOME,
    )  # fmt: skip
    case = await who.case(elias, "elias", "Elias hamnar ofta i konflikter på rasterna och blir ledsen efteråt.")
    await who.activate(case)
    play.at(25, 11)
    await who.post(f"/cases/{case}/pause", reason="Familjen är bortrest några veckor och vill ta upp det efteråt.")


async def tuva(play: Play) -> None:
    """One guardian says no: nothing opens, no reason is asked, and the school goes on by itself (R4.8)."""
    who = Doer(play, "gnesta.school")
    play.at(62)
    tuva = await who.child(
        "Tuva Hedlund", "201603122381", grown_up("Sofia Hedlund", "198209109282", "mother"),
        grown_up("Daniel Kvist", "198109079296", "father"), **HOME,
    )  # fmt: skip
    case = await who.case(tuva, "tuva", "Tuva har svårt att hitta kamrater och vill inte vara med på rasten.")
    await who.activate(case, "cooperation_needed")
    await who.invite(case, "gnesta-ifo")
    play.at(58, 13)
    await who.ask_consent(
        tuva, case, ["gnesta-social"], ["contact", "plan"], "Att socialtjänsten kan erbjuda öppet stöd.",
        days=200, answers=["given", "refused"],
    )  # fmt: skip


async def milo(play: Play) -> None:
    """The family centre's social part and BVC plan together on the parents' consent."""
    who = Doer(play, "gnesta.familycentre")
    play.at(45)
    milo = await who.child(
        "Milo Strand", "202210082398", grown_up("Julia Strand", "199309082387", "mother"),
        grown_up("Robin Strand", "199103092392", "father"), **HOME,
    )  # fmt: skip
    case = await who.case(
        milo, "milo", "Julia och Robin vill ha stöd kring sömn och utbrott.", entryRoute="family_request"
    )
    await who.activate(case, "cooperation_needed")
    await who.invite(case, "region-bvc-gnesta")
    await who.ask_consent(
        milo, case, ["region"], ["contact", "plan", "social"],
        "Att familjecentralens delar kan planera tillsammans.", days=24, answers=["given", "given"],
    )  # fmt: skip
    play.at(38, 10)
    await Doer(play, "region.bvc").note(case, "contact", "Besöket på BVC blev ett gemensamt besök.", impact="positive")


async def vera(play: Play) -> None:
    """From preschool to school: the old contact answers until the new one accepts (R3.5)."""
    who = Doer(play, "gnesta.preschool")
    play.at(40)
    vera = await who.child("Vera Alm", "202003122385", grown_up("Jenny Alm", "198903082389", "mother", "sole"), **HOME)
    case = await who.case(vera, "vera", "Vera behöver bildstöd och tydliga dagar när hon börjar i skolan.")
    await who.activate(case)
    play.at(8, 14)
    await who.post(
        f"/cases/{case}/transfers", toUnitId=str(UNITS["gnesta-skola"]), toUserId=str(USER_IDS["gnesta.school2"]),
        reason="Vera har börjat i förskoleklass. Mamman är med på bytet.",
    )  # fmt: skip


async def yusuf(play: Play) -> None:
    """Newly arrived: no number at first, then a samordningsnummer (R2.2); to health without consent (R10.3)."""
    who = Doer(play, "gnesta.social")
    play.at(30)
    yusuf = await who.child(
        "Yusuf Barakat", None,
        grown_up("Monica Lindell", "198509129881", "appointed_guardian", "appointed"), **HOME,
        details={"language": "ar", "interpreterNeeded": True},
    )  # fmt: skip
    case = await who.case(
        yusuf, "yusuf", "Yusuf har kommit till Gnesta med sin farbror och ska börja skolan.",
        entryRoute="referral", levelOfNeed="selective",
    )  # fmt: skip
    await who.activate(case, "cooperation_needed")
    play.at(12, 10)
    await who.post(
        f"/children/{yusuf}/identifiers", type="samordningsnummer", value="201503862391", identityLevel="sannolik"
    )
    await who.invite(case, "gnesta-skola")
    await who.ask_consent(
        yusuf, case, ["gnesta-utbildning"], ["contact", "plan"], "Att skolan kan ta emot Yusuf väl förberedd.",
        days=180, answers=["given"],
    )  # fmt: skip
    play.at(6, 13)
    await who.invite(case, "region-bup-nykoping")
    await who.post(
        "/disclosures", childId=yusuf, caseId=case, toUnitId=str(UNITS["region-bup-nykoping"]), categories=["contact"],
        basis="OSL_26_9", legalReason="Barn under 18 år som behöver vård.", channel="portal", informed="yes",
        necessity="BUP behöver kunna nå god man för att boka en första tid.", harmTest={"result": "no_harm"},
        validTo=play.until(20),
    )  # fmt: skip


async def unborn(play: Play) -> None:
    """Not yet born: no number and no name, but a family that wants to prepare (R2.2)."""
    who = Doer(play, "region.midwife")
    play.at(21)
    expected = play.ahead(56).isoformat()
    child = await who.post(
        "/children", familyName="Holm", expectedBirthDate=expected, **HOME,
        guardians=[grown_up("Sandra Holm", "199109082389", "mother", "none")],
    )  # fmt: skip
    case = await who.case(
        child["id"], "holm", "Sandra vill träffa familjecentralen före födseln.", entryRoute="family_request"
    )
    await who.activate(case)


async def hugo(play: Play) -> None:
    """Consent is asked for, and nobody has answered yet."""
    who = Doer(play, "gnesta.school2")
    play.at(14)
    hugo = await who.child(
        "Hugo Lindqvist", "201303102394", grown_up("Eva Lindqvist", "198103179241", "mother"),
        grown_up("Mats Lindqvist", "198003119255", "father"), **HOME,
    )  # fmt: skip
    case = await who.case(hugo, "hugo", "Hugo har slutat med fotbollen och är mycket hemma.", levelOfNeed="selective")
    await who.activate(case, "cooperation_needed")
    await who.invite(case, "gnesta-ifo")
    await who.ask_consent(
        hugo, case, ["gnesta-social"], ["contact", "plan"], "Att socialtjänsten kan berätta vad som finns att få.",
        days=200,
    )  # fmt: skip
