"""Snapshots of plans, as the version of a plan keeps them."""

from typing import Any

LABELS = {
    "safe": "Trygg", "healthy": "Må bra", "achieving": "Utvecklas", "nurtured": "Omvårdnad",
    "active": "Aktiv", "respected": "Respekterad", "responsible": "Ansvarstagande", "included": "Delaktig",
}  # fmt: skip


def person(name: str, unit: str, phone: str | None = None) -> dict[str, Any]:
    """Somebody with a role in the plan."""
    return {"name": name, "unit_name": unit, "phone": phone}


def action(number: int, principal: str, **changes: Any) -> dict[str, Any]:
    """One action; everything but its number and principal has a value that reads well."""
    return {
        "id": f"action-{number}", "goal_id": f"goal-{number % 2 + 1}", "principal": principal,
        "unit_name": {"region": "Barn- och ungdomspsykiatrin"}.get(principal, "Elevhälsan, Frejaskolan"),
        "responsible_name": "Anna Berg", "description": f"Erbjuder samtal varannan vecka, omgång {number}.",
        "own_effort": False, "other_party_name": None, "start_on": "2026-03-09", "due_on": "2026-05-29",
        "status": "planned", "result": None,
    } | changes  # fmt: skip


def actions() -> list[dict[str, Any]]:
    """One of every kind."""
    return [
        action(1, "municipality", description="Lugnare morgnar: Alva börjar kl. 9 och möts av sin mentor i dörren.",
               status="ongoing", result="Alva har varit i skolan tre av fem morgnar."),
        action(2, "region", description="Gör en bedömning av sömn och oro och berättar vad den visar.",
               responsible_name="Karim Haddad"),
        action(3, "municipality", unit_name="Öppenvården, socialtjänsten", responsible_name="Lena Nyström",
               description="Föräldrastöd: fem träffar hemma hos familjen.", due_on=None),
        action(4, "civil_society", unit_name=None, responsible_name=None, other_party_name="Gnesta ridklubb",
               description="Alva är med i stallet på onsdagar.", start_on=None, due_on="2026-06-10"),
        action(5, "family", unit_name=None, responsible_name="Mamma och Alva", own_effort=True,
               description="Vi lägger bort skärmarna klockan åtta och läser tillsammans.", start_on=None, due_on=None),
    ]  # fmt: skip


def plan(**changes: Any) -> dict[str, Any]:
    """A whole SIP; name what should be different."""
    return {
        "plan_id": "0198f7a0-0000-7000-8000-000000000001", "number": 2, "kind": "sip",
        "made_at": "2026-03-02T23:30:00+00:00", "case_number": "GNE-2026-0017",
        "child": {"name": "Alva Testsson", "birth_date": "2014-05-17"},
        "need_reason": "Alva har varit borta mycket från skolan under hösten och sover dåligt.",
        "question": "Vad behöver skolan, vården och socialtjänsten göra för att Alva ska orka gå till skolan?",
        "child_view": "”Jag vill gå i skolan men magen gör ont på morgonen.”", "child_view_missing_reason": None,
        "what_matters": "Att få vara i stallet.\nAtt Moa är i samma klass.",
        "plain_text": "Du ska få lugnare morgnar. En läkare hjälper dig med sömnen. Mamma får också hjälp.",
        "initiator": {"kind": "professional", "unit_name": "Elevhälsan, Frejaskolan"},
        "chair": person("Lena Nyström", "Öppenvården, socialtjänsten"),
        "documenter": person("Anna Berg", "Elevhälsan, Frejaskolan"),
        "main_responsible": person("Lena Nyström", "Öppenvården, socialtjänsten", "0158-000 10"),
        "care_contact": "Karim Haddad, BUP Nyköping",
        "named_contact": person("Anna Berg", "Elevhälsan, Frejaskolan", "0158-000 20"),
        "coordinator": person("Sara Lind", "Samordningen i Gnesta", "0158-000 30"),
        "overall_responsible": {"principal": "municipality", "authority_name": "Socialnämnden i Gnesta"},
        "others_measures_note": None,
        "parties": [
            {"unit_name": "Elevhälsan, Frejaskolan", "authority_name": "Barn- och utbildningsnämnden",
             "principal": "municipality", "contact_name": "Anna Berg", "phone": "0158-000 20",
             "accepted_at": "2026-03-03T08:00:00+00:00"},
            {"unit_name": "Barn- och ungdomspsykiatrin", "authority_name": "Hälso- och sjukvårdsnämnden",
             "principal": "region", "contact_name": "Karim Haddad", "phone": None, "accepted_at": None},
        ],
        "family_acceptances": [
            {"name": "Maria Testsson", "standing": "guardian", "accepted_at": "2026-03-02T10:00:00+00:00"},
            {"name": "Alva Testsson", "standing": "child", "accepted_at": "2026-03-02T10:00:00+00:00"},
        ],
        "needs": [
            {"id": "need-1", "wheel_dimensions": ["achieving", "included"], "description": "Komma till skolan.",
             "child_view": "Det är för mycket folk i korridoren.", "guardian_view": "Morgnarna är svårast."},
            {"id": "need-2", "wheel_dimensions": ["healthy"], "description": "Sova hela natten.",
             "child_view": None, "guardian_view": None},
        ],
        "goals": [
            {"id": "goal-1", "need_id": "need-1", "text": "Jag är i skolan varje förmiddag.", "horizon": "short",
             "evidence": "Närvaron, och att Alva själv säger att det känns bättre.", "status": "partly"},
            {"id": "goal-2", "need_id": "need-2", "text": "Jag sover minst nio timmar.", "horizon": "long",
             "evidence": "Sömndagbok.", "status": "open"},
        ],
        "actions": actions(),
        "disagreements": [{"whose": "Pappa", "text": "Pappa vill hellre att Alva byter skola."}],
        "next_follow_up_on": "2026-06-02",
        "follow_ups": [
            {"held_on": "2026-04-14", "child_view": "Det går bättre.", "family_view": "Vi ser små steg.",
             "goals": [{"goal_id": "goal-1", "outcome": "partly", "note": "Tre förmiddagar av fem."}]},
        ],
        "dimension_labels": LABELS,
    } | changes  # fmt: skip
