"""A client generated from the committed contract, and the example of a system that calls by itself."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.consumers.conftest import CONTRACT, HERE, SYSTEM, Program, Provider, run

pytestmark = pytest.mark.consumers

EXAMPLE = HERE / "python"
BIN = EXAMPLE / ".venv" / "bin"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the generated package; a part that the generator had to leave out is a fault."""
    folder = tmp_path_factory.mktemp("generated")
    run(
        *(str(BIN / "openapi-python-client"), "generate", "--fail-on-warning", "--meta", "none"),
        *("--path", str(CONTRACT), "--config", str(EXAMPLE / "config.yml")),
        *("--output-path", str(folder / "tillsammans_client")),
        cwd=folder,
        environment={"PATH": str(BIN)},
    )
    return folder


def test_the_example_is_typed_by_the_contract(generated: Path) -> None:
    run(
        *(str(BIN / "mypy"), "--strict", "--follow-imports=silent", str(EXAMPLE / "main.py")),
        cwd=generated,
        environment={"MYPYPATH": str(generated)},
    )


def test_one_enum_is_one_class(generated: Path) -> None:
    models = [path.name for path in (generated / "tillsammans_client" / "models").iterdir()]
    assert [name for name in models if name.endswith("sort_order.py")] == ["sort_order.py"]


def own_issuer(program: Program, _provider: Provider) -> tuple[str, Path]:
    program.command("client-key", SYSTEM)
    return program.own_issuer, program.folder / "data" / "dev-idp-clients" / f"{SYSTEM}.private.json"


def outside_provider(program: Program, provider: Provider) -> tuple[str, Path]:
    key_file = program.folder / "key.json"
    key_file.write_text(json.dumps(dict(provider.keys[SYSTEM].private_jwk)))
    return provider.issuer, key_file


@pytest.mark.parametrize("at", [own_issuer, outside_provider])
def test_a_system_works_with_it(
    generated: Path, program: Program, provider: Provider, at: Callable[[Program, Provider], tuple[str, Path]]
) -> None:
    issuer, key_file = at(program, provider)
    said = run(
        *(str(BIN / "python"), str(EXAMPLE / "main.py"), str(key_file)),
        cwd=generated,
        environment={
            "PYTHONPATH": str(generated),
            "PYTHONUTF8": "1",
            "TILLSAMMANS_URL": program.url,
            "TILLSAMMANS_ISSUER": issuer,
        },
    )

    assert "Signed in as Elevregistret i Gnesta: " in said
    assert "One child, though asked twice: True" in said
    assert "There is one already: 409 case-already-open" in said
    assert re.search(r"[1-9]\d* cases, mine among them: True", said)
    assert "Version 1 became 2" in said
    assert "Nobody is overwritten: 412 precondition-failed" in said
    assert re.search(r"Buttons: .*\bdiscard\b", said)
    assert re.search(r"Case \S+ is discarded", said)
