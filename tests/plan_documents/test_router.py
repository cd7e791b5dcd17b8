"""The plan on paper: for a unit and for a guardian, in both languages and both forms."""

from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader

from tests.builders import Json, a_case, made, problem
from tests.plan_agreements.steps import CARE, SCHOOL, ClientFor, a_written_sip, accepted
from tests.plan_contents.steps import added, an_action
from tests.plans.steps import a_plan, deed

pytestmark = pytest.mark.database


async def paper(client: httpx.AsyncClient, plan_id: str, query: str = "", language: str = "sv") -> str:
    """What the PDF says, after looking at what it is."""
    answer = await client.get(f"/plans/{plan_id}/document{query}", headers={"accept-language": language})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="plan-1.pdf"'
    reader = PdfReader(BytesIO(answer.content))
    assert str(reader.trailer["/Root"]["/Lang"]).startswith(language)  # type: ignore[index]
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.fixture(scope="module")
async def plan(client_for: ClientFor) -> Json:
    """An active SIP with which the child does not agree, and in which an association does something too."""
    written = await a_written_sip(client_for)
    school, plan = client_for(SCHOOL), written.plan
    body = {"text": "Jag vill inte byta klass.", "whose": "child"}
    await made(await school.post(f"/plans/{plan['id']}/disagreements", json=body))
    provider = an_action(None, "civil_society", otherPartyName="Gnesta FF", description="Träning på torsdagar.")
    await added(school, plan, provider)
    await accepted(client_for, plan)
    return await deed(school, plan, "activation")


@pytest.mark.rule("R7.13")
async def test_a_unit_and_the_family_read_it_in_their_language_and_form(client_for: ClientFor, plan: Json) -> None:
    for reader in (CARE, "guardian.one"):
        client = client_for(reader)
        family_sv = await paper(client, plan["id"], "?form=family")
        family_en = await paper(client, plan["id"], "?form=family", "en")
        formal_sv = await paper(client, plan["id"], "?form=professional&version=1")
        formal_en = await paper(client, plan["id"], "?form=professional", "en")
        for text in (family_sv, family_en):
            assert "Du får hjälp." in text, "the plain text is the family's (R7.13)"
            assert "Vi äter frukost tillsammans." in text
            assert "Alma Sandell" in text
        assert "Vem ringer jag?" in family_sv
        assert "Whom do I call?" in family_en
        assert "Huvudman med det övergripande ansvaret" in formal_sv
        assert "Principal with overall responsibility" in formal_en
        assert "Trygg" not in formal_sv
        assert "Delaktig" in formal_sv
        assert "Included" in formal_en


async def test_each_reader_has_a_form_by_default_and_who_does_not_agree_stands_in_words(
    client_for: ClientFor, plan: Json
) -> None:
    assert "Vem ringer jag?" in await paper(client_for("guardian.one"), plan["id"])
    text = await paper(client_for(SCHOOL), plan["id"])
    assert "Underskrifter" in text
    assert "Barnet: Jag vill inte byta klass." in text
    assert "Gnesta FF" in text


async def test_before_there_is_a_version_there_is_no_paper(client_for: ClientFor) -> None:
    school = client_for(SCHOOL)
    plan = await a_plan(school, await a_case(school))
    assert problem(await school.get(f"/plans/{plan['id']}/document")) == (409, "no-version-yet")


async def test_a_paper_for_nobody_else(client_for: ClientFor, plan: Json) -> None:
    path = f"/plans/{plan['id']}/document"
    assert problem(await client_for("katrineholm.social").get(path)) == (404, "not-found")
    assert problem(await client_for(SCHOOL).get(f"{path}?version=2")) == (404, "not-found")
    assert problem(await client_for(SCHOOL).get(f"{path}?form=poster")) == (422, "validation-failed")
