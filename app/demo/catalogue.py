"""What Gnesta says that it offers families (``domain.md`` 0.1), as bodies of ``POST /support-offers``.

What the page does not say is left out: who gives which support, cost (but for the five talks), how one gets it, and on
whose decision. Three things are made up: the demo unit that stands as the provider, the needs in plain words, and how
much is recorded of whom, where the least that works was chosen.
"""

from typing import Any, Final, NamedTuple


class Offered(NamedTuple):
    """One offer and the demo user who keeps it."""

    keeper: str
    body: dict[str, Any]


GNESTA_OFFERS: Final = (
    Offered(
        "gnesta.socialmanager",
        {
            "kind": "advice_talks",
            "nameSv": "Råd- och stödsamtal",
            "nameEn": "Advice and support talks",
            "summarySv": "Det är inte alltid lätt att vara förälder. Du kan få fem samtal om råd och stöd.",
            "summaryEn": "Being a parent is not always easy. You can have five talks for advice and support.",
            "audiences": ["guardians"],
            "needs": ["talk_to_somebody"],
            "isFree": True,
            "costNoteSv": "Samtalen kostar ingenting.",
            "costNoteEn": "The talks cost nothing.",
            "maxSessions": 5,
            "identityRecording": "minimal",
        },
    ),
    Offered(
        "gnesta.socialmanager",
        {
            "kind": "cooperation_talks",
            "nameSv": "Samarbetssamtal",
            "nameEn": "Cooperation talks",
            "summarySv": "För skilda föräldrar som har svårt att komma överens.",
            "summaryEn": "For separated parents who find it hard to agree.",
            "audiences": ["separated_parents", "guardians"],
            "needs": ["parents_disagree"],
            "identityRecording": "minimal",
        },
    ),
    Offered(
        "gnesta.socialmanager",
        {
            "kind": "komet",
            "nameSv": "Kometträffar",
            "nameEn": "Komet meetings",
            "summarySv": "För föräldrar som har mycket konflikter med sina barn. Ni får lära er hantera bråk hemma.",
            "summaryEn": "For parents who have many conflicts with their children. You learn to handle them at home.",
            "audiences": ["guardians"],
            "needs": ["conflicts_at_home"],
            "identityRecording": "none",
        },
    ),
    Offered(
        "gnesta.socialmanager",
        {
            "kind": "npf_meetings",
            "nameSv": "NPF-träffar",
            "nameEn": "NPF meetings",
            "summarySv": "För föräldrar till barn med neuropsykiatrisk funktionsnedsättning.",
            "summaryEn": "For parents of children with neurodevelopmental disabilities.",
            "audiences": ["guardians"],
            "needs": ["npf"],
            "identityRecording": "none",
        },
    ),
    Offered(
        "gnesta.socialmanager",
        {
            "kind": "next_of_kin_support",
            "nameSv": "Anhörigstöd",
            "nameEn": "Next-of-kin support",
            "summarySv": "För dig som stödjer någon i vardagen.",
            "summaryEn": "For you who support somebody in everyday life.",
            "audiences": ["next_of_kin", "guardians"],
            "needs": ["supporting_somebody"],
            "identityRecording": "minimal",
        },
    ),
    Offered(
        "gnesta.familymanager",
        {
            "kind": "family_centre",
            "nameSv": "Familjecentralen",
            "nameEn": "The family centre",
            "summarySv": "Stöd till barn som är 0–6 år och deras föräldrar.",
            "summaryEn": "Support for children aged 0–6 and their parents.",
            "audiences": ["children", "guardians"],
            "needs": ["small_children"],
            "ageMin": 0,
            "ageMax": 6,
            "ageOf": "child",
            "identityRecording": "none",
        },
    ),
    Offered(
        "region.youthmanager",
        {
            "kind": "youth_clinic",
            "nameSv": "Ungdomsmottagningen",
            "nameEn": "The youth clinic",
            "summarySv": "Välkommen om du är mellan 13 och 23 år.",
            "summaryEn": "You are welcome if you are between 13 and 23 years old.",
            "audiences": ["young_people"],
            "needs": ["being_young", "talk_to_somebody"],
            "ageMin": 13,
            "ageMax": 23,
            "ageOf": "participant",
            "identityRecording": "minimal",
        },
    ),
)
