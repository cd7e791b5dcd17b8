"""Vingåker's contact groups with the source's numbers: three groups, eight places in each, two leaders, and a queue.

Told as one story: the ninth child waits, a place becomes free, the offer runs out, the next is offered it and says yes,
and in the end child, guardian and leader say what it was like. The demo world plays it, the tests turn it.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from app.demo.deeds import Doer, grown_up
from app.demo.play import Body, Play
from app.demo.staff import GUARDIAN_THREE, USER_IDS

GROUPS = {
    "Måndagsgruppen": (1, ("vingaker.leader", "vingaker.leader2")),
    "Tisdagsgruppen": (2, ("vingaker.leader3", "vingaker.leader4")),
    "Torsdagsgruppen": (4, ("vingaker.leader5", "vingaker.leader6")),
}
PLACES = 8
AMINA = grown_up("Amina Warsame", GUARDIAN_THREE, "mother", custody="sole")
_NAMES = (
    "Alex", "Bella", "Charlie", "Doris", "Edvin", "Freja", "Gustav", "Hilda", "Ivar", "Juni", "Kian", "Leia",
    "Melvin", "Nova", "Omar", "Penny", "Rasmus", "Selma", "Theo", "Ulla", "Valter", "Wille", "Ylva", "Zara",
)  # fmt: skip
#: The story is told as often as somebody likes: its children have no key that could be taken.
_AGAIN: Final[Body] = {"municipalityCode": "0428", "sourceSystem": None, "sourceId": None}


@dataclass
class ContactGroups:
    """The stage, and what the chapters have made so far."""

    play: Play
    groups: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    sami: str = ""
    noor: str = ""
    offers: dict[str, str] = field(default_factory=dict)
    place: str = ""

    def __post_init__(self) -> None:
        self.manager, self.leader = Doer(self.play, "vingaker.manager"), Doer(self.play, "vingaker.leader")
        self.ifo, self.school = Doer(self.play, "vingaker.social"), Doer(self.play, "vingaker.school")
        self.amina = Doer(self.play, "guardian.three")

    @property
    def monday(self) -> str:
        """The group that the story is about."""
        return f"/contact-groups/{self.groups['Måndagsgruppen']}"

    async def three_groups(self, *names: str) -> None:
        """Three groups for grades 3 to 7, eight places in each, led by two adults who social services employ."""
        self.play.say("Tre kontaktgrupper i Vingåker / Three contact groups in Vingåker")
        checked = (self.play.today_there - timedelta(days=30)).isoformat()
        for name in names or GROUPS:
            weekday, leaders = GROUPS[name]
            group = await self.manager.post(
                "/contact-groups", name=name, term=_term(self.play), weekday=weekday, startsAt="15:00", endsAt="17:30",
                place="Ungdomens hus i Vingåker", defaultDecisionType="without_needs_assessment",
            )  # fmt: skip
            self.groups[name] = str(group["id"])
            for leader in leaders:
                await self.manager.post(
                    f"/contact-groups/{group['id']}/leaders", userId=str(USER_IDS[leader]),
                    policeRecordCheckedOn=checked, fromOn=self.play.today_there.isoformat(),
                )  # fmt: skip
            await self.manager.post(f"/contact-groups/{group['id']}/opening")

    async def full_groups(self) -> None:
        """Every place is taken."""
        self.play.say("Alla platser fylls / Every place is taken")
        names = iter(_NAMES)
        for group, group_id in self.groups.items():
            self.places[group] = [
                await self._placed(group_id, next(names), grade) for grade in (3, 3, 4, 4, 5, 5, 6, 7)
            ]

    async def _placed(self, group_id: str, name: str, grade: int) -> str:
        """A child who asked at IFO and has a place by decision. The place's id."""
        born = f"{self.play.today.year - grade - 7}-03-{grade + 10:02}"
        child = await self.manager.post(
            "/children", givenName=name, familyName="Demosson", birthDate=born, municipalityCode="0428"
        )
        address = f"/contact-groups/{group_id}"
        entry = await self.manager.post(
            f"{address}/queue-entries", childId=child["id"], grade=grade, wishedBy="guardian", askedVia="ifo"
        )
        place = await self.manager.post(f"{address}/places", queueEntryId=entry["id"], goals="Hitta nya vänner.")
        return str(place["id"])

    async def the_ninth_waits(self) -> None:
        """Sami's mother has asked at IFO, Noor herself at school: where the groups are full, both wait."""
        self.play.say("Det nionde barnet väntar / The ninth child waits")
        sami = await self.ifo.child(
            "Sami Warsame", None, AMINA, birthDate=f"{self.play.today.year - 11}-04-13", **_AGAIN
        )
        entry = await self.ifo.post(
            f"{self.monday}/queue-entries", childId=sami, grade=4, wishedBy="guardian", askedVia="ifo"
        )
        self.sami = str(entry["id"])
        self.play.after(timedelta(hours=3))
        noor = await self.school.child(
            "Noor Warsame", None, AMINA, birthDate=f"{self.play.today.year - 10}-08-15", **_AGAIN
        )
        consent = await self.school.ask_consent(
            noor, None, ["vingaker-social"], ["contact"], "Att kontaktgrupperna får veta att Noor vill vara med.",
            days=200,
        )  # fmt: skip
        entry = await self.school.post(
            f"{self.monday}/queue-entries", childId=noor, grade=3, wishedBy="child", askedVia="school",
            consentId=consent["id"],
        )  # fmt: skip
        self.noor = str(entry["id"])
        await self.amina.consent(consent)

    async def a_place_becomes_free(self) -> None:
        """A family moves away; the place is offered to the one who has waited longest."""
        self.play.say("En plats blir ledig / A place becomes free")
        leaving = self.places["Måndagsgruppen"].pop()
        await self.manager.post(f"/places/{leaving}/ending", reason="moved", text="Familjen flyttar till Flen.")
        offer = await self.manager.post(f"/queue-entries/{self.sami}/offers")
        self.offers["Sami"] = str(offer["id"])

    async def the_offer_expires(self) -> None:
        """Nobody answers for ten days: the offer goes to the next in the queue by itself."""
        self.play.say("Erbjudandet går ut och går vidare / The offer expires and goes on")
        self.play.after(timedelta(days=10, minutes=1))
        await self.play.pass_on()
        seen = await self.manager.get(f"/queue-entries/{self.noor}")
        self.offers["Noor"] = str(seen["offers"][0]["id"])

    async def the_next_says_yes(self) -> None:
        """Noor's mother accepts, and Noor comes on Monday."""
        self.play.say("Nästa barn tackar ja / The next child says yes")
        place = await self.amina.post(f"/offers/{self.offers['Noor']}/acceptance", goals="Att våga säga hej.")
        self.place = str(place["id"])
        self.places["Måndagsgruppen"].append(self.place)

    async def a_monday(self) -> None:
        """The group meets; who came is noted by its leader."""
        self.play.say("Gruppen träffas / The group meets")
        session = await self.leader.post(
            f"{self.monday}/sessions", heldOn=self.play.today_there.isoformat(), note="Vi bakade pizza."
        )
        address = f"{self.monday}/sessions/{session['id']}"
        await self.leader.post(f"{address}/holding")
        marks = [{"placeId": place, "mark": "present"} for place in self.places["Måndagsgruppen"]]
        await self.play.put("vingaker.leader", f"{address}/attendance", marks=marks)

    async def what_it_was_like(self) -> None:
        """Child, guardian and leader are asked (R11.7); Noor goes on, there is no end to it."""
        self.play.say("Uppföljning med barn, vårdnadshavare och ledare / Follow-up by child, guardian and leader")
        address = f"/places/{self.place}/follow-ups"
        await self.manager.post(
            address, respondent="child", occasion="yearly", scale=5, sharedWithGuardians=True,
            text="Jag vill vara med så länge gruppen finns.",
        )  # fmt: skip
        await self.amina.post(address, occasion="yearly", text="Hon gör saker här som vi inte kan göra med henne.")
        await self.leader.post(address, occasion="yearly", text="Gruppen fungerar bra.")
        await self.leader.post(f"/places/{self.place}/reviews", outcome="continues", note="Fortsätter nästa termin.")

    async def somebody_waits(self) -> None:
        """The groups are full again, and Elliot's mother asks."""
        child = await self.manager.post(
            "/children", givenName="Elliot", familyName="Demosson", birthDate=f"{self.play.today.year - 11}-09-21",
            municipalityCode="0428",
        )  # fmt: skip
        await self.manager.post(
            f"/contact-groups/{self.groups['Tisdagsgruppen']}/queue-entries", childId=child["id"], grade=4,
            wishedBy="guardian", askedVia="ifo",
        )  # fmt: skip

    async def tell(self) -> None:
        """The whole story, over four months."""
        at = self.play.at
        at(120)
        await self.three_groups()
        at(110)
        await self.full_groups()
        at(64)
        await self.the_ninth_waits()
        at(54)
        await self.a_place_becomes_free()
        await self.the_offer_expires()
        self.play.after(timedelta(days=3))
        await self.the_next_says_yes()
        at(22, 15)
        await self.a_monday()
        at(5)
        await self.what_it_was_like()


async def contact_groups(play: Play) -> None:
    """The story as the demo world has it, and one who waits."""
    story = ContactGroups(play)
    await story.tell()
    play.at(3)
    await story.somebody_waits()


def _term(play: Play) -> str:
    day = play.today_there
    return f"{'VT' if day.month <= 6 else 'HT'}{day.year}"
