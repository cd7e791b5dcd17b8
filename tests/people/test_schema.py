"""What the system must not know stands nowhere: not in a column, a check, a schema, a code list or a text."""

import json
import re

import pytest

from tests.contract import DOCUMENT

pytestmark = pytest.mark.database

MARKER = re.compile(r"fingera|fictitious|assumed.?identity|skyddad.?identitet|new.?identity", re.IGNORECASE)


@pytest.mark.rule("R2.4")
def test_no_column_check_or_code_marks_an_assumed_identity(owner_db):
    catalog = """
        select table_name || '.' || column_name as text from information_schema.columns where table_schema = 'public'
        union all select pg_get_constraintdef(oid) from pg_constraint
        union all select enumlabel from pg_enum
    """
    found = [row["text"] for row in owner_db.execute(catalog).fetchall()]

    assert "children.protected_identity" in found
    assert [text for text in found if MARKER.search(text)] == []


@pytest.mark.rule("R2.4")
def test_the_contract_has_no_word_for_an_assumed_identity():
    contract = json.dumps(DOCUMENT, ensure_ascii=False)

    assert "protectedIdentity" in contract
    assert MARKER.findall(contract) == []
