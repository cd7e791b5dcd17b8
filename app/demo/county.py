"""Stories of Katrineholm, Strängnäs and Vingåker."""

from app.demo.deeds import Doer, grown_up
from app.demo.play import Play


async def nils(play: Play) -> None:
    """Closed when it went well, and reopened within the six months when the family asked again."""
    who = Doer(play, "katrineholm.social")
    play.at(300)
    nils = await who.child(
        "Nils Rosén", "201201262399", grown_up("Marie Rosén", "198009139265", "mother", "sole"),
        municipalityCode="0483",
    )  # fmt: skip
    case = await who.case(
        nils, "nils", "Bråk hemma om skärmtid och kvällar. Marie vill ha Komet-träffar.", entryRoute="family_request"
    )
    await who.activate(case)
    play.at(240, 13)
    await who.note(case, "support_started", "Komet-träffarna har börjat.", impact="positive")
    play.at(150, 15)
    await who.close(case, "need_met", "Familjen har egna rutiner som håller.", childView="Det är lugnare hemma nu.")
    play.at(40, 10)
    await who.post(f"/cases/{case}/reopening", reason="Marie ringde: det har blivit svårt igen efter en flytt.")


async def oliver(play: Play) -> None:
    """Closed: the need was met."""
    who = Doer(play, "strangnas.school")
    play.at(260)
    oliver = await who.child(
        "Oliver Hage", "201110102397", grown_up("Ingrid Hage", "197903169261", "mother", "sole"),
        municipalityCode="0486",
    )  # fmt: skip
    case = await who.case(oliver, "oliver", "Oliver behövde hjälp att komma ikapp i matematik efter sjukdom.")
    await who.activate(case)
    play.at(90, 14)
    await who.close(
        case, "need_met", "Oliver är ikapp och har stöd av sin lärare vid behov.", childView="Jag fattar det mesta nu."
    )


async def mira(play: Play) -> None:
    """Protected identity: nothing without a stated reason, in no list, and nowhere a place (R2.5)."""
    who = Doer(play, "strangnas.social")
    play.at(150)
    mira = await who.child(
        "Mira Björk", "201808162380",
        grown_up("Petra Björk", "198503149885", "mother", "sole", protectedIdentity="sekretessmarkering"),
        municipalityCode="0486", protectedIdentity="sekretessmarkering",
    )  # fmt: skip
    await who.post(f"/children/{mira}/checkpoints", reason="Jag öppnar ärendet om Mira och är hennes handläggare.")
    case = await who.case(mira, "mira", "Mira och hennes mamma behöver stöd efter en flytt.")
    await who.activate(case)


async def saga(play: Play) -> None:
    """An NPF team of Katrineholm: school and BUP, with a coordinator from the coordination function."""
    who, bup = Doer(play, "katrineholm.school"), Doer(play, "region.bup-katrineholm")
    play.at(120)
    saga = await who.child(
        "Saga Vinter", "201403132382", grown_up("Helena Vinter", "198603139885", "mother"),
        grown_up("Jörgen Vinter", "198609259992", "father"), municipalityCode="0483",
    )  # fmt: skip
    case = await who.case(
        saga, "saga", "Saga har NPF-liknande svårigheter. Ingen diagnos krävs för stöd.", levelOfNeed="specialised"
    )
    await who.activate(case, "cooperation_needed")
    await who.invite(case, "katrineholm-samordning", "region-bup-katrineholm")
    await who.ask_consent(
        saga, case, ["katrineholm-social", "region"], ["contact", "plan", "school"],
        "Att det tvärprofessionella teamet kan arbeta tillsammans.", days=60, answers=["given", "given"],
    )  # fmt: skip
    asked = await who.coordinate(
        case, "katrineholm.coordinator", "katrineholm-samordning", "Teamet vill ha en som håller ihop."
    )
    coordinator = Doer(play, "katrineholm.coordinator")
    play.at(118, 9)
    await coordinator.accept(case, asked)
    play.at(100, 13)
    await bup.note(case, "health", "Teamets första genomgång med familjen.", impact="positive")
    play.at(95, 10)
    await coordinator.note(case, "decision", "Nästa träff efter lovet.", category="plan")
    play.at(2, 8)
    await coordinator.acknowledge()


async def wilma(play: Play) -> None:
    """The family declined. That says nothing about risk (R3.6)."""
    who = Doer(play, "vingaker.school")
    play.at(110)
    wilma = await who.child(
        "Wilma Ahl", "201311282386", grown_up("Katarina Ahl", "198309119264", "mother", "sole"),
        municipalityCode="0428",
    )  # fmt: skip
    case = await who.case(wilma, "wilma", "Wilma är ofta ensam. Skolan erbjöd samordnat stöd.")
    await who.activate(case)
    play.at(80, 14)
    await who.close(
        case, "declined", "Familjen tackade nej och vet vart den kan vända sig.",
        childViewMissingReason="Wilma ville inte säga något.",
    )  # fmt: skip


async def adam(play: Play) -> None:
    """A contact group in Vingåker: eight children in grades 3-7, asked for both at IFO and at school."""
    who = Doer(play, "vingaker.social")
    play.at(100)
    adam = await who.child(
        "Adam Solberg", "201610072397", grown_up("Pia Solberg", "198403169280", "mother"),
        grown_up("Tommy Solberg", "198409209296", "father"), municipalityCode="0428",
    )  # fmt: skip
    case = await who.case(
        adam, "adam", "Adam frågade själv på skolan om han får vara med i en kontaktgrupp.", entryRoute="child_request"
    )
    await who.activate(case, "cooperation_needed")
    await who.invite(case, "vingaker-kontaktgrupper", "vingaker-skola")
    play.at(97, 10)
    await who.ask_consent(
        adam, case, ["vingaker-utbildning"], ["contact", "plan"], "Att skolan kan stötta Adam att gå dit.",
        days=210, answers=["given", "given"],
    )  # fmt: skip
    play.at(85, 16)
    await who.note(
        case, "support_started", "Första träffen i kontaktgruppen. Adam vill fortsätta.",
        impact="positive", significant=True,
    )  # fmt: skip
