"""What is another between two versions, in words, without a database."""

from typing import Any

import pytest

from app.plan_versions.models import placeless
from app.plan_versions.service import changes

NEED = {
    "id": "n1", "wheel_dimensions": ["safe"], "description": "Orkar inte.", "child_view": None, "guardian_view": None,
}  # fmt: skip
GOAL = {"id": "g1", "need_id": "n1", "text": "I skolan.", "horizon": "short", "evidence": None, "status": "open"}
ACTION = {
    "id": "a1", "goal_id": "g1", "principal": "region", "unit_id": "u1", "unit_name": "BUP", "responsible_name": None,
    "description": "Samtal.", "own_effort": False, "other_party_name": None, "start_on": None, "due_on": "2026-03-01",
    "status": "planned", "result": None,
}  # fmt: skip
PARTY = {
    "unit_id": "u1", "unit_name": "BUP", "authority_name": "HSN", "principal": "region", "contact_name": None,
    "phone": "1", "accepted_at": "2026-01-01T00:00:00Z",
}  # fmt: skip
CONTENT: dict[str, Any] = {
    "question": "Hur?", "care_contact": "Läkaren på orten", "child": {"name": "Alma", "birth_date": "2014-05-06"},
    "overall_responsible": {"principal": "region", "authority_name": "HSN"}, "initiator": {
        "kind": "family", "unit_name": None},
    "main_responsible": {"name": "Sara", "unit_name": "Skolan", "phone": "0158"}, "parties": [PARTY],
    "needs": [NEED], "goals": [GOAL], "actions": [ACTION], "disagreements": [], "follow_ups": [],
    "family_acceptances": [{"name": "Maria", "standing": "guardian", "accepted_at": None}],
}  # fmt: skip


def told(before: dict[str, Any], after: dict[str, Any], language: str = "sv") -> list[tuple[Any, ...]]:
    return [
        (row["what"], row["kind"], row["label"], row["field"], row["before"], row["after"])
        for row in changes(before, after, language)
    ]


def test_the_same_says_nothing() -> None:
    assert told(CONTENT, CONTENT) == []
    assert told(CONTENT, {**CONTENT, "parties": [{**PARTY, "accepted_at": "2026-02-01T00:00:00Z"}]}) == []


@pytest.mark.parametrize(
    ("other", "sv", "en"),
    [
        (
            {"question": "När?"},
            ("plan", "changed", "Frågeställning", "question", "Hur?", "När?"),
            ("plan", "changed", "Question", "question", "Hur?", "När?"),
        ),
        (
            {"overall_responsible": {"principal": "municipality", "authority_name": None}},
            ("plan", "changed", "Samlat ansvar", "overallResponsible", "Regionen, HSN", "Kommunen"),
            ("plan", "changed", "Overall responsibility", "overallResponsible", "The region, HSN", "The municipality"),
        ),
        (
            {"main_responsible": None},
            ("plan", "changed", "Huvudansvarig", "mainResponsible", "Sara, Skolan, 0158", None),
            ("plan", "changed", "Main responsible", "mainResponsible", "Sara, Skolan, 0158", None),
        ),
        (
            {"needs": [{**NEED, "wheel_dimensions": ["safe", "active"]}]},
            ("need", "changed", "Behov: Orkar inte.", "wheelDimensions", "Trygg", "Trygg, Aktiv"),
            ("need", "changed", "Need: Orkar inte.", "wheelDimensions", "Safe", "Safe, Active"),
        ),
        (
            {"goals": [{**GOAL, "status": "reached"}]},
            ("goal", "changed", "Mål: I skolan.", "status", "Inte uppföljt", "Uppnått"),
            ("goal", "changed", "Goal: I skolan.", "status", "Not followed up", "Reached"),
        ),
        (
            {"actions": [{**ACTION, "due_on": None}]},
            ("action", "changed", "Åtgärd: Samtal.", "dueOn", "2026-03-01", None),
            ("action", "changed", "Action: Samtal.", "dueOn", "2026-03-01", None),
        ),
        (
            {"actions": []},
            ("action", "removed", "Åtgärd: Samtal.", None, "Samtal.", None),
            ("action", "removed", "Action: Samtal.", None, "Samtal.", None),
        ),
        (
            {"disagreements": [{"whose": "child", "text": "Vill inte byta klass."}]},
            ("disagreement", "added", "Skild mening: Vill inte byta klass.", None, None, "Vill inte byta klass."),
            ("disagreement", "added", "Disagreement: Vill inte byta klass.", None, None, "Vill inte byta klass."),
        ),
    ],
)
def test_a_difference_is_told_in_the_readers_language(
    other: dict[str, Any], sv: tuple[Any, ...], en: tuple[Any, ...]
) -> None:
    assert told(CONTENT, {**CONTENT, **other}) == [sv]
    assert told(CONTENT, {**CONTENT, **other}, "en") == [en]


def test_a_long_text_is_named_by_its_beginning_and_told_whole() -> None:
    long = "a" * 300
    (change,) = changes({**CONTENT, "actions": []}, {**CONTENT, "actions": [{**ACTION, "description": long}]}, "sv")
    assert len(change["label"]) == len("Åtgärd: ") + 80
    assert (change["after"], change["id"]) == (long, "a1")


@pytest.mark.rule("R2.5")
def test_of_a_protected_child_others_read_what_is_done_and_not_who_or_where() -> None:
    read = placeless(CONTENT)
    assert read["child"] == {"name": None, "birth_date": None}
    assert read["main_responsible"] == {"name": "Sara", "unit_name": None, "phone": None}
    for secret in ("Alma", "2014", "Skolan", "0158", "BUP", "HSN", "Maria", "Läkaren"):
        assert secret not in str(read)
    assert read["actions"][0]["description"] == "Samtal."
