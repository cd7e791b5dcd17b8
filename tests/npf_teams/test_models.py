"""The rules of NPF teams, without a database, and what no text of theirs holds."""

from datetime import date
from uuid import uuid4

import pytest

from app.kernel.workflow import ImpossibleInThisState
from app.nameless import TextNamesSomebody, require_nameless
from app.npf_teams.models import (
    DiagnosisCodeNotKept,
    LastOfProfession,
    LeadMustStay,
    MemberAlreadyEnded,
    NpfTeam,
    NpfTeamMember,
    NpfTeamStatus,
    PlanAdoptedAhead,
    PlanNotWritten,
    TeamNotComplete,
    missing_parts,
    require_no_diagnosis,
)
from app.people.testnumbers import TEST_PERSONNUMMER, TEST_SAMORDNINGSNUMMER

TODAY = date(2026, 3, 2)
WHOLE = ("bup", "social", "education")


def team(status: str = NpfTeamStatus.PLANNING, **fields: object) -> NpfTeam:
    whole = {"lead_user_id": uuid4(), "plan_text": "Vi börjar.", "plan_year": 2026, "plan_adopted_on": TODAY}
    return NpfTeam(id=uuid4(), status=status, **{**whole, **fields})


@pytest.mark.rule("R13.2")
@pytest.mark.parametrize(
    ("professions", "lead", "adopted", "missing"),
    [
        ((), False, False, ["bup", "social", "education", "lead", "plan"]),
        (("health", "social", "education"), True, True, ["bup"]),
        (("bup", "education"), True, False, ["social", "plan"]),
        ((*WHOLE, "health"), True, True, []),
    ],
)
def test_what_a_team_lacks_is_named(professions, lead, adopted, missing):
    assert missing_parts(professions, uuid4() if lead else None, TODAY if adopted else None) == missing


@pytest.mark.rule("R13.2")
@pytest.mark.parametrize(("status", "deed"), [("planning", "start"), ("paused", "resume")])
def test_only_a_complete_team_works(status, deed):
    incomplete = team(status, plan_adopted_on=None)

    with pytest.raises(TeamNotComplete) as refused:
        incomplete.work(deed, ("bup", "social"))
    complete = team(status)
    complete.work(deed, WHOLE)

    assert refused.value.values == {"missing": "education, plan"}
    assert complete.status == "operative"


@pytest.mark.parametrize("status", ["forming", "operative", "paused", "ended"])
def test_a_team_starts_from_planning_alone(status):
    with pytest.raises(ImpossibleInThisState):
        team(status).work("start", WHOLE)


def test_an_ended_team_stays_as_it_was():
    for deed in ("edit", "plan", "adopt", "start", "pause", "resume", "end"):
        with pytest.raises(ImpossibleInThisState):
            team("ended").work(deed, WHOLE)


def test_another_plan_is_not_adopted_yet():
    found = team()

    found.change({"name": "Nytt namn", "plan_text": "Vi börjar."})
    assert found.plan_adopted_on == TODAY
    found.change({"plan_year": 2027})

    assert found.plan_adopted_on is None


def test_a_plan_is_written_and_then_adopted():
    with pytest.raises(PlanNotWritten):
        team(plan_year=None).adopt(TODAY, TODAY)
    with pytest.raises(PlanAdoptedAhead):
        team().adopt(date(2026, 3, 3), TODAY)


@pytest.mark.rule("R13.2")
def test_a_team_at_work_keeps_its_three_professions_and_its_lead():
    found = team("operative")

    with pytest.raises(LastOfProfession):
        found.require_dispensable(uuid4(), "bup", ("health", "social", "education"))
    with pytest.raises(LeadMustStay):
        found.require_dispensable(found.lead_user_id, "bup", ("bup",))
    found.require_dispensable(uuid4(), "bup", ("bup",))
    found.require_dispensable(uuid4(), "health", ())
    team("paused").require_dispensable(uuid4(), "bup", ())


def test_a_membership_ends_once_and_not_before_it_began():
    member = NpfTeamMember(id=uuid4(), from_on=TODAY)

    member.end(date(2026, 1, 1))

    assert member.to_on == TODAY
    with pytest.raises(MemberAlreadyEnded):
        member.end(TODAY)


NUMBER, COORDINATION = TEST_PERSONNUMMER[40], TEST_SAMORDNINGSNUMMER[3]


@pytest.mark.rule("R13.3")
@pytest.mark.parametrize(
    "trace",
    [
        NUMBER, NUMBER[2:], f"{NUMBER[2:8]}-{NUMBER[8:]}", f"{NUMBER[:8]}\u2013{NUMBER[8:]}",
        f"{NUMBER[:8]} {NUMBER[8:]}", f"{NUMBER[:8]}\u200b{NUMBER[8:]}", COORDINATION,
        f"{COORDINATION[2:8]}-{COORDINATION[8:]}", "22260302ABC4",
        "0158-000 00", "070 000 00 00", "+46 (0)70-000 00 00", "0046700000000", "mamma@exempel.example",
        "Storgatan 12", "Östra vägen 3", "Ekbacken 7", "Björkväg 4", "646 30 Gnesta", "64630 Gnesta", "7K3M-Q2XW",
        "7k3m-q2xw", "ABCD-EFGH", "01976b1e-7a30-7c3e-9d5a-5d7f3c1b2a90",
    ],
)  # fmt: skip
def test_a_text_that_may_point_somebody_out_is_found(trace):
    texts = {"question": f"Gäller {trace}, som ni vet.", "needs_and_functioning": "Trött efter skolan."}

    with pytest.raises(TextNamesSomebody) as refused:
        require_nameless(texts)

    (pointed,) = refused.value.errors
    assert pointed.pointer == "/question"
    assert trace not in f"{refused.value.describe('sv')}{pointed}"


@pytest.mark.rule("R13.3")
@pytest.mark.parametrize(
    "text",
    [
        "Läsåret 2025-2026 i åk 3, sedan den 2026-03-02 kl. 08.30-14.15.",
        "Behöver 2-3 pauser på 10 minuter, sover 22.30 till 06.00.",
        "Har 0-18 perspektiv, 5 steg på väg 2 gånger i veckan, 20 000 kr.",
        "Handlingsplan 2025 finns, och NPF-team möts i rum 12.",
        None,
        12,
    ],
)
def test_dates_hours_and_ages_point_nobody_out(text):
    require_nameless({"question": text})
    require_no_diagnosis({"question": text})


@pytest.mark.rule("R13.4")
@pytest.mark.parametrize(
    "code",
    [
        "F84",
        "F84.5",
        "F90.0B",
        "f90.0",
        "F 84",
        "F845",
        "F84,1",
        "R48.0",
        "Z73.3",
        "299.00",
        "314,01",
        "6A02",
        "6A05.1",
    ],
)
def test_a_diagnosis_code_is_found(code):
    with pytest.raises(DiagnosisCodeNotKept) as refused:
        require_no_diagnosis({"needs_and_functioning": f"Har {code} enligt remiss."})

    assert [error.pointer for error in refused.value.errors] == ["/needsAndFunctioning"]


@pytest.mark.rule("R13.4")
@pytest.mark.parametrize(
    "text", ["E20 mot Gnesta", "B12-brist", "Klass 6A och 6B", "NPF-liknande svårigheter", "300 kr"]
)
def test_needs_and_functioning_are_told_in_words(text):
    require_no_diagnosis({"needs_and_functioning": text})
