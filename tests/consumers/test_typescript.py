"""Types generated from the committed contract, and the example that a frontend developer may copy."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.consumers.conftest import CONTRACT, HERE, Program, run

pytestmark = pytest.mark.consumers

EXAMPLE = HERE / "typescript"


@pytest.fixture(scope="module")
def built() -> Path:
    """The example, compiled in the strictest way; ``src/mistakes.ts`` shows what that refuses."""
    for left in ("build", "src/generated"):
        shutil.rmtree(EXAMPLE / left, ignore_errors=True)
    tools = EXAMPLE / "node_modules" / ".bin"
    run(str(tools / "openapi-typescript"), str(CONTRACT), "-o", "src/generated/api.d.ts", cwd=EXAMPLE)
    run(str(tools / "tsc"), cwd=EXAMPLE)
    return EXAMPLE / "build" / "main.js"


def test_generated_types_compile_strictly(built: Path) -> None:
    assert built.exists()


def test_a_frontend_works_with_them(built: Path, program: Program) -> None:
    said = run("node", str(built), cwd=EXAMPLE, environment=os.environ | {"TILLSAMMANS_URL": program.url})

    assert "Signed in as Sara Ekdahl: practitioner, Grundskolan i Gnesta" in said
    assert "One child, though asked twice: true" in said
    found = re.search(r"(\d+) cases on (\d+) pages, mine among them: true", said)
    assert found
    assert int(found[2]) == -(-int(found[1]) // 2) > 2, "two to a page"
    assert "Version 1 became 2" in said
    assert "Nobody is overwritten: 412 precondition-failed" in said
    assert "Beside the field /reasonText: " in said
    assert "There is one already: There is an open case already" in said
    assert re.search(r"Buttons: .*\bactivation\b", said)
    assert re.search(r"Case \S+ is active; Sara Ekdahl is the one to call", said)
