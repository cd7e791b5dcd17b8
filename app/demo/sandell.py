"""The main story: the Sandell family in Gnesta, whose grown-ups are ``guardian.one`` and ``guardian.two``."""

from app.demo.deeds import Doer
from app.demo.journey import JOHAN, MARIA, Journey
from app.demo.play import Play

HOME = {"municipalityCode": "0461"}


async def ella(play: Play) -> None:
    """The main story: a school, social services and BUP around one girl, on both guardians' consent."""
    school = Doer(play, "gnesta.school")
    play.at(200)
    ella = await school.child(
        "Ella Sandell", "201503132381", MARIA, JOHAN, **HOME,
        details={"streetAddress": "Exempelgatan 1", "postalCode": "000 00", "city": "Gnesta",
                 "schoolName": "Grundskolan i Gnesta", "language": "sv"},
    )  # fmt: skip
    case = await school.case(
        ella, "ella", "Ella är ofta borta på måndagar och orkar inte hela dagar. Familjen vill ha hjälp.",
        entryRoute="family_request", levelOfNeed="selective",
        fiveQuestions={
            "whatStandsInTheWay": "Trötthet och svårt att komma igång på morgonen.",
            "doIHaveTheInformation": "Skolan vet inte hur det är hemma. Familjen vill berätta i ett gemensamt möte.",
            "whatCanIDoNow": "Kortare måndagar och en vuxen som möter vid grinden.",
            "whatCanMyServiceDoNow": "Anpassningar i klassrummet och samtal hos kuratorn.",
            "whatFurtherHelpIsNeeded": "Råd och stöd till föräldrarna, och BUP:s kunskap om NPF.",
        },
    )  # fmt: skip
    await school.activate(case, "cooperation_needed")
    await school.note(case, "strength", "Ella ritar serier och hjälper yngre barn på rasten.", impact="positive")
    await _around_ella(play, ella, case)


async def _around_ella(play: Play, ella: str, case: str) -> None:
    """What the three do together, once both guardians have said yes."""
    school, social, bup = Doer(play, "gnesta.school"), Doer(play, "gnesta.social"), Doer(play, "region.bup")
    play.at(190, 14)
    await school.invite(case, "gnesta-samordning", "gnesta-ifo", "region-bup-nykoping")
    consent = await school.ask_consent(
        ella, case, ["gnesta-social", "region"], ["contact", "plan", "meeting_notes"],
        "Att skola, socialtjänst och BUP kan planera tillsammans med familjen.", days=120,
    )  # fmt: skip
    play.at(188, 18)
    await Doer(play, "guardian.one").consent(consent)
    play.at(186, 19)
    await Doer(play, "guardian.two").consent(consent)
    play.at(184)
    asked = await school.coordinate(
        case, "gnesta.coordinator", "gnesta-samordning", "Familjen vill ha en enda person att ringa."
    )
    play.at(183, 9)
    coordinator = Doer(play, "gnesta.coordinator")
    await coordinator.accept(case, asked)
    play.at(170, 15)
    await school.note(
        case, "decision", "Första gemensamma mötet. Alla såg samma bild.",
        category="plan", decision="Kortare måndagar i sex veckor.", impact="positive", significant=True,
    )  # fmt: skip
    play.at(160, 10)
    await social.note(case, "support_started", "Fem kostnadsfria råd- och stödsamtal har börjat.", impact="positive")
    play.at(130, 13)
    await bup.note(case, "health", "Familjen har träffat BUP:s team en första gång.")
    play.at(60, 11)
    await school.note(
        case, "school", "Närvaron på måndagar har gått från varannan till nästan alla.",
        impact="positive", outcome="Anpassningen fortsätter.",
    )  # fmt: skip
    play.at(20, 14)
    wider = await school.ask_consent(
        ella, case, ["region"], ["school"], "Att BUP kan läsa skolans underlag inför en bedömning.", days=150
    )
    play.at(18, 18)
    await Doer(play, "guardian.one").consent(wider)
    play.at(2, 8)
    await coordinator.acknowledge()


async def noah(play: Play) -> None:
    """Ella's brother has a case of his own, still a draft; only the school knows that they are siblings."""
    school = Doer(play, "gnesta.school")
    play.at(10)
    noah = await school.child("Noah Sandell", "201706252390", MARIA, JOHAN, **HOME)
    ella = (await school.get("/children", name="Ella Sandell"))["items"][0]["id"]
    await school.post(f"/children/{noah}/siblings", siblingId=ella, relation="full")
    await school.case(noah, "noah", "Noah har blivit tystare i höst. Mentorn vill fråga hur han har det.")


async def tilde(play: Play) -> None:
    """The whole way, closed two days ago."""
    await Journey(play).tell()


async def otto(play: Play) -> None:
    """On the way: an active SIP with its first follow-up ahead, and something that did not come in time."""
    journey = Journey(play, given_name="Otto", birth_date="2013-04-17")
    play.at(52, 9)
    await journey.the_call()
    await journey.the_wheel()
    play.at(50, 10)
    await journey.the_consent()
    play.at(48, 9)
    await journey.the_meeting(absent=("region-bup-nykoping",))
    await journey.the_writing()
    play.at(34, 9)
    await journey.the_agreement()
    play.at(3, 11)
    await journey.karin.post(
        f"/actions/{journey.actions['region-bup-nykoping']}/questions", question="Har familjen fått en första tid?"
    )
    await journey.karin.acknowledge()
